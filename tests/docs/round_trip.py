#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the round trip that `boottap help` shows, as it stands there: the README shows the same.

Exit status 77: stm32flash is missing. usage: round_trip.py BOOTTAP PROJECT
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HEADING = "Without hardware, "


def lines_of_help(boottap):
    text = subprocess.run([boottap, "help"], stdout=subprocess.PIPE, encoding="utf-8", check=True).stdout
    # A line may go on in the next one.
    after = re.sub(r"\\\n\s*", "", text).split(HEADING, 1)[1].splitlines()[1:]
    return [line.strip() for line in after[:after.index("")]]


def lines_of_readme(project):
    block = next(block for block in re.findall(r"^```sh\n(.*?)^```$", (project / "README.md").read_text(
        encoding="utf-8"), re.MULTILINE | re.DOTALL) if "boottap simulate" in block)
    return [line.split("#")[0].strip() for line in block.splitlines()]


def run(lines, folder, environment):
    """Runs the lines as a shell would. Returns what each that is not left running printed."""
    devices, printed = [], []
    try:
        for line in lines:
            line = line.replace("/tmp/", str(folder) + "/")
            if line.endswith("&"):
                device = subprocess.Popen("exec " + line[:-1], shell=True, cwd=folder, env=environment,
                                          stdout=subprocess.PIPE, encoding="utf-8")
                devices.append(device)
                assert device.stdout.readline() != "", line
                continue
            result = subprocess.run(line, shell=True, cwd=folder, env=environment, stdout=subprocess.PIPE,
                                    stderr=subprocess.STDOUT, encoding="utf-8", check=False, timeout=120)
            assert result.returncode == 0, (line, result.stdout)
            printed.append(result.stdout)
    finally:
        for device in devices:
            device.terminate()
            device.wait()
            device.stdout.close()
    return printed


def main(boottap, project):
    if shutil.which("stm32flash") is None:
        return 77
    lines = lines_of_help(boottap)
    assert lines == lines_of_readme(project), lines
    environment = dict(os.environ, PATH=os.path.dirname(boottap) + os.pathsep + os.environ["PATH"])
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "fw.bin").write_bytes(bytes(range(1, 251)) * 12)
        _, plan, replay, difference = run(lines, folder, environment)
        assert "Nothing was sent." in plan, plan
        assert "all answered as recorded" in replay, replay
        assert difference == "", difference
    return 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])))
