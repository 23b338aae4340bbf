#!/usr/bin/env python3
"""gate_bite.py CC: gate.py finds a planted way around the gate of each kind, and nothing where there is none."""
import os
import subprocess
import sys
import tempfile

import gate

PLAN = "".join(f"sniffer{room}\n" for room in
               ("", "/base", "/capture", "/command", "/live", "/port", "/record", "/replay", "/simulate", "/trace"))

# A function for each rule, as the pattern cannot be called.
CALLS = ["wire_send", "serial_write", "can_socket_send", "libusb_control_transfer", "sp_open",
         "sp_blocking_write", "pty_write", "sendmsg", "backlog_start", "write", "syscall", "ioctl", "socket",
         "openat"]


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
            continue
        os.makedirs(os.path.dirname(source), exist_ok=True)
        os.makedirs(os.path.dirname(built), exist_ok=True)
        with open(source, "w", encoding="utf-8") as file:
            file.write(STRUCTS + text)
        subprocess.run([compiler, "-w", "-std=gnu89", "-fno-builtin", "-c", "-o", built, source], check=True)


def look(compiler, changes):
    """What gate.py says of the house with these files changed or added; None: taken away."""
    with tempfile.TemporaryDirectory() as root:
        build(compiler, root, {**house(), **changes})
        plan = os.path.join(root, "plan")
        with open(plan, "w", encoding="utf-8") as file:
            file.write(PLAN)
        return gate.check(plan, root, [os.path.join(root, "build/sniffer")])


# File, what is in it (None: it is no more), what is said of it. All of them are planted at once.
PLANTED = [
    ("replay/pointer.c", "void go(struct wire *wire) { wire->kind->send(wire); }\n", "takes a wire's send"),
    ("replay/kept.c", "void *go(struct kind *kind) { void *kept = kind -> send; return kept; }\n",
     "takes a wire's send"),
    ("replay/written.c", 'void go(char *port) { fopen(port, "r+"); }\n', 'opens a file with "r+"'),
    ("replay/mode.c", "void go(char *port, char *mode) { fopen(port, mode); }\n", "opens a file with mode"),
    ("replay/quote.c", "void go(char quote) { if (quote == '\"') wire_send(); }\n", "uses wire_send"),
    ("simulate/host.c", "void go(void) { wire_send(); }\n", "uses wire_send"),
    ("replay/checked.c", "void go(void) { __open_2(); }\n", "uses open:"),
    # The gate sends by another name; a file of the list is no more.
    ("replay/gate.c", "void go(void) { wire_send_all(); }\n", "may use wire_send, and does not"),
    ("live/proxy.c", None, "may use serial_(write|set_lines), and does not"),
]
HARMLESS = {
    "sniffer/replay/host.c": "/* wire->kind->send(wire) */ struct kind kind = {.send = 0};\n"
                             'void go(char *file) { fopen(file, "rbe"); puts("->send"); }\n'}


def main():
    planted = PLANTED + [(f"replay/with_{call}.c", f"int {call}(); void *go(void) {{ return {call}; }}\n",
                          f"uses {call}:") for call in CALLS]
    failed = look(sys.argv[1], HARMLESS)
    problems = look(sys.argv[1], {f"sniffer/{path}": text for path, text, _ in planted})
    for path, text, expected in planted:
        if not any(problem.startswith(f"sniffer/{path}: {expected}") for problem in problems):
            failed.append(f"not found: {path}: {text}; instead {problems}")
    print("\n".join(failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
