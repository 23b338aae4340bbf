#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Draws docs/report.png: the report of a failed flash in a light window, that of a good one in a dark narrow one.
# Needs chromium. usage: report-png.sh BOOTTAP OUT.png
set -eu
boottap=$1
out=$2
captures=$(dirname "$0")/../captures
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# shoot NAME SIZE OPTION...: a picture of a page.
shoot() {
    name=$1
    size=$2
    shift 2
    chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$folder/profile" \
        --window-size="$size" "$@" --screenshot="$folder/$name.png" "file://$folder/$name.html" >/dev/null 2>&1
}

"$boottap" report "$captures/stm32flash-write-nack.pcap" -o "$folder/failed.html"
"$boottap" report "$captures/stm32flash-write-verify.pcap" -o "$folder/good.html"
shoot failed 1120,1080
shoot good 500,1080 --blink-settings=preferredColorScheme=0
cat >"$folder/both.html" <<'END'
<!DOCTYPE html>
<style>body { margin: 12px; background: #8b94a5; display: flex; gap: 24px }</style>
<img src="failed.png"><img src="good.png">
END
shoot both 1668,1104
mv "$folder/both.png" "$out"
