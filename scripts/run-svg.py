#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Draws docs/run.svg: what a terminal shows of `boottap run` on a flash that fails.

The real stm32flash flashes a simulated device that refuses a block; what both print on a pseudo-terminal is drawn
as text, with its colours. usage: run-svg.py BOOTTAP >docs/run.svg
"""
import html
import os
import pathlib
import pty
import re
import subprocess
import sys
import tempfile

COLUMNS = 92
NO_BREAK = "\u00a0"  # SVG would fold ordinary spaces
CELL, LINE, MARGIN = 7.8, 18, 16
COLOURS = {30: "#3b4252", 31: "#ff6b72", 32: "#4bcb83", 33: "#e9ad53", 34: "#82b0ff", 35: "#de86bd", 36: "#35bfa9",
           37: "#e8ebf0", 90: "#97a1b1"}


class Screen:
    """Lines of (character, style), as a terminal would show them."""

    def __init__(self):
        self.lines, self.column, self.style = [[]], 0, (None, False)

    def put(self, character):
        if self.column == COLUMNS:
            self.lines.append([])
            self.column = 0
        line = self.lines[-1]
        line += [(" ", self.style)] * (self.column + 1 - len(line))
        line[self.column] = (character, self.style)
        self.column += 1

    def colour(self, numbers):
        colour, bold = self.style
        for number in [int(number or 0) for number in numbers.split(";")]:
            if number in (0, 39):
                colour, bold = None, bold and number != 0
            elif number == 1:
                bold = True
            elif number == 2:
                colour = COLOURS[90]
            else:
                colour = COLOURS.get(number, colour)
        self.style = (colour, bold)

    def feed(self, text):
        for sequence, letter, character in re.findall(r"\x1b\[([0-9;?]*)([A-Za-z])|([^\x1b])", text):
            if letter == "m":
                self.colour(sequence)
            elif letter == "K":
                del self.lines[-1][self.column:]
            elif character == "\n":
                self.lines.append([])
                self.column = 0
            elif character == "\r":
                self.column = 0
            elif character == "\b":
                self.column = max(0, self.column - 1)
            elif character:
                self.put(character)


def spans(line):
    """Stretches of one style."""
    start = 0
    while start < len(line):
        end = start
        while end < len(line) and line[end][1] == line[start][1]:
            end += 1
        yield start, "".join(character for character, _ in line[start:end]), line[start][1]
        start = end


def draw(lines):
    width, height = MARGIN * 2 + COLUMNS * CELL, MARGIN * 2 + len(lines) * LINE
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height}" role="img" '
          'aria-label="boottap run on a flash that fails" font-family="ui-monospace,Menlo,Consolas,'
          'DejaVu Sans Mono,monospace" font-size="13" fill="#e8ebf0">')
    print('<rect width="100%" height="100%" rx="8" fill="#0e1116"/>')
    for index, line in enumerate(lines):
        for column, text, (colour, bold) in spans(line):
            if text.strip() == "":
                continue
            print(f'<text x="{MARGIN + column * CELL:.1f}" y="{MARGIN + index * LINE + 13}" '
                  f'textLength="{len(text) * CELL:.1f}"' + (f' fill="{colour}"' if colour else "") +
                  (' font-weight="bold"' if bold else "") + ">" + html.escape(text).replace(" ", NO_BREAK) + "</text>")
    print("</svg>")


def read_terminal(boottap, folder):
    """What boottap run and the tool print on a terminal of COLUMNS."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        subprocess.run(["stty", "cols", str(COLUMNS), "rows", "50"], check=True)
        os.environ.pop("NO_COLOR", None)
        os.execvpe(boottap, ["boottap", "run", "--", "stm32flash", "-m", "8n1", "-w", "fw.bin", "-v", "board"],
                   dict(os.environ, TERM="xterm-256color", LC_ALL="C.UTF-8"))
    output = b""
    try:
        while part := os.read(terminal, 4096):
            output += part
    except OSError:
        pass
    os.waitpid(child, 0)
    return output.decode("utf-8", "replace")


def main(boottap):
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "fw.bin").write_bytes(bytes(range(1, 251)) * 40)
        device = subprocess.Popen([boottap, "simulate", "usart", "--on", str(folder / "board"), "--fault",
                                   "nack@write-memory.data#12+"], stdout=subprocess.PIPE, encoding="utf-8")
        try:
            device.stdout.readline()
            screen = Screen()
            screen.feed("\x1b[32m$\x1b[0m boottap run -- stm32flash -m 8n1 -w fw.bin -v board\n")
            screen.feed(read_terminal(boottap, folder))
        finally:
            device.terminate()
            device.wait()
            device.stdout.close()
    while screen.lines and not screen.lines[-1]:
        screen.lines.pop()
    draw(screen.lines)


if __name__ == "__main__":
    main(os.path.abspath(sys.argv[1]))
