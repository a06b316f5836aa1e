# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the objects of a component that are not Helm's: namespaces, Secrets, manifests.

What is compared here is what :mod:`components` compares, by the same code; so what a look calls
converged is what a write leaves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    Object,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import (
    Difference,
    differences,
    encoded,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.patching import merge_patch
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, Kinds, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound, Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task


@dataclass(frozen=True)
class SecretWish:
    """A Secret as wanted.

    Attributes:
        data: Keys and plain values that it has to have; others are let be.
        initial: Keys and plain values that it gets when it lacks any of them, and keeps from then on.
        once: Keys and plain values that it gets each when it lacks that one, and keeps from then on.
    """

    namespace: str
    name: str
    data: Mapping[str, str] = field(default_factory=dict, repr=False)
    initial: Mapping[str, str] = field(default_factory=dict, repr=False)
    once: Mapping[str, str] = field(default_factory=dict, repr=False)
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Write:
    """One object to create (``live`` is None) or to change by a merge patch. ``shown`` holds no secret."""

    address: Address
    body: Object = field(repr=False)
    live: Object | None = field(repr=False)
    shown: tuple[str, ...] = ()

    @property
    def action(self) -> str:
        """What is done, for people."""
        return "change" if self.live else "create"


def objects(task: Task) -> Outcome:
    """Open the connection and make the objects."""
    options = task.options
    with connected(Connection.of(options)) as server:
        return make_objects(
            server,
            namespaces=list(dict.fromkeys(options["namespaces"])),
            secrets=[SecretWish(**secret) for secret in options["secrets"]],
            manifests=options["objects"],
            check=task.check,
        )


def make_objects(
    server: ApiServer,
    *,
    namespaces: Sequence[str] = (),
    secrets: Iterable[SecretWish] = (),
    manifests: Iterable[Object] = (),
    check: bool = False,
) -> Outcome:
    """Make them as wanted, namespaces first; with ``check`` as a dry run on the server, as far as namespaces exist."""
    kinds = Kinds(server)
    writes = [write for namespace in namespaces if (write := _namespace(server, namespace))]
    coming = {write.address.name for write in writes}
    writes += [write for secret in secrets if (write := _secret(server, secret))]
    writes += [write for manifest in manifests if (write := _manifest(server, kinds, manifest))]
    for write in writes:
        if not (check and write.address.namespace in coming):
            _write(server, write, check=check)
    return Outcome(
        changed=bool(writes),
        result={"written": [{"object": str(write.address), "action": write.action} for write in writes]},
        diff=[_shown(write) for write in writes],
    )


def _namespace(server: ApiServer, name: str) -> Write | None:
    address = Address(known("Namespace"), None, name)
    live = server.find(address.path)
    if live is None:
        body = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        return Write(address, body, None, ("it is missing",))
    if live["metadata"].get("deletionTimestamp"):
        raise Refused(
            f"Namespace {name} is being deleted.",
            cause="Nothing can be made in it until it is gone.",
            remedy="Wait until it is gone and run again; if it stays,"
            f" `kubectl describe namespace {name}` says what it waits for.",
        )
    return None


def _secret(server: ApiServer, wish: SecretWish) -> Write | None:
    address = Address(known("Secret"), wish.namespace, wish.name)
    live = server.find(address.path)
    present: Mapping[str, str] = (live or {}).get("data") or {}
    wanted = {**{key: value for key, value in wish.once.items() if not present.get(key)}, **wish.data}
    if any(not present.get(key) for key in wish.initial):
        wanted |= wish.initial
    differing = {key: encoded(value) for key, value in wanted.items() if present.get(key) != encoded(value)}
    if live and not differing:
        return None
    body = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": wish.name, "namespace": wish.namespace, "labels": dict(wish.labels)},
        "data": differing,
    }
    return Write(
        address, body, live, tuple(f"data.{key} {'differs' if key in present else 'is missing'}" for key in differing)
    )


def _manifest(server: ApiServer, kinds: Kinds, manifest: Object) -> Write | None:
    address = kinds.address(manifest)
    if address is None:
        raise NotFound(f"The cluster does not know {manifest['kind']} of {manifest['apiVersion']}.")
    live = server.find(address.path)
    if live is None:
        return Write(address, manifest, None, ("it is missing",))
    found: list[Difference] = differences(manifest, live)
    return Write(address, merge_patch(manifest, live), live, tuple(map(str, found))) if found else None


def _write(server: ApiServer, write: Write, *, check: bool) -> None:
    if write.live is None:
        server.create(write.address.collection, write.body, dry_run=check)
    else:
        server.merge(write.address.path, write.body, dry_run=check)


def _shown(write: Write) -> dict[str, Any]:
    return {
        "before_header": str(write.address),
        "after_header": f"{write.address} ({write.action})",
        "before": "".join(_lines(write.shown)),
        "after": "as wanted\n",
    }


def _lines(texts: Iterable[str]) -> Iterator[str]:
    return (f"{text}\n" for text in texts)
