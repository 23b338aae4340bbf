#!/usr/bin/env python3
"""pcapng.py FILE: what stands in a little-endian pcapng file, a line each.

packet INTERFACE in|out|- BYTES HEX [COMMENT]   HEX: the first 64 bytes
statistics INTERFACE RECEIVED DROPPED
It shares nothing with boottap (draft-ietf-opsawg-pcapng sections 4.2, 4.3 and 4.6).
"""
import struct
import sys

INTERFACE, STATISTICS, PACKET = 1, 5, 6
COMMENT, NAME, FLAGS = 1, 2, 2
RECEIVED, DROPPED = 4, 5


def options(block, at):
    found = {}
    while at + 4 <= len(block):
        code, length = struct.unpack_from("<HH", block, at)
        if code == 0:
            break
        found[code] = block[at + 4:at + 4 + length]
        at += 4 + (length + 3) // 4 * 4
    return found


def blocks(data):
    at = 0
    while at < len(data):
        kind, length = struct.unpack_from("<II", data, at)
        yield kind, data[at + 8:at + length - 4]
        at += length


def main():
    names = []
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    for kind, block in blocks(data):
        if kind == INTERFACE:
            names.append(options(block, 8)[NAME].decode())
        elif kind == PACKET:
            number, _, _, captured, _ = struct.unpack_from("<IIIII", block)
            found = options(block, 20 + (captured + 3) // 4 * 4)
            direction = {0: "-", 1: "in", 2: "out"}[found.get(FLAGS, b"\0")[0] & 3]
            print("packet", names[number], direction, captured, block[20:20 + min(captured, 64)].hex(),
                  found.get(COMMENT, b"").decode())
        elif kind == STATISTICS:
            found = options(block, 12)
            print("statistics", names[struct.unpack_from("<I", block)[0]],
                  *(struct.unpack("<Q", found[code])[0] for code in (RECEIVED, DROPPED)))


main()
