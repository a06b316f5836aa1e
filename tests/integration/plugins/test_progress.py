# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a user sees while a fleet is waited for: a real ansible-playbook, with and without a terminal."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from .conftest import KEY

ROOT = Path(__file__).resolve().parents[3]
SECRET = "sk-a-secret-of-the-agent"
PROGRESS = re.compile(r"agents (\d+)/4 deployed, \d+ s")


def play(
    plane: Any,
    folder: Path,
    *arguments: str,
    image: str = "hello:1",
    terminal: bool = False,
    environment: dict[str, str] | None = None,
) -> str:
    """Deploy four agents; return all that was shown."""
    task = {
        "langgraph.selfhosted.fleet": {
            "control_plane_url": plane.url,
            "workspace_id": plane.workspace,
            "defaults": {"image": image, "secrets": {"TOKEN": SECRET}},
            "deployments": [{"name": f"agent-{number}"} for number in range(4)],
        }
    }
    book = folder / "play.json"
    book.write_text(json.dumps([{"hosts": "localhost", "gather_facts": False, "connection": "local", "tasks": [task]}]))
    command = [str(Path(sys.executable).parent / "ansible-playbook"), "-vvv", "-i", "localhost,", str(book), *arguments]
    variables = {**os.environ, "LANGSMITH_API_KEY": KEY, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache")}
    variables |= {"ANSIBLE_HOME": str(folder), **(environment or {})}
    if not terminal:
        done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False, timeout=60)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout + done.stderr
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, env=variables, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 65536):
            shown += part
    except OSError:  # Linux tells the end of a terminal so.
        pass
    os.close(ours)
    assert process.wait(60) == 0, shown.decode()
    return shown.decode()


@pytest.fixture(autouse=True)
def slow_deploy(plane: Any) -> None:
    plane.settings(deploy_seconds=1)


def test_without_a_terminal_each_change_is_a_line(plane: Any, tmp_path: Path) -> None:
    shown = play(plane, tmp_path)
    lines = [line for line in shown.splitlines() if PROGRESS.fullmatch(line)]
    assert 1 <= len(lines) <= 4
    assert lines[-1].startswith("agents 4/4 deployed")
    assert "\x1b[K" not in shown
    assert SECRET not in shown
    assert KEY not in shown


def test_on_a_terminal_one_line_is_kept_up_to_date(plane: Any, tmp_path: Path) -> None:
    shown = play(plane, tmp_path, terminal=True)
    rewritten = re.findall(r"\r\x1b\[K(agents \d/4 deployed, \d+ s)", shown)
    assert rewritten[0] == "agents 0/4 deployed, 0 s"
    assert rewritten[-1].startswith("agents 4/4 deployed")
    assert SECRET not in shown
    assert KEY not in shown


def test_it_can_be_quiet(plane: Any, tmp_path: Path) -> None:
    assert "deployed" not in play(plane, tmp_path, environment={"LANGGRAPH_PROGRESS": "quiet"}).replace("DEPLOYED", "")


def test_check_mode_shows_the_whole_plan(plane: Any, tmp_path: Path) -> None:
    shown = play(plane, tmp_path, "--check").splitlines()
    assert [line for line in shown if line.startswith("would ")] == [f"would create agent-{n}" for n in range(4)]
    play(plane, tmp_path)
    assert "would " not in play(plane, tmp_path, "--check")
    text = play(plane, tmp_path, "--check", "--diff", image="hello:2")
    assert [line for line in text.splitlines() if line.startswith("would ")] == [
        f"would update agent-{number}: image" for number in range(4)
    ]
    assert text.count('+    "image": "hello:2"') == 4
    assert SECRET not in text
