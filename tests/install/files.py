#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What is installed is what files.txt lists: nothing lacks, nothing is beside it, and each file is in its package.

usage: files.py PREFIX PROJECT yes|no    what `cmake --install` put below PREFIX, with or without the plugin; and that
                                         each file is claimed by its package's debian/PACKAGE.install alone
       files.py --packages FOLDER PROJECT    Debian's packages, each unpacked in FOLDER/PACKAGE
"""
import fnmatch
import pathlib
import re
import sys

PLUGIN = "boottap-wireshark"
EXAMPLES = "share/doc/boottap/examples/"
problems = []


def rows(project):
    for line in (project / "tests/install/files.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield line.split()


def plain(path):
    """A path below the prefix, without what differs from machine to machine."""
    for pattern, name in ((r"^lib/[^/]+-linux-[^/]+/", "lib/"), (r"/plugins/[\d.-]+/", "/plugins/SERIES/"),
                          (r"\.so\.\d+\.\d+\.\d+$", ".so.VERSION"), (r"Targets-\w+\.cmake$", "Targets-BUILD.cmake"),
                          (r"^share/zsh/[^/]+/", "share/zsh/FOLDER/")):
        path = re.sub(pattern, name, path)
    return path


def files_below(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*")
                  if path.is_symlink() or not path.is_dir())


def fits(path, pattern):
    """As a shell has it: * does not pass a /."""
    return path.count("/") == pattern.count("/") and fnmatch.fnmatchcase(path, pattern)


def check_rows(found, listed, where):
    """found: package of each path, None where that is not known."""
    used = set()
    for path, package in sorted(found.items()):
        fitting = [row for row in listed if fits(path, row[1])]
        # boottap-*.1 and such: the one that has no star decides.
        fitting = [row for row in fitting if "*" not in row[1]] or fitting
        used.update(tuple(row) for row in fitting)
        if len(fitting) != 1:
            problems.append(f"{where}: {path}: {'not listed' if not fitting else 'listed twice'}")
        elif package not in (None, fitting[0][0]):
            problems.append(f"{where}: {path} is in {package}, not in {fitting[0][0]}")
    problems.extend(f"{where}: lacks {row[1]}" for row in listed if tuple(row) not in used)


def check_pages(found, project):
    """Every page, and every public header, none more."""
    docs = project / "docs"
    pages = {path.name for end in ("md", "png", "svg", "json") for path in docs.glob(f"*.{end}")}
    pages |= {"README.md", "SECURITY.md"}
    include = project / "decoder/include"
    wanted = {f"share/doc/boottap/{name}" for name in pages}
    wanted |= {f"include/{path}" for path in files_below(include)}
    wanted |= {EXAMPLES + name for name in files_below(docs / "examples")}
    there = {path for path in found if path.startswith(("include/", "share/doc/"))}
    problems.extend(f"lacks {path}" for path in sorted(wanted - there))
    problems.extend(f"not of the project: {path}" for path in sorted(there - wanted))


def claims(project):
    """The patterns of each package, as cmake's paths below the prefix are."""
    for file in sorted([*project.glob("debian/*.install"), *project.glob("debian/*.examples")]):
        for line in file.read_text(encoding="utf-8").split():
            yield file.stem, plain(line.removeprefix("usr/").replace("lib/*/", "lib/", 1).replace("plugins/*/",
                                                                                                "plugins/SERIES/"))


def check_claims(found, listed, project):
    known = list(claims(project))
    for path in sorted(found):
        owners = {package for package, pattern in known
                  if fits(path, pattern) or path.startswith(pattern + "/")}
        wanted = next((row[0] for row in listed if fits(path, row[1])), None)
        if owners != {wanted}:
            problems.append(f"{path}: claimed by {sorted(owners)}, wanted in {wanted}")


def check_installed(prefix, project, plugin):
    listed = [row for row in rows(project) if plugin or row[0] != PLUGIN]
    found = {plain(path): None for path in files_below(prefix)}
    check_rows(found, listed, "installed")
    check_pages(found, project)
    check_claims(found, listed, project)
    return found


def packaged(package, folder):
    """Where cmake puts what a package holds; what is Debian's own is left out."""
    for path in files_below(folder):
        path = plain(path.removeprefix("usr/")).removesuffix(".gz")
        own = re.fullmatch(rf"share/doc/{package}/(copyright|changelog(\.Debian)?|README\.Debian)", path)
        if own or path.startswith("share/lintian/"):
            continue
        if package == "libboottap-dev":
            path = path.replace(f"share/doc/{package}/examples/", EXAMPLES)
        yield path


def check_packages(folder, project):
    listed = list(rows(project))
    found = {}
    for package in sorted({row[0] for row in listed}):
        for path in packaged(package, folder / package):
            if path in found:
                problems.append(f"{path} is in {package} and in {found[path]}")
            found[path] = package
    check_rows(found, listed, "packages")
    check_pages(found, project)
    return found


def main(arguments):
    if arguments[0] == "--packages":
        found = check_packages(pathlib.Path(arguments[1]), pathlib.Path(arguments[2]))
    else:
        found = check_installed(pathlib.Path(arguments[0]), pathlib.Path(arguments[1]), arguments[2] == "yes")
    print("\n".join(problems) or f"{len(found)} files")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
