#!/bin/sh
# The samples of captures/ are what the scenarios write today.
# usage: current.sh SIMULATE CAPTURES
set -eu

# usbmon's fields are in the order of the machine that records.
if [ "$(printf '\1\0' | od -An -td2 | tr -d ' ')" != 1 ]; then
    echo "the samples were written on a little-endian machine"
    exit 77
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$1" "$work"
status=0
for sample in "$work"/*; do
    cmp "$sample" "$2/$(basename "$sample")" || status=1
done
exit $status
