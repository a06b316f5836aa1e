# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plays that end before a cluster is asked, or need none."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]
Play = Callable[..., subprocess.CompletedProcess[str]]


def failure(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    """Return the task at which the only host failed, and what it was told."""
    task, told = re.findall(r"^TASK \[([^\]]+)\]|^fatal: \[here\]: FAILED! => (\{.*\})$", done.stdout, re.MULTILINE)[
        -2:
    ]
    assert told[1], done.stdout + done.stderr
    return task[0], json.loads(told[1])["msg"]


@pytest.fixture
def play(tmp_path: Path) -> Play:
    """Return a function that runs a playbook for one host with some variables, from a folder of its own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LANG", "KUBE"))}
    settings = {"ANSIBLE_CONFIG": str(ROOT / "ansible.cfg"), "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache")}
    nowhere = {"KUBECONFIG": str(tmp_path / "none"), "LANG": "C.UTF-8", "ANSIBLE_NOCOLOR": "1"}

    def run(playbook: str, *arguments: str, environment: dict[str, str] | None = None, **variables: Any) -> Any:
        inventory = tmp_path / "inventory.yml"
        inventory.write_text(json.dumps({"langgraph": {"hosts": {"here": variables}}}))
        return subprocess.run(
            [str(Path(sys.executable).with_name("ansible-playbook")), playbook, "-i", str(inventory), *arguments],
            cwd=tmp_path,
            env={**kept, **settings, **nowhere, **(environment or {})},
            capture_output=True,
            text=True,
            check=False,
        )

    return run


@pytest.fixture
def roles(tmp_path: Path) -> Callable[..., str]:
    """Return a function that writes a playbook of some roles of the collection, and of tasks after them."""

    def write(*names: str, tasks: list[dict[str, Any]] | None = None) -> str:
        here = {"hosts": "langgraph", "connection": "local", "gather_facts": False}
        python = {"ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        wanted = [f"langgraph.selfhosted.{name}" for name in names]
        file = tmp_path / "roles.yml"
        file.write_text(json.dumps([{**here, "vars": python, "roles": wanted, "tasks": tasks or []}]))
        return str(file)

    return write
