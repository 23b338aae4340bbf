#!/bin/bash
# test-packages.sh bookworm|trixie [FOLDER]: builds the source tarball and Debian packages of the commit that is
# checked out in a Debian root of that release, and in a clean one installs, uses, upgrades, removes and purges
# them. The roots are made with mmdebstrap or debootstrap in FOLDER, by default ${XDG_CACHE_HOME:-~/.cache}/boottap,
# and kept there, as are the packages. Needs root. DEB_BUILD_OPTIONS is honoured: noopt builds quicker; with
# REPRODUCE=yes the packages are built twice, and must be the same.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=${1-}
case $release in
bookworm | trixie) ;;
*)
    sed -n '2,6s/^# //p' "$0" >&2
    exit 2
    ;;
esac
folder=${2-${XDG_CACHE_HOME:-$HOME/.cache}/boottap}
clean=$folder/$release-clean
build=$folder/$release-build
packages=$folder/$release-packages
names=(boottap boottap-wireshark libboottap0 libboottap-dev)
declare -A series=([bookworm]=4.0 [trixie]=4.4)

say() {
    printf '== %s\n' "$*"
}

fail() {
    printf 'test-packages.sh: %s: %s\n' "$release" "$*" >&2
    exit 1
}

# in_root ROOT PROGRAM...: with terminals, as zsh and man want them, and what a system has in /proc. What is mounted
# for them is seen by this program alone, and gone with it.
in_root() {
    # shellcheck disable=SC2016 # the inner shell expands it
    unshare --mount --propagation private sh -ec 'mount -t proc proc "$1/proc"
        mount -t devpts -o newinstance,ptmxmode=0666 devpts "$1/dev/pts"
        exec chroot "$@"' sh "$1" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-}" "${@:2}"
}

# As a user who is not root, with a home of their own.
as_user() {
    in_root "$test" setpriv --reuid=1000 --regid=1000 --clear-groups env HOME=/home/user "$@"
}

make_roots() {
    if [ ! -x "$clean/usr/bin/apt-get" ]; then
        say "making $clean"
        mkdir -p "$folder"
        if command -v mmdebstrap >/dev/null; then
            mmdebstrap --variant=minbase "$release" "$clean" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
        else
            debootstrap --variant=minbase "$release" "$clean" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
        fi
        in_root "$clean" apt-get -q -y update
    fi
    if [ ! -x "$build/usr/bin/lintian" ]; then
        say "making $build"
        rm -rf "$build"
        cp -a "$clean" "$build"
        in_root "$build" apt-get -q -y update
        in_root "$build" apt-get -q -y install --no-install-recommends build-essential lintian fakeroot
    fi
}

# Writes the tarball of sources twice, prints its version.
make_tarball() {
    local tarball again
    tarball=$(scripts/source-tarball.sh "$1")
    again=$(scripts/source-tarball.sh "$(mktemp -d -p "$1")")
    cmp "$tarball" "$again" >&2 || fail 'the same commit gives another tarball'
    rm -r "$(dirname "$again")"
    basename "$tarball" .tar.xz | sed 's/^boottap-//'
}

# build_in FOLDER: unpacks the tarball there and builds, as a machine that has no git would.
build_in() {
    mkdir "$work/$1"
    cp "$work/boottap_$version.orig.tar.xz" "$work/$1/"
    tar -x -C "$work/$1" -f "$work/boottap_$version.orig.tar.xz"
    # shellcheck disable=SC2016 # the inner shell expands it
    in_root "$build" sh -ec '! command -v git
        cd "$1" && dpkg-buildpackage -us -uc' sh "/src/packages/$1/boottap-$version" >"$packages/build-$1.log" 2>&1 ||
        { tail -n 40 "$packages/build-$1.log" >&2 && fail 'does not build'; }
}

