# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""One container of a pod: its image, process, probes, restarts and state."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from pathlib import Path
from typing import Protocol

import httpx

from ..kube import ApiError, Object
from .clock import BackOff, now
from .environment import ConfigError, expand
from .events import Events
from .health import Health
from .images import Image, NotALivingImageError, PullError, base_environment
from .logfiles import LogFile
from .probes import Target, call
from .processes import Processes, kill_group

log = logging.getLogger(__name__)

SIGNALLED = 128  # exit codes above it name the signal that ended the process
CONFIG_RETRY_SECONDS = (1.0, 2.0, 5.0)


class Home(Protocol):
    """What a container needs from its pod."""

    pod: Object
    events: Events
    processes: Processes
    http: httpx.AsyncClient
    addresses: dict[str, str]
    bind: str

    async def pull(self, reference: str) -> Image:
        """Return the image behind a reference."""

    async def environment(self, container: Object) -> dict[str, str]:
        """Resolve a container's variables."""

    def root(self, container: Object, image: Image) -> Path:
        """Unpack an image into a fresh root with the container's mounts."""

    def changed(self) -> None:
        """Write the pod's status soon."""


class Container:
    """Runs one container until it ends for good or is stopped."""

    def __init__(
        self, home: Home, spec: Object, logfile: LogFile, before: Object | None, *, once: bool = False
    ) -> None:
        """``before`` is the status of an earlier runner's container; ``once`` marks an init container."""
        self.spec = spec
        self.name = spec["name"]
        self.state: Object = {"waiting": {"reason": "PodInitializing" if not once else "ContainerCreating"}}
        self._last_state: Object = {}
        self._restarts = 0
        self._id = ""
        self._home = home
        self._logfile = logfile
        self._once = once
        self._process: asyncio.subprocess.Process | None = None
        self._health: Health | None = None
        self._probes: asyncio.Task[None] | None = None
        self._standing = False
        self._restarting = False
        self._stopping = asyncio.Event()
        policy = home.pod["spec"].get("restartPolicy") or "Always"
        self._policy = "OnFailure" if once and policy == "Always" else policy
        if before and before.get("restartCount") is not None and before.get("containerID"):
            self._restarts = before["restartCount"] + 1
            ended = {
                "exitCode": 255,
                "reason": "Unknown",
                "finishedAt": now(),
                "startedAt": now(),
                "containerID": before["containerID"],
            }
            self._last_state = {"terminated": ended}

    @property
    def started(self) -> bool:
        """Whether the startup probe, if any, has succeeded."""
        return self._standing or (self._health is not None and self._health.started)

    @property
    def ready(self) -> bool:
        """Whether the container may get traffic; a finished init container is ready for good."""
        if self._once and self.state.get("terminated", {}).get("exitCode") == 0:
            return True
        return self._standing or (self._health is not None and self._health.ready)

    def status(self) -> Object:
        """Return the entry for ``containerStatuses``."""
        return {
            "name": self.name,
            "image": self.spec["image"],
            "imageID": f"{self.spec['image']}@playground" if self._id else "",
            "containerID": self._id,
            "ready": self.ready,
            "started": self.started,
            "restartCount": self._restarts,
            "state": self.state,
            "lastState": self._last_state,
        }

    async def run(self) -> None:
        """Start, watch and restart the container's process."""
        backoff = BackOff()
        while not self._stopping.is_set():
            try:
                image = await self._pull()
            except NotALivingImageError:
                return self._stand_still()
            if image is None or not await self._start(image):
                return
            await self._live()
            if self._stopping.is_set() or not self._restarts_after(self.state["terminated"]["exitCode"]):
                return
            self._last_state = self.state
            self._logfile.rotate()
            await self._back_off(backoff.wait())
            self._restarts += 1

    async def stop(self, grace: float) -> None:
        """End the process: SIGTERM, then after ``grace`` seconds SIGKILL."""
        self._stopping.set()
        process = self._process
        if process is None:
            return
        self._event("Killing", f"Stopping container {self.name}")
        if self._probes is not None:
            self._probes.cancel()
        await self._pre_stop(grace)
        kill_group(process.pid, signal.SIGTERM)
        try:
            async with asyncio.timeout(grace):
                await process.wait()
        except TimeoutError:
            kill_group(process.pid, signal.SIGKILL)

    async def _pull(self) -> Image | None:
        backoff = BackOff(2.0, 20.0)
        reference = self.spec["image"]
        while not self._stopping.is_set():
            try:
                image = await self._home.pull(reference)
            except (ApiError, httpx.HTTPError) as error:
                log.warning("cannot read the pull secrets of container %s: %s", self.name, error)
                await self._pause(CONFIG_RETRY_SECONDS[0])
            except PullError as error:
                self._event("Pulling", f'Pulling image "{reference}"')
                self._event("Failed", f'Failed to pull image "{reference}": {error}', "Warning")
                self._event("Failed", "Error: ErrImagePull", "Warning")
                self._wait("ErrImagePull", str(error))
                await self._pause(max(backoff.wait(), 0.3))
                message = f'Back-off pulling image "{reference}"'
                self._event("BackOff", message)
                self._event("Failed", "Error: ImagePullBackOff", "Warning")
                self._wait("ImagePullBackOff", f"{message}: ErrImagePull: {error}")
                await self._pause(2.0 + backoff.wait())
            else:
                return image
        return None

    async def _start(self, image: Image) -> bool:
        """Prepare and start the process; False when the container was stopped before it could."""
        attempt = 0
        while not self._stopping.is_set():
            try:
                variables = await self._home.environment(self.spec)
            except ConfigError as error:
                self._event("Failed", f"Error: {error}", "Warning")
                self._wait("CreateContainerConfigError", str(error))
            except (ApiError, httpx.HTTPError) as error:
                log.warning("cannot read what container %s refers to: %s", self.name, error)
            else:
                root = self._home.root(self.spec, image)
                self._environment = base_environment(root) | image.environment | self._playground(root) | variables
                self._cwd = root / (self.spec.get("workingDir") or "/app").lstrip("/")
                self._root = root
                await self._spawn(image, variables)
                return True
            await self._pause(CONFIG_RETRY_SECONDS[min(attempt, len(CONFIG_RETRY_SECONDS) - 1)])
            attempt += 1
        return False

    def _playground(self, root: Path) -> dict[str, str]:
        return {"PLAYGROUND_ROOT": str(root), "PLAYGROUND_BIND": self._home.bind}

    async def _spawn(self, image: Image, variables: dict[str, str]) -> None:
        entrypoint = [expand(item, variables) for item in self.spec.get("command") or image.entrypoint]
        default = () if self.spec.get("command") else image.command
        argv = entrypoint + [expand(item, variables) for item in self.spec.get("args") or default]
        self._restarting = False
        try:
            self._process = await self._home.processes.start(self.locate(argv), self._cwd, self._environment)
        except OSError as error:
            self._process = None
            self._logfile.add(f'exec: "{argv[0]}": {error.strerror}')
            message = f'failed to create containerd task: exec: "{argv[0]}": {error.strerror}'
            self._event("Failed", f"Error: {message}", "Warning")
            self.state = _terminated(127, "StartError", now(), self._id, message)
            return
        self._id = f"playground://{self._process.pid}-{int(time.time() * 1000):x}"
        self._event("Pulled", f'Container image "{self.spec["image"]}" already present on machine')
        self._event("Created", f"Created container: {self.name}")
        self._event("Started", f"Started container {self.name}")
        self.state = {"running": {"startedAt": now()}}
        self._health = Health(self.spec, self)
        self._home.changed()

    async def _live(self) -> None:
        """Probe the process and wait for its end."""
        process = self._process
        if process is None or process.stdout is None:
            self._home.changed()
            return
        self._probes = asyncio.create_task(self._health.run(self._target())) if self._health else None
        began = self.state["running"]["startedAt"]
        output = asyncio.create_task(self._logfile.collect(process.stdout))
        try:
            await process.wait()
        finally:
            if self._probes is not None:
                self._probes.cancel()
            self._home.processes.ended(process)  # also what the process left behind and what would keep the pipe open
            self._process = self._health = None
        await output
        code = process.returncode if process.returncode is not None else 255
        code = SIGNALLED - code if code < 0 else code
        self.state = _terminated(code, "Completed" if code == 0 else "Error", began, self._id)
        self._home.changed()

    def health_changed(self) -> None:
        """Show the new health in the pod's status."""
        self._home.changed()

    def unhealthy(self, kind: str, message: str) -> None:
        """Record a failed probe."""
        self._event("Unhealthy", f"{kind} probe failed: {message}", "Warning")

    def hopeless(self, kind: str) -> None:
        """End the process, so that it is started anew."""
        if self._process is None or self._restarting:
            return
        self._restarting = True
        self._event("Killing", f"Container {self.name} failed {kind} probe, will be restarted")
        grace = float(self._home.pod["spec"].get("terminationGracePeriodSeconds") or 30)
        pid = self._process.pid
        kill_group(pid, signal.SIGTERM)
        asyncio.get_running_loop().call_later(grace, self._kill_hard, pid)

    def _kill_hard(self, pid: int) -> None:
        if self._process is not None and self._process.pid == pid:
            kill_group(pid, signal.SIGKILL)

    def _target(self) -> Target:
        ports = {item["name"]: item["containerPort"] for item in self.spec.get("ports") or [] if item.get("name")}
        return Target(
            address=self._home.bind,
            shown_address=self._home.addresses["podIP"],
            ports=ports,
            processes=self._home.processes,
            command=self.locate,
            cwd=self._cwd,
            environment=self._environment,
            http=self._home.http,
        )

    def locate(self, argv: list[str]) -> list[str]:
        """Find an absolute command in the container's root first: the machine's file system is not the container's."""
        inside = self._root / argv[0].lstrip("/")
        return [str(inside), *argv[1:]] if argv[0].startswith("/") and inside.exists() else argv

    async def _pre_stop(self, grace: float) -> None:
        hook = ((self.spec.get("lifecycle") or {}).get("preStop")) or {}
        if "sleep" in hook:
            await asyncio.sleep(min(float(hook["sleep"]["seconds"]), grace))
        elif "exec" in hook:
            await call({"exec": hook["exec"], "timeoutSeconds": grace}, self._target())

    async def _back_off(self, seconds: float) -> None:
        if seconds <= 0:
            return
        metadata = self._home.pod["metadata"]
        where = f"{self.name} in pod {metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        self._event("BackOff", f"Back-off restarting failed container {where}", "Warning")
        message = f"back-off {seconds:g}s restarting failed container={where.replace(' in pod ', ' pod=')}"
        self._wait("CrashLoopBackOff", message)
        await self._pause(seconds)

    def _restarts_after(self, code: int) -> bool:
        return self._policy == "Always" or (self._policy == "OnFailure" and code != 0)

    def _stand_still(self) -> None:
        """Show a container that the playground gives no life: running and ready, or completed."""
        self._id = f"playground://placeholder-{self.name}"
        if self._once and self.spec.get("restartPolicy") != "Always":
            self.state = _terminated(0, "Completed", now(), self._id)
        else:
            self.state, self._standing = {"running": {"startedAt": now()}}, True
        self._home.changed()

    def _event(self, reason: str, message: str, kind: str = "Normal") -> None:
        self._home.events.add(self._home.pod, reason, message, kind, self.name)

    def _wait(self, reason: str, message: str) -> None:
        self.state = {"waiting": {"reason": reason, "message": message}}
        self._home.changed()

    async def _pause(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._stopping.wait()
        except TimeoutError:
            return


def _terminated(code: int, reason: str, started: str, container: str, message: str = "") -> Object:
    ended: Object = {
        "exitCode": code,
        "reason": reason,
        "startedAt": started,
        "finishedAt": now(),
        "containerID": container,
    }
    if code > SIGNALLED:
        ended["signal"] = code - SIGNALLED
    if message:
        ended["message"] = message
    return {"terminated": ended}
