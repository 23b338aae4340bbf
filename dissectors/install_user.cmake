# cmake -D PLUGIN=FILE -D SERIES=4.0 -P install_user.cmake: the plugin, for the user who calls it.
# cmake -D PROFILE=FOLDER -P install_user.cmake: the profile.
if(NOT DEFINED ENV{HOME})
    message(FATAL_ERROR "HOME is not set")
endif()
set(plugins "$ENV{HOME}/.local/lib/wireshark/plugins/${SERIES}/epan")
set(configuration "$ENV{HOME}/.config")
if(DEFINED ENV{XDG_CONFIG_HOME} AND NOT "$ENV{XDG_CONFIG_HOME}" STREQUAL "")
    set(configuration "$ENV{XDG_CONFIG_HOME}")
endif()

if(DEFINED PLUGIN)
    file(INSTALL ${PLUGIN} DESTINATION ${plugins})
endif()
if(DEFINED PROFILE)
    file(INSTALL ${PROFILE}/ DESTINATION ${configuration}/wireshark/profiles/boottap)
endif()
