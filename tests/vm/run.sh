#!/bin/bash
# run.sh BUILD: captures real tools on a real kernel and checks what boottap makes of it.
#
# Boots Debian's stock kernel under QEMU (plain emulation, unprivileged) with this machine's files
# as its root, read-only. Inside, guest.sh runs dfu-util, stm32flash and can-utils against the
# simulated devices, on a software USB bus (vhci-hcd, usbmon) and a virtual CAN bus, and captures
# them with tcpdump and candump. Afterwards check.sh compares what `boottap decode` says with what
# was done. Everything is left in BUILD/vm. Exit status 77: what this needs cannot be had here.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
build=$(cd "${1?usage: run.sh BUILD}" && pwd)
work=$build/vm
modules=(9p 9pnet_virtio virtio_pci can-raw vcan usbmon vhci-hcd cdc-acm ftdi_sio)
boot_seconds=1200

skip() {
    echo "skipped: $*"
    exit 77
}

for program in qemu-system-x86_64 busybox cpio depmod xz apt-get dpkg-deb; do
    PATH=$PATH:/usr/sbin:/sbin command -v "$program" >/dev/null || skip "no $program"
done
PATH=$PATH:/usr/sbin:/sbin
for program in dfu-util stm32flash tcpdump candump cansend ip tshark; do
    command -v "$program" >/dev/null || skip "no $program"
done
[ "$(uname -m)" = x86_64 ] || skip "the machine is made for x86_64"

# Downloads the package that linux-image-amd64 depends on; it is never installed.
download_kernel() {
    local package
    package=$(apt-cache depends linux-image-amd64 |
        sed -n 's/.*Depends: \(linux-image-[0-9].*\)/\1/p' | head -n 1)
    [ -n "$package" ] && apt-get -q download "$package"
}

# The kernel and the modules that are needed, in the order to load them, in $work/kernel.
prepare_kernel() {
    local kernel=$work/kernel version module
    [ ! -f "$kernel/order" ] || return 0
    rm -rf "$kernel"
    mkdir -p "$kernel/load"
    cd "$kernel"
    download_kernel || {
        # The package lists may be older than the archive.
        [ "$(id -u)" -eq 0 ] && apt-get -q update && download_kernel
    } || skip "the kernel's package cannot be downloaded"
    dpkg-deb --fsys-tarfile ./*.deb | tar -x --wildcards ./boot/'vmlinuz*' '*/modules.*' \
        '*/kernel/crypto/*' '*/kernel/drivers/net/can/*' '*/kernel/drivers/usb/*' \
        '*/kernel/drivers/virtio/*' '*/kernel/fs/9p/*' '*/kernel/fs/fscache/*' \
        '*/kernel/fs/netfs/*' '*/kernel/lib/*' '*/kernel/net/*' 2>/dev/null || true
    [ -d lib ] || mv usr/lib lib
    version=$(ls lib/modules)
    find lib/modules -name '*.ko.xz' -exec xz -d {} +
    depmod -b . "$version"
    for module in "${modules[@]}"; do
        modprobe -d . -S "$version" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
    done | awk '!seen[$0]++' >found
    xargs cp -t load <found
    sed 's,.*/,,' found >order.new
    mv boot/vmlinuz* vmlinuz
    rm -rf lib usr boot ./*.deb found
    mv order.new order
}

# A RAM disk that mounts this machine's root over 9p and starts guest.sh in it.
make_initrd() {
    local tree=$work/initrd
    rm -rf "$tree"
    mkdir -p "$tree"/{bin,proc,sys,dev,root,modules}
    cp "$(command -v busybox)" "$tree/bin/"
    cp "$work"/kernel/load/* "$work/kernel/order" "$tree/modules/"
    cat >"$tree/init" <<END
#!/bin/busybox sh
/bin/busybox --install -s /bin
mount -t proc proc /proc
while read -r module; do insmod /modules/\$module; done </modules/order
options=trans=virtio,version=9p2000.L,msize=131072
mount -t 9p -o \$options,ro,cache=loose root /root
mount -t devtmpfs dev /root/dev
mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
mount -t tmpfs run /root/run
mkdir /root/run/results
mount -t 9p -o \$options results /root/run/results
chroot /root /bin/bash "$here/guest.sh" "$build" >/root/run/results/log 2>&1
echo \$? >/root/run/results/status
sync
poweroff -f
END
    chmod +x "$tree/init"
    (cd "$tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initrd.gz"
}

boot() {
    timeout "$boot_seconds" qemu-system-x86_64 \
        -accel tcg,thread=multi -cpu max -smp 2 -m 512 -M q35,usb=off,vmport=off \
        -chardev "socket,id=uart1,path=$work/uart,server=on,wait=off" \
        -chardev "socket,id=uart2,path=$work/uart" -device pci-serial-2x,chardev1=uart1,chardev2=uart2 \
        -nodefaults -no-user-config -no-reboot -display none -serial "file:$work/console" \
        -kernel "$work/kernel/vmlinuz" -initrd "$work/initrd.gz" \
        -append 'console=ttyS0 quiet panic=-1 mitigations=off random.trust_cpu=on' \
        -virtfs local,path=/,mount_tag=root,security_model=none,readonly=on,multidevs=remap \
        -virtfs "local,path=$work/results,mount_tag=results,security_model=none"
}

prepare_kernel
make_initrd
rm -rf "$work/results"
mkdir -p "$work/results"
started=$SECONDS
boot || true
echo "the machine ran for $((SECONDS - started)) s"
cat "$work/results/log" 2>/dev/null || true
if [ "$(cat "$work/results/status" 2>/dev/null)" != 0 ]; then
    echo "the machine failed; the last words of its console:"
    tail -n 20 "$work/console"
    exit 1
fi
exec "$here/check.sh" "$build/sniffer/boottap" "$work/results"
