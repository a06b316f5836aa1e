# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What was seen of a cluster at one moment: a value that components are assessed by and that checks look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import Record, Release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, Kind, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Right
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError

Object = Mapping[str, Any]

RELEASE_NAME = "meta.helm.sh/release-name"
RELEASE_NAMESPACE = "meta.helm.sh/release-namespace"
CHART_MARK = "langgraph.selfhosted/chart"
DEFAULT_STORAGE_CLASS = (
    "storageclass.kubernetes.io/is-default-class",
    "storageclass.beta.kubernetes.io/is-default-class",
)
DEFAULT_INGRESS_CLASS = "ingressclass.kubernetes.io/is-default-class"
LGP_CRD = "lgps.apps.langchain.ai"
KEDA_CRD = "scaledobjects.keda.sh"


@dataclass(frozen=True)
class Snapshot:
    """What was read. A sequence that is None could not be read (see ``denied``).

    What is in none of ``live``, ``namespaces`` and ``crds`` is missing, unless it is ``unreadable``.

    Attributes:
        version: Answer of ``/version``.
        records: (namespace, name) → newest record of every release that is visible.
        releases: The same for those that were decoded.
        live: The wanted objects that exist.
        unreadable: Wanted objects, namespaces and CRDs that could not be read, and why.
        unreadable_releases: (namespace, name) → why the records of a wanted release, or the newest one, could not be.
        namespaces: Name → Namespace, for all that are visible.
        kinds: (apiVersion, kind) → where it is in the API; None for a kind that is not served.
        scalers: HorizontalPodAutoscalers beside the releases' workloads.
        crds: Name → CRD (metadata only) for the CRDs that are of interest and exist. One that exists and may not be
            looked at is ``unreadable``.
        route_kinds: Kinds that the cluster knows of the API group that routes are of.
        queues: Queues of listeners, our own first.
        log_readers: The account that is to read agents' logs.
        operators: Deployments of KEDA and of LangGraph operators and listeners, in the whole cluster if allowed.
        everywhere: Whether it was allowed.
        rights: Right → whether the user has it.
        denied: What could not be read, as text, for findings.
    """

    version: Object = field(default_factory=dict)
    records: Mapping[tuple[str, str], Record] = field(default_factory=dict)
    releases: Mapping[tuple[str, str], Release] = field(default_factory=dict)
    live: Mapping[Address, dict[str, Any]] = field(default_factory=dict)
    unreadable: Mapping[Address, AnswerError] = field(default_factory=dict)
    unreadable_releases: Mapping[tuple[str, str], AnswerError] = field(default_factory=dict)
    kinds: Mapping[tuple[str, str], Kind | None] = field(default_factory=dict)
    namespaces: Mapping[str, Object] = field(default_factory=dict)
    storage_classes: Sequence[Object] | None = ()
    ingress_classes: Sequence[Object] | None = ()
    crds: Mapping[str, Object] = field(default_factory=dict)
    operators: Sequence[Object] | None = ()
    everywhere: bool = True
    autoscalers: Sequence[Object] | None = ()
    gateways: Sequence[Object] | None = None
    route_kinds: Sequence[str] | None = None
    ingresses: Sequence[Object] | None = ()
    routes: Sequence[Object] | None = ()
    queues: Sequence[Any] | None = ()
    log_readers: Sequence[Object] | None = None
    nodes: Sequence[Object] | None = ()
    pods: Sequence[Object] | None = ()
    api_services: Sequence[Object] | None = ()
    quotas: Sequence[Object] | None = ()
    limit_ranges: Sequence[Object] | None = ()
    cluster_roles: Sequence[Object] | None = ()
    roles: Sequence[Object] | None = ()
    agents: Sequence[Object] | None = ()
    pull_secrets: Sequence[Object] | None = ()
    scalers: Sequence[Object] | None = ()
    rights: Mapping[Right, bool] = field(default_factory=dict)
    denied: Sequence[str] = ()

    def address(self, manifest: Object, default_namespace: str | None = None) -> Address | None:
        """Return where a manifest's object is, or None where the cluster does not serve its kind."""
        kind = self.kinds.get((manifest["apiVersion"], manifest["kind"]))
        if kind is None:
            return None
        metadata = manifest["metadata"]
        namespace = (metadata.get("namespace") or default_namespace) if kind.namespaced else None
        return Address(kind, namespace, metadata["name"])

    def hides(self, kind: str, name: str) -> bool:
        """Whether an object that belongs to no namespace could not be read."""
        return Address(known(kind), None, name) in self.unreadable

    def lacks_namespace(self, name: str) -> bool:
        """Whether there is no such namespace; one that could not be read may be there."""
        return name not in self.namespaces and not self.hides("Namespace", name)

    def not_readable(self) -> list[str]:
        """Return all that could not be read, as text."""
        releases = [f"release {name} in namespace {space}" for space, name in self.unreadable_releases]
        return [*self.denied, *releases, *map(str, sorted(self.unreadable))]

    def default_storage_classes(self) -> list[str]:
        """Return the names of the StorageClasses that are marked as default."""
        return [
            name(thing)
            for thing in self.storage_classes or ()
            if any(marked(thing, key) for key in DEFAULT_STORAGE_CLASS)
        ]


def name(thing: Object) -> str:
    """Return an object's name."""
    return str(thing["metadata"]["name"])


def namespace(thing: Object) -> str:
    """Return an object's namespace, "" for none."""
    return str(thing["metadata"].get("namespace") or "")


def annotations_of(thing: Object) -> Mapping[str, str]:
    """Return an object's annotations."""
    return thing["metadata"].get("annotations") or {}


def labels_of(thing: Object) -> Mapping[str, str]:
    """Return an object's labels."""
    return thing["metadata"].get("labels") or {}


def marked(thing: Object, annotation: str) -> bool:
    """Whether an annotation of an object says true."""
    return annotations_of(thing).get(annotation) == "true"


def helm_owner(thing: Object) -> tuple[str, str] | None:
    """Return (namespace, name) of the Helm release that owns an object, or None."""
    notes = annotations_of(thing)
    release = notes.get(RELEASE_NAME)
    return (notes.get(RELEASE_NAMESPACE, ""), release) if release else None


def owner(thing: Object) -> str | None:
    """Say who owns an object, as far as its metadata tells."""
    release = helm_owner(thing)
    if release:
        return f"Helm release {release[1]} in namespace {release[0]}"
    if any(key.startswith(("olm.", "operators.coreos.com/")) for key in labels_of(thing)):
        return "an operator (OLM)"
    if "argocd.argoproj.io/tracking-id" in annotations_of(thing) or "argocd.argoproj.io/instance" in labels_of(thing):
        return "Argo CD"
    return labels_of(thing).get("app.kubernetes.io/managed-by")
