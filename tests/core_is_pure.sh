#!/bin/sh
# core_is_pure.sh NM OBJDUMP LIBRARY: the decoder core does no I/O, does not allocate, reads no
# clock and keeps no variables. It shows in the archive: what it calls, and whether it has data.
set -eu
nm=$1
objdump=$2
library=$3

allowed='mem(chr|cmp|cpy|move|set)|str(chr|cmp|len|ncmp|nlen)|v?snprintf'
by_compiler='_GLOBAL_OFFSET_TABLE_|bcmp|__stack_chk_fail(_local)?|__(mem|str|v?snprintf)[a-z]*_chk|__u?(div|mod|divmod)di[34]'

fail=0
report() {
    if [ -n "$2" ]; then
        printf '%s:\n%s\n' "$1" "$2"
        fail=1
    fi
}

public=$("$nm" -g --defined-only "$library" | awk 'NF == 3 { print $3 }')
foreign=$("$nm" -u "$library" | awk 'NF == 2 { print $2 }' | sort -u |
    grep -Fvx "$public" | grep -Evx "$allowed|$by_compiler" || true)
# Constant tables that hold pointers are in .data.rel.ro, which is read-only after relocation.
writable=$("$objdump" -h "$library" | awk '
    /file format/ { object = $1 }
    $2 ~ /^\.(data|bss|tdata|tbss)/ && $2 !~ /^\.data\.rel\.ro/ && $3 !~ /^0+$/ { print object $2 }')

report 'the core calls' "$foreign"
report 'the core has variables in' "$writable"
exit $fail
