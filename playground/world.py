# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A whole playground: up, down, and what is known of it."""

from __future__ import annotations

import errno
import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from filelock import FileLock, Timeout

from playground import binaries, cluster, ports, processes, services
from playground.errors import PlaygroundError, say
from playground.home import REPOSITORY, Paths

CONTROL_PLANE_PORT = 8124
INGRESS_PORT = 8080
NODES = 2
_ENOUGH_BYTES = 1 << 30


@dataclass(frozen=True)
class Playground:
    """What a user of a running playground needs to know; `playground.json` has the same keys."""

    name: str
    home: str
    kubeconfig: str
    audit_log: str
    control_plane_url: str
    api_key: str
    workspace_id: str
    ingress_address: str
    helm: str
    charts: str
    workloads: bool

    def down(self) -> None:
        """End and remove this playground."""
        _down(_paths_of(Path(self.home)))

    def environment(self) -> dict[str, str]:
        """Return the variables with which tools and playbooks find this playground."""
        return {
            "KUBECONFIG": self.kubeconfig,
            "PATH": os.pathsep.join((str(Path(self.helm).parent), os.environ.get("PATH", os.defpath))),
            "LANGSMITH_API_KEY": self.api_key,
            "LANGSMITH_WORKSPACE_ID": self.workspace_id,
            "LANGSMITH_HOST_URL": self.control_plane_url,
            "LANGSMITH_ENDPOINT": self.control_plane_url,
            "LANGGRAPH_CHARTS": self.charts,
            "LANGGRAPH_INGRESS_ADDRESS": self.ingress_address,
        }

    def parts(self) -> dict[str, bool]:
        """Return which of the playground's parts run."""
        paths = _paths_of(Path(self.home))
        parts = {
            "cluster": cluster.is_up(paths),
            "control plane": services.control_plane_up(paths, self.control_plane_url),
        }
        return parts | ({"workloads": services.workloads_up(paths)} if self.workloads else {})


def up(
    name: str = "demo",
    *,
    home: Path | None = None,
    control_plane_port: int | None = None,
    ingress_port: int | None = None,
    nodes: int | None = None,
    workloads: bool = True,
    deploy_seconds: float = 0,
) -> Playground:
    """Bring a playground up; what already runs is left as it is, what does not is started again.

    Args:
        name: Its name; several can live at once.
        home: Where all playgrounds are kept; `home.default_home()` when not given.
        control_plane_port: Port of the control plane; 0 for any free one.
        ingress_port: Port of the ingress controller; 0 for any free one.
        nodes: How many nodes a new cluster gets.
        workloads: Whether pods of the data plane and agents come to life.
        deploy_seconds: How long the control plane lets a deployment wait before its revision may start.

    Raises:
        PlaygroundError: Something is missing or in the way; says what and how to get it.
    """
    paths = Paths.of(name, home)
    with _alone(paths), _disk_full_explained(paths):
        known = _read(paths)
        _check_options(known, control_plane_port, ingress_port)
        if known and all(known.parts().values()):
            say(f"{name} is already up: nothing to do")
            return known
        _check_space(paths)
        start = time.monotonic()
        tools = binaries.ensure()
        if known is None:
            _sweep(paths)
            known = _describe(paths, tools, control_plane_port, ingress_port, workloads)
        _start(paths, known, tools, NODES if nodes is None else nodes, deploy_seconds)
        _write(paths, known)
        say(f"{name} is up ({time.monotonic() - start:.1f} s)")
        return known


def load(name: str = "demo", home: Path | None = None) -> Playground:
    """Return the playground `name`; raise PlaygroundError when there is none that was completely up once."""
    known = _read(Paths.of(name, home))
    if known is None:
        raise PlaygroundError(
            f"There is no playground {name!r}.", remedy=f"make it with: python -m playground up --name {name}"
        )
    return known


def down(name: str = "demo", home: Path | None = None) -> bool:
    """End and remove the playground `name`, also one that is half made; tell whether there was anything."""
    return _down(Paths.of(name, home))


def _down(paths: Paths) -> bool:
    with _alone(paths):
        try:
            return _sweep(paths)
        finally:
            paths.lock.unlink(missing_ok=True)


def _sweep(paths: Paths) -> bool:
    """End all processes and remove all files of a playground, whatever its state."""
    # The runner first and politely: it ends what lives in pods.
    processes.stop(paths.root, services.WORKLOADS)
    ended = processes.kill_all(paths.root)
    there = paths.root.exists()
    if there:
        cluster.remove(paths)
        shutil.rmtree(paths.root)
    return there or ended > 0


