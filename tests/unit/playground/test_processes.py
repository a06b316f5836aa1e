# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes are started, found again and ended, whatever happened in between."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from itertools import repeat
from pathlib import Path

import psutil
import pytest

from playground import processes
from playground.errors import PlaygroundError

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
PARENT = [
    sys.executable,
    "-c",
    "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'], "
    "start_new_session=True); print('ready', flush=True); time.sleep(60)",
]


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path
    processes.kill_all(tmp_path)


def await_log(root: Path, name: str, word: str) -> None:
    until(lambda: word in processes.log_of(root, name).read_text())


def until(check: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 10
    while not check():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_started_process_runs_in_a_session_of_its_own(root: Path) -> None:
    pid = processes.start(SLEEP, name="one", root=root)

    assert processes.running(root, "one") == pid
    assert os.getsid(pid) == pid != os.getsid(0)


def test_stop_ends_the_process_and_its_children(root: Path) -> None:
    pid = processes.start(PARENT, name="one", root=root)
    await_log(root, "one", "ready")
    family = [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]

    processes.stop(root, "one")

    assert len(family) == 2
    assert not any(processes.alive(one, root) for one in family)
    assert not (root / "pids" / "one").exists()


def test_kill_all_finds_orphans_without_a_pid_file(root: Path) -> None:
    pid = processes.start(PARENT, name="one", root=root)
    await_log(root, "one", "ready")
    os.kill(pid, signal.SIGKILL)
    until(lambda: processes.ended(pid))
    (root / "pids" / "one").unlink()

    assert processes.kill_all(root) == 1
    assert processes.kill_all(root) == 0


def test_kill_all_leaves_another_playground_alone(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("other")
    processes.start(SLEEP, name="one", root=other)
    try:
        assert processes.kill_all(root) == 0
        assert processes.running(other, "one")
    finally:
        processes.kill_all(other)


def test_a_pid_that_someone_else_has_by_now_is_not_ours(root: Path) -> None:
    (root / "pids").mkdir()
    (root / "pids" / "one").write_text(f"{os.getpid()}\n")

    assert processes.running(root, "one") is None
    processes.stop(root, "one")


@pytest.mark.parametrize("content", ["", "x", "4194305"])
def test_a_broken_pid_file_means_not_running(root: Path, content: str) -> None:
    (root / "pids").mkdir()
    (root / "pids" / "one").write_text(content)

    assert processes.running(root, "one") is None


def test_a_process_that_ends_at_once_is_told_with_its_log(root: Path) -> None:
    pid = processes.start([sys.executable, "-c", "raise SystemExit('no such database')"], name="one", root=root)

    with pytest.raises(PlaygroundError, match="one ended while it started:\n  no such database"):
        processes.wait_until_up("one", root, pid, repeat(False), 10)


def test_a_process_that_is_never_ready_is_told(root: Path) -> None:
    pid = processes.start(SLEEP, name="one", root=root)

    with pytest.raises(PlaygroundError, match="not ready after 0 s"):
        processes.wait_until_up("one", root, pid, repeat(False), 0.2)
