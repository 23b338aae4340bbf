# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures and firmware as they might come: whole, damaged, out of order, packed."""
import gzip
import lzma
import shutil
import struct
import subprocess

PCAP = {b"\xd4\xc3\xb2\xa1": "<", b"\x4d\x3c\xb2\xa1": "<",
        b"\xa1\xb2\xc3\xd4": ">", b"\xa1\xb2\x3c\x4d": ">"}
NUMBERS = [0, 1, 0x7f, 0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffe, 999999, 1000000, 999999999]
SIZE_MAX = 400000


def cut(whole):
    """A capture's head, and its records: those of a pcap file, blocks of pcapng, lines of text."""
    order = PCAP.get(whole[:4])
    if order:
        records, at = [], 24
        while at + 16 <= len(whole):
            end = at + 16 + struct.unpack_from(order + "I", whole, at + 8)[0]
            records.append(whole[at:end])
            at = end
        return whole[:24], records
    if whole[:4] == b"\x0a\x0d\x0d\x0a":
        order = "<" if whole[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
        blocks, at = [], 0
        while at + 12 <= len(whole):
            end = at + max(12, struct.unpack_from(order + "I", whole, at + 4)[0])
            blocks.append(whole[at:end])
            at = end
        return b"".join(blocks[:1]), blocks[1:]
    return b"", whole.splitlines(True)


def bytes_changed(dice, whole):
    """A few bytes of it others, or numbers of 32 bits at the ends of their range."""
    changed = bytearray(whole)
    for _ in range(dice.choice([1, 1, 2, 5, 40])):
        if not changed:
            break
        at = dice.randrange(len(changed))
        way = dice.randrange(4)
        if way == 0:
            changed[at] ^= 1 << dice.randrange(8)
        elif way == 1:
            changed[at] = dice.choice([0, 0xff, 0x7f, 0x79, 0x1f, 0x1b, dice.randrange(256)])
        elif way == 2:
            changed[at:at + 4] = struct.pack(dice.choice("<>") + "I", dice.choice(NUMBERS))
        else:
            del changed[at:at + dice.choice([1, 2, 16])]
    return bytes(changed)


def retimed(dice, record):
    """A record of a pcap file at another time."""
    if len(record) < 16:
        return record
    return struct.pack("<II", dice.choice(NUMBERS + [dice.getrandbits(32)]),
                       dice.choice(NUMBERS + [dice.getrandbits(32)])) + record[8:]


def records_moved(dice, head, records, others):
    for _ in range(dice.choice([1, 1, 2, 6])):
        if not records:
            break
        at, other = dice.randrange(len(records)), dice.randrange(len(records))
        way = dice.randrange(7)
        if way == 0:
            records[at:at] = [records[at]] * dice.choice([1, 2, 50])
        elif way == 1:
            records[at], records[other] = records[other], records[at]
        elif way == 2:
            del records[at:at + dice.choice([1, 1, 3, 20])]
        elif way == 3 and head[:4] in PCAP:
            records[at] = retimed(dice, records[at])
        elif way == 4:
            records[at] = bytes_changed(dice, records[at])
        elif way == 5:
            records[at:at] = records[other:other + dice.choice([2, 10, 40])]
        elif others:
            from_there = dice.randrange(len(others))
            records[at:at] = others[from_there:from_there + dice.choice([1, 10, 100])]
    return head + b"".join(records)


def capture(dice, samples):
    """The bytes of a capture: one sample, damaged or not; of another sample, too."""
    whole = dice.choice(samples).read_bytes()
    if dice.random() < 0.15:
        return whole
    head, records = cut(whole)
    others = cut(dice.choice(samples).read_bytes())[1] if dice.random() < 0.2 else []
    if dice.random() < 0.75:
        whole = records_moved(dice, head, records, others)
    if dice.random() < 0.35:
        whole = bytes_changed(dice, whole)
    if dice.random() < 0.15:
        whole = whole[:dice.randrange(len(whole) + 1)]
    return whole[:SIZE_MAX]


def packed(dice, whole):
    """(the same, packed; the extension that it has then), by what this machine has."""
    way = dice.choice([way for way in ("gz", "xz", "zst") if way != "zst" or shutil.which("zstd")])
    if way == "gz":
        return gzip.compress(whole, 1, mtime=0), ".gz"
    if way == "xz":
        return lzma.compress(whole, preset=0), ".xz"
    return subprocess.run(["zstd", "-q", "-1", "-c"], input=whole, capture_output=True,
                          check=True).stdout, ".zst"


def hex_line(kind, address, data):
    body = bytes([len(data)]) + struct.pack(">H", address) + bytes([kind]) + data
    return ":%s%02X\n" % (body.hex().upper(), -sum(body) & 0xff)


def firmware(dice, samples):
    """(bytes of a firmware file, its extension)"""
    if dice.random() < 0.5:
        sample = dice.choice(samples)
        whole, kind = sample.read_bytes(), "." + sample.name.split("-")[-1]
        kind = kind if kind in (".hex", ".srec", ".dfu", ".elf") else ".bin"
    else:
        data = dice.randbytes(dice.choice([0, 1, 256, 2000, 5000]))
        whole, kind = data, ".bin"
        if dice.random() < 0.5:
            lines = [hex_line(4, 0, b"\x08\x00")]
            lines += [hex_line(0, at, data[at:at + 16]) for at in range(0, len(data), 16)]
            whole, kind = ("".join(lines) + ":00000001FF\n").encode(), ".hex"
    return (bytes_changed(dice, whole) if dice.random() < 0.4 else whole), kind
