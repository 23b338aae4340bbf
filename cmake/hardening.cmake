# boottap_harden: what a compiler and linker can do against mistakes that an attacker would use, for
# every build that is not instrumented otherwise. tests/install/hardening.sh reads it in what is installed.
include(CheckCCompilerFlag)
include(CheckPIESupported)
check_pie_supported()

add_library(boottap_harden INTERFACE)
if(NOT BOOTTAP_SANITIZE AND NOT BOOTTAP_FUZZ)
    if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|i[3-6]86)$")
        set(branches -fcf-protection=full)
    elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64)$")
        set(branches -mbranch-protection=standard)
    endif()
    foreach(flag -fstack-protector-strong -fstack-clash-protection ${branches})
        string(MAKE_C_IDENTIFIER "BOOTTAP_HAS${flag}" known)
        check_c_compiler_flag(${flag} ${known})
        if(${known})
            target_compile_options(boottap_harden INTERFACE ${flag})
        endif()
    endforeach()
    # It needs an optimising compiler; a distribution may have chosen a lower level.
    target_compile_options(boottap_harden INTERFACE
        $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=3>)
    target_link_options(boottap_harden INTERFACE
        LINKER:-z,relro LINKER:-z,now LINKER:-z,noexecstack)
endif()
