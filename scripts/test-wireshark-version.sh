#!/bin/bash
# test-wireshark-version.sh bookworm|trixie|sid [ROOT]: builds the plugin in a Debian root of that
# release and runs the dissector tests there. ROOT is made with debootstrap if it is not there, by
# default in ${XDG_CACHE_HOME:-~/.cache}/boottap/; it is kept for the next time. Needs root.
# OTHER_PLUGIN=FILE: a plugin that was built for another Wireshark; this one must refuse it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

release=${1-}
case $release in
bookworm | trixie | sid) ;;
*)
    sed -n '2,5s/^# //p' "$0" >&2
    exit 2
    ;;
esac
root=${2-${XDG_CACHE_HOME:-$HOME/.cache}/boottap/$release}
packages=(gcc libc6-dev cmake ninja-build pkg-config libpcap-dev libjson-c-dev zlib1g-dev
    libelf-dev libserialport-dev libcap-ng-dev libusb-1.0-0-dev liblzma-dev libzstd-dev libzip-dev libcmocka-dev
    wireshark-dev tshark python3)

say() {
    printf '== %s\n' "$*"
}

# run PROGRAM...: in the root.
run() {
    chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
        DEBIAN_FRONTEND=noninteractive "$@"
}

# sid's index is only valid for days, and a machine's clock or mirror may be behind.
apt_get() {
    run apt-get -q -y -o Acquire::Check-Valid-Until=false -o Acquire::Check-Date=false "$@"
}

make_root() {
    if ! command -v debootstrap >/dev/null; then
        say 'installing debootstrap'
        apt-get update -q
        DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends debootstrap
    fi
    say "making $root"
    mkdir -p "$root"
    debootstrap --variant=minbase "$release" "$root" ${DEBIAN_MIRROR:+"$DEBIAN_MIRROR"}
}

install_packages() {
    # shellcheck disable=SC2016 # the inner shell expands it
    if run sh -c 'dpkg-query -W -f "\${db:Status-Status}\n" "$@" | grep -vqx installed' sh \
        "${packages[@]}" 2>/dev/null || ! run dpkg -s "${packages[@]}" >/dev/null 2>&1; then
        say 'installing packages'
        apt_get update
        apt_get install --no-install-recommends "${packages[@]}"
    fi
}

copy_source() {
    rm -rf "$root/src"
    mkdir -p "$root/src/boottap" "$root/src/shared"
    git ls-files -z --cached --others --exclude-standard |
        tar -c --null -T - | tar -x -C "$root/src/boottap"
    [ ! -d ../shared/captures ] || cp -r ../shared/captures "$root/src/shared/"
}

# A plugin of another version: Wireshark says so, and works on without it.
refuses() {
    local series log=$root/tmp/boottap-refused
    series=$(run tshark --version | sed -n '1s/.* \([0-9]*\.[0-9]*\)\..*/\1/p')
    rm -rf "$log"
    mkdir -p "$log/$series/epan"
    cp "$1" "$log/$series/epan/stm32boot.so"
    cp captures/usart-read-protected.pcap "$log/"
    chmod -R a+rX "$log"
    run setpriv --reuid=65534 --regid=65534 --clear-groups \
        env HOME=/tmp/boottap-refused WIRESHARK_PLUGIN_DIR=/tmp/boottap-refused \
        tshark -r /tmp/boottap-refused/usart-read-protected.pcap >"$log/out" 2>"$log/err"
    cat "$log/err"
    grep -q stm32boot "$log/err" && [ "$(wc -l <"$log/out")" -eq 13 ]
}

[ -x "$root/usr/bin/apt-get" ] || make_root
install_packages
copy_source
say "building in $root"
run sh -c 'cd /src/boottap &&
    cmake -S . -B /src/build -G Ninja -DBOOTTAP_WERROR=ON -DBOOTTAP_DISSECTORS=ON >/dev/null &&
    cmake --build /src/build --target stm32boot boottap simulate'
say "testing with $(run tshark --version 2>/dev/null | head -n 1)"
run ctest --test-dir /src/build -j "$(nproc)" --output-on-failure --no-tests=error -R '^plugin_'
if [ -n "${OTHER_PLUGIN-}" ]; then
    say "a plugin of another version is refused"
    refuses "$OTHER_PLUGIN"
fi
