# boottap_options: warnings and sanitizers, for every target of ours.
add_library(boottap_options INTERFACE)
target_compile_options(boottap_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-align -Wcast-qual
    -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wpointer-arith
    -Wwrite-strings -Wundef -Wvla -Wformat=2 -Wimplicit-fallthrough)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    target_compile_options(boottap_options INTERFACE -Wlogical-op -Wduplicated-cond)
endif()
if(BOOTTAP_WERROR)
    target_compile_options(boottap_options INTERFACE -Werror)
endif()
if(BOOTTAP_SANITIZE)
    target_compile_options(boottap_options INTERFACE
        -fsanitize=${BOOTTAP_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(boottap_options INTERFACE -fsanitize=${BOOTTAP_SANITIZE})
endif()
if(BOOTTAP_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "BOOTTAP_FUZZ needs clang: -DCMAKE_C_COMPILER=clang")
    endif()
    target_compile_options(boottap_options INTERFACE -fsanitize=fuzzer-no-link)
endif()
