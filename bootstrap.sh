#!/bin/bash
# bootstrap.sh demo|test|deps|help: from a fresh Debian 12 or 13 to a working boottap.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
sample=captures/usart-read-protected.pcap

build_packages=(gcc libc6-dev cmake ninja-build pkg-config libpcap-dev libjson-c-dev zlib1g-dev libelf-dev
    libserialport-dev libcap-ng-dev libusb-1.0-0-dev liblzma-dev libzstd-dev libzip-dev)
# For a device to flash, and a tool that flashes it.
demo_packages=(libcmocka-dev stm32flash)
test_packages=(libcmocka-dev wireshark-dev tshark python3 clang lld libclang-rt-dev llvm clang-format
    clang-tidy cppcheck shellcheck binutils srecord stm32flash dfu-util can-utils iproute2 tcpdump
    sigrok-cli python3-can python3-jsonschema python3-serial python3-html5lib python3-tinycss2 python3-cssselect2 groff-base
    man-db mandoc bash-completion zsh fish)
# For the core on 32-bit and big-endian machines; where they cannot be had those tests are skipped.
cross_packages=(gcc-i686-linux-gnu libc6-dev-i386-cross gcc-s390x-linux-gnu libc6-dev-s390x-cross
    qemu-user)
# For the test in a virtual machine; where they cannot be had that test is skipped.
machine_packages=(qemu-system-x86 busybox-static cpio kmod xz-utils)

usage() {
    cat <<'END'
usage: bootstrap.sh demo | test | deps | help
  demo  install what is missing, build, decode and diagnose a sample capture of a failed flash,
        then see one fail, live
  test  install what is missing, build, run every test: those of the program, those of its parts
        under sanitizers (the fuzz targets on damaged inputs among them), the core's as 32-bit and as
        big-endian programs, the linters, the plugin's fuzzer, the test in a virtual machine
  deps  only install what the two need
Packages come from apt-get; sudo is used where needed. The build is in build/.
END
}

say() {
    printf '\n== %s\n' "$*"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        echo "bootstrap.sh: not root and no sudo: cannot run: $*" >&2
        return 1
    fi
}

# The packages among the arguments that are not installed.
missing_packages() {
    local package
    for package in "$@"; do
        if ! dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed
        then
            echo "$package"
        fi
    done
}

install_packages() {
    local missing
    mapfile -t missing < <(missing_packages "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    if ! command -v apt-get >/dev/null; then
        echo "bootstrap.sh: no apt-get here; needed: ${missing[*]}" >&2
        return 1
    fi
    say "installing ${missing[*]}"
    as_root apt-get update -q
    as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends --no-remove "${missing[@]}"
}

# Runs the real stm32flash against a simulated device that is read-protected, on a pseudo-terminal.
demo_live() {
    local work device
    work=$(mktemp -d)
    build/sniffer/boottap simulate usart --read-protected --on "$work/port" >"$work/ready" &
    device=$!
    while [ ! -s "$work/ready" ] && kill -0 "$device" 2>/dev/null; do sleep 0.05; done
    seq 1 500 >"$work/firmware.bin"
    # A pseudo-terminal has no parity, hence -m 8n1; a serial port needs no such option.
    say "live: build/sniffer/boottap run -- stm32flash -m 8n1 -w firmware.bin PORT"
    build/sniffer/boottap run -- stm32flash -m 8n1 -w "$work/firmware.bin" "$work/port" ||
        [ $? -eq 1 ]
    kill "$device"
    wait "$device" || true
    rm -rf "$work"
}

demo() {
    install_packages "${build_packages[@]}" "${demo_packages[@]}"
    say 'building in build/'
    cmake -S "$root" -B "$root/build" -G Ninja >/dev/null
    cmake --build "$root/build" --target boottap
    cd "$root"
    say "build/sniffer/boottap decode $sample"
    build/sniffer/boottap decode "$sample"
    say "build/sniffer/boottap diagnose $sample"
    # Exit status 1 is a finding.
    build/sniffer/boottap diagnose "$sample" || [ $? -eq 1 ]
    demo_live
}

# Seconds of processor time that what this shell started took so far, in $spent.
count_spent() {
    local file=$work/times.$BASHPID
    times >"$file"
    spent=$(awk -F '[ms ]+' 'NR == 2 { printf "%d", $1 * 60 + $2 + $3 * 60 + $4 }' "$file")
}

# step NAME PROGRAM...: runs it, goes on whatever its result; exit status 77 is a skipped step.
step() {
    local name=$1 started=$SECONDS status=0 result spent before
    shift
    count_spent
    before=$spent
    say "$name"
    "$@" || status=$?
    case $status in
    0) result=passed ;;
    77) result=skipped ;;
    *) result=FAILED ;;
    esac
    count_spent
    printf '%-42s %-7s %5d s %5d s\n' "$name" "$result" $((SECONDS - started)) $((spent - before)) \
        >>"$work/steps"
    echo "-- $name: $result after $((SECONDS - started)) s"
}

