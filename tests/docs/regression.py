#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the scripts of docs/regression.md as they stand there.

In the place of tcpdump, dfu-util and the board are stand-ins that hand out sample captures; stm32flash is
the real one, on a simulated device. Without it its script is left out. usage: regression.py BOOTTAP PROJECT
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as xml

# tcpdump -i INTERFACE -s 0 -w FILE: records until it is ended.
TCPDUMP = """#!/bin/sh
echo $$ >recorder.pid
cp "$CAPTURE" "$6.part" && mv "$6.part" "$6"
exec /bin/sleep 60
"""
# Two seconds are enough for tcpdump; the stand-in is ready when its file is there.
SLEEP = """#!/bin/sh
while [ ! -e run.pcap ]; do /bin/sleep 0.02; done
"""


# Ends as it is told to; TERM: the script is ended while it flashes.
DFU_UTIL = """#!/bin/sh
[ "$FLASH" != TERM ] || { kill -TERM "$PPID"; exit 1; }
exit "$FLASH"
"""
# A pseudo-terminal drops parity, and stm32flash would find that out.
STM32FLASH = """#!/bin/sh
exec "%s" -m 8n1 "$@"
"""


def script_of(document, name):
    blocks = re.findall(r"^```sh\n(#!.*?)^```$", document, re.MULTILINE | re.DOTALL)
    return next(block for block in blocks if f"# {name} " in block)


