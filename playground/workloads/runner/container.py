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
from .images import Image, NotALivingImageError, PullError, base_environment
from .logfiles import LogFile
from .probes import Prober, Target
from .processes import Processes, kill_group

log = logging.getLogger(__name__)

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

    def __init__(self, home: Home, spec: Object, logfile: LogFile, before: Object | None, *, once: bool = False) -> None:
        """``before`` is the status of an earlier runner's container; ``once`` marks an init container."""
        self.spec = spec
        self.name = spec["name"]
        self.ready = False
        self.started = False
        self.state: Object = {"waiting": {"reason": "PodInitializing" if not once else "ContainerCreating"}}
        self._last_state: Object = {}
        self._restarts = 0
        self._id = ""
        self._home = home
        self._logfile = logfile
        self._once = once
        self._process: asyncio.subprocess.Process | None = None
        self._unhealthy = False
        self._stopping = asyncio.Event()
        policy = home.pod["spec"].get("restartPolicy") or "Always"
        self._policy = "OnFailure" if once and policy == "Always" else policy
        if before and before.get("restartCount") is not None and before.get("containerID"):
            self._restarts = before["restartCount"] + 1
            ended = {"exitCode": 255, "reason": "Unknown", "finishedAt": now(), "startedAt": now(), "containerID": before["containerID"]}
            self._last_state = {"terminated": ended}

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
        self._home.events.add(self._home.pod, "Killing", f"Stopping container {self.name}", container=self.name)
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
            except PullError as error:
                events, pod = self._home.events, self._home.pod
                events.add(pod, "Pulling", f'Pulling image "{reference}"', container=self.name)
                events.add(pod, "Failed", f'Failed to pull image "{reference}": {error}', "Warning", self.name)
                events.add(pod, "Failed", "Error: ErrImagePull", "Warning", self.name)
                self._wait("ErrImagePull", str(error))
                await self._pause(max(backoff.wait(), 0.3))
                message = f'Back-off pulling image "{reference}"'
                events.add(pod, "BackOff", message, container=self.name)
                events.add(pod, "Failed", "Error: ImagePullBackOff", "Warning", self.name)
                self._wait("ImagePullBackOff", f"{message}: ErrImagePull: {error}")
                await self._pause(2.0 + backoff.wait())
            else:
                return image
        return None

    async def _start(self, image: Image) -> bool:
        """Prepare and start the process; False when the container was stopped before it could."""
        attempt = 0
        events, pod = self._home.events, self._home.pod
        while not self._stopping.is_set():
            try:
                variables = await self._home.environment(self.spec)
            except ConfigError as error:
                events.add(pod, "Failed", f"Error: {error}", "Warning", self.name)
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
        self._unhealthy = False
        try:
            self._process = await self._home.processes.start(self.locate(argv), self._cwd, self._environment)
        except OSError as error:
            self._process = None
            self._logfile.add(f'exec: "{argv[0]}": {error.strerror}')
            message = f'failed to create containerd task: exec: "{argv[0]}": {error.strerror}'
            self._home.events.add(self._home.pod, "Failed", f"Error: {message}", "Warning", self.name)
            self.state = _terminated(127, "StartError", now(), self._id, message)
            return
        self._id = f"playground://{self._process.pid}-{int(time.time() * 1000):x}"
        self._home.events.add(self._home.pod, "Pulled", f'Container image "{self.spec["image"]}" already present on machine', container=self.name)
        self._home.events.add(self._home.pod, "Created", f"Created container: {self.name}", container=self.name)
        self._home.events.add(self._home.pod, "Started", f"Started container {self.name}", container=self.name)
        self.state = {"running": {"startedAt": now()}}
        self.started = not self.spec.get("startupProbe")
        self.ready = self.started and not self.spec.get("readinessProbe")
        self._home.changed()

    async def _live(self) -> None:
        """Probe the process and wait for its end."""
        process = self._process
        if process is None or process.stdout is None:
            self._home.changed()
            return
        probes = asyncio.create_task(self._probe())
        began = self.state["running"]["startedAt"]
        try:
            await asyncio.gather(self._logfile.collect(process.stdout), process.wait())
        finally:
            probes.cancel()
            self._home.processes.ended(process)
            self._process = None
        code = process.returncode if process.returncode is not None else 255
        code = 128 - code if code < 0 else code
        self.ready = self.started = False
        self.state = _terminated(code, "Completed" if code == 0 else "Error", began, self._id)
        self._home.changed()

    async def _probe(self) -> None:
        target = self._target()
        if self.spec.get("startupProbe"):
            await Prober(self.spec["startupProbe"], "startup", target, self._on_startup).run()
        async with asyncio.TaskGroup() as group:
            if self.spec.get("readinessProbe"):
                group.create_task(Prober(self.spec["readinessProbe"], "readiness", target, self._on_readiness).run())
            if self.spec.get("livenessProbe"):
                group.create_task(Prober(self.spec["livenessProbe"], "liveness", target, self._on_liveness).run())

    def _on_startup(self, result: str, message: str) -> None:
        if result == "ok":
            self.started = True
            self.ready = not self.spec.get("readinessProbe")
            self._home.changed()
            return
        self._warn("Startup", message)
        if result == "failed":
            self._kill("startup")

    def _on_readiness(self, result: str, message: str) -> None:
        if result != "ok":
            self._warn("Readiness", message)
        if result != "failing" and self.ready != (result == "ok"):
            self.ready = result == "ok"
            self._home.changed()

    def _on_liveness(self, result: str, message: str) -> None:
        if result != "ok":
            self._warn("Liveness", message)
        if result == "failed":
            self._kill("liveness")

    def _warn(self, kind: str, message: str) -> None:
        self._home.events.add(self._home.pod, "Unhealthy", f"{kind} probe failed: {message}", "Warning", self.name)

    def _kill(self, kind: str) -> None:
        if self._process is None or self._unhealthy:
            return
        self._unhealthy = True
        text = f"Container {self.name} failed {kind} probe, will be restarted"
        self._home.events.add(self._home.pod, "Killing", text, container=self.name)
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
        """Find an absolute command in the container's root first: the machine's own file system is not the container's."""
        inside = self._root / argv[0].lstrip("/")
        return [str(inside), *argv[1:]] if argv[0].startswith("/") and inside.exists() else argv

    async def _pre_stop(self, grace: float) -> None:
        hook = ((self.spec.get("lifecycle") or {}).get("preStop")) or {}
        seconds = 0.0
        if "sleep" in hook:
            seconds = float(hook["sleep"]["seconds"])
            await asyncio.sleep(min(seconds, grace))
        elif "exec" in hook:
            from .probes import call

            await call({"exec": hook["exec"], "timeoutSeconds": grace}, self._target())

    async def _back_off(self, seconds: float) -> None:
        if seconds <= 0:
            return
        metadata = self._home.pod["metadata"]
        where = f"{self.name} in pod {metadata['name']}_{metadata['namespace']}({metadata['uid']})"
        self._home.events.add(self._home.pod, "BackOff", f"Back-off restarting failed container {where}", "Warning", self.name)
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
            self.state, self.started, self.ready = {"running": {"startedAt": now()}}, True, True
        self._home.changed()

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
    ended: Object = {"exitCode": code, "reason": reason, "startedAt": started, "finishedAt": now(), "containerID": container}
    if code > 128:
        ended["signal"] = code - 128
    if message:
        ended["message"] = message
    return {"terminated": ended}
