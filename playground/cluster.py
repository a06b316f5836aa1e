# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Kubernetes cluster in seconds: a real API server, controllers and scheduler; nodes and most pods played by kwok."""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import psutil
import yaml

from playground import kubeapi, ports, processes
from playground.errors import PlaygroundError, say
from playground.home import REPOSITORY, Paths

DATA = REPOSITORY / "playground" / "kwok"
_START_SECONDS = 60
_ATTEMPTS = 3
_NODE_RESOURCES = {"cpu": "32", "memory": "256Gi", "ephemeral-storage": "500Gi", "pods": "250"}
_BINARIES = {
    "etcdBinary": "etcd",
    "kubeApiserverBinary": "kube-apiserver",
    "kubeControllerManagerBinary": "kube-controller-manager",
    "kubeSchedulerBinary": "kube-scheduler",
    "kwokControllerBinary": "kwok",
}
_PORTS = (
    "etcdPort",
    "etcdPeerPort",
    "kubeApiserverPort",
    "kubeControllerManagerPort",
    "kubeSchedulerPort",
    "kwokControllerPort",
)
# Where the controller manager's host-path provisioner makes volumes; it knows no other place.
_VOLUMES = Path("/tmp/hostpath_pv")  # noqa: S108
_VOLUME = re.compile(rb"/tmp/hostpath_pv/([0-9a-f]{8}-[0-9a-f-]{27})")


def is_up(paths: Paths) -> bool:
    """Tell whether the cluster is complete and all of its processes run."""
    return _complete(paths).exists() and not _missing(paths) and kubeapi.ready(paths.kubeconfig)


def start(paths: Paths, tools: Mapping[str, Path], nodes: int, living: bool = True) -> None:
    """Bring the cluster up: create it, or start again what is there (after a reboot, say).

    A cluster whose creation was cut short is made anew.

    Args:
        paths: Whose cluster.
        tools: Paths of the binaries, as `binaries.ensure` gives them.
        nodes: How many nodes a new cluster gets.
        living: Whether kwok leaves the pods alone that the runner of living pods plays.

    Raises:
        PlaygroundError: It does not start; with the end of the log that tells why.
    """
    if _complete(paths).exists():
        _forget_dead(paths)
        _kwokctl(paths, tools, "start", "cluster", "--wait", f"{_START_SECONDS}s")
        _wait(paths, "the API server", lambda: kubeapi.ready(paths.kubeconfig))
        return
    _create(paths, tools, living)
    with kubeapi.connect(paths.kubeconfig) as api:
        _furnish(api, nodes)
        _wait(paths, "every node", lambda: _ready_nodes(api) >= nodes)
        # A pod is refused until its namespace has a ServiceAccount.
        service_account = "/api/v1/namespaces/default/serviceaccounts/default"
        _wait(paths, "the default ServiceAccount", lambda: api.get(service_account).is_success)
    _complete(paths).touch()


def remove(paths: Paths) -> None:
    """Remove the cluster's files and volumes. Its processes must have ended."""
    for volume in _volumes(paths):
        shutil.rmtree(volume, ignore_errors=True)
    shutil.rmtree(paths.kwok, ignore_errors=True)
    paths.kubeconfig.unlink(missing_ok=True)


def _create(paths: Paths, tools: Mapping[str, Path], living: bool) -> None:
    for attempt in range(1, _ATTEMPTS + 1):
        remove(paths)
        try:
            _create_once(paths, tools, living)
            return
        except PlaygroundError as error:
            processes.kill_all(paths.root)
            if attempt == _ATTEMPTS or "address already in use" not in str(error):
                raise
            say("a port was taken in the meantime: trying again with others")


def _create_once(paths: Paths, tools: Mapping[str, Path], living: bool) -> None:
    paths.kwok.mkdir(parents=True)
    settings = paths.kwok / "kwokctl.yaml"
    settings.write_text(yaml.safe_dump(configuration(tools, ports.unused(len(_PORTS)))))
    _kwokctl(paths, tools, "create", "cluster", "--config", str(settings), "--kubeconfig", str(paths.kubeconfig))
    paths.kubeconfig.chmod(0o600)
    # kwokctl takes Stages only in place of its own: ours are merged into the file it wrote, before kwok reads it.
    config = paths.cluster / "kwok.yaml"
    config.write_text(with_stages(config.read_text(), (DATA / "stages.yaml").read_text(), living))
    _stop_component(paths, "kwok-controller")
    _kwokctl(paths, tools, "start", "cluster", "--wait", f"{_START_SECONDS}s")


def configuration(tools: Mapping[str, Path], free_ports: Sequence[int]) -> dict[str, Any]:
    """Return kwokctl's configuration of a cluster: what `kwok/cluster.yaml` says, with binaries and ports."""
    config: dict[str, Any] = yaml.safe_load((DATA / "cluster.yaml").read_text())
    config["options"] |= {option: str(tools[tool]) for option, tool in _BINARIES.items()}
    config["options"] |= dict(zip(_PORTS, free_ports, strict=True))
    config["options"]["kubeAuditPolicy"] = str(DATA / "audit-policy.yaml")
    return config


