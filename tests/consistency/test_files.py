# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every file: licence header, length, nothing of the machine that wrote it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.consistency.repository import ROOT, files, text

HEADER = ("Copyright: Contributors to langgraph.selfhosted", "SPDX-License-Identifier: GPL-3.0-or-later")
MODULE_HEADER = "GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)"
CODE = {".py", ".sh", ".go", ".toml"}
LONGEST = 400
# Data and texts that are not read from top to bottom.
MAY_BE_LONG = {".json", ".md", ".sum", ".txt"}
MAY_BE_LONG_PATHS = ("LICENSE", "playground/charts/", "tests/facts/")

# A clone may stand right under one of these, whose names are nobody's in particular.
SYSTEM_FOLDERS = {"", "app", "builds", "code", "home", "mnt", "opt", "repo", "root", "src", "srv", "tmp", "usr", "var"}
OWN_FOLDER = ROOT if ROOT.parent.name in SYSTEM_FOLDERS else ROOT.parent

# Brackets keep these lines from matching themselves.
LEAKS = {
    "a home folder": r"/(?:home|Users)/(?!runner\b)[a-z][\w.-]*/|/[r]oot/",
    "this clone's own folder": re.escape(f"{OWN_FOLDER}/"),
    "a package registry's host": (
        r"pypi[.]org|pythonhosted[.]org|proxy[.]golang[.]org|sum[.]golang[.]org|goproxy[.](?:io|cn)"
        r"|registry[.]npmjs[.]org|deb[.]debian[.]org|archive[.]ubuntu[.]com"
    ),
    "an index option": r"--(?:extra-)?index[-]url|^\s*(?:GOPROXY|PIP_INDEX_URL|UV_DEFAULT_INDEX)\s*[:=]\s*\S",
    "an API key": r"lsv2_(?:sk|pt)_[0-9a-f]{32}",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----\n[A-Za-z0-9+/]",
}


def leaks(content: str) -> Iterator[str]:
    """What in a file names the machine or the network that it was written on."""
    for what, pattern in LEAKS.items():
        for match in re.finditer(pattern, content, re.MULTILINE):
            line = content.count("\n", 0, match.start()) + 1
            yield f"line {line}: {what} ({match.group().strip()})"


def header_missing(path: Path, content: str) -> bool:
    """Whether a file of code lacks the licence header in its first lines."""
    is_code = path.suffix in CODE or content.startswith("#!") or path.name in {"Makefile", "Dockerfile"}
    if not is_code or not content.strip():
        return False
    top = content.splitlines()[:8]
    wanted = [*HEADER, MODULE_HEADER] if path.parts[:2] == ("plugins", "modules") else HEADER
    return not all(any(line.endswith(part) for line in top) for part in wanted)


def test_code_carries_its_licence() -> None:
    assert [str(path) for path in files() if header_missing(path, text(path))] == []


def test_the_licence_is_whole() -> None:
    licence = text("LICENSE")
    assert "GNU GENERAL PUBLIC LICENSE" in licence
    assert "Version 3, 29 June 2007" in licence
    assert len(licence.splitlines()) > 600


def test_nothing_names_the_machine_it_was_written_on() -> None:
    assert [f"{path}: {found}" for path in files() for found in leaks(text(path))] == []


def test_files_are_short_enough_to_read() -> None:
    long = [
        f"{path} ({lines} lines)"
        for path in files()
        if path.suffix not in MAY_BE_LONG
        and not str(path).startswith(MAY_BE_LONG_PATHS)
        and (lines := len(text(path).splitlines())) > LONGEST
    ]
    assert long == []


def test_scripts_can_be_run_and_only_they() -> None:
    wrong = [
        path
        for path in files()
        # Ansible writes its own first line into modules; theirs only says the language.
        if path.parts[:2] != ("plugins", "modules")
        and text(path).startswith("#!") != bool((ROOT / path).stat().st_mode & 0o100)
    ]
    assert wrong == [], "A file with `#!` is executable, another is not."


def test_texts_end_with_one_newline_and_have_no_trailing_space() -> None:
    wrong = [
        path
        for path in files()
        if (content := text(path)) and path.suffix != ".json" and path.name != "LICENSE"
        if not content.endswith("\n") or content.endswith("\n\n") or re.search(r"[ \t]$", content, re.MULTILINE)
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "content",
    [
        "see /home/" + "ann/clone",
        "cd /ro" + "ot/x",
        "https://py" + "pi.org/simple",
        "https://proxy." + "golang.org",
        "pip --index" + "-url x",
        "GOPR" + "OXY=https://x",
        "lsv2_" + "sk_" + "0123456789abcdef" * 2,
    ],
)
def test_leaks_are_found(content: str) -> None:
    assert list(leaks(content))


def test_a_missing_header_is_found() -> None:
    assert header_missing(Path("a.py"), "x = 1\n")
    assert header_missing(Path("plugins/modules/a.py"), "".join(f"# {line}\n" for line in HEADER))
    assert not header_missing(Path("a.py"), "".join(f"# {line}\n" for line in HEADER))