run_lintian() {
    say "$(in_root "$build" lintian --version)"
    in_root "$build" sh -c 'cd /src/packages/first && lintian -EvIL +pedantic --allow-root --fail-on error,warning \
        --tag-display-limit 0 *.changes' >"$packages/lintian.log" 2>&1 || { cat "$packages/lintian.log" &&
        fail 'lintian finds faults'; }
    grep -E '^[A-Z]: ' "$packages/lintian.log" | grep -v '^N: ' || true
}

build_all() {
    local version work=$build/src/packages
    rm -rf "$work" "$packages"
    mkdir -p "$work" "$packages"
    version=$(make_tarball "$work")
    mv "$work/boottap-$version.tar.xz" "$work/boottap_$version.orig.tar.xz"
    tar -x -C "$work" -f "$work/boottap_$version.orig.tar.xz"
    mv "$work/boottap-$version" "$work/source"
    say 'what the build needs, as debian/control names it'
    in_root "$build" apt-get -q -y build-dep --no-install-recommends /src/packages/source \
        >"$packages/depends.log" 2>&1 || { tail -n 20 "$packages/depends.log" >&2 && fail 'cannot install it'; }
    say "building in $build"
    build_in first
    grep -E '^100% tests passed' "$packages/build-first.log" || [[ ${DEB_BUILD_OPTIONS-} == *nocheck* ]] ||
        fail "the core's tests were not run"
    cp "$work"/first/*.deb "$work"/first/*.changes "$packages/"
    run_lintian
    if [ "${REPRODUCE-}" = yes ]; then
        say 'a second build'
        build_in second
        for deb in "$work"/first/*.deb; do
            cmp "$deb" "$work/second/$(basename "$deb")" || fail 'a second build differs'
        done
    fi
}

# What is in the test root, but for what apt and dpkg keep of any package.
listing() {
    in_root "$test" find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /var/lib/apt \
        -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o -path /tmp -o -path /debs \) -prune -o -print |
        sort
}

# The packages under an older number, as an earlier release would be.
make_older() {
    local deb name
    mkdir -p "$test/debs/old"
    for name in "${names[@]}"; do
        deb=$(ls "$packages/$name"_*.deb)
        rm -rf "$test/debs/tree"
        dpkg-deb -R "$deb" "$test/debs/tree"
        sed -i -E 's/^Version: .*/Version: 0.0.9-1/; s/(libboottap0 \(= )[^)]*/\10.0.9-1/' \
            "$test/debs/tree/DEBIAN/control"
        dpkg-deb --root-owner-group -Znone -b "$test/debs/tree" "$test/debs/old/" >/dev/null
    done
    rm -rf "$test/debs/tree"
}

# What the packages and their tests need beside themselves, a line each.
needed() {
    {
        sed -n 's/^Depends: //p' debian/tests/control | tr -d ' ' | tr ',' '\n'
        # shellcheck disable=SC2016 # the inner shell expands it
        in_root "$test" sh -c 'apt-get -s install --no-install-recommends /debs/*.deb' | sed -n 's/^Inst \([^ ]*\).*/\1/p'
    } | grep -v boottap | sort -u
}

apt_install() {
    in_root "$test" apt-get -q -y install --no-install-recommends "$@" >>"$packages/install.log" 2>&1 ||
        { tail -n 20 "$packages/install.log" >&2 && fail "cannot install $*"; }
}

# tests_of NAME...: what debian/tests has, as autopkgtest runs it, as a user who is not root.
run_tests() {
    local name
    for name; do
        # shellcheck disable=SC2016 # the inner shell expands it
        as_user sh -ec 'cd /debs/source
            AUTOPKGTEST_TMP=$(mktemp -d)
            export AUTOPKGTEST_TMP
            "debian/tests/$1"
            rm -r "$AUTOPKGTEST_TMP"' sh "$name" >"$packages/test-$name.log" 2>&1 ||
            { cat "$packages/test-$name.log" >&2 && fail "debian/tests/$name fails"; }
        say "debian/tests/$name: passed"
    done
}

