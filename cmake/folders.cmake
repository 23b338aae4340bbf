# Where what belongs to other programs is installed: absolute, or below the prefix.
# A plugin is for one Wireshark, and goes where that looks; the program alone stays below its prefix.
set(below ON)
if(BOOTTAP_DISSECTORS)
    set(below OFF)
endif()
option(BOOTTAP_WIRESHARK_BELOW_PREFIX
    "Install for Wireshark below the prefix, not where the Wireshark of this machine looks" ${below})
find_package(PkgConfig)
if(PKG_CONFIG_FOUND AND NOT BOOTTAP_WIRESHARK_BELOW_PREFIX)
    pkg_get_variable(WIRESHARK_PLUGINDIR wireshark plugindir)
    pkg_get_variable(WIRESHARK_EXTCAPDIR wireshark extcapdir)
    pkg_get_variable(WIRESHARK_DATADIR wireshark prefix)
    pkg_get_variable(WIRESHARK_LIBDIR wireshark libdir)
endif()
if(WIRESHARK_PLUGINDIR)
    if(NOT WIRESHARK_EXTCAPDIR)
        set(WIRESHARK_EXTCAPDIR "${WIRESHARK_LIBDIR}/wireshark/extcap")
    endif()
    set(profiles "${WIRESHARK_DATADIR}/share/wireshark/profiles")
else()
    if(PKG_CONFIG_FOUND)
        execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --modversion wireshark
            OUTPUT_VARIABLE series ERROR_QUIET)
        string(REGEX MATCH "^[0-9]+\\.[0-9]+" series "${series}")
    endif()
    set(WIRESHARK_PLUGINDIR "${CMAKE_INSTALL_LIBDIR}/wireshark/plugins/${series}")
    set(WIRESHARK_EXTCAPDIR "${CMAKE_INSTALL_LIBDIR}/wireshark/extcap")
    set(profiles "${CMAKE_INSTALL_DATADIR}/wireshark/profiles")
endif()
set(BOOTTAP_PLUGIN_DIR "${WIRESHARK_PLUGINDIR}/epan" CACHE STRING
    "Where the plugin is installed: the folder of Wireshark's dissector plugins")
set(BOOTTAP_EXTCAP_DIR "${WIRESHARK_EXTCAPDIR}" CACHE STRING
    "Where the program is linked to as an extcap: the folder of Wireshark's extcaps")
set(BOOTTAP_PROFILE_DIR "${profiles}" CACHE STRING
    "Where Wireshark's profile boottap is installed: the folder of profiles for everybody")
set(BOOTTAP_ZSH_FOLDER site-functions CACHE STRING
    "Folder of zsh's functions below share/zsh: vendor-completions for Debian's packages")
