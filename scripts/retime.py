#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes times and lengths of a pcapng file, as no recorder writes them.

usage: retime.py SEED IN.pcapng OUT.pcapng
Resolutions of interfaces, time stamps (the largest, those about 2^63, in no order) and the lengths that packets
are said to have had. What a reader needs to find the next block stays.
"""
import random
import struct
import sys

TIMES = (0, 1, 2**31, 2**32 - 1, 2**62 - 1, 2**62, 2**63 - 1, 2**63, 2**64 - 1)
RESOLUTIONS = (0, 3, 6, 6, 9, 9, 12, 0x80, 0xa0, 0xbf)
LENGTHS = (0, 1, 2**16, 2**31 - 1, 2**31, 2**32 - 1)


def without_resolution(options):
    """The options but if_tsresol (9) and their end."""
    kept, at = b"", 0
    while at + 4 <= len(options):
        code, length = struct.unpack_from("<HH", options, at)
        end = at + 4 + (length + 3) // 4 * 4
        if code == 0:
            break
        if code != 9:
            kept += options[at:end]
        at = end
    return kept


def changed(kind, body, dice):
    if kind == 1:
        resolution = struct.pack("<HHB3xHH", 9, 1, dice.choice(RESOLUTIONS), 0, 0)
        return body[:8] + without_resolution(body[8:]) + resolution
    if kind == 6:
        interface, high, low, captured, length = struct.unpack_from("<IIIII", body)
        time = high << 32 | low
        if dice.random() < 0.3:
            time = dice.choice(TIMES) if dice.random() < 0.7 else dice.getrandbits(64)
        if dice.random() < 0.1:
            length = dice.choice(LENGTHS)
        return struct.pack("<IIIII", interface, time >> 32, time & 0xffffffff, captured, length) + body[20:]
    return body


def main(seed, source, target):
    dice = random.Random(int(seed))
    with open(source, "rb") as file:
        data = file.read()
    at = 0
    with open(target, "wb") as out:
        while at + 12 <= len(data):
            kind, length = struct.unpack_from("<II", data, at)
            body = changed(kind, data[at + 8:at + length - 4], dice)
            out.write(struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12))
            at += length


main(*sys.argv[1:])
