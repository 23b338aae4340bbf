#!/usr/bin/env python3
"""join.py PORT PORT: passes bytes between two serial ports or pseudo-terminals, at 115200 8E1 where they have that.

Waits while one is hung up: a simulated device may come and go.
"""
import os
import select
import sys
import termios
import time
import tty


def open_port(path):
    port = os.open(path, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    tty.setraw(port)
    settings = termios.tcgetattr(port)
    settings[2] = settings[2] & ~termios.CSIZE | termios.CS8 | termios.PARENB | termios.CLOCAL
    settings[4] = settings[5] = termios.B115200
    try:
        termios.tcsetattr(port, termios.TCSANOW, settings)
    except termios.error:
        pass  # a pseudo-terminal has no parity
    return port


def main():
    ports = [open_port(path) for path in sys.argv[1:3]]
    other = dict(zip(ports, reversed(ports)))
    print("joined", flush=True)
    while True:
        for port in select.select(ports, [], [])[0]:
            try:
                data = os.read(port, 4096)
            except OSError:
                data = b""
            if not data:
                return 0
            while data:
                try:
                    data = data[os.write(other[port], data):]
                except BlockingIOError:
                    time.sleep(0.001)


if __name__ == "__main__":
    sys.exit(main())
