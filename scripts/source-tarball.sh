#!/bin/bash
# source-tarball.sh [FOLDER]: writes FOLDER/boottap-VERSION.tar.xz (default: the current one) from the commit
# that is checked out. The same commit gives the same bytes.
set -euo pipefail
folder=$(realpath "${1-.}")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
version=$(sed -n 's/^#define BTAP_VERSION  *"\(.*\)"/\1/p' decoder/include/boottap/version.h)
name=boottap-$version

git diff --quiet HEAD || echo 'source-tarball.sh: what is not committed is not in the tarball' >&2
# The mode of what is in it is not to hang on how this clone is set up.
git -c tar.umask=0022 archive --format=tar --prefix="$name/" HEAD | xz -9 --threads=1 >"$folder/$name.tar.xz.part"
mv "$folder/$name.tar.xz.part" "$folder/$name.tar.xz"
echo "$folder/$name.tar.xz"
