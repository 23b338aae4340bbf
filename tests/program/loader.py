#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""loader.py PORT FILE: flashes a device by AN3155 as a small loader in Python does, and verifies.

A loader as people write them: pyserial, one byte of answer at a time, even parity.
"""
import functools
import operator
import sys

import serial

ACK, NACK = 0x79, 0x1F
START = 0x08000000


class Refused(Exception):
    pass


class Loader:
    def __init__(self, path):
        # A pseudo-terminal has no parity; ports have.
        self.port = serial.Serial(path, 115200, parity=serial.PARITY_EVEN, timeout=5)

    def expect_ack(self, what):
        answer = self.port.read(1)
        if answer != bytes([ACK]):
            raise Refused(f"{what}: {answer.hex() or 'silence'}")

    def command(self, opcode):
        self.port.write(bytes([opcode, opcode ^ 0xFF]))
        self.expect_ack(f"command {opcode:02x}")

    def checked(self, data, what):
        self.port.write(data + bytes([functools.reduce(operator.xor, data)]))
        self.expect_ack(what)

    def synchronise(self):
        self.port.write(b"\x7f")
        self.expect_ack("sync")

    def get(self):
        self.command(0x00)
        length = self.port.read(1)[0]
        answer = self.port.read(length + 1)
        self.expect_ack("end of get")
        return answer[0], list(answer[1:])

    def get_id(self):
        self.command(0x02)
        length = self.port.read(1)[0]
        answer = self.port.read(length + 1)
        self.expect_ack("end of get id")
        return int.from_bytes(answer, "big")

    def erase_all(self, commands):
        if 0x44 in commands:
            self.command(0x44)
            self.checked(b"\xff\xff", "mass erase")
        else:
            self.command(0x43)
            self.port.write(b"\xff\x00")
            self.expect_ack("mass erase")

    def write(self, address, data):
        self.command(0x31)
        self.checked(address.to_bytes(4, "big"), "address")
        self.checked(bytes([len(data) - 1]) + data, "data")

    def read(self, address, length):
        self.command(0x11)
        self.checked(address.to_bytes(4, "big"), "address")
        self.port.write(bytes([length - 1, (length - 1) ^ 0xFF]))
        self.expect_ack("length")
        return self.port.read(length)

    def go(self, address):
        self.command(0x21)
        self.checked(address.to_bytes(4, "big"), "address")


def main(path, firmware):
    loader = Loader(path)
    with open(firmware, "rb") as file:
        data = file.read()
    loader.synchronise()
    version, commands = loader.get()
    print(f"version {version:#x} pid {loader.get_id():#x}")
    loader.erase_all(commands)
    for at in range(0, len(data), 256):
        block = data[at:at + 256]
        loader.write(START + at, block + b"\xff" * (-len(block) % 4))
        if loader.read(START + at, len(block)) != block:
            raise Refused(f"verify at {START + at:#x}")
    loader.go(START)
    print(loader.port.read(5).decode())


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except Refused as refused:
        print(refused, file=sys.stderr)
        sys.exit(1)
