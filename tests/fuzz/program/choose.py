# SPDX-License-Identifier: GPL-2.0-or-later
"""Command lines, made of the options that the program's help tells of."""
import re
import subprocess

COMMANDS = ["decode", "diagnose", "extract", "diff", "annotate", "report", "replay"]
OPTION = re.compile(r"^  (?:-([A-Za-z]))?,? *(?:--([a-z-]+))?(\[?=[^ ]+)?  ?", re.M)
# They would wait for a device, or print help and nothing else.
LEFT_OUT = {"to", "help", "h", "version"}
# The files that a command writes.
OUTPUTS = {"output", "write", "junit", "hex-out"}

NUMBERS = ["0", "1", "2", "3", "7", "48", "1000", "2048", "4294967295", "4294967296",
           "18446744073709551615", "18446744073709551616", "-1", "0x10", "1.5", "1e3", "", "x"]
WORDS = {
    "transport": ["usart", "dfu", "fdcan", "usart,dfu", "can", "USART"],
    "command": ["write-memory", "erase", "read-memory", "get", "go", "Write Memory", "write-memory,go", "0x31"],
    "status": ["ok", "nack", "error", "stall", "ok,nack", "no-answer", "incomplete", "bad"],
    "address": ["0x08000000", "0x08000000-0x0801ffff", "0x08000000+2048", "0xffffffff+1", "0-0xffffffff",
                "0x08000000+0", "5-4", "0x08000000+0xffffffff", "0x100000000"],
    "link": ["serial", "usb:1.5", "usb:1.2", "can:can0", "can", "usb:1", "serial:0"],
    "time": ["r", "d", "e", "a", "ad", "u", "ud", "z"],
    "color": ["always", "never", "auto", "sometimes"],
    "serial-direction": ["recorded", "swapped", "merged", "none"],
    "format": ["bin", "hex", "srec", "dfu", "elf"],
    "fill": ["0xff", "0", "255", "256"],
    "allow": ["write", "erase", "write,erase,go,leave,protect,unprotect,special", "all"],
    "skip": ["1", "1,2", "damaged", "1-3", "damaged,2"],
    "reset": ["dtr,-dtr", "rts", "-dtr,dtr,:rts", "lines"],
    "tolerate": ["duration=5ms", "pause=20%", "length=1", "polls=3", "crc32=1", "duration=1s", "pid=%",
                 "duration=99999999999999999999s"],
    "packets-a": ["1-5", "1-1000000", "5-1", "3", "1-"],
    "mask": ["0x08000000", "0x08000000+16", "all"],
}
WORDS["packets-b"] = WORDS["packets-a"]
WORDS["link-a"] = WORDS["link-b"] = WORDS["link"]
HOSTILE = ["", "\x1b[31m", "\u202e", "\u009b", "\ufffe", "%n%s", "a" * 300, "\n", "-", "'", "\udcff", "&<>\""]


def help_of(program, *topic):
    return subprocess.run([program, "help", *topic], capture_output=True, text=True, check=True,
                          timeout=60).stdout


class Options:
    """What each command takes: (letter, name, argument) of each option."""

    def __init__(self, program):
        self.of = {command: self.read(help_of(program, command)) for command in COMMANDS}
        self.fields = [line.split()[0] for line in help_of(program, "compared").splitlines()
                       if line[:1].isalpha()]

    @staticmethod
    def read(text):
        found = [match for match in OPTION.findall(text) if match[0] or match[1]]
        if len(found) < 5:
            raise SystemExit("fuzz-program.py: no options found in the help of a command")
        return [(letter, name, argument) for letter, name, argument in found
                if name not in LEFT_OUT and (name or letter) not in LEFT_OUT]


def value(dice, name, argument, options, files):
    """What may stand behind an option's '='."""
    if name in OUTPUTS:
        return dice.choice(files.outputs)
    if name in ("expect", "image"):
        return dice.choice(files.firmware)
    if name == "read":
        return dice.choice(files.captures)
    if dice.random() < 0.05:
        return dice.choice(HOSTILE)
    if name in ("ignore", "include"):
        return ",".join(dice.choice(options.fields) for _ in range(dice.choice([1, 1, 3])))
    if name in WORDS:
        return dice.choice(WORDS[name])
    if "ADDR" in argument:
        return dice.choice(WORDS["address"] + NUMBERS)
    return dice.choice(NUMBERS)


def one_option(dice, option, options, files):
    """The arguments that give one option, in a form that getopt_long() takes, or should not."""
    letter, name, argument = option
    if not argument:
        return ["-" + letter if letter and dice.random() < 0.5 else "--" + name] if name else ["-" + letter]
    chosen = value(dice, name, argument, options, files)
    if argument.startswith("["):
        return ["--" + name + dice.choice(["", "=" + chosen])]
    if letter and (not name or dice.random() < 0.5):
        return dice.choice([["-" + letter, chosen], ["-" + letter + chosen]])
    return dice.choice([["--" + name, chosen], ["--" + name + "=" + chosen]])


def operands(dice, command, files):
    """The files that a command needs."""
    first = [dice.choice(files.captures)]
    if command == "diff":
        return first + [dice.choice(files.captures)]
    if command in ("extract", "report"):
        # Of extract without a file there are other things to see.
        return first + (["-o", dice.choice(files.outputs)] if dice.random() < 0.8 else [])
    if command == "annotate":
        return first + [dice.choice(files.outputs)]
    if command in ("decode", "diagnose", "") and dice.random() < 0.2:
        return first + [dice.choice(files.captures) for _ in range(dice.choice([1, 2]))]
    return first


def command_line(dice, options, files):
    """(command, or "" where it is left out; the arguments that stand behind the program's name)"""
    command = dice.choice(COMMANDS + [""])
    if not command:
        return command, operands(dice, command, files)
    few = dice.choice([0, 0, 1, 2, 2, 3, 6])
    arguments = [one_option(dice, dice.choice(options.of[command]), options, files) for _ in range(few)]
    wanted = operands(dice, command, files)
    if dice.random() < 0.03:
        wanted = wanted[:-1]
    arguments += [["-o", wanted[-1]]] if wanted[-2:-1] == ["-o"] else []
    arguments += [[one] for one in (wanted[:-2] if wanted[-2:-1] == ["-o"] else wanted)]
    if dice.random() < 0.3 and command != "diff" and command != "annotate":
        dice.shuffle(arguments)
    return command, [command] + [part for one in arguments for part in one]
