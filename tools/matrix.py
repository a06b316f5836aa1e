# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run units, integration and the main playbook on each supported ansible-core.

Each has an environment of its own under `.cache/matrix`. One for which there is no Python is named and not run.
`matrix.py 2.16` runs that one only.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
MATRIX = ROOT / ".cache" / "matrix"
REQUIREMENTS = ROOT / "requirements"


class Cell(NamedTuple):
    """One ansible-core with the Python it is tried on."""

    core: str
    python: str

    @property
    def folder(self) -> Path:
        """Where its environment is."""
        return MATRIX / f"core-{self.core}-python-{self.python}"

    def __str__(self) -> str:
        """As the report names it."""
        return f"ansible-core {self.core} on Python {self.python}"


# Oldest supported, the newest for Python 3.11, and the newest.
CELLS = (Cell("2.16", "3.12"), Cell("2.19", "3.11"), Cell("2.21", "3.13"))

# Locked for the newest ansible-core; an older one brings its own.
FOLLOW_THE_CORE = ("ansible-core==", "resolvelib==")


def main(arguments: Sequence[str]) -> int:
    """Run the matrix, or the cells whose core is named; 1 when one failed."""
    outcomes = {cell: run_cell(cell) for cell in CELLS if not arguments or cell.core in arguments}
    print()
    for cell, outcome in outcomes.items():
        print(f"{cell}: {outcome}")
    return int(not outcomes or "failed" in outcomes.values())


def run_cell(cell: Cell) -> str:
    """Run one cell: `passed`, `failed`, or why it did not run."""
    print(f"\n{cell}", flush=True)
    python = find_python(cell.python)
    if python is None:
        return f"not run: there is no Python {cell.python} on this machine"
    if not make_environment(cell, python):
        return "failed"
    environment = {
        **os.environ,
        "PATH": f"{cell.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(cell.folder),
    }
    pytest = ("pytest", "-q", "--color=no", "-n", "2")
    steps = (
        ("unit", *pytest, "tests/unit"),
        ("integration", *pytest, "--dist", "loadfile", "--no-loadscope-reorder", "tests/integration"),
        ("ansible-test integration", "python", "tools/ansible_test.py", "integration"),
    )
    codes = [
        subprocess.run(
            [cell.folder / "bin" / "python", "tools/step.py", name, *command], check=False, cwd=ROOT, env=environment
        ).returncode
        for name, *command in steps
    ]
    return "failed" if any(codes) else "passed"


def find_python(version: str) -> str | None:
    """Path of that Python, if it is here."""
    found = subprocess.run([ROOT / "tools" / "find-python", version], check=False, capture_output=True, text=True)
    return found.stdout.strip() or None


def make_environment(cell: Cell, python: str) -> bool:
    """Make or update the cell's environment: what the tests need as locked, except for ansible-core."""
    uv = ROOT / ".venv" / "bin" / "uv"
    if not (cell.folder / "bin" / "python").exists():
        subprocess.run([uv, "venv", "--quiet", "--python", python, cell.folder], check=True)
    locked = (REQUIREMENTS / "dev.txt").read_text().splitlines(keepends=True)
    constraints = cell.folder / "constraints.txt"
    constraints.write_text("".join(line for line in locked if not line.startswith(FOLLOW_THE_CORE)))
    command: list[str | Path] = [
        uv,
        "pip",
        "install",
        "--quiet",
        "--compile-bytecode",
        "--python",
        cell.folder / "bin" / "python",
    ]
    command += ["-r", REQUIREMENTS / "test.in", "-c", constraints, f"ansible-core=={cell.core}.*"]
    return subprocess.run(command, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
