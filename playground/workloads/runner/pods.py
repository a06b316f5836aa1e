# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""One pod: its address, volumes, containers in order, status, and end."""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Awaitable, Callable
from functools import partial
from http import HTTPStatus
from pathlib import Path

import httpx

from ..kube import ApiError, Kube, Object, path
from . import environment
from .clock import now
from .container import Container
from .events import Events
from .images import Image, Images
from .logfiles import LogFile, publish
from .lookup import Lookup
from .processes import Processes
from .status import pod_status
from .volumes import MountError, Volumes

log = logging.getLogger(__name__)

MOUNT_RETRY_SECONDS = 2.0
RETRY_SECONDS = 0.5
GONE_GRACE_SECONDS = 5.0
GONE = (HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY)


class Shared:
    """What all pods of a runner share."""

    def __init__(self, kube: Kube, images: Images, state: Path, server: tuple[str, str]) -> None:
        """``server`` is the address and port of the API that containers are told; ``state`` holds all files."""
        self.kube = kube
        self.images = images
        self.state = state
        self.server = server
        self.events = Events(kube)
        self.processes = Processes(state / "processes")
        self.http = httpx.AsyncClient(verify=False, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))  # noqa: S501 - as a kubelet
        self.hosts_file = state / "hosts.json"


class Pod:
    """Runs one pod from its binding to a node until its deletion."""

    def __init__(self, shared: Shared, pod: Object, address: str, bind: str, host: str) -> None:
        """``address`` is shown in the status, ``bind`` is where the processes listen."""
        self.pod = pod
        self.bind = bind
        self.addresses = {"podIP": address, "hostIP": host}
        self.events, self.processes, self.http = shared.events, shared.processes, shared.http
        self._shared = shared
        metadata = pod["metadata"]
        self.uid: str = metadata["uid"]
        self._where = path("v1", "pods", metadata["namespace"], metadata["name"])
        self._folder = shared.state / "pods" / self.uid
        before = pod.get("status") or {}
        self._started = before.get("startTime") or now()
        self._dirty = asyncio.Event()
        self._ending = asyncio.Event()
        self._grace = 30.0
        self._volumes = Volumes(shared.kube, pod, self._folder / "volumes", shared.state / "claims", self.addresses)
        self._logs: dict[str, LogFile] = {}
        self._init = self._containers("initContainers", before.get("initContainerStatuses"), once=True)
        self._main = self._containers("containers", before.get("containerStatuses"))
        self._alive = True

    def _containers(self, key: str, statuses: list[Object] | None, once: bool = False) -> list[Container]:
        before = {item["name"]: item for item in statuses or []}
        result = []
        for spec in self.pod["spec"].get(key) or []:
            logfile = self._logs[spec["name"]] = LogFile(self._folder / "logs", spec["name"])
            container = Container(self, spec, logfile, before.get(spec["name"]), once=once)
            container.state = {
                "waiting": {"reason": "PodInitializing" if self._has_init() and not once else "ContainerCreating"}
            }
            result.append(container)
        return result

    def _has_init(self) -> bool:
        return bool(self.pod["spec"].get("initContainers"))

    def update(self, pod: Object) -> None:
        """Take note of a newer version of the pod; a deletion starts its end."""
        self.pod = pod
        if pod["metadata"].get("deletionTimestamp") and not self._ending.is_set():
            self._grace = float(pod["metadata"].get("deletionGracePeriodSeconds") or 0)
            self._ending.set()

    def gone(self) -> None:
        """Take note that the API has no such pod any more; its processes still end in order."""
        self._alive = False
        self._grace = min(self._grace, GONE_GRACE_SECONDS)
        self._ending.set()

    def changed(self) -> None:
        """Write the status soon; several changes at once become one write."""
        self._dirty.set()

    async def run(self) -> None:
        """Run the pod to its end: its deletion, or the runner's (which leaves the pod in the API, as a node does)."""
        writer = asyncio.create_task(self._write_statuses())
        life = asyncio.create_task(self._live())
        life.add_done_callback(_log_failure)
        try:
            await self._ending.wait()
            self.changed()
            await self._stop(self._grace)
        finally:
            writer.cancel()
            life.cancel()
            await asyncio.gather(life, writer, return_exceptions=True)
        if self._alive:
            await self._delete()
        self.events.forget(self.uid)
        shutil.rmtree(self._folder, ignore_errors=True)

    async def shut_down(self, grace: float) -> None:
        """End the processes only (the runner ends)."""
        await self._stop(grace)

    async def pull(self, reference: str) -> Image:
        """Return the image behind a reference, with the pod's pull secrets."""
        registries: set[str] = set()
        if self.pod["spec"].get("imagePullSecrets"):
            registries = await self._lookup().registries(self.pod)
        return self._shared.images.pull(reference, registries)

    async def environment(self, container: Object) -> dict[str, str]:
        """Resolve a container's variables, with what the platform adds."""
        host, port = self._shared.server
        namespace = self.pod["metadata"]["namespace"]
        platform = {
            "HOSTNAME": self.pod["metadata"]["name"],
            "KUBERNETES_SERVICE_HOST": host,
            "KUBERNETES_SERVICE_PORT": port,
            "PLAYGROUND_HOSTS": str(self._shared.hosts_file),
            "PLAYGROUND_SEARCH": f"{namespace}.svc.cluster.local svc.cluster.local cluster.local",
        }
        return platform | await environment.resolve(self.pod, container, self._lookup(), self.addresses)

    def root(self, container: Object, image: Image) -> Path:
        """Unpack an image into a fresh root with the container's mounts."""
        root: Path = self._folder / "roots" / container["name"]
        shutil.rmtree(root, ignore_errors=True)
        image.unpack(root)
        self._volumes.mount(container, root)
        return root

    def _lookup(self) -> Lookup:
        return Lookup(self._shared.kube, self.pod["metadata"]["namespace"])

    async def _live(self) -> None:
        self.changed()
        logs = asyncio.create_task(publish(self._shared.kube, self.pod, self._logs))
        tokens: asyncio.Task[None] | None = None
        try:
            await self._mount()
            tokens = asyncio.create_task(self._volumes.renew_tokens())
            async with asyncio.TaskGroup() as group:
                for container in self._init:
                    if container.spec.get("restartPolicy") == "Always":
                        group.create_task(container.run())
                        continue
                    await container.run()
                    if container.state.get("terminated", {}).get("exitCode") != 0:
                        self.changed()
                        return
                for container in self._main:
                    container.state = {"waiting": {"reason": "ContainerCreating"}}
                    group.create_task(container.run())
        finally:
            logs.cancel()
            if tokens is not None:
                tokens.cancel()

    async def _mount(self) -> None:
        while True:
            try:
                await self._volumes.set_up(self._lookup())
            except MountError as error:
                self.events.add(self.pod, "FailedMount", str(error), "Warning")
                await asyncio.sleep(MOUNT_RETRY_SECONDS)
            except (ApiError, httpx.HTTPError) as error:
                log.warning("cannot set up volumes of %s: %s", self._where, error)
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _stop(self, grace: float) -> None:
        await asyncio.gather(*(container.stop(grace) for container in [*self._main, *self._init]))

    async def _write_statuses(self) -> None:
        while True:
            await self._dirty.wait()
            await asyncio.sleep(0.01)
            self._dirty.clear()
            ending = self._ending.is_set()
            status = pod_status(self.pod, list(self._main), list(self._init), self.addresses, self._started, ending)
            await self._retry(partial(self._patch, {"status": status}))

    async def _patch(self, body: Object) -> None:
        fresh = await self._shared.kube.patch(f"{self._where}/status", body)
        if fresh["metadata"]["uid"] == self.uid:
            self.pod["status"] = fresh["status"]

    async def _delete(self) -> None:
        body = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": self.uid},
        }
        await self._retry(partial(self._shared.kube.delete, self._where, body))

    async def _retry(self, action: Callable[[], Awaitable[object]]) -> None:
        while True:
            try:
                await action()
            except ApiError as error:
                if error.status in GONE:
                    return
                log.warning("%s: %s", self._where, error)
            except httpx.HTTPError as error:
                log.warning("%s: %s", self._where, error or type(error).__name__)
            else:
                return
            await asyncio.sleep(RETRY_SECONDS)


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        log.error("a pod's life failed", exc_info=task.exception())
