#!/bin/sh
# library.sh PREFIX PROJECT CC CMAKE: the installed library shows exactly the functions of its headers, and
# programs are built with it, by pkg-config and by CMake, shared and static, in C and in C++.
set -eu
prefix=$1 project=$2 cc=$3 cmake=$4
LC_ALL=C
export LC_ALL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
libdir=$(dirname "$(find "$prefix" -name libboottap.a)")

say_failed() {
    echo "library.sh: $*"
    exit 1
}

# Declarations, not the words of comments, types of functions or functions that are inline.
printf '#include <boottap/boottap.h>\n' |
    "$cc" -std=c11 -E -P -I"$prefix/include" -x c - | tr '\n' ' ' | sed ':a; s/{[^{}]*}/;/g; ta' |
    tr ';' '\n' | grep -v 'static inline\|typedef' | grep -oE '\bbtap_[a-z0-9_]+ ?\(' | tr -d ' (' |
    sort -u >"$work/declared"
readelf --dyn-syms -W "$libdir/libboottap.so" | awk '$5 == "GLOBAL" && $7 != "UND" && $4 == "FUNC" {
    sub(/@@.*/, "", $8); print $8 }' | sort >"$work/shown"
[ -s "$work/shown" ] || say_failed 'the library shows nothing'
diff "$work/declared" "$work/shown" || say_failed 'headers (<) and library (>) differ'
readelf --dyn-syms -W "$libdir/libboottap.so" | grep -q '@@BOOTTAP_0' || say_failed 'no versions of symbols'
readelf -dW "$libdir/libboottap.so" | grep -q 'SONAME.*\[libboottap\.so\.0\]' || say_failed 'not the SONAME'

# By hand from AN3155, as tests/examples has it.
check() {
    LD_LIBRARY_PATH="$libdir" "$@" >"$work/out" || say_failed "$1 does not run"
    grep -q 'Get ID 0x410' "$work/out" || say_failed "$1: $(cat "$work/out")"
}

# The prefix of the file is where it will be, not where it is now.
if command -v pkg-config >/dev/null; then
    PKG_CONFIG_PATH="$libdir/pkgconfig" PKG_CONFIG_SYSROOT_DIR="${prefix%/usr}"
    PKG_CONFIG_ALLOW_SYSTEM_CFLAGS=1 PKG_CONFIG_ALLOW_SYSTEM_LIBS=1
    export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR PKG_CONFIG_ALLOW_SYSTEM_CFLAGS PKG_CONFIG_ALLOW_SYSTEM_LIBS
    # shellcheck disable=SC2046 # they are words
    "$cc" "$project/docs/examples/serial.c" $(pkg-config --cflags --libs boottap) -o "$work/by_pkg_config"
    check "$work/by_pkg_config"
    readelf -dW "$work/by_pkg_config" | grep -q 'NEEDED.*libboottap\.so\.0' || say_failed 'not the shared library'
    # shellcheck disable=SC2046
    "$cc" -static "$project/docs/examples/serial.c" $(pkg-config --static --cflags --libs boottap) \
        -o "$work/by_pkg_config_static"
    check "$work/by_pkg_config_static"
fi

mkdir "$work/project"
cat >"$work/project/CMakeLists.txt" <<END
cmake_minimum_required(VERSION 3.25)
project(embedder LANGUAGES C)
find_package(boottap 0.1 REQUIRED)
add_executable(shared $project/docs/examples/serial.c)
target_link_libraries(shared PRIVATE boottap::decoder)
add_executable(static $project/docs/examples/serial.c)
target_link_libraries(static PRIVATE boottap::decoder_static)
include(CheckLanguage)
check_language(CXX)
if(CMAKE_CXX_COMPILER)
    enable_language(CXX)
    add_executable(headers $project/docs/examples/headers.cpp)
    target_link_libraries(headers PRIVATE boottap::decoder)
endif()
END
if ! { "$cmake" -S "$work/project" -B "$work/built" -DCMAKE_C_COMPILER="$cc" -DCMAKE_PREFIX_PATH="$prefix" >"$work/log" 2>&1 &&
    "$cmake" --build "$work/built" >>"$work/log" 2>&1; }; then
    cat "$work/log"
    say_failed 'CMake fails'
fi
check "$work/built/shared"
readelf -dW "$work/built/shared" | grep -q 'NEEDED.*libboottap\.so\.0' || say_failed 'boottap::decoder is not shared'
check "$work/built/static"
if readelf -dW "$work/built/static" | grep -q libboottap; then
    say_failed 'boottap::decoder_static is shared'
fi
[ ! -x "$work/built/headers" ] || "$work/built/headers" >/dev/null || say_failed 'the headers in C++'
