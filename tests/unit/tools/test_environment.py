# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The environment: which Python is taken, and what is said when something is missing."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tools.environment import explain

FIND_PYTHON = Path(__file__).resolve().parents[3] / "tools" / "find-python"


def fake_python(folder: Path, name: str, answer: str) -> None:
    """A Python that answers find-python's question as told; an empty answer means it is too old."""
    folder.mkdir(exist_ok=True)
    script = folder / name
    script.write_text(f"#!/bin/bash\n{f'echo {answer}' if answer else 'exit 1'}\n")
    script.chmod(0o755)


def find_python(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run find-python where the folder's Pythons are all there is."""
    environment = {"PATH": f"{folder}{os.pathsep}/usr/bin{os.pathsep}/bin", "HOME": str(folder)}
    for name in ("python3", "python3.11", "python3.12", "python3.13", "python3.14"):
        if not (folder / name).exists():
            fake_python(folder, name, "")
    return subprocess.run(
        [FIND_PYTHON, *arguments], check=False, capture_output=True, text=True, env=environment, cwd=folder
    )


def test_the_newest_wins(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.11", "1 3.11 011009 /a/python3.11")
    fake_python(tmp_path, "python3.13", "1 3.13 013000 /a/python3.13")
    fake_python(tmp_path, "python3", "1 3.12 012099 /a/python3")
    assert find_python(tmp_path).stdout == "/a/python3.13\n"


def test_a_python_without_venv_is_passed_over(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.11", "1 3.11 011009 /a/python3.11")
    fake_python(tmp_path, "python3.13", "0 3.13 013000 /a/python3.13")
    assert find_python(tmp_path).stdout == "/a/python3.11\n"


def test_pyenvs_versions_are_found(tmp_path: Path) -> None:
    folder = tmp_path / ".pyenv" / "versions" / "3.12.4" / "bin"
    folder.mkdir(parents=True)
    fake_python(folder, "python", "1 3.12 012004 /pyenv/python")
    assert find_python(tmp_path).stdout == "/pyenv/python\n"


def test_one_version_can_be_asked_for(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.11", "1 3.11 011009 /a/python3.11")
    fake_python(tmp_path, "python3.13", "1 3.13 013000 /a/python3.13")
    assert find_python(tmp_path, "3.11").stdout == "/a/python3.11\n"
    assert "No Python 3.12 was found" in find_python(tmp_path, "3.12").stderr


def test_without_venv_the_first_line_says_what_to_install(tmp_path: Path) -> None:
    fake_python(tmp_path, "python3.13", "0 3.13 013000 /a/python3.13")
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert "apt install python3.13-venv" in done.stderr.splitlines()[0]


def test_without_python_the_first_line_says_what_to_install(tmp_path: Path) -> None:
    done = find_python(tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("No Python 3.11 or newer")
    assert "apt install python3" in done.stderr.splitlines()[0]


@pytest.mark.parametrize(
    ("output", "first_line"),
    [
        ("OSError: [Errno 28] No space left on device", "The disk is full"),
        ("Failed to establish a new connection: NameResolutionError", "The Python package index cannot be reached"),
        ("error: error sending request for url", "The Python package index cannot be reached"),
        ("invalid peer certificate: UnknownIssuer", "The package index's certificate is not trusted"),
        ("something else", "The installation of the development environment failed (uv)"),
    ],
)
def test_a_failed_installation_is_explained(output: str, first_line: str) -> None:
    text = explain("uv", output)
    assert text.startswith(first_line)
    assert output in text
