# SPDX-License-Identifier: GPL-2.0-or-later
"""What the growth test feeds the program: a row of SHAPES each, made by a function of N."""
import struct
import zlib

import records
from records import DEVICE, HOST, control, interface, option, packet, rtac, usb

BOUND = 16 * 1024  # KiB: design.md's "under 16 MiB, whatever the file's size"
EMPTY = records.pcap(records.RTAC, [])

COMMENT, NAME = 1, 2  # options of pcapng


class Shape:
    """A shape and what is done with it.

    make     n -> {suffix: content}: the files, of which `4.pcap` is that of 4N with suffix `.pcap`
    n        small enough for a tenth of a second or two at 4N, large enough to stand out of the noise
    command  words of the command line; {} is the size and {o} a file for output
    keeps    bytes of each that the program may keep, with all that goes with it; None: its memory
             is bounded
    """

    def __init__(self, name, make, n, command, keeps=None):
        self.name = name
        self.make = make
        self.n = n
        self.command = command
        self.keeps = keeps

    def arguments(self, size):
        return [word.format(size, o="out") for word in self.command.split()]


def of_pcap(linktype, make):
    return lambda n: {".pcap": records.pcap(linktype, make(n))}


def of_pcapng(make):
    return lambda n: {".pcapng": b"".join(make(n))}


# Links

GET_STATUS = struct.pack("<BBHHH", 0xA1, 3, 0, 0, 6)
GET_DEVICE_DESCRIPTOR = struct.pack("<BBHHH", 0x80, 6, 0x100, 0, 18)
DEVICE_DESCRIPTOR = struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x100, 0, 0, 0, 64, 0x0483, 0xDF11,
                                0x2200, 1, 2, 3, 1)
IDLE = bytes([0, 0, 0, 0, 2, 0])
BUSY = bytes([0, 100, 0, 0, 4, 0])
DOWNLOAD_IDLE = bytes([0, 0, 0, 0, 5, 0])


def download(number, payload):
    return struct.pack("<BBHHH", 0x21, 1, number, 0, len(payload))


def dfu_write(bus, device):
    """A device that is told an address, another one each bus, and takes a block."""
    pointer = bytes([0x21]) + struct.pack("<I", 0x08000000 + 8 * (126 * bus + device))
    out = control(bus, device, 1, GET_STATUS, IDLE)
    for number, payload in ((0, pointer), (2, b"\x5a" * 8)):
        out += control(bus, device, 2, download(number, payload), data=payload)
        out += control(bus, device, 3, GET_STATUS, BUSY)
        out += control(bus, device, 4, GET_STATUS, DOWNLOAD_IDLE)
    return out


