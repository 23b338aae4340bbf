#!/bin/bash
# lint.sh [--deep] [BUILD]: formatting, shellcheck, clang's warnings, clang-tidy and cppcheck over all
# sources of ours. BUILD is a build directory for clang's compile commands (build-clang); nothing is
# built in it but generated headers. --deep: clang's analyzer follows calls from function to
# function, which takes five times as long; for releases.
#
# New versions of these tools find new things and format in new ways. Those of Debian 12 decide;
# what others find is shown and does not count.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
analyzer=(--extra-arg={-Xclang,-analyzer-config,-Xclang,mode=shallow})
if [ "${1-}" = --deep ]; then
    analyzer=()
    shift
fi
build=${1-build-clang}
deciding=14 # clang's version there
status=0

cmake -S . -B "$build" -G Ninja -DBOOTTAP_WERROR=ON -DCMAKE_C_COMPILER=clang \
    -DBOOTTAP_DISSECTORS=ON >/dev/null
cmake --build "$build" --target sniffer/report_css.h >/dev/null

mapfile -t files < <(find decoder sniffer dissectors tests -name '*.[ch]' | sort)
echo "clang-format: ${#files[@]} files"
clang-format --dry-run -Werror "${files[@]}" || status=1

echo 'shellcheck'
mapfile -t scripts < <(find bootstrap.sh .ci scripts captures tests \( -name '*.sh' -o -name run \) \
    -type f | sort)
shellcheck "${scripts[@]}" || status=1

echo 'clang-tidy'
mapfile -t compiled < <(sed -n 's/^ *"file": "\(.*\)",\?$/\1/p' "$build/compile_commands.json" |
    sort -u)
printf '%s\0' "${compiled[@]}" |
    xargs -0 -n 8 -P "$(nproc)" clang-tidy --quiet --warnings-as-errors='*' -p "$build" "${analyzer[@]}" \
        2> >(grep -v 'warnings generated' >&2) || status=1

echo 'cppcheck'
cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -j "$(nproc)" \
    --enable=warning,performance,portability --suppressions-list=.cppcheck \
    --project="$build/compile_commands.json" || status=1

if [ $status -eq 0 ]; then
    echo 'lint: clean'
elif ! clang-tidy --version | grep -q "version $deciding\."; then
    echo "lint: the tools are not Debian 12's (clang $deciding): what they found does not count"
    status=0
fi
exit $status
