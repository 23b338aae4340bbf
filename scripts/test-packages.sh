#!/bin/bash
# test-packages.sh bookworm|trixie [FOLDER]: builds the source tarball and Debian packages of the commit that is
# checked out in a Debian root of that release, and in a clean one installs, uses, upgrades, removes and purges
# them. The roots are made with mmdebstrap or debootstrap in FOLDER, by default ${XDG_CACHE_HOME:-~/.cache}/boottap,
# and kept there, as are the packages. Needs root. DEB_BUILD_OPTIONS is honoured: noopt builds quicker.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=${1-}
case $release in
bookworm | trixie) ;;
*)
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
    ;;
esac
folder=${2-${XDG_CACHE_HOME:-$HOME/.cache}/boottap}
clean=$folder/$release-clean
build=$folder/$release-build
packages=$folder/$release-packages
names=(boottap boottap-wireshark libboottap0 libboottap-dev)

say() {
    printf '== %s\n' "$*"
}

fail() {
    printf 'test-packages.sh: %s: %s\n' "$release" "$*" >&2
    exit 1
}

# in_root ROOT PROGRAM...
in_root() {
    local root=$1
    shift
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive DEB_BUILD_OPTIONS="${DEB_BUILD_OPTIONS-}" "$@"
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

build_all() {
    local tarball version work=$build/src/packages
    rm -rf "$work" "$packages"
    mkdir -p "$work" "$packages"
    tarball=$(scripts/source-tarball.sh "$work")
    version=$(basename "$tarball" .tar.xz)
    version=${version#boottap-}
    mv "$tarball" "$work/boottap_$version.orig.tar.xz"
    tar -x -C "$work" -f "$work/boottap_$version.orig.tar.xz"
    say 'what the build needs, as debian/control names it'
    in_root "$build" apt-get -q -y build-dep --no-install-recommends "/src/packages/boottap-$version" \
        >"$packages/depends.log" 2>&1 || { tail -n 20 "$packages/depends.log" >&2 && fail 'cannot install it'; }
    say "building in $build"
    in_root "$build" sh -c "cd /src/packages/boottap-$version && dpkg-buildpackage -us -uc" \
        >"$packages/build.log" 2>&1 || { tail -n 40 "$packages/build.log" >&2 && fail 'does not build'; }
    cp "$work"/*.deb "$work"/*.changes "$packages/"
    say "$(in_root "$build" lintian --version)"
    in_root "$build" sh -c 'cd /src/packages && lintian --allow-root --fail-on error \
        --display-info --tag-display-limit 0 *.changes' | tee "$packages/lintian.log" ||
        fail 'lintian finds faults'
    say "a build from the tarball alone answers"
    in_root "$build" sh -c "cd /src/packages/boottap-$version &&
        ./obj-*/sniffer/boottap diagnose --quiet captures/usart-read-protected.pcap" | head -n 1 ||
        fail 'the program of the tarball does not answer'
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
        dpkg-deb --root-owner-group -b "$test/debs/tree" "$test/debs/old/" >/dev/null
    done
    rm -rf "$test/debs/tree"
}

apt_install() {
    in_root "$test" apt-get -q -y install --no-install-recommends "$@" >>"$packages/install.log" 2>&1 ||
        { tail -n 20 "$packages/install.log" >&2 && fail "cannot install $*"; }
}

check_use() {
    local capture=/debs/sample.pcap
    as_user sh -c "boottap diagnose $capture; [ \$? -eq 1 ]" | grep -q 'Read protection is on' ||
        fail 'diagnose does not find the cause'
    as_user boottap decode --json $capture | grep -q '"command":"get-id"' || fail 'decode finds no command'
    as_user man -P cat boottap-decode | grep -q 'line-buffered' || fail 'the manual page does not show'
    as_user man -P cat boottap | grep -q 'NO_COLOR' || fail 'the manual page of the program does not show'
    as_user tshark -G plugins 2>/dev/null | grep -q stm32boot || fail 'tshark does not load the plugin'
    [ "$(as_user tshark -r $capture -Y stm32boot.transaction -T fields -e stm32boot.status 2>/dev/null | wc -l)" -eq 5 ] ||
        fail 'tshark does not show five transactions'
    as_user tshark -D 2>/dev/null | grep -q boottap-proxy || fail 'tshark does not list the extcap'
    as_user tshark -C boottap -r $capture >/dev/null || fail 'tshark does not know the profile'
}

# What an embedder does: the example against the installed library, shared and static.
check_library() {
    apt_install gcc libc6-dev pkgconf
    # shellcheck disable=SC2016 # the inner shell expands it
    in_root "$test" sh -ec 'cd /tmp
        gzip -dc /usr/share/doc/libboottap-dev/examples/serial.c.gz >serial.c 2>/dev/null ||
            cp /usr/share/doc/libboottap-dev/examples/serial.c .
        gcc serial.c $(pkg-config --cflags --libs boottap) -o shared
        gcc -static serial.c $(pkg-config --static --cflags --libs boottap) -o static
        ./shared >one; ./static >two; cmp one two; grep -q "Get ID 0x410" one
        rm serial.c shared static one two' || fail 'the example does not build against the library'
    in_root "$test" apt-get -q -y autopurge gcc libc6-dev pkgconf >>"$packages/install.log" 2>&1
}

check_packages() {
    local debs name
    test=$(mktemp -d "$folder/$release-test.XXXXXX")
    trap 'rm -rf "$test"' EXIT
    say 'a clean root'
    cp -a "$clean/." "$test/"
    # What of /usr/share/doc and man a small root leaves away is what is tested here.
    rm -f "$test"/etc/dpkg/dpkg.cfg.d/*
    mkdir -p "$test/debs" "$test/home/user"
    chown 1000:1000 "$test/home/user"
    cp "$packages"/*.deb "$test/debs/"
    cp captures/usart-read-protected.pcap "$test/debs/sample.pcap"
    in_root "$test" apt-get -q -y update >"$packages/install.log" 2>&1
    make_older
    apt_install man-db tshark libpcap0.8 libjson-c5 libelf1 libserialport0 libcap-ng0 libusb-1.0-0
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
    check_use

    say 'removal'
    in_root "$test" apt-get -q -y remove "${names[@]}" >>"$packages/install.log" 2>&1
    rm -rf "$test"/home/user/.[a-z]*
    listing >"$packages/removed"
    diff "$packages/before" "$packages/removed" || fail 'removal leaves something, or takes it'
    say 'a new installation, and purge'
    apt_install "${debs[@]}"
    check_library
    in_root "$test" apt-get -q -y purge "${names[@]}" >>"$packages/install.log" 2>&1
    listing >"$packages/purged"
    diff "$packages/before" "$packages/purged" || fail 'purge leaves something, or takes it'
    ! in_root "$test" dpkg-query -W "${names[@]}" 2>/dev/null | grep . || fail 'dpkg remembers a package'
}

make_roots
build_all
check_packages
say "$release: passed"
