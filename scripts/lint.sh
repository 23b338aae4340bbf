#!/bin/bash
# lint.sh [BUILD]: formatting, shellcheck, clang-tidy and cppcheck over all sources of ours. BUILD is a build
# directory that was configured with clang (its compile commands are used).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
build=${1-build-clang}
status=0

mapfile -t files < <(find decoder sniffer tests -name '*.[ch]' | sort)
echo "clang-format: ${#files[@]} files"
# Versions of it disagree in corners: Debian 12's, 14, decides; others only tell.
if ! clang-format --dry-run -Werror "${files[@]}"; then
    if clang-format --version | grep -q ' version 14\.'; then
        status=1
    else
        echo 'clang-format is not version 14: the differences above do not count'
    fi
fi

echo 'shellcheck'
mapfile -t scripts < <(find bootstrap.sh .ci scripts captures tests \( -name '*.sh' -o -name run \) \
    -type f 2>/dev/null | sort)
shellcheck "${scripts[@]}" || status=1

echo 'clang-tidy'
mapfile -t compiled < <(sed -n 's/^ *"file": "\(.*\)",\?$/\1/p' "$build/compile_commands.json" |
    sort -u)
printf '%s\0' "${compiled[@]}" |
    xargs -0 -n 1 -P "$(nproc)" clang-tidy --quiet --warnings-as-errors='*' -p "$build" \
        2> >(grep -v 'warnings generated' >&2) || status=1

echo 'cppcheck'
cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 -j "$(nproc)" \
    --enable=warning,performance,portability --suppressions-list=.cppcheck \
    --project="$build/compile_commands.json" || status=1

[ $status -eq 0 ] && echo 'lint: clean'
exit $status
