#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the script of docs/regression.md as it stands there.

In the place of tcpdump, dfu-util and the board are stand-ins that hand out sample captures.
usage: regression.py BOOTTAP PROJECT
"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

# tcpdump -i INTERFACE -s 0 -w FILE: records until it is ended.
TCPDUMP = """#!/bin/sh
cp "$CAPTURE" "$6.part" && mv "$6.part" "$6"
exec /bin/sleep 60
"""
# Two seconds are enough for tcpdump; the stand-in is ready when its file is there.
SLEEP = """#!/bin/sh
while [ ! -e run.pcap ]; do /bin/sleep 0.02; done
"""


def script_of(document):
    blocks = re.findall(r"^```sh\n(#!.*?)^```$", document, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 1, "docs/regression.md has one script"
    return blocks[0]


def write_program(path, text):
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)


def flash(folder, boottap, capture):
    """Runs the script once. Returns its exit status and the cases of the report, None without."""
    for name in ("run.pcap", "flash.xml"):
        (folder / name).unlink(missing_ok=True)
    path = os.pathsep.join([str(folder / "bin"), os.path.dirname(boottap), os.environ["PATH"]])
    result = subprocess.run(["./flash_test.sh", "usbmon1"], cwd=folder, check=False,
                            stdout=subprocess.DEVNULL,
                            env=dict(os.environ, PATH=path, CAPTURE=str(capture)))
    report = folder / "flash.xml"
    return result.returncode, xml.parse(report).getroot() if report.exists() else None


def failing(report):
    return sorted(case.get("name") for case in report.iter("testcase") if len(case) > 0)


def main(boottap, project):
    captures = project / "captures"
    document = (project / "docs" / "regression.md").read_text(encoding="utf-8")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        (folder / "bin").mkdir()
        write_program(folder / "flash_test.sh", script_of(document))
        write_program(folder / "bin" / "tcpdump", TCPDUMP)
        write_program(folder / "bin" / "sleep", SLEEP)
        write_program(folder / "bin" / "dfu-util", "#!/bin/sh\n")
        shutil.copy(captures / "kernel-dfu-download.pcap", folder / "reference.pcap")

        status, report = flash(folder, boottap, captures / "kernel-dfu-download.pcap")
        assert status == 0, status
        assert report.tag == "testsuites" and failing(report) == []
        names = [(case.get("classname"), case.get("name")) for case in report.iter("testcase")]
        assert len(names) == len(set(names)) and ("boottap.diff.dfu", "write-memory") in names

        # The third block is refused; what dfu-util does after the last one does not come.
        status, report = flash(folder, boottap, captures / "kernel-dfu-stalled.pcap")
        assert status == 1, status
        assert failing(report) == ["abort", "get-status", "leave", "set-address", "write-memory"]
        for suite in report.iter("testsuite"):
            cases = suite.findall("testcase")
            assert int(suite.get("tests")) == len(cases)
            assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
            assert int(suite.get("errors")) == len(suite.findall("testcase/error"))

        # The recorder saw nothing of the board.
        status, report = flash(folder, boottap, "/dev/null")
        assert status == 2, status
        assert [e.get("message") for e in report.iter("error")] == ["run.pcap: the file is empty"]
    return 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), pathlib.Path(sys.argv[2])))
