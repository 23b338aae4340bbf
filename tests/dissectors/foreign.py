# SPDX-License-Identifier: GPL-2.0-or-later
"""Captures of other protocols on the bootloader's wires, which look like it here and there."""
import struct

USBMON = 220
SOCKETCAN = 227
RTAC = 250

CAN_FD_FLAGS = 0x05  # CANFD_BRS, CANFD_FDF
CAN_ERROR = 0x20000000
TX, RX = 1, 2
CONTROL, BULK, INTERRUPT = 2, 3, 1


def write(path, linktype, records):
    """records: (seconds, bytes)"""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, linktype))
        for time, data in records:
            file.write(struct.pack("<IIII", int(time), int(time * 1000000) % 1000000, len(data),
                                   len(data)) + data)


def fd(identifier, data):
    length = next(n for n in [*range(9), 12, 16, 20, 24, 32, 48, 64] if n >= len(data))
    return (struct.pack(">IBBxx", identifier, length, CAN_FD_FLAGS) + data +
            bytes(length - len(data)))


def classic(identifier, data):
    return struct.pack(">IBxxx", identifier, len(data)) + data


def can_fd():
    """Counters on identifiers of opcodes and of the detection frame, network management, UDS, and
    a frame without data on identifier 0 again and again."""
    records = []
    for i in range(400):
        time = i / 100
        count = i & 0xff
        records += [(time, fd(0x111, bytes([count]))),
                    (time + .001, fd(0x002, bytes([count, 0, 0, 0, 0, 0, 0, 0]))),
                    (time + .002, fd(0x511, bytes([0x11, count, 0x00, 0xff, 0xff, 0xff]))),
                    (time + .003, fd(0x031, bytes([count, 0, 0, 0, count ^ 0x79]))),
                    (time + .004, fd(0x392, bytes([count & 1])))]
        if i % 50 == 0:
            records += [(time + .005, fd(0x000, b"")),
                        (time + .006, fd(0x7e0, bytes.fromhex("02 10 02"))),
                        (time + .007, fd(0x7e8, bytes.fromhex("06 50 02 00 32 01 f4"))),
                        (time + .008, fd(0x7e0, bytes([0x00, 0x3e]) + bytes(range(60)))),
                        (time + .009, fd(0x7e8, bytes.fromhex("03 7f 36 78")))]
    return SOCKETCAN, records


def can_classic():
    """CANopen, J1939, an error frame, and frames with the identifiers of AN3154 and nothing else of it."""
    frames = [classic(0x000, b"\x01\x05"), classic(0x080, b""), classic(0x705, b"\x05"),
              classic(0x79, b"\x01\x02\x03"), classic(0x79, b"\x1f\x79"), classic(0x011, b"\x08\0\0\0\x0f\0\0"),
              classic(0x98fef1fe, bytes(8)), classic(CAN_ERROR | 0x20, bytes(8))]
    return SOCKETCAN, [(i / 10, frame) for i, frame in enumerate(frames * 5)]


def rtac(event, time, data):
    return time, struct.pack(">IIBBxx", int(time), int(time * 1000000) % 1000000, event, 0) + data


def modbus_crc(data):
    crc = 0xffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xa001 if crc & 1 else 0)
    return struct.pack("<H", crc)


def serial_modbus():
    """Modbus RTU: registers of every value, among them pairs of a byte and its complement."""
    records = []
    for i in range(256):
        ask = struct.pack(">BBHH", 1, 3, i, 2)
        answer = struct.pack(">BBBBBBB", 1, 3, 4, i, i ^ 0xff, 0x79, 0x1f)
        records += [rtac(TX, i / 10, ask + modbus_crc(ask)),
                    rtac(RX, i / 10 + .05, answer + modbus_crc(answer))]
    return RTAC, records


def serial_text():
    """A modem's commands and a receiver of satellite navigation."""
    records = []
    for i in range(100):
        records += [rtac(TX, i, b"AT+CSQ\r"), rtac(RX, i + .1, b"\r\n+CSQ: %d,99\r\n" % (i % 31)),
                    rtac(RX, i + .5, b"$GPGGA,%06d,5230.1,N,01320.3,E,1,08*6A\r\n" % i)]
    return RTAC, records


