# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A control plane in a process of its own, without a cluster, that deploys by the clock."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_LISTENING = re.compile(r"listens on (http://\S+)")
_KEY = "lsv2_sk_test_of_the_control_plane"
_LONGEST_START = 60.0


@contextmanager
def running(folder: Path, workspaces: Sequence[str], key: str = _KEY) -> Iterator[str]:
    """Run a control plane over a folder and yield its URL; ``key`` opens all workspaces."""
    keys = folder / "keys"
    keys.write_text(f"{key} org", encoding="utf-8")
    command = [sys.executable, "-m", "playground.control_plane", "--port", "0", "--data", str(folder / "data")]
    command += ["--api-key-file", str(keys), "--auto-deploy"]
    command += [part for workspace in workspaces for part in ("--workspace", workspace)]
    log = folder / "log"
    with log.open("w", encoding="utf-8") as stderr, subprocess.Popen(command, stderr=stderr) as process:
        try:
            yield _url(log, process)
        finally:
            process.terminate()


def _url(log: Path, process: subprocess.Popen[bytes]) -> str:
    """Wait until the control plane listens."""
    latest = time.monotonic() + _LONGEST_START
    while time.monotonic() < latest:
        if found := _LISTENING.search(log.read_text(encoding="utf-8")):
            return found[1]
        if process.poll() is not None:
            break
        time.sleep(0.1)
    raise RuntimeError(f"the control plane did not start:\n{log.read_text(encoding='utf-8')}")