def _describe(
    paths: Paths, tools: dict[str, Path], control_plane_port: int | None, ingress_port: int | None, workloads: bool
) -> Playground:
    control_plane = ports.choose(
        CONTROL_PLANE_PORT if control_plane_port is None else control_plane_port, "--control-plane-port"
    )
    ingress = ports.choose(INGRESS_PORT if ingress_port is None else ingress_port, "--ingress-port")
    return Playground(
        name=paths.name,
        home=str(paths.root),
        kubeconfig=str(paths.kubeconfig),
        audit_log=str(paths.audit_log),
        control_plane_url=f"http://{ports.HOST}:{control_plane}",
        api_key=services.api_key(paths),
        workspace_id=services.WORKSPACE_ID,
        ingress_address=f"{ports.HOST}:{ingress}",
        helm=str(tools["helm"]),
        charts=str(Path(os.environ.get("LANGGRAPH_CHARTS") or REPOSITORY / "playground" / "charts").absolute()),
        workloads=workloads,
    )


def _start(paths: Paths, known: Playground, tools: dict[str, Path], nodes: int, deploy_seconds: float) -> None:
    if not cluster.is_up(paths):
        with _told("cluster"):
            cluster.start(paths, tools, nodes, living=known.workloads)
    if not services.control_plane_up(paths, known.control_plane_url):
        processes.stop(paths.root, services.CONTROL_PLANE)
        with _told("control plane"):
            port = ports.choose(_port(known.control_plane_url), "--control-plane-port")
            services.start_control_plane(paths, port, deploy_seconds)
    if known.workloads and not services.workloads_up(paths):
        with _told("workloads"):
            port = ports.choose(_port(known.ingress_address), "--ingress-port")
            services.start_workloads(paths, port)


def _port(address: str) -> int:
    return int(address.rpartition(":")[2])


def _check_options(known: Playground | None, control_plane_port: int | None, ingress_port: int | None) -> None:
    """Refuse a port that is not the one of the playground that is there."""
    if known is None:
        return
    wanted = {
        "--control-plane-port": (control_plane_port, _port(known.control_plane_url)),
        "--ingress-port": (ingress_port, _port(known.ingress_address)),
    }
    for option, (asked, actual) in wanted.items():
        if asked and asked != actual:
            raise PlaygroundError(
                f"{known.name} is there already, with {option} {actual}.",
                remedy=f"leave {option} out, or make it anew: python -m playground down --name {known.name}",
            )


def _read(paths: Paths) -> Playground | None:
    try:
        values = json.loads(paths.description.read_text())
        return Playground(**{field.name: values[field.name] for field in fields(Playground)})
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(paths: Paths, known: Playground) -> None:
    part = paths.description.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
        json.dump(asdict(known), stream, indent=2)
    part.replace(paths.description)


def _paths_of(root: Path) -> Paths:
    return Paths(root.name, root)


@contextmanager
def _told(what: str) -> Iterator[None]:
    say(f"{what} ...")
    start = time.monotonic()
    yield
    say(f"{what}: up in {time.monotonic() - start:.1f} s")


@contextmanager
def _alone(paths: Paths) -> Iterator[None]:
    """Keep two commands from changing the same playground at the same time."""
    try:
        paths.lock.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(paths.lock)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            say(f"waiting for another command that is busy with {paths.name}")
            lock.acquire()
    except OSError as error:
        raise PlaygroundError(
            f"{paths.lock.parent} cannot be used: {error.strerror}.",
            remedy="set LANGGRAPH_PLAYGROUND_HOME to a folder of yours.",
        ) from error
    try:
        yield
    finally:
        lock.release()


def _check_space(paths: Paths) -> None:
    free = shutil.disk_usage(paths.lock.parent).free
    if free < _ENOUGH_BYTES:
        raise PlaygroundError(
            f"A playground needs about 1 GB, and {paths.lock.parent} has {free / _ENOUGH_BYTES:.1f} GB left.",
            remedy="free some space, or set LANGGRAPH_PLAYGROUND_HOME to a folder on a larger disk.",
        )


@contextmanager
def _disk_full_explained(paths: Paths) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno != errno.ENOSPC:
            raise
        raise PlaygroundError(
            f"The disk of {paths.root} is full.",
            remedy="free some space (a playground needs about 1 GB), or set LANGGRAPH_PLAYGROUND_HOME.",
        ) from error