class Usb:
    """Transfers of one device, as usbmon records them."""

    def __init__(self, device):
        self.device = device
        self.records = []
        self.time = 0

    def half(self, kind, transfer, endpoint, status, length, data, setup=None):
        self.time += .001
        self.records.append((self.time, struct.pack(
            "<QcBBBHbbqiiII8siiII", self.device, kind, transfer, endpoint, self.device, 1,
            0 if setup else ord("-"), 0 if data else ord("<"), int(self.time),
            int(self.time * 1000000) % 1000000, status, length, len(data), setup or bytes(8),
            0, 0, 0, 0) + data))

    def control(self, setup, data=b""):
        setup = bytes.fromhex(setup)
        endpoint = setup[0] & 0x80
        sent = b"" if endpoint else data
        self.half(b"S", CONTROL, endpoint, -115, struct.unpack("<H", setup[6:])[0], sent, setup)
        self.half(b"C", CONTROL, endpoint, 0, len(data), data if endpoint else b"")

    def send(self, endpoint, data, transfer=BULK):
        self.half(b"S", transfer, endpoint, -115, len(data), data)
        self.half(b"C", transfer, endpoint, 0, len(data), b"")

    def receive(self, endpoint, data, transfer=BULK):
        self.half(b"S", transfer, endpoint | 0x80, -115, 512, b"")
        self.half(b"C", transfer, endpoint | 0x80, 0, len(data), data)


def usb_storage():
    """A memory stick, from its descriptors on: reads of a block that holds 7F 79."""
    usb = Usb(3)
    usb.control("80 06 00 01 00 00 12 00",
                bytes.fromhex("12 01 00 02 00 00 00 40 81 07 67 55 00 01 01 02 03 01"))
    usb.control("80 06 00 02 00 00 20 00", bytes.fromhex(
        "09 02 20 00 01 01 00 80 32 09 04 00 00 02 08 06 50 00"
        "07 05 81 02 00 02 00 07 05 02 02 00 02 00"))
    usb.control("00 09 01 00 00 00 00 00")
    usb.control("a1 fe 00 00 00 00 01 00", b"\0")
    for tag in range(20):
        usb.send(2, struct.pack("<4sIIBBB", b"USBC", tag, 512, 0x80, 0, 10) +
                 struct.pack(">BBIBHB6x", 0x28, 0, tag, 0, 1, 0))
        usb.receive(1, b"\x7f\x79" * 256)
        usb.receive(1, struct.pack("<4sIIB", b"USBS", tag, 0, 0))
    return USBMON, usb.records


def usb_classes():
    """Class requests that have DFU's numbers: HID, audio, a smart-card reader; no descriptors."""
    usb = Usb(4)
    for i in range(20):
        usb.control("a1 03 00 00 00 00 01 00", b"\1")  # HID GET_PROTOCOL
        usb.control("21 01 00 01 00 02 02 00", b"\0\x80")  # audio SET_CUR of unit 2
        usb.control("21 01 00 00 00 00 00 00")  # CCID ABORT
        usb.control("a1 02 00 00 00 00 04 00", b"\xa0\x0f\0\0")  # CCID GET_CLOCK_FREQUENCIES
        usb.receive(1, bytes([0, 0, i, 0, 0, 0, 0, 0]), INTERRUPT)
    return USBMON, usb.records


def usb_serial():
    """An adapter without descriptors, with a receiver of satellite navigation behind it."""
    usb = Usb(5)
    usb.control("21 20 00 00 00 00 07 00", bytes.fromhex("80 25 00 00 00 00 08"))
    usb.control("21 22 03 00 00 00 00 00")
    for i in range(50):
        usb.send(2, b"$PMTK220,1000*1F\r\n")
        usb.receive(1, b"$GPGGA,%06d,5230.1,N,01320.3,E,1,08*6A\r\n" % i)
    return USBMON, usb.records


CAPTURES = (can_fd, can_classic, serial_modbus, serial_text, usb_storage, usb_classes, usb_serial)
