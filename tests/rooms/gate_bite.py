#!/usr/bin/env python3
"""gate_bite.py CC: gate.py finds a planted way around the gate of each kind, and nothing where there is none."""
import os
import shutil
import subprocess
import sys
import tempfile

import gate

PLAN = "".join(f"sniffer{room}\n" for room in
               ("", "/base", "/capture", "/command", "/live", "/port", "/record", "/replay", "/simulate", "/trace"))

# A function for each rule, as the pattern cannot be called.
CALLS = ["wire_send", "serial_write", "can_socket_send", "libusb_control_transfer", "sp_open",
         "sp_blocking_write", "pty_write", "sendmsg", "write", "syscall", "ioctl", "socket", "openat"]


def house():
    """What gate.py allows, and nothing else: path -> text."""
    files = {"sniffer/port/wire.c": "void go(struct wire *wire) { wire->kind->send(wire); }\n",
             "sniffer/simulate/socket.c": "void go(void) { sendmsg(); write(); device.send(); }\n"}
    for call, (_, _, allowed, _) in zip(CALLS, gate.RULES, strict=True):
        for path in allowed:
            text = files.get(f"sniffer/{path}", "void go(void) {}\n")
            files[f"sniffer/{path}"] = text + f"void with_{call}(void) {{ {call}(); }}\n"
    return files


STRUCTS = """
struct wire;
struct kind { void (*send)(struct wire *wire); };
struct wire { const struct kind *kind; };
struct device { void (*send)(void); };
extern struct device device;
void *fopen();
"""


def build(compiler, root, files):
    for path, text in files.items():
        source = os.path.join(root, path)
        built = os.path.join(root, "build/sniffer/program.dir", path[len("sniffer/"):] + ".o")
        if text is None:
            os.remove(source)
            continue
        os.makedirs(os.path.dirname(source), exist_ok=True)
        os.makedirs(os.path.dirname(built), exist_ok=True)
        with open(source, "w", encoding="utf-8") as file:
            file.write(STRUCTS + text)
        subprocess.run([compiler, "-w", "-std=gnu89", "-fno-builtin", "-c", "-o", built, source], check=True)


def look(compiler, house_in_order, changes):
    """What gate.py says of the house with these files changed or added; None: taken away."""
    with tempfile.TemporaryDirectory() as folder:
        root = os.path.join(folder, "house")
        shutil.copytree(house_in_order, root)
        build(compiler, root, changes)
        plan = os.path.join(root, "plan")
        with open(plan, "w", encoding="utf-8") as file:
            file.write(PLAN)
        return gate.check(plan, root, [os.path.join(root, "build/sniffer")])


PLANTED = [
    ("a wire's send by a pointer", "takes a wire's send",
     {"sniffer/replay/host.c": "void go(struct wire *wire) { wire->kind->send(wire); }\n"}),
    ("a wire's send kept", "takes a wire's send",
     {"sniffer/replay/host.c": "void *go(struct kind *kind) { void *kept = kind -> send; return kept; }\n"}),
    ("a file opened for writing", 'opens a file with "r+"',
     {"sniffer/replay/host.c": 'void go(char *port) { fopen(port, "r+"); }\n'}),
    ("a file opened for what is not known", "opens a file with mode",
     {"sniffer/replay/host.c": "void go(char *port, char *mode) { fopen(port, mode); }\n"}),
    ("a gate that sends by another name", "sniffer/replay/gate.c: may use wire_send, and does not",
     {"sniffer/replay/gate.c": "void go(void) { wire_send_all(); }\n"}),
    ("a file that is no more", "sniffer/live/proxy.c: may use serial_(write|set_lines), and does not",
     {"sniffer/live/proxy.c": None}),
    ("the wire's function, declared by hand", "sniffer/replay/host.c: uses wire_send",
     {"sniffer/replay/host.c": "void go(char quote) { if (quote == '\"') wire_send(); }\n"}),
    ("a simulated device that uses the wire", "sniffer/simulate/new.c: uses wire_send",
     {"sniffer/simulate/new.c": "void go(void) { wire_send(); }\n"}),
    ("a checked function of glibc", "sniffer/replay/host.c: uses open:",
     {"sniffer/replay/host.c": "void go(void) { __open_2(); }\n"}),
]


def check(compiler, house_in_order):
    failed = []
    planted = PLANTED + [(f"{call}() handed on", f"sniffer/replay/host.c: uses {call}",
                          {"sniffer/replay/host.c": f"int {call}(); void *go(void) {{ return {call}; }}\n"})
                         for call in CALLS]
    harmless = {"sniffer/replay/host.c": "/* wire->kind->send(wire) */ struct kind kind = {.send = 0};\n"
                                         'void go(char *file) { fopen(file, "rbe"); puts("->send"); }\n'}
    for what, expected, changes in planted:
        problems = look(compiler, house_in_order, changes)
        if not any(expected in problem for problem in problems):
            failed.append(f"{what}: not found; instead {problems}")
    for changes in ({}, harmless):
        if problems := look(compiler, house_in_order, changes):
            failed.append(f"a house in order: {problems}")
    return failed


def main():
    with tempfile.TemporaryDirectory() as root:
        build(sys.argv[1], root, house())
        failed = check(sys.argv[1], root)
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
