# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running other people's programs: argv lists only, and what they said when they fail."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_LAST_LINES = 25
_COLOURS = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


@dataclass(frozen=True)
class Done:
    """How a program ended.

    Attributes:
        code: Its exit code.
        output: What it wrote to standard output.
        said: What it wrote to standard error, or to both where they were joined.
    """

    code: int
    output: str
    said: str


def run(
    argv: Sequence[str],
    *,
    environment: Mapping[str, str],
    cwd: Path | None = None,
    stdin: str = "",
    join: bool = False,
) -> Done:
    """Run a program to its end; with ``join`` its two outputs are one text, in the order they were written."""
    # AnsibleModule.run_command is out of reach down here.
    done = subprocess.run(  # pylint: disable=ansible-bad-function
        list(argv),
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if join else subprocess.PIPE,
        cwd=cwd,
        env=dict(environment),
        text=True,
        errors="replace",
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stdout if join else done.stderr)


def last_lines(text: str, count: int = _LAST_LINES) -> str:
    """Return the end of a program's words, indented, without empty lines and colours."""
    plain = _COLOURS.sub("", text).replace("\r", "\n")
    lines = [line.rstrip() for line in plain.splitlines() if line.strip()]
    return "\n".join(f"    {line}" for line in lines[-count:])


def on_path(name: str, environment: Mapping[str, str]) -> str | None:
    """Return where a program is, by the PATH of the task."""
    return shutil.which(name, path=environment.get("PATH"))