def usb_devices(n):
    """Each flashes at an address of its own, and is not heard of again."""
    for i in range(n):
        yield from dfu_write(1 + i // 126, 1 + i % 126)


def usb_devices_return(n):
    """A production line: every device gets the next address, and 127 comes round."""
    for i in range(n):
        device = 1 + i % 126
        yield from control(1, 0, 1, struct.pack("<BBHHH", 0, 5, device, 0, 0))
        yield from control(1, device, 1, GET_DEVICE_DESCRIPTOR, DEVICE_DESCRIPTOR)
        yield from dfu_write(1, device)


def usb_devices_in_turn(n):
    """More devices than are followed at once, a transfer of each in turn."""
    for i in range(n):
        yield from control(1, 1 + i % 100, 1, GET_STATUS, IDLE)


def usb_adapters(n):
    """Bulk endpoints, each of a device of its own, that may be a serial adapter's."""
    for i in range(n):
        bus, device = 1 + i // 126, 1 + i % 126
        for number, (endpoint, data) in enumerate(((2, b"\x7f"), (0x82, b"\x79"))):
            sent = endpoint == 2
            yield usb("S", records.BULK, endpoint, bus, device, number, data=data if sent else b"",
                      length=1 if sent else 64, status=-115)
            yield usb("C", records.BULK, endpoint, bus, device, number,
                      data=b"" if sent else data, length=1)


def usb_endpoints(n):
    """One device, whose transfers are submitted and never end."""
    for i in range(n):
        yield usb("S", records.BULK, 1 + i % 15, 1, 1, i, data=b"\x7f", status=-115)


GET_VERSION = [(HOST, "01fe"), (DEVICE, "7931000079")]


def serial_ports(n):
    """A port with an exchange each."""
    yield records.section()
    for i in range(n):
        yield interface(records.RTAC, option(NAME, b"tty%d" % i))
    for i in range(n):
        for event, text in [(HOST, "7f"), (DEVICE, "79")] + GET_VERSION:
            yield packet(i, rtac(event, text), i)


def can_interfaces(n):
    """Interfaces of one recording of `any`, by their numbers, with an exchange each."""
    for i in range(n):
        for outgoing, identifier, data in ((4, 0x111, b"\0"), (0, 0x111, b"\x79"), (4, 0x01, b""),
                                           (0, 0x111, b"\x79")):
            yield struct.pack(">HHIHBB8x", 0x0D, 0, 1 + i, 280, outgoing, 0) \
                + struct.pack("<I", identifier) + records.can(0, data)[4:]


def can_identifiers(n):
    """Other traffic, on every identifier that there is."""
    for i in range(n):
        yield records.can(i % 0x800 if i % 2 == 0 else 0x80000000 | (i * 7919) % (1 << 29),
                          b"\x11" * 8)


# Blocks of pcapng

def interfaces(n):
    """Interfaces, and no packet."""
    yield records.section()
    for i in range(n):
        yield interface(records.RTAC, option(NAME, b"tty%d" % i))


def sections(n):
    for i in range(n):
        yield records.section()
        yield interface(records.RTAC)
        yield packet(i, rtac(HOST, "7f"))


def names(n):
    """Name resolution: what no reader of serial lines asks for."""
    yield records.section()
    yield interface(records.RTAC)
    for i in range(n):
        yield records.block(4, struct.pack("<HHI", 1, 12, i) + b"host.lan".ljust(12, b"\0")[:8]
                            + bytes(4))


def options(n):
    """All options in one packet."""
    yield records.section()
    yield interface(records.RTAC)
    yield packet(0, rtac(HOST, "7f"), options=option(COMMENT, b"x") * n)


# Transactions and notes

def commands(n):
    """A line whose host asks the same again and again."""
    for event, text in [(HOST, "7f"), (DEVICE, "79")] + GET_VERSION * n:
        yield rtac(event, text)


def garbage(n):
    """Bytes that mean nothing: a note each."""
    yield rtac(HOST, "7f")
    yield rtac(DEVICE, "79")
    for i in range(n):
        yield rtac(HOST, "55" if i % 2 == 0 else "01fe")
        yield rtac(DEVICE, "33" if i % 2 == 0 else "1f")


def unanswered(n):
    """A line on which nobody answers: what is said of a packet is said when the next one comes."""
    for _ in range(n):
        yield rtac(HOST, "7f")
        yield rtac(HOST, "01fe")


def runs(n):
    """A tool that is started over and over, and stops where it should not."""
    for _ in range(n):
        for event, text in ((HOST, "7f"), (DEVICE, "79"), (HOST, "21de"), (DEVICE, "79"),
                            (HOST, "0800000008"), (DEVICE, "79")):
            yield rtac(event, text)


def refusals(n):
    """Runs of which every command fails and has something to remark: nothing of it can be folded."""
    for _ in range(n):
        for event, text in ((HOST, "7f"), (DEVICE, "79"), (HOST, "11ee"), (DEVICE, "79")):
            yield rtac(event, text)
        for i in range(250):
            yield rtac(HOST, "31ce")
            yield rtac(DEVICE, "79")
            yield rtac(HOST, "0800%02x0000" % i)
            yield rtac(DEVICE, "1f")
        for event, text in ((HOST, "21de"), (DEVICE, "79"), (HOST, "0800000008"), (DEVICE, "79")):
            yield rtac(event, text)


def two(linktype, make):
    """The same capture twice, for what compares."""
    def of(n):
        content = records.pcap(linktype, make(n))
        return {".pcap": content, "b.pcap": content}
    return of


# Memory

def command_bytes(opcode, *parts):
    """A command whose parts are sent after an ACK each."""
    yield rtac(HOST, "%02x%02x" % (opcode, opcode ^ 0xFF))
    yield rtac(DEVICE, "79")
    for part in parts:
        checksum = 0
        for byte in part:
            checksum ^= byte
        yield rtac(HOST, (part + bytes([checksum])).hex())
        yield rtac(DEVICE, "79")


def write(address, payload):
    return command_bytes(0x31, struct.pack(">I", address % (1 << 32)),
                         bytes([len(payload) - 1]) + payload)


def mass_erase():
    yield from (rtac(HOST, "43bc"), rtac(DEVICE, "79"), rtac(HOST, "ff00"), rtac(DEVICE, "79"))


def sparse_writes(n, step=4096, erases=False):
    yield rtac(HOST, "7f")
    yield rtac(DEVICE, "79")
    for i in range(n):
        yield from write(0x08000000 + step * i, b"a")
        if erases:
            yield from mass_erase()


def flashes(n):
    """Sessions with an image each, most of which a page has no room for."""
    for _ in range(n):
        for event, text in ((HOST, "7f"), (DEVICE, "79")):
            yield rtac(event, text)
        for i in range(16):
            yield from write(0x08000000 + 256 * i, bytes(256))
        for event, text in ((HOST, "21de"), (DEVICE, "79"), (HOST, "0800000008"), (DEVICE, "79")):
            yield rtac(event, text)


def sparse_erases(n):
    return sparse_writes(n, erases=True)


def writes_down(n):
    return sparse_writes(n, step=-32)


def hex_record(address, kind, data):
    record = struct.pack(">BHB", len(data), address & 0xFFFF, kind) + data
    return b":%s%02X\n" % (record.hex().upper().encode(), -sum(record) & 0xFF)


def sparse_hex(n):
    """A firmware of single bytes, and a session that it is held against."""
    lines = []
    for i in range(n):
        address = 0x08000000 + 4096 * i
        lines.append(hex_record(0, 4, struct.pack(">H", address >> 16)))
        lines.append(hex_record(address, 0, b"a"))
    return {".hex": b"".join(lines) + b":00000001FF\n",
            ".pcap": records.pcap(records.RTAC, sparse_writes(1))}


def elf_sections(n):
    """As many sections as segments, none of them in one; ELF has 16 bits for their number."""
    segments, sections = 52, 52 + 32 * n
    data = sections + 40 * (n + 1)
    head = b"\x7fELF\x01\x01\x01" + bytes(9) + struct.pack(
        "<HHIIIIIHHHHHH", 2, 40, 1, 0, segments, sections, 0, 52, 32, n, 40, n + 1, 0)
    body = b"".join(struct.pack("<8I", 1, data, 0, 0x08000000, 4, 4, 5, 4) for _ in range(n))
    body += bytes(40) + b"".join(
        struct.pack("<10I", 0, 1, 2, 0x08000000 + 4 * i, data + 4 + 4 * i, 4, 0, 0, 4, 0)
        for i in range(n))
    return {".elf": head + body + b"abcd" * (n + 1),
            ".pcap": records.pcap(records.RTAC, sparse_writes(1))}


def one_page(n):
    """The same bytes of flash, erased and written again and again."""
    yield rtac(HOST, "7f")
    yield rtac(DEVICE, "79")
    for i in range(n):
        yield from command_bytes(0x44, struct.pack(">HH", 0, 0))
        yield from write(0x08000000, bytes([i % 256]) * 16)


def whole_space(n):
    """Bytes all over the four gigabytes of addresses."""
    yield rtac(HOST, "7f")
    yield rtac(DEVICE, "79")
    for i in range(n):
        yield from write((1 << 32) // n * i, b"a")


def sparse_reads(n):
    yield rtac(HOST, "7f")
    yield rtac(DEVICE, "79")
    for i in range(n):
        yield from command_bytes(0x11, struct.pack(">I", 0x08000000 + 4096 * i))
        yield rtac(HOST, "00ff")
        yield rtac(DEVICE, "7961")


def unplaced_erases(n):
    """Pages of a device that does not say how large they are."""
    for i in range(n):
        pointer = bytes([0x41]) + struct.pack("<I", 0x08000000 + 4096 * i)
        yield from control(1, 5, 2, download(0, pointer), data=pointer)
        yield from control(1, 5, 3, GET_STATUS, BUSY)
        yield from control(1, 5, 4, GET_STATUS, DOWNLOAD_IDLE)


def polls(n):
    """One command, of which the device never says that it is done."""
    pointer = bytes([0x41]) + struct.pack("<I", 0x08000000)
    yield from control(1, 5, 2, download(0, pointer), data=pointer)
    for _ in range(n):
        yield from control(1, 5, 3, GET_STATUS, BUSY)


def strings(n):
    """A device that tells another memory layout each time."""
    yield from control(1, 5, 1, GET_DEVICE_DESCRIPTOR, DEVICE_DESCRIPTOR)
    for i in range(n):
        text = ("@Internal Flash  /0x%08x/%02d*%03dKg" % (0x08000000 + i, 1 + i % 90, 1 + i % 100)) \
            .encode("utf-16le")
        setup = struct.pack("<BBHHH", 0x80, 6, 0x300 | i % 256, 0x409, 255)
        yield from control(1, 5, 2, setup, bytes([2 + len(text), 3]) + text)


def out_of_step(n):
    """A line that has to be found anew, for ever."""
    for i in range(n):
        for event, text in ((HOST, "7f"), (DEVICE, "1f" if i % 3 else "79"), (HOST, "31"),
                            (DEVICE, "a5")):
            yield rtac(event, text)


def packet_comments(n):
    yield records.section()
    yield interface(records.RTAC)
    for i in range(n):
        yield packet(i, rtac(HOST, "7f" if i % 2 else "01fe"), options=option(COMMENT, b"a" * 20))


def secrets(n):
    """Blocks that no reader of serial lines asks for: secrets, custom ones, a system's journal."""
    yield records.section()
    yield interface(records.RTAC)
    for _ in range(n):
        yield records.block(0xA, struct.pack("<II", 0x544C534B, 32) + bytes(32))
        yield records.block(0xBAD, struct.pack("<I", 32473) + b"cust" * 4)
        yield records.block(9, b"__REALTIME_TIMESTAMP=1\n".ljust(24, b"\0"))


def other_addresses(n):
    """Two captures no transaction of which is the same."""
    return {".pcap": records.pcap(SERIAL, sparse_writes(n)),
            "b.pcap": records.pcap(SERIAL, sparse_writes(n, step=4100))}


def dfu_elements(n):
    """A DfuSe file of single bytes."""
    elements = b"".join(struct.pack("<II", 0x08000000 + 4096 * i, 1) + b"a" for i in range(n))
    image = b"Target" + struct.pack("<BI255sII", 0, 0, b"", len(elements), n) + elements
    body = b"DfuSe" + struct.pack("<BIB", 1, 11 + len(image), 1) + image \
        + struct.pack("<HHHH3sB", 0xFFFF, 0xDF11, 0x0483, 0x011A, b"UFD", 16)
    return {".dfu": body + struct.pack("<I", zlib.crc32(body) ^ 0xFFFFFFFF),
            ".pcap": records.pcap(SERIAL, sparse_writes(1))}


SERIAL, USB = records.RTAC, records.USBMON

SHAPES = [
    Shape("usb-devices", of_pcap(USB, usb_devices), 750, "diagnose {}.pcap"),
    Shape("usb-devices-decode", of_pcap(USB, usb_devices), 750, "decode --json -x {}.pcap"),
    Shape("usb-devices-summary", of_pcap(USB, usb_devices), 750, "decode --summary {}.pcap"),
    Shape("usb-devices-report", of_pcap(USB, usb_devices), 500, "report {}.pcap -o {o}"),
    Shape("usb-devices-diff", two(USB, usb_devices), 500, "diff {0}.pcap {0}b.pcap", keeps=4096),
    Shape("usb-devices-annotate", of_pcap(USB, usb_devices), 750, "annotate {}.pcap {o}"),
    Shape("usb-devices-return", of_pcap(USB, usb_devices_return), 750, "diagnose {}.pcap"),
    Shape("usb-devices-in-turn", of_pcap(USB, usb_devices_in_turn), 4000, "decode --summary {}.pcap"),
    Shape("usb-adapters", of_pcap(USB, usb_adapters), 2000, "diagnose {}.pcap"),
    Shape("usb-endpoints", of_pcap(USB, usb_endpoints), 15000, "decode {}.pcap"),
    Shape("serial-ports", of_pcapng(serial_ports), 2000, "diagnose {}.pcapng"),
    Shape("can-interfaces", of_pcap(records.SLL2, can_interfaces), 2000, "diagnose {}.pcap"),
    Shape("can-identifiers", of_pcap(records.SOCKETCAN, can_identifiers), 20000,
          "decode --summary {}.pcap"),
    Shape("interfaces", of_pcapng(interfaces), 4000, "decode {}.pcapng"),
    Shape("sections", of_pcapng(sections), 10000, "annotate {}.pcapng {o}"),
    Shape("names", of_pcapng(names), 50000, "decode {}.pcapng"),
    Shape("options", of_pcapng(options), 50000, "decode {}.pcapng"),
    Shape("options-annotate", of_pcapng(options), 100000, "annotate {}.pcapng {o}"),
    Shape("commands", of_pcap(SERIAL, commands), 10000, "decode --json -x {}.pcap"),
    Shape("commands-diff", two(SERIAL, commands), 10000, "diff {0}.pcap {0}b.pcap", keeps=120),
    Shape("garbage", of_pcap(SERIAL, garbage), 10000, "diagnose {}.pcap"),
    Shape("garbage-annotate", of_pcap(SERIAL, garbage), 5000, "annotate {}.pcap {o}"),
    Shape("unanswered-annotate", of_pcap(SERIAL, unanswered), 10000, "annotate {}.pcap {o}"),
    Shape("runs", of_pcap(SERIAL, runs), 1500, "diagnose {}.pcap"),
    Shape("runs-report", of_pcap(SERIAL, runs), 500, "report {}.pcap -o {o}"),
    Shape("refusals-report", of_pcap(SERIAL, refusals), 20, "report {}.pcap -o {o}"),
    Shape("flashes-report", of_pcap(SERIAL, flashes), 100, "report {}.pcap -o {o}"),
    Shape("sparse-erases", of_pcap(SERIAL, sparse_erases), 1500, "diagnose {}.pcap", keeps=300),
    Shape("sparse-map", of_pcap(SERIAL, sparse_writes), 1500, "extract --map --json {}.pcap",
          keeps=300),
    Shape("sparse-writes", of_pcap(SERIAL, sparse_writes), 5000, "extract {}.pcap --format hex -o {o}",
          keeps=500),
    Shape("sparse-report", of_pcap(SERIAL, sparse_writes), 1500, "report {}.pcap -o {o}",
          keeps=500),
    Shape("sparse-plan", of_pcap(SERIAL, sparse_writes), 1500, "replay {}.pcap", keeps=1000),
    Shape("writes-down", of_pcap(SERIAL, writes_down), 5000, "diagnose {}.pcap", keeps=300),
    Shape("whole-space", of_pcap(SERIAL, whole_space), 1500, "extract --map --json {}.pcap",
          keeps=300),
    Shape("whole-space-plan", of_pcap(SERIAL, whole_space), 1500, "replay --json {}.pcap",
          keeps=1000),
    Shape("sparse-reads", of_pcap(SERIAL, sparse_reads), 3000,
          "extract --reads {}.pcap --format hex -o {o}", keeps=500),
    Shape("one-page", of_pcap(SERIAL, one_page), 3000, "diagnose {}.pcap"),
    Shape("one-page-report", of_pcap(SERIAL, one_page), 1500, "report {}.pcap -o {o}"),
    Shape("unplaced-erases", of_pcap(USB, unplaced_erases), 2000, "diagnose {}.pcap"),
    Shape("polls", of_pcap(USB, polls), 8000, "decode --json {}.pcap"),
    Shape("strings", of_pcap(USB, strings), 4000, "diagnose {}.pcap"),
    Shape("out-of-step", of_pcap(SERIAL, out_of_step), 4000, "annotate {}.pcap {o}"),
    Shape("packet-comments", of_pcapng(packet_comments), 8000, "annotate {}.pcapng {o}"),
    Shape("secrets", of_pcapng(secrets), 15000, "annotate {}.pcapng {o}"),
    Shape("differences", other_addresses, 2000, "diff --junit={o} {0}.pcap {0}b.pcap", keeps=160),
    Shape("differences-effect", other_addresses, 2000, "diff --effect --json {0}.pcap {0}b.pcap",
          keeps=600),
    Shape("dfu-elements", dfu_elements, 5000, "diagnose --expect {0}.dfu {0}.pcap", keeps=300),
    Shape("sparse-hex", sparse_hex, 5000, "diagnose --expect {0}.hex {0}.pcap", keeps=300),
    Shape("elf-sections", elf_sections, 5000, "diagnose --expect {0}.elf {0}.pcap", keeps=1000),
]
