#!/usr/bin/env python3
"""gate.py PLAN ROOT [OBJECTS...]: nothing but replay's gate can send to a device.

PLAN is rooms.txt, ROOT the project, OBJECTS the folders in which its objects were built. A replay
sends by wire_send(), which only the gate may call. That holds if nobody else reaches what lies below:
the functions of the wires, of the ports, of libusb, and those of the system. So for each of them the
list says which files of the program may use it, and why; an object that refers to it elsewhere fails,
by a call or by its address. So does an entry that nothing uses: it may hide that a function has
another name now.
"""
import os
import re
import subprocess
import sys

import rooms

TOP = "sniffer/"

# The simulated devices are no host: they answer, on pseudo-terminals, sockets and buses of their own.
DEVICES = "simulate/"

# What it is about, the symbols, and who may use them: files of sniffer/. With False for the last one
# the simulated devices may not either.
RULES = [
    ("the wire to a device", r"wire_send", ["replay/gate.c"], False),
    # The proxy hands on what a tool sends to its port; --reset of live moves the lines.
    ("a serial port", r"serial_(write|set_lines)", ["port/wire_serial.c", "live/proxy.c"], False),
    ("a CAN interface", r"can_socket_send", ["port/wire_can.c"], False),
    # Its version opens no device.
    ("a USB device", r"libusb_(?!get_version$)\w+", ["port/wire_usb.c", "port/wire_usb_reads.c"], False),
    # Only finds and opens ports by libserialport.
    ("a port by libserialport", r"sp_open", ["port/real.c"], False),
    ("a port by libserialport", r"sp_(\w+_)?write|sp_set_\w+|sp_start_break|sp_end_break", [], False),
    # The pseudo-terminal that it offers to a tool.
    ("a tool at a pseudo-terminal", r"pty_write", ["live/proxy.c"], True),
    # CAN; a question to the kernel by netlink; a word to the tool's process before it starts.
    ("a socket", r"send(to|msg|mmsg)?",
     ["port/can_socket.c", "port/can_rates.c", "trace/start.c"], True),
    # What waits for the reader of a recording: it writes to the descriptor that it is given.
    ("a recording's descriptor", r"backlog_start", ["record/outlet.c"], False),
    # A port and a pseudo-terminal, from where serial_write() and pty_write() come; recordings; a
    # temporary copy of an archive that comes through a pipe.
    ("a descriptor", r"p?writev?|pwritev2?|write64|splice|sendfile|vmsplice|copy_file_range|"
     r"io_uring_\w+|aio_write\w*",
     ["formats/analyser/sigrok.c", "port/serial.c", "port/pty.c", "record/backlog.c", "record/outlet.c"], True),
    # A tool's descriptor and memory under ptrace.
    ("the system by number", r"syscall", ["trace/can.c", "trace/memory.c"], True),
    ("a descriptor by ioctl", r"ioctl|tcsendbreak|tcdrain",
     ["base/paragraph.c", "base/status_line.c", "live/usbmon.c", "port/pty.c", "port/serial.c",
      "port/termios2.c"], True),
    # CAN; the kernel by netlink; the lock.
    ("sockets", r"socket", ["port/can_socket.c", "port/can_rates.c", "port/lock.c"], True),
    # Captures, usbmon and sysfs for reading; recordings; a tool's memory under ptrace; ports and
    # pseudo-terminals; /dev/null in the place of a closed standard stream.
    ("files and devices by open()", r"(open|openat|creat)(64)?",
     ["capture/input.c", "live/usb_describe.c", "live/usbmon.c", "main.c", "port/pty.c",
      "port/pty_end.c", "record/outlet.c", "trace/memory.c"], True),
]

# Who may open files by stdio for anything but reading: what is written for the user, a question
# on the terminal, and a program of the build.
WRITING = ["base/outfile.c", "command/run.c", "manual/main.c", "replay/consent.c"]

NO_CODE = re.compile(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'", re.DOTALL)


def code_of(text):
    """Without comments; of strings only those that may be modes of fopen()."""
    return NO_CODE.sub(lambda found: found.group() if re.fullmatch(r'"[a-z+]+"', found.group()) else '""', text)


def base_name(symbol):
    """The function that a checked one of glibc stands for: __open_2, __fopen64_chk."""
    return re.sub(r"^__(\w+?)_(2|chk)$", r"\1", symbol)


def references(house, folders):
    """Source file below sniffer/ -> symbols that it refers to and does not define."""
    nm = os.environ.get("NM", "nm")
    sources = {path: source for source, path in house.objects(folders)}
    used = {source[len(TOP):]: set() for source in sources.values() if source.startswith(TOP)}
    if not used:
        return used
    output = subprocess.run([nm, "-u", "-A", *sources], check=True, capture_output=True, text=True).stdout
    for line in output.splitlines():
        source = sources[line.split(":")[0]]
        if source.startswith(TOP):
            used[source[len(TOP):]].add(base_name(line.split()[-1].split("@")[0]))
    return used


def check_objects(house, folders):
    used = references(house, folders)
    problems = [] if used else ["no object of sniffer/ in " + " ".join(folders)]
    for what, symbols, allowed, devices in RULES:
        for source, names in sorted(used.items()):
            found = sorted(name for name in names if re.fullmatch(symbols, name))
            if found and source not in allowed and not (devices and source.startswith(DEVICES)):
                problems.append(f"{TOP}{source}: uses {' '.join(found)}: {what} is not for it")
        for source in allowed if used else []:
            if not any(re.fullmatch(symbols, name) for name in used.get(source, ())):
                problems.append(f"{TOP}{source}: may use {symbols}, and does not")
    return problems


def check_sources(house):
    """What objects do not show: a call by a pointer, and what a file is opened for."""
    problems = []
    for path in house.sources():
        if not path.startswith(TOP) or path.startswith(TOP + DEVICES):
            continue
        with open(os.path.join(house.root, path), encoding="utf-8") as file:
            text = code_of(file.read())
        if path != TOP + "port/wire.c" and re.search(r"(->|\.)\s*send\b(?!\s*=[^=])", text):
            problems.append(f"{path}: takes a wire's send, which is for port/wire.c alone")
        for mode in re.findall(r'\b(?:fopen|fdopen|freopen)(?:64)?\s*\([^;]*?,\s*("[^"]*"|\w+)\s*[,)]', text):
            if not re.fullmatch(r'"r[be]*"', mode) and path[len(TOP):] not in WRITING:
                problems.append(f"{path}: opens a file with {mode}, which is for {' '.join(WRITING)} alone")
    return problems


def check(plan, root, folders):
    plan, problems = rooms.read_plan(plan)
    house = rooms.House(plan, root)
    return problems + check_objects(house, folders) + check_sources(house)


def main():
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    problems = check(sys.argv[1], sys.argv[2], sys.argv[3:])
    print("\n".join(problems))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
