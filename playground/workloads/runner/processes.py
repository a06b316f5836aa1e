# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that cannot outlive the runner, and the end of those that did."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
from collections.abc import Callable
from pathlib import Path

_LIBC = ctypes.CDLL(None, use_errno=True)
_PR_SET_PDEATHSIG = 1


class Processes:
    """Starts processes in sessions of their own; keeps a file for each, so that a later runner can end orphans."""

    def __init__(self, folder: Path) -> None:
        """Keep the files in ``folder``."""
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def start(self, argv: list[str], cwd: Path, environment: dict[str, str]) -> asyncio.subprocess.Process:
        """Start a command with its output on one pipe. Raises OSError when it cannot be started."""
        process = await asyncio.create_subprocess_exec(
            *argv,
            cwd=cwd,
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_die_with_parent(os.getpid()),  # the runner has no threads that could hold a lock here
        )
        (self._folder / str(process.pid)).write_text(start_time(process.pid), encoding="ascii")
        return process

    def ended(self, process: asyncio.subprocess.Process) -> None:
        """End what a finished process left behind in its session, and forget it."""
        kill_group(process.pid, signal.SIGKILL)
        (self._folder / str(process.pid)).unlink(missing_ok=True)

    def end_orphans(self) -> int:
        """Kill the processes of a runner that did not end them itself; return how many there were."""
        count = 0
        for file in self._folder.iterdir():
            pid = int(file.name)
            if file.read_text(encoding="ascii") == start_time(pid) != "":
                kill_group(pid, signal.SIGKILL)
                count += 1
            file.unlink(missing_ok=True)
        return count


def start_time(pid: int) -> str:
    """Return a process's start in ticks since boot, "" when it is gone; with the pid it names a process for good."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    fields = stat.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def kill_group(pid: int, number: int) -> None:
    """Signal a session's process group, if it still exists."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _die_with_parent(parent: int) -> Callable[[], None]:
    def prepare() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os._exit(1)

    return prepare
