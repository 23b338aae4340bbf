#!/bin/bash
# test-machines.sh [PRESET...]: builds the core and its tests for machines unlike a PC and runs
# them: core32 (32-bit) and core-be (big-endian). Needs the cross compilers and qemu-user; exit
# status 77 where they are missing.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

[ $# -gt 0 ] || set -- core32 core-be
for preset in "$@"; do
    mapfile -t programs < <(sed -nE 's/.*(COMPILER|EMULATOR) ([a-z].*)\)/\2/p' "cmake/$preset.cmake")
    for program in "${programs[@]}"; do
        if ! command -v "$program" >/dev/null; then
            echo "test-machines.sh: no $program" >&2
            exit 77
        fi
    done
done
for preset in "$@"; do
    cmake --preset "$preset" >/dev/null
    cmake --build --preset "$preset"
    # One holds words against facts, a hundred thousand times: neither depends on the machine.
    ctest --preset "$preset" --no-tests=error -E '^diagnosis_refuted$' -j "$(nproc)"
done