def with_stages(config: str, changes: str, living: bool = True) -> str:
    """Merge Stages into a kwok configuration (both YAML).

    A Stage that the configuration has gets the conditions of the one of the same name (unless `living` is
    false: they are what leaves living pods alone); any other is added.
    """
    documents = [document for document in yaml.safe_load_all(config) if document]
    stages = {document["metadata"]["name"]: document for document in documents if document["kind"] == "Stage"}
    for change in yaml.safe_load_all(changes):
        stage = stages.get(change["metadata"]["name"])
        if stage is None:
            documents.append(change)
        elif living:
            stage["spec"]["selector"]["matchExpressions"] += change["spec"]["selector"]["matchExpressions"]
    return yaml.safe_dump_all(documents, sort_keys=False)


def _furnish(api: httpx.Client, nodes: int) -> None:
    storage_class = yaml.safe_load((DATA / "storage-class.yaml").read_text())
    kubeapi.create(api, "/apis/storage.k8s.io/v1/storageclasses", storage_class)
    for number in range(1, nodes + 1):
        kubeapi.create(api, "/api/v1/nodes", node(number))


def node(number: int) -> dict[str, Any]:
    """Return the manifest of a node.

    Its address is the machine's own, where the API server asks for logs; its pods' addresses (240/4) exist nowhere.
    """
    name = f"playground-{number}"
    labels = {
        "kubernetes.io/hostname": name,
        "kubernetes.io/os": "linux",
        "kubernetes.io/arch": "amd64",
        "type": "kwok",
    }
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}},
        "spec": {"podCIDR": f"240.{number}.0.0/16", "podCIDRs": [f"240.{number}.0.0/16"]},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}, {"type": "Hostname", "address": name}],
            "allocatable": _NODE_RESOURCES,
            "capacity": _NODE_RESOURCES,
        },
    }


def _ready_nodes(api: httpx.Client) -> int:
    conditions = [item["status"].get("conditions", []) for item in api.get("/api/v1/nodes").json()["items"]]
    return sum(any(one["type"] == "Ready" and one["status"] == "True" for one in each) for each in conditions)


def _kwokctl(paths: Paths, tools: Mapping[str, Path], *arguments: str) -> None:
    paths.kwok.mkdir(parents=True, exist_ok=True)
    log = processes.log_of(paths.root, "kwokctl")
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as file:
        process = subprocess.Popen(
            [str(tools["kwokctl"]), *arguments, "--name", paths.name],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            env=processes.environment(paths.root, {"KWOK_WORKDIR": str(paths.kwok)}),
        )
    try:
        # It waits two minutes for a component that has ended; nobody else has to.
        while process.poll() is None and not _ended(paths):
            time.sleep(0.05)
    finally:
        process.kill()
    if process.wait() != 0:
        raise PlaygroundError(
            f"The cluster does not start:\n{_why(paths)}",
            remedy=f"see the logs in {log.parent} and {paths.cluster / 'logs'}.",
        )


def _why(paths: Paths) -> str:
    for name in _ended(paths):
        if words := processes.tail(paths.cluster / "logs" / f"{name}.log", 5):
            return f"{name} is not running; the end of its log:\n{words}"
    return processes.tail(processes.log_of(paths.root, "kwokctl"), 3)


def _wait(paths: Paths, what: str, reached: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while not reached():
        if time.monotonic() > deadline:
            raise PlaygroundError(f"The cluster is not ready: waited {_START_SECONDS} s for {what}.\n{_why(paths)}")
        time.sleep(0.05)


def _complete(paths: Paths) -> Path:
    return paths.kwok / "complete"


def _components(paths: Paths) -> dict[str, int]:
    """Return the pid of each component that kwokctl has started."""
    texts = {file.stem: file.read_text() for file in (paths.cluster / "pids").glob("*.pid")}
    return {name: int(text) for name, text in texts.items() if text}


def _ended(paths: Paths) -> list[str]:
    """Return the components that were started just now and have ended."""
    return [name for name, pid in _components(paths).items() if processes.ended(pid)]


def _missing(paths: Paths) -> list[str]:
    """Return the components that were started and do not run."""
    started = _components(paths)
    expected = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok-controller")
    return [name for name in expected if name not in started or not processes.alive(started[name], paths.root)]


def _forget_dead(paths: Paths) -> None:
    # kwokctl does not start what has a pid file, whoever has that pid by now.
    for name in _missing(paths):
        (paths.cluster / "pids" / f"{name}.pid").unlink(missing_ok=True)


def _stop_component(paths: Paths, name: str) -> None:
    file = paths.cluster / "pids" / f"{name}.pid"
    with suppress(psutil.NoSuchProcess):
        psutil.Process(int(file.read_text())).kill()  # it holds no state
    file.unlink()


def _volumes(paths: Paths) -> set[Path]:
    """Return the folders of the cluster's volumes, from etcd's files: a dead cluster cannot be asked."""
    found: set[Path] = set()
    for file in (paths.cluster / "etcd").rglob("*"):
        if file.is_file():
            found |= {_VOLUMES / identifier.decode() for identifier in _VOLUME.findall(file.read_bytes())}
    return found
