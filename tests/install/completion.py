#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The installed completions, asked as a user's shell does: bash, zsh and fish, each where it is installed.

usage: completion.py PREFIX
"""
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time

DEADLINE = 60
FILES = ["flash.pcapng", "fw.hex", "notes.txt"]

# Words up to the cursor, what must be offered, what must not.
CASES = [
    (["dec"], ["decode"], ["diff"]),
    (["vers"], ["version"], ["decode"]),
    (["fl"], ["flash.pcapng"], ["fw.hex"]),
    (["help", "ru"], ["run", "rules"], ["decode"]),
    (["help", "stal"], ["stall"], ["decode"]),
    (["help", "dfu-read-pr"], ["dfu-read-protected"], ["stall"]),
    (["decode", "--sum"], ["--summary"], ["--status"]),
    (["extract", "--format", "h"], ["hex"], ["bin"]),
    (["extract", "--format=h"], ["hex"], ["bin"]),
    (["decode", "--status=ok,na"], ["nack"], ["stall"]),
    (["replay", "--allow=er"], ["erase"], ["write"]),
    (["simulate", "us"], ["usart"], ["dfu"]),
    (["diagnose", "fl"], ["flash.pcapng"], ["notes.txt"]),
    (["diagnose", ""], ["flash.pcapng"], ["notes.txt", "fw.hex"]),
    (["diagnose", "--expect=f"], ["fw.hex"], ["flash.pcapng"]),
    (["run", "--", "cma"], ["cmake"], ["decode"]),
]

problems = []


def option_cases(prefix):
    """For each command every option of its help."""
    boottap = str(prefix / "bin" / "boottap")
    said = subprocess.run([boottap, "help"], capture_output=True, text=True, check=True).stdout
    for command in re.findall(r"^  (\w+) +\S", said.split("Commands:")[1].split("\n\n")[0], re.MULTILINE):
        text = subprocess.run([boottap, "help", command], capture_output=True, text=True, check=True).stdout
        rows = re.findall(r"^  (?:-(\w))?(?:, )? *(?:(--[\w-]+))?", text, re.MULTILINE)
        names = sorted({name for _, name in rows if name})
        letters = sorted({f"-{letter}" for letter, _ in rows if letter})
        if len(names) < 2 or "-h" not in letters:
            problems.append(f"help of {command} shows {names} {letters}")
        yield [command, "--"], names, []
        yield [command, "-"], letters, []


def judge(shell, words, offered, wanted, unwanted):
    """An offer may carry what stands before it in the word, and what it means behind it."""
    names = set()
    for line in offered:
        name = line.split("\t")[0].strip()
        names |= {name, re.split("[=,]", name)[-1]}
    missing = [word for word in wanted if word not in names]
    wrong = [word for word in unwanted if word in names]
    if missing or wrong:
        problems.append(f"{shell}: boottap {' '.join(words)}: lacks {missing}, has {wrong}: {sorted(names)}")


def bash_words(words):
    """As bash splits a line: = is a word of its own."""
    split = []
    for word in words:
        split += [part for part in re.split("(=)", word) if part] or [""]
    return split if not words[-1].endswith("=") else split + [""]


def ask_bash(prefix, folder, cases):
    script = prefix / "share/bash-completion/completions/boottap"
    for options in ("", "shopt -s extglob; . /usr/share/bash-completion/bash_completion;"):
        if options and not os.path.exists("/usr/share/bash-completion/bash_completion"):
            continue
        for words, wanted, unwanted in cases:
            line = ["boottap", *bash_words(words)]
            # compopt knows its completion only inside of one.
            code = (f"{options} compopt() {{ :; }}; . '{script}'; COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); "
                    "COMP_LINE=\"$*\"; COMP_POINT=${#COMP_LINE}; _boottap; printf '%s\\n' \"${COMPREPLY[@]}\"")
            result = subprocess.run(["bash", "--norc", "-c", code, "bash", *line], cwd=folder, capture_output=True,
                                    text=True, timeout=DEADLINE, check=False)
            if result.stderr:
                problems.append(f"bash: {words}: {result.stderr}")
            judge("bash", words, result.stdout.splitlines(), wanted, unwanted)


def ask_fish(prefix, folder, cases):
    script = prefix / "share/fish/vendor_completions.d/boottap.fish"
    home = folder.parent / "home"
    environment = dict(os.environ, HOME=str(home), XDG_CONFIG_HOME=str(home), XDG_DATA_HOME=str(home))
    for words, wanted, unwanted in cases:
        line = " ".join(["boottap", *words])
        result = subprocess.run(["fish", "-c", f"source {script}; complete -C '{line}'"], cwd=folder, env=environment,
                                capture_output=True, text=True, timeout=DEADLINE, check=False)
        if result.stderr:
            problems.append(f"fish: {words}: {result.stderr}")
        judge("fish", words, result.stdout.splitlines(), wanted, unwanted)


class Zsh:
    """zsh completes on a terminal only: one is made, and Ctrl-D lists what there is."""

    def __init__(self, prefix, folder):
        home = folder.parent / "home"
        home.mkdir(exist_ok=True)
        functions = next((prefix / "share/zsh").glob("*/_boottap")).parent
        (home / ".zshrc").write_text(
            f"fpath=({functions} $fpath)\n"
            f"autoload -Uz compinit && compinit -u -d {home}/dump\n"
            "setopt no_list_ambiguous list_rows_first\nunsetopt auto_menu\nLISTMAX=0\nPS1='READY> '\n"
            "zstyle ':completion:*' verbose no\n"
            "bindkey '^D' list-choices\nbindkey '^U' kill-whole-line\n"
            "unset zle_bracketed_paste\n", encoding="utf-8")
        pid, self.terminal = pty.fork()
        if pid == 0:
            os.chdir(folder)
            os.environ.update(ZDOTDIR=str(home), HOME=str(home), TERM="dumb", COLUMNS="300", LINES="200")
            os.execvp("zsh", ["zsh", "-i"])
        self.pid = pid
        self.until("READY> ")

    def until(self, mark):
        seen, end = "", time.monotonic() + DEADLINE
        while not re.search(mark, seen, re.DOTALL) and time.monotonic() < end:
            if select.select([self.terminal], [], [], 1)[0]:
                seen += os.read(self.terminal, 65536).decode(errors="replace")
        return seen

    def ask(self, line):
        os.write(self.terminal, line.encode() + b"\x04")
        # The mark is typed and carried out behind the list.
        os.write(self.terminal, b"\x15echo MA''RK\r")
        seen = self.until("MARK\r\n.*READY> ")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", seen)

    def close(self):
        os.write(self.terminal, b"\x15exit\r")
        os.close(self.terminal)
        os.waitpid(self.pid, 0)


def ask_zsh(prefix, folder, cases):
    shell = Zsh(prefix, folder)
    for words, wanted, unwanted in cases:
        seen = shell.ask(" ".join(["boottap", *words]))
        # What was typed is echoed first.
        offered = re.split(r"\s+", "\n".join(seen.split("\n")[1:]))
        offered = [word for word in offered if word]
        judge("zsh", words, offered, wanted, unwanted)
    shell.close()


def check_values(prefix):
    """Each value that bash offers is one that the program says it knows, and the other way round."""
    script = (prefix / "share/bash-completion/completions/boottap").read_text(encoding="utf-8")
    rows = re.findall(r"'(\w+) (--[\w-]+)'\) _boottap_(?:words|list) '(.*)' ;;", script)
    checked = 0
    for command, option, words in rows:
        said = subprocess.run([prefix / "bin/boottap", command, f"{option}=@"], capture_output=True, text=True,
                              check=False).stderr
        known = re.search(r"known are (.*); try", said)
        if known is None:
            continue
        checked += 1
        if known.group(1).split(", ") != words.split():
            problems.append(f"{command} {option}: offers {words}; {said}")
    if checked < 20:
        problems.append(f"only {checked} of {len(rows)} options with known values say them")


def main(prefix):
    with tempfile.TemporaryDirectory() as work:
        folder = pathlib.Path(work, "here")
        folder.mkdir()
        for name in FILES:
            (folder / name).touch()
        asked = []
        cases = [*CASES, *option_cases(prefix)]
        for shell, ask in (("bash", ask_bash), ("fish", ask_fish), ("zsh", ask_zsh)):
            if shutil.which(shell):
                ask(prefix, folder, cases)
                asked.append(shell)
        check_values(prefix)
    print("\n".join(problems) or "asked: " + ", ".join(asked))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
