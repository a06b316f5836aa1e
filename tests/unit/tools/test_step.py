# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A step of make: one line when well, everything when not."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

STEP = Path(__file__).resolve().parents[3] / "tools" / "step.py"


def step(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, STEP, *arguments], check=False, capture_output=True, text=True)


def test_a_step_that_is_well_prints_one_line() -> None:
    done = step("greet", "bash", "-c", "echo noise; echo more noise >&2")
    assert done.returncode == 0
    assert done.stdout.count("\n") == 1
    assert done.stdout.startswith("greet")
    assert "noise" not in done.stdout + done.stderr


def test_a_step_that_fails_prints_everything_and_its_code() -> None:
    done = step("greet", "bash", "-c", "echo out; echo err >&2; exit 7")
    assert done.returncode == 7
    assert "out\nerr\n" in done.stdout
    assert "FAILED" in done.stdout


def test_the_summary_line_is_shown_and_kept(tmp_path: Path) -> None:
    summary = tmp_path / "summary.txt"
    for name in ("unit", "integration"):
        done = step("--summary", str(summary), name, "bash", "-c", "echo noise; echo '==== 3 passed in 0.1s ===='")
        assert done.stdout.rstrip().endswith("3 passed in 0.1s")
    assert summary.read_text() == "unit: 3 passed in 0.1s\nintegration: 3 passed in 0.1s\n"


def test_a_tool_that_is_missing_is_named() -> None:
    done = step("greet", "no-such-tool-anywhere")
    assert done.returncode == 127
    assert "no-such-tool-anywhere is not installed: run `make venv`." in done.stdout
