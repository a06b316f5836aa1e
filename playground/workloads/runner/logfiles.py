# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container logs: files in the format of a container runtime, shown to ``kubectl logs`` through kwok's Logs objects."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from datetime import UTC, datetime
from pathlib import Path

from ..kube import ApiError, Kube, Object, path

log = logging.getLogger(__name__)

LOGS = "kwok.x-k8s.io/v1alpha1"
LINE_LIMIT = 64 * 1024


class LogFile:
    """The log of one container: the current run's and the previous run's."""

    def __init__(self, folder: Path, container: str) -> None:
        """Name the files; they exist from the start, so that an early reader finds an empty log."""
        folder.mkdir(parents=True, exist_ok=True)
        self.current = folder / f"{container}.log"
        self.previous = folder / f"{container}.previous.log"
        self.current.touch(mode=0o600)

    async def collect(self, stream: asyncio.StreamReader) -> None:
        """Copy a process's output to the file, line by line with times, until it ends."""
        with self.current.open("ab", buffering=0) as file:
            while True:
                try:
                    line = await stream.readuntil(b"\n")
                except asyncio.IncompleteReadError as end:
                    if end.partial:
                        file.write(_format(end.partial))
                    return
                except asyncio.LimitOverrunError as overrun:
                    line = await stream.readexactly(overrun.consumed)
                file.write(_format(line))

    def add(self, text: str) -> None:
        """Write a line of the runtime's own, e.g. why a command did not start."""
        with self.current.open("ab") as file:
            file.write(_format(text.encode()))

    def rotate(self) -> None:
        """Make the finished run's log the previous one."""
        self.current.replace(self.previous)
        self.current.touch(mode=0o600)


async def publish(kube: Kube, pod: Object, files: dict[str, LogFile]) -> None:
    """Tell kwok where a pod's logs lie; the object goes away with the pod. A cluster without Logs is no failure."""
    metadata = pod["metadata"]
    owner = {"apiVersion": "v1", "kind": "Pod", "name": metadata["name"], "uid": metadata["uid"]}
    logs = [
        {"containers": [name], "logsFile": str(file.current), "previousLogsFile": str(file.previous), "follow": True}
        for name, file in files.items()
    ]
    body = {
        "apiVersion": LOGS,
        "kind": "Logs",
        "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "ownerReferences": [owner]},
        "spec": {"logs": logs},
    }
    where = path(LOGS, "logs", metadata["namespace"], metadata["name"])
    try:
        await kube.apply(where, body, "playground-workloads")
    except ApiError as error:
        log.warning("kubectl logs will not show %s/%s: %s", metadata["namespace"], metadata["name"], error)


def tail(file: LogFile, lines: int = 3) -> str:
    """Return the last lines of a log without times."""
    with contextlib.suppress(OSError):
        raw = file.current.read_bytes()[-LINE_LIMIT:].decode(errors="replace").splitlines()
        return "\n".join(line.split(" ", 3)[-1] for line in raw[-lines:])
    return ""


def _format(line: bytes) -> bytes:
    stamp = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
    return f"{stamp} stdout F ".encode() + line.rstrip(b"\n") + b"\n"