# beside NICENESS PROGRAM...: starts it in a group of its own; await prints what it said.
beside() {
    local level=$1
    shift
    set -m
    {
        # Who runs this under nice may not lower it again.
        renice -n "$level" -p "$BASHPID" >/dev/null || true
        "$@"
    } >"$work/beside.${#beside[@]}" 2>&1 </dev/null &
    set +m
    beside+=($!)
}

await() {
    local i
    for i in "${!beside[@]}"; do
        wait "${beside[i]}" ||
            printf '%-42s %-7s %7s %7s\n' 'what ran beside the tests' FAILED - - >>"$work/steps"
        cat "$work/beside.$i"
    done
    beside=()
}

# Nothing goes on where somebody ends this.
end_all() {
    local group
    for group in "${beside[@]}"; do
        kill -- "-$group" 2>/dev/null || true # it has ended before
    done
    rm -rf "$work"
}

# What waits for nothing and for which nothing waits: it fills the time that the tests wait.
test_beside() {
    step 'decoder alone' scripts/build.sh build-decoder -DCMAKE_BUILD_TYPE=Debug \
        -DBOOTTAP_WERROR=ON -DBOOTTAP_SNIFFER=OFF -DBOOTTAP_TESTS=OFF
    step 'core on 32-bit and big-endian machines' scripts/test-machines.sh
    step 'lint' scripts/lint.sh
}

test_machine() {
    step 'real kernel in a virtual machine' tests/vm/run.sh build
}

# run_tests BUILD
run_tests() {
    ctest --test-dir "$1" --output-on-failure --no-tests=error --timeout 300 -j "$(nproc)"
}

# CONTRIBUTING.md says what each step is for.
test_all() {
    # The one that has Debian's packages, whatever else comes first in PATH.
    local python=-DPython3_EXECUTABLE=/usr/bin/python3
    install_packages "${build_packages[@]}" "${test_packages[@]}"
    install_packages "${cross_packages[@]}" ||
        echo 'bootstrap.sh: the tests on other machines will be skipped'
    install_packages "${machine_packages[@]}" ||
        echo 'bootstrap.sh: the test in a virtual machine will be skipped'
    cd "$root"
    work=$(mktemp -d)
    beside=()
    trap end_all EXIT
    beside 19 test_beside

    # To optimise the program as a whole takes longer than all of its tests; packages are built so.
    step 'build' scripts/build.sh build -DBOOTTAP_LTO=OFF -DBOOTTAP_WERROR=ON -DBOOTTAP_TESTS=ON \
        -DBOOTTAP_TEST_PARTS=OFF -DBOOTTAP_DISSECTORS=ON "$python"
    step 'tests of the program' run_tests build
    beside 0 test_machine
    # Optimised no further than it pays: to compile takes as long as to run.
    step 'build under sanitizers' nice -n 5 scripts/build.sh build-san -DCMAKE_BUILD_TYPE=Debug \
        -DCMAKE_C_FLAGS_DEBUG='-O1 -g1' -DBOOTTAP_WERROR=ON -DBOOTTAP_SANITIZE=address,undefined \
        -DBOOTTAP_DISSECTORS=ON "$python"
    step 'tests under sanitizers' run_tests build-san
    step 'fuzzing of the plugin' scripts/fuzz-dissector.sh build-san 1 \
        captures/{usart-nack-phases,dfu-download,fdcan-flash,adapter-ftdi}.pcap
    await

    say "summary, after $SECONDS s"
    printf '%-42s %-7s %7s %7s\n' step result 'took' 'of CPU'
    cat "$work/steps"
    ! grep -q ' FAILED  ' "$work/steps"
}

case ${1-help} in
demo) demo ;;
test) test_all ;;
deps)
    install_packages "${build_packages[@]}" "${test_packages[@]}" "${cross_packages[@]}" \
        "${machine_packages[@]}"
    ;;
help | -h | --help) usage ;;
*)
    usage >&2
    exit 2
    ;;
esac
