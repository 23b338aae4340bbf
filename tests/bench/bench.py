#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""How fast and how big boottap is: each figure, its aim, what was measured, and whether it holds.

    bench.py BOOTTAP TOOLS [--plugin=PLUGIN] [--packets=N] [--runs=N] [--only=PART,...]

TOOLS is where bench_run and its like were built. All that stands in one row was measured in turn in
one run; of RUNS (5) the least counts. Times are those that the processor worked, in the kernel too,
but for the tools that wait for a device. What is not installed here is left out and named.
"""
import argparse
import os
import pty
import select
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import tty

KINDS = ("usart", "usart-bytes", "dfu", "fdcan")
# Bits a second of the fastest wires, and the bits that a byte takes on them.
SERIAL_BYTES = 3_000_000 / 10
USB_BYTES = 480_000_000 / 8
CAN_FRAMES = 8_000_000 / (64 * 8)


class Table:
    """The rows, printed as they come."""

    def __init__(self):
        self.missed = 0
        print(f"{'':44}{'aim':>14}{'measured':>14}")

    def heading(self, words):
        print(words)

    def row(self, name, value, unit, aim=None, least=False):
        """A figure that may be aim at most, or at least."""
        verdict = ""
        if aim is not None:
            holds = value >= aim if least else value <= aim
            verdict = "  pass" if holds else "  MISS"
            self.missed += not holds
        wanted = "" if aim is None else f"{'>=' if least else '<='} {aim:g} {unit}"
        shown = f"{value:.2f}" if value < 100 else f"{value:.0f}"
        print(f"  {name:42}{wanted:>14}{shown + ' ' + unit:>14}{verdict}", flush=True)

    def left_out(self, name, why):
        print(f"  {name:42}{'':>14}{'-':>14}  left out: {why}", flush=True)


class Bench:
    def __init__(self, options, folder):
        self.boottap = options.boottap
        self.tools = options.tools
        self.packets = options.packets
        self.runs = options.runs
        self.plugin = options.plugin
        self.folder = folder
        self.table = Table()

    def path(self, name):
        return os.path.join(self.folder, name)

    def tool(self, name):
        return os.path.join(self.tools, name)

    def once(self, command, cpu=True, environment=None):
        """Seconds and MiB of a command."""
        words = [self.tool("bench_run")] + ["--cpu"] * cpu + ["1"] + command
        said = subprocess.run(words, check=True, capture_output=True, text=True, env=environment)
        seconds, kib = said.stdout.split()
        return float(seconds), int(kib) / 1024

    def best(self, commands, runs=None, cpu=True, environments=()):
        """Least seconds and most MiB of each command, run in turn."""
        found = [(float("inf"), 0.0)] * len(commands)
        for _ in range(runs or self.runs):
            for i, command in enumerate(commands):
                one = self.once(command, cpu, environments[i] if environments else None)
                found[i] = min(found[i][0], one[0]), max(found[i][1], one[1])
        return found

    def capture(self, kind, packets):
        path = self.path(f"{kind}.pcap")
        subprocess.run([self.tool("bench_capture"), kind, str(packets), path], check=True)
        return path

    # Captures

    def decode(self, kind):
        path = self.capture(kind, self.packets)
        decode = [self.boottap, "decode"]
        commands = [[self.tool("bench_read_loop"), path], decode + ["--summary", path],
                    decode + [path], decode + ["--json", path]]
        loop, summary, text, json = self.best(commands)
        fields, json_fields = self.best([decode + ["-x", path], decode + ["-x", "--json", path]], 1)
        self.table.heading(f"{kind}: {self.packets} packets, {os.path.getsize(path) / 1e6:.0f} MB, "
                           f"an empty libpcap loop {loop[0]:.3f} s")
        self.table.row("decode --summary, to the loop", summary[0] / loop[0], "x", 1.5)
        self.table.row("decode, to the loop", text[0] / loop[0], "x", 3)
        self.table.row("decode --json, to the loop", json[0] / loop[0], "x", 8)
        self.table.row("decode -x, to the loop", fields[0] / loop[0], "x")
        self.table.row("decode -x --json, to the loop", json_fields[0] / loop[0], "x")
        peak = max(one[1] for one in (summary, text, json, fields, json_fields))
        self.table.row("memory of any of them", peak, "MiB", 16)
        self.wire_speed(kind, path, text[0])
        self.tshark(path, text[0])
        os.remove(path)

    def wire_speed(self, kind, path, seconds):
        """How often faster than the wire records are decoded and shown."""
        size = os.path.getsize(path)
        if kind == "dfu":
            self.table.row("decode, to USB's 480 Mbit/s", size / seconds / USB_BYTES, "x", 1, True)
        elif kind == "fdcan":
            self.table.row("decode, to CAN FD's 8 Mbit/s", self.packets / seconds / CAN_FRAMES,
                           "x", 1, True)
        elif kind == "usart-bytes":
            self.table.row("decode, to 3 Mbaud, a record a byte",
                           self.packets / seconds / SERIAL_BYTES, "x", 1, True)

    def tshark(self, path, seconds):
        if not shutil.which("tshark"):
            self.table.left_out("tshark to decode", "tshark is not installed")
            return
        environment = self.tshark_environment(None)
        stock = self.best([self.as_user() + ["tshark", "-n", "-r", path]], 1,
                          environments=[environment])[0]
        self.table.row("tshark to decode", stock[0] / seconds, "x", 15, True)
        if self.plugin is None:
            self.table.left_out("tshark with the plugin", "the plugin is not built")
            return
        with_plugin = self.tshark_environment(self.plugin)
        command = self.as_user() + ["tshark", "-n", "-r", path]
        stock, ours = self.best([command, command], min(self.runs, 3),
                                environments=[environment, with_plugin])
        self.table.row("tshark with the plugin, time to without", ours[0] / stock[0], "x", 1.25)
        self.table.row("tshark with the plugin, memory to without", ours[1] / stock[1], "x", 1.5)

    def as_user(self):
        """Wireshark takes no plugins of a user's from root."""
        if os.geteuid() != 0:
            return []
        return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    def tshark_environment(self, plugin):
        said = subprocess.run(["tshark", "--version"], capture_output=True, text=True, check=True)
        series = ".".join(said.stdout.split("(Wireshark) ")[1].split(".")[:2])
        home = self.path("with" if plugin else "without")
        epan = os.path.join(home, "plugins", series, "epan")
        if not os.path.isdir(epan):
            os.makedirs(epan)
            if plugin:
                shutil.copy(plugin, epan)
            subprocess.run(["chmod", "-R", "a+rwX", self.folder], check=True)
        return dict(os.environ, HOME=home, WIRESHARK_PLUGIN_DIR=os.path.join(home, "plugins"),
                    WIRESHARK_EXTCAP_DIR=os.path.join(home, "none"))

    # What is kept

    def sizes(self):
        self.table.heading("state of a decoder")
        said = subprocess.run([self.tool("bench_sizes")], check=True, capture_output=True, text=True)
        for line in said.stdout.splitlines():
            name, size = line.split()
            self.table.row(name, int(size) / 1024, "KiB", 4)

    def diff(self):
        """Packets of six a transaction; a tenth of them tells what does not grow."""
        self.table.heading(f"diff: {self.packets} transactions a side")
        alike = self.capture("usart", 6 * self.packets)
        other = self.capture("usart-unlike", 6 * self.packets)
        loop = self.best([[self.tool("bench_read_loop"), alike]], 1)[0]
        whole = self.best([[self.boottap, "diff", alike, other]], 1)[0]
        self.capture("usart", 6 * self.packets // 10)
        self.capture("usart-unlike", 6 * self.packets // 10)
        tenth = self.best([[self.boottap, "diff", alike, other]], 1)[0]
        kept = (whole[1] - tenth[1]) * 2**20 / (2 * 0.9 * self.packets)
        self.table.row("time, to a loop over one side", whole[0] / loop[0], "x")
        self.table.row("kept of a transaction of a side", kept, "B")
        os.remove(alike)
        os.remove(other)

    def start(self):
        """What a script pays for each call."""
        self.table.heading("start")
        true, version = self.best([["true"], [self.boottap, "version"]], 40)
        self.table.row("boottap version", 1000 * version[0], "ms")
        self.table.row("true", 1000 * true[0], "ms")

    # Devices

    def device(self):
        """A simulated device at a fast line's speed. It is done with its place once that is there."""
        place = self.path("device")
        process = subprocess.Popen(
            [self.boottap, "simulate", "usart", f"--on={place}", "--baud=460800", "--slow=0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        process.stdout.readline()
        return process, place

    def serial_tools(self):
        """stm32flash alone, under run, and what run recorded as a replay."""
        names = "run, to the tool alone", "replay, to the tool that was recorded"
        if not shutil.which("stm32flash"):
            for name in names:
                self.table.left_out(name, "stm32flash is not installed")
            return
        firmware = self.path("firmware.bin")
        recording = self.path("recording.pcapng")
        with open(firmware, "wb") as file:
            file.write(bytes(i * 7 % 251 for i in range(16384)))
        device, place = self.device()
        flash = ["stm32flash", "-m", "8n1", "-b", "460800", "-w", firmware, place]
        watched = [self.boottap, "run", "-q", "-w", recording, "--"] + flash
        try:
            self.once(watched)
            kept = self.path("kept.pcapng")
            shutil.copy(recording, kept)
            replay = [self.boottap, "replay", "-q", kept, f"--to=serial:{place},460800",
                      "--allow=write,erase,go", "--yes"]
            alone, run, again = self.best([flash, watched, replay], cpu=False)
            self.table.heading(f"stm32flash, 16 KiB at 460800 baud: {alone[0]:.2f} s")
            self.table.row(names[0], run[0] / alone[0], "x", 1.05)
            self.table.row(names[1], again[0] / alone[0], "x", 1.05)
        finally:
            device.send_signal(signal.SIGINT)
            device.wait()

    def proxy(self):
        """A byte there and back over pseudo-terminals, through the proxy and without it."""
        self.table.heading("proxy: a byte there and back, 2,000 times")
        master, slave = pty.openpty()
        tty.setraw(slave)
        echo = os.fork()
        if echo == 0:
            while True:
                os.write(master, os.read(master, 4096))
        os.close(master)
        port = os.ttyname(slave)
        link = self.path("link")
        process = None
        try:
            direct = round_trips(slave)
            process = subprocess.Popen(
                [self.boottap, "live", "-q", "-w", self.path("proxy.pcapng"), f"proxy:{port},{link}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            through = round_trips(open_raw(link))
            self.table.row("added, median", through[0] - direct[0], "ms", 1)
            self.table.row("added, 99 of 100", through[1] - direct[1], "ms")
        finally:
            os.kill(echo, signal.SIGKILL)
            os.waitpid(echo, 0)
            if process is not None:
                process.send_signal(signal.SIGINT)
                process.wait()

    def live(self):
        """Bytes as fast as a pseudo-terminal takes them: what is read of them, recorded and shown."""
        self.table.heading("live: 8 MB of commands over a pseudo-terminal")
        recording = self.path("live.pcap")
        master, slave = pty.openpty()
        tty.setraw(slave)
        # Write Memory commands of the host, without their answers
        chunk = bytes([0x31, 0xCE, 0x08, 0x00, 0x00, 0x00, 0x08, 0xFF]) + bytes(256) + b"\xFF"
        total = 8_000_000 // len(chunk) * len(chunk)
        process = subprocess.Popen(
            [self.boottap, "live", "-w", recording, f"serial:{os.ttyname(slave)},3000000"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while not os.path.exists(recording):
            time.sleep(0.01)
        started = time.monotonic()
        sent = 0
        while sent < total:
            sent += os.write(master, chunk[sent % len(chunk):])
        # Read when the pseudo-terminal is empty again.
        while select.select([slave], [], [], 0)[0]:
            time.sleep(0.005)
        seconds = time.monotonic() - started
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, _, usage = os.wait4(process.pid, 0)
        process.returncode = 0
        lost = total - serial_bytes(recording)
        self.table.row("bytes lost", lost, "B", 0)
        self.table.row("bytes a second, to 3 Mbaud", total / seconds / SERIAL_BYTES, "x", 1, True)
        worked = usage.ru_utime + usage.ru_stime
        self.table.row("processor's share at 3 Mbaud", 100 * worked * SERIAL_BYTES / total, "%")


def open_raw(path):
    """Opens a pseudo-terminal once it is there."""
    deadline = time.monotonic() + 30
    while True:
        try:
            file = os.open(path, os.O_RDWR | os.O_NOCTTY)
            break
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)
    tty.setraw(file)
    return file


def round_trips(file, count=2000):
    """Milliseconds of the median and of the slowest but one in a hundred."""
    times = []
    for _ in range(count):
        started = time.perf_counter_ns()
        os.write(file, b"x")
        os.read(file, 1)
        times.append((time.perf_counter_ns() - started) / 1e6)
    times.sort()
    return statistics.median(times), times[count * 99 // 100]


def serial_bytes(path):
    """Bytes of the line in a pcap of RTAC records: behind 12 bytes each."""
    with open(path, "rb") as file:
        data = file.read()
    order = "little" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else "big"
    at = 24
    total = 0
    while at < len(data):
        length = int.from_bytes(data[at + 8:at + 12], order)
        total += length - 12
        at += 16 + length
    return total


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("boottap")
    parser.add_argument("tools")
    parser.add_argument("--plugin")
    parser.add_argument("--packets", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--only", default="decode,sizes,diff,start,serial_tools,proxy,live")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(options, folder)
        for part in options.only.split(","):
            if part == "decode":
                for kind in KINDS:
                    bench.decode(kind)
            else:
                getattr(bench, part)()
    print(f"{bench.table.missed} missed")
    return 1 if bench.table.missed else 0


if __name__ == "__main__":
    sys.exit(main())
