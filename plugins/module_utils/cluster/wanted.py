# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the caller wants to find in the cluster: components and check settings, as values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, Kind, Kinds, known

WORKLOAD_KINDS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True)
class WantedRelease:
    """A Helm release as it should be; a chart, version or values of None are not compared.

    With ``reuse_values`` it keeps its own values where the wanted ones say nothing.
    """

    name: str
    namespace: str
    chart: str | None = None
    version: str | None = None
    values: Mapping[str, Any] | None = None
    reuse_values: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """(namespace, name), as release records are found."""
        return (self.namespace, self.name)


@dataclass(frozen=True)
class WantedSecret:
    """A Secret that must have these values, and these keys with any value.

    Attributes:
        kept: Values that must never replace others.
        generated: Keys that are made up where they are missing.
    """

    namespace: str
    name: str
    data: Mapping[str, str] = field(default_factory=dict, repr=False)
    keys: Sequence[str] = ()
    kept: Mapping[str, str] = field(default_factory=dict, repr=False)
    generated: Sequence[str] = ()

    @property
    def all_keys(self) -> list[str]:
        """Return the keys that it must have with whatever value."""
        return list(dict.fromkeys([*self.keys, *self.generated, *self.kept]))


@dataclass(frozen=True)
class WantedCrd:
    """A CRD that must be there; with ``chart``, marked as coming from that chart and version."""

    name: str
    chart: str | None = None


@dataclass(frozen=True)
class Component:
    """A part of the installation and everything it consists of."""

    name: str
    release: WantedRelease | None = None
    objects: Sequence[Mapping[str, Any]] = ()
    secrets: Sequence[WantedSecret] = ()
    namespaces: Sequence[str] = ()
    crds: Sequence[WantedCrd] = ()
    workloads: Sequence[Mapping[str, str]] = ()

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> Component:
        """Take a component out of a task's options."""
        release = given.get("release")
        return cls(
            name=given["name"],
            release=_wanted_release(release) if release else None,
            objects=tuple(given.get("objects") or ()),
            secrets=tuple(
                WantedSecret(
                    namespace=secret["namespace"],
                    name=secret["name"],
                    data=secret.get("data") or {},
                    keys=tuple(secret.get("keys") or ()),
                    kept=secret.get("kept") or {},
                    generated=tuple(secret.get("generated") or ()),
                )
                for secret in given.get("secrets") or ()
            ),
            namespaces=tuple(dict.fromkeys(given.get("namespaces") or ())),
            crds=tuple(WantedCrd(crd["name"], crd.get("chart")) for crd in given.get("crds") or ()),
            workloads=tuple(given.get("workloads") or ()),
        )

    def all_namespaces(self) -> set[str]:
        """Return every namespace that the component has something in."""
        named = {*self.namespaces, *(secret.namespace for secret in self.secrets)}
        named |= {workload["namespace"] for workload in self.workloads}
        named |= {thing["metadata"]["namespace"] for thing in self.objects if thing["metadata"].get("namespace")}
        return named | ({self.release.namespace} if self.release else set())

    def addresses(self, kinds: Kinds) -> set[Address]:
        """Return the objects to read that are known without the release's manifest."""
        found = {kinds.address(manifest) for manifest in self.objects}
        found |= {Address(known("Secret"), secret.namespace, secret.name) for secret in self.secrets}
        found |= {workload_address(workload) for workload in self.workloads}
        return {address for address in found if address is not None}


def workload_address(workload: Mapping[str, str]) -> Address:
    """Return where a workload given as kind, namespace and name is."""
    return Address(workload_kind(workload["kind"]), workload["namespace"], workload["name"])


def workload_kind(kind: str) -> Kind:
    """Return a workload's kind by its name."""
    return known(kind)


def _wanted_release(given: Mapping[str, Any]) -> WantedRelease:
    options: dict[str, Any] = {entry.name: given.get(entry.name) for entry in fields(WantedRelease)}
    return WantedRelease(**{**options, "reuse_values": bool(options["reuse_values"])})


@dataclass(frozen=True, order=True)
class Right:
    """Something the user must be allowed to do; without a namespace, in the whole cluster."""

    verb: str
    resource: str
    group: str = ""
    namespace: str | None = None

    def __str__(self) -> str:
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        where = f"in namespace {self.namespace}" if self.namespace else "in the whole cluster"
        return f"{self.verb} {resource} {where}"


@dataclass(frozen=True)
class Checks:
    """What the preflight is to demand. See the options of observe_cluster for what each means."""

    enabled: bool = True
    kubernetes_minimum: str = "1.25"
    permissions: Sequence[Right] = ()
    volumes: Sequence[Mapping[str, str]] = ()
    pull_secrets: Sequence[str] = ()
    requests: Mapping[str, str] = field(default_factory=dict)
    ingress_mode: str | None = None
    ingress_class: str | None = None
    gateway: Mapping[str, str] | None = None
    entry: Mapping[str, Any] | None = None
    queue: Mapping[str, str] | None = None
    log_reader: Mapping[str, str] | None = None
    hostname: str | None = None
    fixed_values: Sequence[str] = ()
    watch_namespaces: Sequence[str] = ()
    keda_mode: str = "auto"

    @classmethod
    def of(cls, given: Mapping[str, Any] | None) -> Checks:
        """Take the settings out of a task's options; what is None keeps its default."""
        options = {name: value for name, value in (given or {}).items() if value is not None}
        options["permissions"] = tuple(_rights(options.get("permissions") or ()))
        return cls(**options)


def _rights(given: Iterable[Mapping[str, Any]]) -> Iterable[Right]:
    for entry in given:
        for verb in entry["verbs"]:
            yield Right(verb, entry["resource"], entry.get("group") or "", entry.get("namespace") or None)
