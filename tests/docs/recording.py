#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""docs/run.svg shows what `boottap run` prints today on a flash that fails.

usage: recording.py BOOTTAP PROJECT
"""
import pathlib
import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree


def words(drawing):
    """What a drawing says, without what is another at each run: how lines wrap, the pseudo-terminal, packets."""
    text = "".join("".join(node.itertext()) for node in xml.etree.ElementTree.fromstring(drawing).iter()
                   if node.tag.endswith("}text"))
    text = re.sub(r"\s+", "", text)
    return re.sub(r"packets[0-9,-]+", "packets", re.sub(r"pts/[0-9]+", "pts", text))


def main(boottap, project):
    if shutil.which("stm32flash") is None:
        print("skipped: no stm32flash")
        return 77
    project = pathlib.Path(project)
    drawn = subprocess.run([sys.executable, project / "scripts" / "run-svg.py", boottap], stdout=subprocess.PIPE,
                           check=True, timeout=120).stdout
    kept, now = words((project / "docs" / "run.svg").read_bytes()), words(drawn)
    assert "boottaprun" in kept and "Failed:WriteMemory" in kept, kept
    if kept != now:
        print(f"docs/run.svg is stale: make it anew with scripts/run-svg.py\nit says: {kept}\n    now: {now}")
    return 0 if kept == now else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2]))
