# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes of a playground: started in sessions of their own, found again and ended, also after a crash.

Each is started with a mark in its environment, which its children inherit. The mark finds them all, also those whose
parent was killed before it could write a pid file.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import psutil

from playground.errors import PlaygroundError

MARK = "LANGGRAPH_PLAYGROUND_ROOT"
_HOSTS = "PLAYGROUND_HOSTS"
_GRACE_SECONDS = 5.0
_LINE = 240  # what is shown of a log line: some have whole stack traces in them


def environment(root: Path, extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return the environment for a process of the playground in `root`."""
    return {**os.environ, **(extra or {}), MARK: str(root)}


def start(command: Sequence[str], *, name: str, root: Path, extra: Mapping[str, str] | None = None) -> int:
    """Start a process in the background; return its pid.

    Its output goes to `logs/<name>.log` and its pid to `pids/<name>`, both in `root`.
    """
    for folder in ("logs", "pids"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    with log_of(root, name).open("ab") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=environment(root, extra),
            cwd=root,
            start_new_session=True,
        )
    _pid_file(root, name).write_text(f"{process.pid}\n")
    process.returncode = 0  # it is meant to outlive us: without this Python would warn of that
    while not (alive(process.pid, root) or ended(process.pid)):
        time.sleep(0.001)  # for an instant it has no mark to be known by
    return process.pid


def log_of(root: Path, name: str) -> Path:
    """Return the log file of the process `name`."""
    return root / "logs" / f"{name}.log"


def tail(log: Path, lines: int = 10) -> str:
    """Return the last lines of a log, indented; the empty string when there is none."""
    with suppress(OSError):
        return "\n".join(f"  {line[:_LINE]}" for line in log.read_text(errors="replace").splitlines()[-lines:])
    return ""


def running(root: Path, name: str) -> int | None:
    """Return the pid of the process `name` if it runs and is ours, else None."""
    with suppress(OSError, ValueError):
        pid = int(_pid_file(root, name).read_text())
        if alive(pid, root):
            return pid
    return None


def alive(pid: int, root: Path) -> bool:
    """Tell whether `pid` is a living process of this playground (pids are used again by the system)."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return process.status() != psutil.STATUS_ZOMBIE and _marked(process, root)
    return False


def stop(root: Path, name: str) -> None:
    """End the process `name` and its children, if it runs."""
    pid = running(root, name)
    if pid is not None:
        with suppress(psutil.NoSuchProcess):
            process = psutil.Process(pid)
            _end([process, *process.children(recursive=True)])
    _pid_file(root, name).unlink(missing_ok=True)


def kill_all(root: Path) -> int:
    """End every process of this playground at once, with no chance to save anything; return how many there were."""
    count = 0
    while found := list(_of(root)):  # a process may have been forked while the others were looked at
        _kill(found)
        count += len(found)
    return count


def wait_until_up(name: str, root: Path, pid: int, ready: Iterable[bool], seconds: float) -> None:
    """Wait until `ready` yields True.

    Raises:
        PlaygroundError: The process ended, or was not ready in time; with the end of its log.
    """
    deadline = time.monotonic() + seconds
    for answer in ready:
        if answer:
            return
        if ended(pid):
            raise PlaygroundError(f"{name} ended while it started:\n{tail(log_of(root, name))}")
        if time.monotonic() > deadline:
            raise PlaygroundError(
                f"{name} is not ready after {seconds:.0f} s:\n{tail(log_of(root, name))}",
                remedy=f"see {log_of(root, name)}.",
            )
        time.sleep(0.05)


def ended(pid: int) -> bool:
    """Tell whether a process that was started just now has ended."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def _pid_file(root: Path, name: str) -> Path:
    return root / "pids" / name


def _of(root: Path) -> Iterable[psutil.Process]:
    own = os.getpid()
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.pid != own and process.status() != psutil.STATUS_ZOMBIE and _marked(process, root):
                yield process


def _marked(process: psutil.Process, root: Path) -> bool:
    environment = process.environ()
    # What a pod's program has started has an environment as in a cluster, with the file of host names in our folder.
    return environment.get(MARK) == str(root) or environment.get(_HOSTS, "").startswith(f"{root}/")


def _end(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    _, left = psutil.wait_procs(processes, timeout=_GRACE_SECONDS)
    _kill(left)


def _kill(processes: Sequence[psutil.Process]) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=_GRACE_SECONDS)
