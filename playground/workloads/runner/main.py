# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The runner: finds the pods that live, and runs them."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import logging
import os
import shutil
import signal
from pathlib import Path
from urllib.parse import urlsplit

from ..kube import ApiError, Kube, Object, path
from ..mirror import Mirror
from .addresses import Addresses
from .balancer import Balancer
from .images import Images, is_living
from .network import Network
from .pods import Pod, Shared
from .processes import Processes, start_time

log = logging.getLogger(__name__)

SHUT_DOWN_SECONDS = 3.0
KWOK_NODE = "kwok.x-k8s.io/node"


class Runner:
    """Starts and ends a ``Pod`` for each living pod that is bound to a kwok node."""

    def __init__(self, kube: Kube, shared: Shared, addresses: Addresses) -> None:
        """Do nothing before ``run``."""
        self._kube = kube
        self._shared = shared
        self._addresses = addresses
        self._pods: dict[str, Pod] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._nodes: dict[str, Object] = {}
        self._mirror = Mirror(kube, path("v1", "pods"), self._on_change, fieldSelector="spec.nodeName!=")

    async def run(self) -> None:
        """Run until cancelled; then end all processes."""
        try:
            await self._mirror.run()
        finally:
            await asyncio.gather(*(pod.shut_down(SHUT_DOWN_SECONDS) for pod in self._pods.values()))
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)

    def _on_change(self, kind: str, pod: Object) -> None:
        uid = pod["metadata"]["uid"]
        known = self._pods.get(uid)
        if kind == "DELETED":
            if known:
                known.gone()
        elif known:
            known.update(pod)
        elif is_living([item["image"] for item in pod["spec"]["containers"]]) and not _finished(pod):
            task = asyncio.create_task(self._run_pod(pod))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
            task.add_done_callback(_log_failure)

    async def _run_pod(self, pod: Object) -> None:
        node = await self._node(pod["spec"]["nodeName"])
        if KWOK_NODE not in (node["metadata"].get("annotations") or {}):
            return
        metadata = pod["metadata"]
        uid = metadata["uid"]
        shown, bind = self._addresses.take((pod.get("status") or {}).get("podIP", ""))
        host = next(
            (a["address"] for a in (node.get("status") or {}).get("addresses") or [] if a["type"] == "InternalIP"),
            "127.0.0.1",
        )
        running = self._pods[uid] = Pod(self._shared, pod, shown, bind, host)
        latest = self._mirror.get(metadata["namespace"], metadata["name"])
        if latest is None or latest["metadata"]["uid"] != uid:
            running.gone()
        else:
            running.update(latest)
        log.info("pod %s/%s starts on %s", metadata["namespace"], metadata["name"], bind)
        try:
            await running.run()
        finally:
            log.info("pod %s/%s ended", metadata["namespace"], metadata["name"])
            self._addresses.give_back(shown)
            self._pods.pop(uid, None)

    async def _node(self, name: str) -> Object:
        if name not in self._nodes:
            try:
                self._nodes[name] = await self._kube.get(path("v1", "nodes", name=name))
            except ApiError:
                return {"metadata": {}}
        return self._nodes[name]


def main() -> None:
    """Entry point of ``python -m playground.workloads``."""
    parser = argparse.ArgumentParser(prog="python -m playground.workloads", description=__doc__)
    parser.add_argument(
        "--state", type=Path, required=True, help="folder for logs, roots, claims and the runner's own files"
    )
    parser.add_argument("--kubeconfig", type=Path, help="access to the cluster, with all rights")
    parser.add_argument(
        "--ingress-port", type=int, default=0, help="loopback port of the load balancer; 0: any free one"
    )
    parser.add_argument("--images", type=Path, help="JSON: agent repository -> folder with langgraph.json")
    parser.add_argument("--sweep", action="store_true", help="only end what a killed runner left behind")
    arguments = parser.parse_args()
    arguments.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    if arguments.sweep:
        _take_over(arguments.state)
        return
    if arguments.kubeconfig is None:
        parser.error("--kubeconfig is required")
    asyncio.run(_run(arguments))


async def _run(arguments: argparse.Namespace) -> None:
    state: Path = arguments.state.resolve()
    _take_over(state)
    pid_file = state / "runner.pid"
    pid_file.write_text(f"{os.getpid()} {start_time(os.getpid())}", encoding="ascii")
    agents = json.loads(arguments.images.read_text(encoding="utf-8")) if arguments.images else {}
    kube = Kube.from_kubeconfig(arguments.kubeconfig, "playground-workloads")
    server = urlsplit(str(kube.http.base_url))
    shared = Shared(kube, Images(agents), state, (server.hostname or "127.0.0.1", str(server.port or 443)))
    addresses = Addresses(state)
    network = Network(kube, shared.hosts_file)
    balancer = Balancer(network.targets)
    facts = {"pid": os.getpid(), "ingress_port": await balancer.start(arguments.ingress_port)}
    (state / "runner.json").write_text(json.dumps(facts), encoding="utf-8")
    task = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel if task else lambda: None)
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(network.run())
            group.create_task(shared.events.run())
            group.create_task(Runner(kube, shared, addresses).run())
    except asyncio.CancelledError:
        log.info("ended")
    finally:
        balancer.stop()
        await kube.close()
        (state / "runner.json").unlink(missing_ok=True)
        pid_file.unlink(missing_ok=True)


def _take_over(state: Path) -> None:
    """End a runner that is still there and the processes that a killed one left behind."""
    with contextlib.suppress(OSError, ValueError):
        pid, stamp = (state / "runner.pid").read_text(encoding="ascii").split()
        if start_time(int(pid)) == stamp:
            os.kill(int(pid), signal.SIGKILL)  # its processes die with it
    orphans = Processes(state / "processes").end_orphans()
    if orphans:
        log.warning("ended %d processes of an earlier runner", orphans)
    shutil.rmtree(state / "pods", ignore_errors=True)
    for file in ("runner.json", "runner.pid"):
        (state / file).unlink(missing_ok=True)


def _finished(pod: Object) -> bool:
    return (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed") and "deletionTimestamp" not in pod[
        "metadata"
    ]


def _log_failure(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        log.error("a pod's task failed", exc_info=task.exception())