# What the packages hold: each file in its place, and hardened; the plugin for this release's Wireshark.
check_contents() {
    local name optimised=yes plugin
    [[ ${DEB_BUILD_OPTIONS-} != *noopt* ]] || optimised=no
    mkdir -p "$test/debs/tree"
    for name in "${names[@]}"; do
        dpkg-deb -x "$packages/$name"_[0-9]*.deb "$test/debs/tree/$name"
    done
    tests/install/files.py --packages "$test/debs/tree" . || fail 'the packages are not what files.txt lists'
    plugin=$(find "$test/debs/tree" -name stm32boot.so)
    [[ $plugin == */wireshark/plugins/${series[$release]}/epan/* ]] || fail "the plugin is in $plugin"
    dpkg-deb -f "$packages"/boottap-wireshark_*.deb Depends | grep -Eo 'libwireshark[0-9]+[^,]*' ||
        fail 'the plugin depends on no libwireshark'
    # The extcap is the program by another name.
    [ "$(realpath "$test"/debs/tree/boottap/usr/lib/*/wireshark/extcap/boottap)" = \
        "$(realpath "$test/debs/tree/boottap/usr/bin/boottap")" ] || fail 'the extcap is not the program'
    for name in boottap/usr libboottap0/usr "${plugin#"$test/debs/tree/"}"; do
        tests/install/hardening.sh "$test/debs/tree/$name" "$optimised" || fail "$name is not hardened"
    done
    rm -r "$test/debs/tree"
}

check_packages() {
    local debs name
    test=$(mktemp -d "$folder/$release-test.XXXXXX")
    trap 'rm -rf --one-file-system "$test"' EXIT
    say 'a clean root'
    cp -a "$clean/." "$test/"
    # What of /usr/share/doc and man a small root leaves away is what is tested here.
    rm -f "$test"/etc/dpkg/dpkg.cfg.d/*
    mkdir -p "$test/debs" "$test/home/user"
    chown 1000:1000 "$test/home/user"
    cp "$packages"/*.deb "$test/debs/"
    cp -a "$build/src/packages/source" "$test/debs/source"
    check_contents
    in_root "$test" apt-get -q -y update >"$packages/install.log" 2>&1
    make_older
    echo 'user:x:1000:1000::/home/user:/bin/sh' >>"$test/etc/passwd"
    mapfile -t debs < <(needed)
    apt_install "${debs[@]}"
    listing >"$packages/before"

    say 'an older version, and an upgrade'
    mapfile -t debs < <(cd "$test" && printf '/%s\n' debs/old/*.deb)
    apt_install "${debs[@]}"
    # shellcheck disable=SC2016 # dpkg-query expands it
    in_root "$test" dpkg-query -W -f '${Version}\n' boottap | grep -qx 0.0.9-1 || fail 'no older version'
    mapfile -t debs < <(cd "$test" && for name in "${names[@]}"; do printf '/%s\n' debs/"${name}"_*.deb; done)
    apt_install "${debs[@]}"
    # shellcheck disable=SC2016
    in_root "$test" dpkg-query -W -f '${Package} ${Version} ${db:Status-Status}\n' "${names[@]}"
    # shellcheck disable=SC2016
    ! in_root "$test" dpkg-query -W -f '${Version}\n' "${names[@]}" | grep -q '^0\.0\.9' || fail 'no upgrade'

    say 'work'
    run_tests program plugin library completions

    say 'removal'
    in_root "$test" apt-get -q -y remove "${names[@]}" >>"$packages/install.log" 2>&1
    rm -rf "$test"/home/user/.[a-z]*
    listing >"$packages/removed"
    diff "$packages/before" "$packages/removed" || fail 'removal leaves something, or takes it'
    say 'a new installation, and purge'
    apt_install "${debs[@]}"
    in_root "$test" apt-get -q -y purge "${names[@]}" >>"$packages/install.log" 2>&1
    listing >"$packages/purged"
    diff "$packages/before" "$packages/purged" || fail 'purge leaves something, or takes it'
    ! in_root "$test" dpkg-query -W "${names[@]}" 2>/dev/null | grep . || fail 'dpkg remembers a package'
}

make_roots
build_all
check_packages
say "$release: passed"
