# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Startup, readiness and liveness probes, called as a kubelet calls them."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from ..kube import Object
from .processes import Processes

EAGER_SECONDS = (0.1, 0.15, 0.25, 0.4, 0.6, 1.0)


@dataclass(frozen=True)
class Target:
    """Where a container's probes go."""

    address: str
    shown_address: str
    ports: dict[str, int]
    processes: Processes
    command: Callable[[list[str]], list[str]]
    cwd: Path
    environment: dict[str, str]
    http: httpx.AsyncClient


async def call(probe: Object, target: Target) -> str:
    """Call a probe once; return "" for success, else what a kubelet reports."""
    timeout = float(probe.get("timeoutSeconds") or 1)
    if "httpGet" in probe:
        return await _http(probe["httpGet"], target, timeout)
    if "exec" in probe:
        return await _exec(probe["exec"]["command"], target, timeout)
    port = _port((probe.get("tcpSocket") or probe["grpc"])["port"], target)
    return await _tcp(port, target, timeout)


class Prober:
    """One probe of one running container.

    While the container is not as wished, a probe is called sooner than its period (a kubelet may do that too), but only
    a failure a full period after the last one counts towards the threshold. ``initialDelaySeconds`` delays liveness
    only: the processes here start faster than it assumes, and an early failure of other probes does not count.
    """

    def __init__(self, probe: Object, kind: str, target: Target, report: Callable[[str, str], None]) -> None:
        """``kind`` is startup, readiness or liveness.

        ``report(result, message)`` is called for each result that counts: "ok", "failing" below the threshold, "failed"
        from it on.
        """
        self._probe, self._kind, self._target, self._report = probe, kind, target, report
        self._period = float(probe.get("periodSeconds") or 10)
        self._eager = kind != "liveness"
        self._started = time.monotonic()

    async def run(self) -> None:
        """Probe until cancelled; a startup probe ends with its first success."""
        if self._kind == "liveness":
            await asyncio.sleep(max(float(self._probe.get("initialDelaySeconds") or 0), self._period))
        good = bad = 0
        last_counted = self._started
        attempt = 0
        while True:
            problem = await call(self._probe, self._target)
            if not problem:
                good, bad, attempt = good + 1, 0, 0
                last_counted = time.monotonic()
                if good >= int(self._probe.get("successThreshold") or 1):
                    self._report("ok", "")
                    if self._kind == "startup":
                        return
            else:
                good = 0
                if not self._eager or time.monotonic() - last_counted >= self._period:
                    bad, last_counted = bad + 1, time.monotonic()
                    threshold = int(self._probe.get("failureThreshold") or 3)
                    self._report("failing" if bad < threshold else "failed", problem)
            await asyncio.sleep(self._pause(bool(problem), attempt))
            attempt += 1

    def _pause(self, failing: bool, attempt: int) -> float:
        if failing and self._eager:
            return min(EAGER_SECONDS[min(attempt, len(EAGER_SECONDS) - 1)], self._period)
        return self._period


async def _http(get: Object, target: Target, timeout: float) -> str:
    port = _port(get["port"], target)
    scheme, path = str(get.get("scheme") or "HTTP").lower(), get.get("path") or "/"
    host = get.get("host") or target.address
    headers = {item["name"]: item["value"] for item in get.get("httpHeaders") or []}
    shown = f"{scheme}://{get.get('host') or target.shown_address}:{port}{path}"
    try:
        answer = await target.http.get(f"{scheme}://{host}:{port}{path}", headers=headers, timeout=timeout)
    except httpx.TimeoutException:
        return f'Get "{shown}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    except httpx.HTTPError as error:
        why = "connect: connection refused" if isinstance(error, httpx.ConnectError) else str(error)
        return f'Get "{shown}": dial tcp {target.shown_address}:{port}: {why}'
    if answer.is_success or answer.is_redirect:
        return ""
    return f"HTTP probe failed with statuscode: {answer.status_code}"


async def _tcp(port: int, target: Target, timeout: float) -> str:
    try:
        async with asyncio.timeout(timeout):
            _, writer = await asyncio.open_connection(target.address, port)
    except (OSError, TimeoutError):
        return f"dial tcp {target.shown_address}:{port}: connect: connection refused"
    writer.close()
    return ""


async def _exec(command: list[str], target: Target, timeout: float) -> str:
    try:
        process = await target.processes.start(target.command(command), target.cwd, target.environment)
    except OSError as error:
        return f'command "{" ".join(command)}" could not be started: {error.strerror}'
    try:
        async with asyncio.timeout(timeout):
            output, _ = await process.communicate()
    except TimeoutError:
        return f'command "{" ".join(command)}" timed out'
    finally:
        target.processes.ended(process)
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGKILL)
        await process.wait()
    return "" if process.returncode == 0 else output.decode(errors="replace").strip() or "command failed"


def _port(port: int | str, target: Target) -> int:
    if isinstance(port, int) or port.isdigit():
        return int(port)
    return target.ports[port]
