#!/bin/sh
# hardening.sh PREFIX|FILE OPTIMISED: what is installed has what compiler and linker have against mistakes.
# OPTIMISED: yes or no; a build that is not optimised has no fortified calls. Prints those that there are.
set -eu
optimised=$2
LC_ALL=C
export LC_ALL
fail=0

wrong() {
    echo "$1: $2"
    fail=1
}

# wants FILE WORDS PATTERN: what readelf says, on standard input, has the pattern.
wants() {
    grep -Eq -- "$3" || wrong "$1" "lacks $2"
}

check() {
    readelf -hW "$1" | wants "$1" 'position independence (PIE)' 'Type: +DYN'
    readelf -lW "$1" | wants "$1" 'read-only relocations' GNU_RELRO
    readelf -dW "$1" | wants "$1" 'binding at start (full RELRO)' 'BIND_NOW|FLAGS_1.*NOW'
    readelf -lW "$1" | wants "$1" 'a stack that cannot be executed' 'GNU_STACK .* RW '
    if readelf -lW "$1" | grep -Eq 'LOAD .* RWE '; then
        wrong "$1" 'has memory that can be written and executed'
    fi
    if readelf -dW "$1" | grep -Eq 'TEXTREL|RPATH|RUNPATH'; then
        wrong "$1" 'has text relocations or a path to libraries'
    fi
    readelf --dyn-syms -W "$1" | wants "$1" 'a stack protector' __stack_chk_fail
    if [ "$optimised" = yes ]; then
        fortified=$(readelf --dyn-syms -W "$1" | grep -Eo '__[a-z]+_chk@' | sort -u | tr '@\n' ', ')
        [ -n "$fortified" ] || wrong "$1" 'lacks fortified calls'
        echo "$(basename "$1"): fortified: ${fortified%, }"
    fi
    # The mark of branch targets would take a C library that has it, too; the instructions are ours.
    case $(uname -m) in
    x86_64)
        targets=$(objdump -d "$1" | grep -c endbr64 || true)
        [ "$targets" -gt 50 ] || wrong "$1" "has $targets marked branch targets (CET)"
        ;;
    aarch64)
        targets=$(objdump -d "$1" | grep -Ec 'paciasp|bti' || true)
        [ "$targets" -gt 50 ] || wrong "$1" "has $targets marked branch targets (BTI)"
        ;;
    esac
}

if [ -d "$1" ]; then
    # The library is in lib or in lib/TRIPLET; its other names are links.
    found=$(find "$1" \( -path '*/bin/boottap' -o -name 'libboottap.so.*' \) -type f)
    [ -n "$found" ] || wrong "$1" 'holds nothing that is checked'
    for file in $found; do
        check "$file"
    done
else
    check "$1"
fi
exit $fail
