# cmake -D PLUGIN=FILE -D SERIES=4.0 [-D EXTCAP=PROGRAM] -P install_user.cmake: the plugin, and the
# program as an extcap, for the user who calls it.
# cmake -D PROFILE=FOLDER -P install_user.cmake: the profile.
# Where Wireshark looks, below DESTDIR if that is set.
if("$ENV{HOME}" STREQUAL "")
    message(FATAL_ERROR "HOME is not set")
endif()
set(plugins "$ENV{HOME}/.local/lib/wireshark/plugins/${SERIES}/epan")
set(configuration "$ENV{HOME}/.config/wireshark")
if(NOT "$ENV{XDG_CONFIG_HOME}" STREQUAL "")
    set(configuration "$ENV{XDG_CONFIG_HOME}/wireshark")
endif()
# A folder of the old name is Wireshark's as long as there is none of the new, which would hide it.
if(NOT IS_DIRECTORY "${configuration}" AND IS_DIRECTORY "$ENV{HOME}/.wireshark")
    set(configuration "$ENV{HOME}/.wireshark")
endif()
if(NOT "$ENV{WIRESHARK_CONFIG_DIR}" STREQUAL "")
    set(configuration "$ENV{WIRESHARK_CONFIG_DIR}")
endif()

if(DEFINED PLUGIN)
    file(INSTALL ${PLUGIN} DESTINATION ${plugins})
endif()
# The program stays where it is built; a copy of it is Wireshark's.
if(DEFINED EXTCAP)
    set(extcaps "$ENV{HOME}/.local/lib/wireshark/extcap")
    if(SERIES VERSION_LESS 4.2)
        set(extcaps "${configuration}/extcap")
    endif()
    file(INSTALL ${EXTCAP} DESTINATION ${extcaps} USE_SOURCE_PERMISSIONS)
endif()
if(DEFINED PROFILE)
    file(INSTALL ${PROFILE}/ DESTINATION ${configuration}/profiles/boottap)
endif()