def write_program(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def flash(folder, boottap, capture, status="0", shell=()):
    """Runs the script once, or a shell on it. Returns its exit status, the report (None without), what it printed."""
    for name in ("run.pcap", "flash.xml"):
        (folder / name).unlink(missing_ok=True)
    path = os.pathsep.join([str(folder / "bin"), os.path.dirname(boottap), os.environ["PATH"]])
    result = subprocess.run([*shell, "./flash_test.sh", "usbmon1"], cwd=folder, check=False,
                            stdout=subprocess.PIPE, encoding="utf-8", timeout=60,
                            env=dict(os.environ, PATH=path, CAPTURE=str(capture), FLASH=status))
    report = folder / "flash.xml"
    recorder = int((folder / "recorder.pid").read_text(encoding="utf-8"))
    assert not runs(recorder), "the recorder is left running"
    return result.returncode, xml.parse(report).getroot() if report.exists() else None, result.stdout


def runs(process):
    """Whether a process is still there, after some patience."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        state = pathlib.Path(f"/proc/{process}/stat")
        if not state.exists() or ") Z " in state.read_text(encoding="utf-8"):
            return False
        time.sleep(0.02)
    return True


def failing(report):
    return sorted(case.get("name") for case in report.iter("testcase") if len(case) > 0)


def run_under_boottap(folder, boottap, *options, shell=()):
    """flash_run.sh on a new simulated device. Returns its status and what it said."""
    port = folder / "board"
    device = subprocess.Popen([boottap, "simulate", "usart", "--on", str(port), *options],
                              stdout=subprocess.PIPE, encoding="utf-8")
    path = os.pathsep.join([str(folder / "bin"), os.path.dirname(boottap), os.environ["PATH"]])
    try:
        assert device.stdout.readline() != ""
        result = subprocess.run([*shell, "./flash_run.sh", str(port)], cwd=folder, check=False, encoding="utf-8",
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=120,
                                env=dict(os.environ, PATH=path))
    finally:
        device.terminate()
        device.wait()
        device.stdout.close()
    return result.returncode, result.stdout


def case(words):
    print(f"ok {words}")


def check_one_line(folder, boottap, document):
    tool = shutil.which("stm32flash")
    if tool is None:
        print("left out: stm32flash is missing")
        return
    text = script_of(document, "flash_run.sh")
    comparing = " --diff reference.pcapng --junit flash.xml"
    assert comparing in text, text
    write_program(folder / "bin" / "stm32flash", STM32FLASH % tool)
    (folder / "firmware.bin").write_bytes(bytes(range(1, 251)) * 8)

    write_program(folder / "flash_run.sh", text.replace(comparing, "").replace("run.pcapng", "reference.pcapng"))
    status, said = run_under_boottap(folder, boottap)
    assert status == 0 and (folder / "reference.pcapng").exists(), said
    case("flash_run.sh makes the reference")

    write_program(folder / "flash_run.sh", text)
    status, said = run_under_boottap(folder, boottap)
    assert status == 0, said
    assert failing(xml.parse(folder / "flash.xml").getroot()) == []
    case("flash_run.sh, a good flash")

    (folder / "run.pcapng").unlink()
    status, said = run_under_boottap(folder, boottap, "--fault", "nack@write-memory.data#3")
    assert status == 1, said
    assert "Write Memory" in said and "what to do" in said, said
    assert failing(xml.parse(folder / "flash.xml").getroot()) != []
    assert (folder / "run.pcapng").stat().st_size > 0
    case("flash_run.sh, a failing flash")
    check_steps(folder, boottap, document)


def steps_of(document):
    """The commands of the GitHub workflow: (step's name, what the runner gives to bash)."""
    workflow = next(block for block in re.findall(r"^```yaml\n(.*?)^```$", document, re.MULTILINE | re.DOTALL)
                    if "runs-on" in block)
    return re.findall(r"name: (.*)\n(?: +if: .*\n)? +run: (.*)", workflow)


def check_steps(folder, boottap, document):
    """The steps of the workflow on a board that refuses a block: each as GitHub's runner starts it."""
    steps = steps_of(document)
    assert [name for name, _ in steps] == ["Flash the board", "Make a page of it"], steps
    for name in ("run.pcapng", "flash.xml"):
        (folder / name).unlink()
    write_program(folder / "flash_run.sh", f'PORT=$1\n{steps[0][1]}\necho not reached\n')
    status, said = run_under_boottap(folder, boottap, "--fault", "nack@write-memory.data#3", shell=("bash", "-e"))
    assert status == 1 and "Write Memory" in said and "not reached" not in said, (status, said)
    assert failing(xml.parse(folder / "flash.xml").getroot()) != []
    path = os.pathsep.join([os.path.dirname(boottap), os.environ["PATH"]])
    subprocess.run(["bash", "-e", "-c", steps[1][1]], cwd=folder, check=True, env=dict(os.environ, PATH=path), timeout=60)
    assert "Write Memory" in (folder / "run.html").read_text(encoding="utf-8")
    case("the GitHub workflow, a failing flash")


def check_failing(status, report, said):
    assert status == 1, status
    assert failing(report) == ["abort", "get-status", "leave", "set-address", "write-memory"]
    for suite in report.iter("testsuite"):
        cases = suite.findall("testcase")
        assert int(suite.get("tests")) == len(cases)
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("errors")) == len(suite.findall("testcase/error"))
    assert "First difference" in said and "Failed: Write Memory" in said and "what to do" in said, said


def check_recorded(folder, boottap, captures):
    good = captures / "kernel-dfu-download.pcap"
    stalled = captures / "kernel-dfu-stalled.pcap"
    shutil.copy(good, folder / "reference.pcap")

    status, report, said = flash(folder, boottap, good)
    assert status == 0 and said == "", (status, said)
    assert report.tag == "testsuites" and failing(report) == []
    names = [(entry.get("classname"), entry.get("name")) for entry in report.iter("testcase")]
    assert len(names) == len(set(names)) and ("boottap.diff.dfu", "write-memory") in names
    case("flash_test.sh, a good flash")

    # The third block is refused; what dfu-util does after the last one does not come. Also as part of a CI job,
    # whose shell ends at the first command that fails.
    for shell in (), ("bash", "-e"), ("bash", "--noprofile", "--norc", "-eo", "pipefail"):
        status, report, said = flash(folder, boottap, stalled, "74", shell)
        check_failing(status, report, said)
    case("flash_test.sh, a failing flash")
    status, report, said = flash(folder, boottap, good, "5")
    assert status == 5 and failing(report) == [] and "Worked" in said, (status, said)
    case("flash_test.sh, the tool fails and the traffic is the same")

    # The recorder saw nothing of the board.
    status, report, said = flash(folder, boottap, "/dev/null")
    assert status == 2, status
    case("flash_test.sh, nothing was recorded")

    status, report, said = flash(folder, boottap, good, "TERM")
    assert status == 143 and report is None, status
    case("flash_test.sh, ended while it flashes")


def main(boottap, project):
    document = (project / "docs" / "regression.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "bin").mkdir()
        write_program(folder / "flash_test.sh", script_of(document, "flash_test.sh"))
        write_program(folder / "bin" / "tcpdump", TCPDUMP)
        write_program(folder / "bin" / "sleep", SLEEP)
        write_program(folder / "bin" / "dfu-util", DFU_UTIL)
        check_recorded(folder, boottap, project / "captures")
        check_one_line(folder, boottap, document)
    return 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2]).resolve()))
