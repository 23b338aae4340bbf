#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""damage_headers.py SEED IN.pcap OUT.pcapng: the same packets with wrong times and lengths in the headers of their
records: back to 1970, forth to the end of a 64-bit counter, longer or shorter on the wire than they are, cut. The unit
of the times, from nanoseconds to whole seconds, is the seed's."""
import random
import struct
import sys

RESOLUTIONS = (9, 6, 0)
TIMES = (0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 1 << 32, (1 << 63) - 1, 1 << 63, (1 << 64) - 1)
LENGTHS = (0, 1, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)


def block(kind, body):
    body += bytes(-len(body) % 4)
    length = struct.pack("<I", len(body) + 12)
    return struct.pack("<I", kind) + length + body + length


def records(data, order, fraction):
    """(time in ns, length on the wire, bytes) of a pcap file."""
    at = 24
    while at + 16 <= len(data):
        seconds, part, captured, length = struct.unpack_from(order + "IIII", data, at)
        yield seconds * 10 ** 9 + part * fraction, length, data[at + 16:at + 16 + captured]
        at += 16 + captured


def damaged(rng, time, length, packet):
    choice = rng.randrange(60)
    if choice == 0:
        time = rng.choice(TIMES)
    elif choice == 1:
        time = rng.getrandbits(64)
    elif choice == 2:
        length = rng.choice(LENGTHS)
    elif choice == 3:
        length = rng.randrange(2 * len(packet) + 1)
    elif choice == 4:
        packet = packet[:rng.randrange(len(packet) + 1)]
    return time, length, packet


def main():
    seed, source, target = int(sys.argv[1]), sys.argv[2], sys.argv[3]
    rng = random.Random(seed)
    with open(source, "rb") as file:
        data = file.read()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    fraction = 1 if data[:4] in (b"\x4d\x3c\xb2\xa1", b"\xa1\xb2\x3c\x4d") else 1000
    linktype = struct.unpack_from(order + "I", data, 20)[0] & 0xFFFF
    resolution = RESOLUTIONS[seed % len(RESOLUTIONS)]
    with open(target, "wb") as file:
        file.write(block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1)))
        file.write(block(1, struct.pack("<HHIHHB3xHH", linktype, 0, 0, 9, 1, resolution, 0, 0)))
        for record in records(data, order, fraction):
            time, length, packet = damaged(rng, *record)
            if time == record[0]:
                time //= 10 ** (9 - resolution)
            file.write(block(6, struct.pack("<IIIII", 0, time >> 32 & 0xFFFFFFFF, time & 0xFFFFFFFF,
                                            len(packet), length) + packet))


if __name__ == "__main__":
    main()
