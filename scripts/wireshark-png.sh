#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Draws docs/wireshark.png: Wireshark with the profile boottap on a failed flash, its details opened. SIZE is the
# window's, 1100x760; "first" leaves it as Wireshark opens for the first time.
# Needs wireshark, Xvfb, xdotool and ImageMagick's import; as root it runs as nobody, from whom Wireshark takes plugins.
# usage: wireshark-png.sh PLUGIN OUT.png [CAPTURE [FRAME [SIZE]]]
set -euo pipefail
plugin=$1
out=$2
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
capture=${3:-$root/captures/stm32flash-write-nack.pcap}
frame=${4:-141}
size=${5:-1100x760}
folder=$(mktemp -d)
pids=()

# Those that were started here; the window first.
stop() {
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
    rm -rf "$folder"
}
trap stop EXIT

# wait_for COMMAND...: until it succeeds, for two minutes at most
wait_for() {
    for ((i = 0; i < 600; i++)); do
        ! "$@" >/dev/null 2>&1 || return 0
        sleep 0.2
    done
    echo "wireshark-png.sh: waited in vain for: $*" >&2
    return 1
}

series=$(tshark --version 2>/dev/null | sed -n '1s/[^0-9]*\([0-9]*\.[0-9]*\).*/\1/p')
mkdir -p "$folder/plugins/$series/epan" "$folder/home/.config/wireshark/profiles"
cp "$plugin" "$folder/plugins/$series/epan/"
cp -r "$root/dissectors/profile" "$folder/home/.config/wireshark/profiles/boottap"
cp "$capture" "$folder/"
# No questions at the start.
printf 'gui.update.enabled: FALSE\nprivs.warn_if_elevated: FALSE\n' >"$folder/home/.config/wireshark/preferences"
chmod -R a+rwX "$folder"

Xvfb -displayfd 3 -screen 0 1600x1000x24 -nolisten tcp 3>"$folder/display" 2>/dev/null &
pids+=($!)
wait_for test -s "$folder/display"
DISPLAY=:$(cat "$folder/display")
export DISPLAY

as_user=()
[ "$(id -u)" -ne 0 ] || as_user=(setpriv --reuid=65534 --regid=65534 --clear-groups)
env -u WAYLAND_DISPLAY HOME="$folder/home" XDG_CONFIG_HOME="$folder/home/.config" XDG_RUNTIME_DIR="$folder/home" \
    WIRESHARK_PLUGIN_DIR="$folder/plugins" LC_ALL=C.UTF-8 "${as_user[@]}" \
    wireshark -C boottap -r "$folder/$(basename "$capture")" -g "$frame" >"$folder/log" 2>&1 &
pids+=($!)
wait_for xdotool search --onlyvisible --name "$(basename "$capture")"
window=$(xdotool search --onlyvisible --name "$(basename "$capture")" | head -1)
# The window tells when the file is open, not when all of it is drawn.
sleep 5
if [ "$size" != first ]; then
    xdotool windowsize "$window" "${size%x*}" "${size#*x}" windowfocus "$window"
    sleep 2
    # The first line of the details, the last one, all of that.
    xdotool mousemove --window "$window" 200 $((${size#*x} * 563 / 1000)) click 1 key End key shift+Right
    sleep 2
fi
import -window "$window" -strip -colors 128 "$out"
