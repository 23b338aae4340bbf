#!/bin/bash
# build.sh DIRECTORY [CMAKE-OPTION...]: configures and builds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
directory=$1
shift
cmake -S . -B "$directory" -G Ninja "$@" >/dev/null
cmake --build "$directory"
