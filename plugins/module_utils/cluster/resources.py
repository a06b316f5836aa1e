# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the objects of a kind are found in the API: a table of known kinds, discovery for the others."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound

NAMESPACED = {
    "v1": {
        "ConfigMap": "configmaps",
        "Endpoints": "endpoints",
        "Event": "events",
        "LimitRange": "limitranges",
        "PersistentVolumeClaim": "persistentvolumeclaims",
        "Pod": "pods",
        "ResourceQuota": "resourcequotas",
        "Secret": "secrets",
        "Service": "services",
        "ServiceAccount": "serviceaccounts",
    },
    "apps/v1": {
        "ControllerRevision": "controllerrevisions",
        "DaemonSet": "daemonsets",
        "Deployment": "deployments",
        "ReplicaSet": "replicasets",
        "StatefulSet": "statefulsets",
    },
    "apps.langchain.ai/v1alpha1": {"LGP": "lgps"},
    "autoscaling/v2": {"HorizontalPodAutoscaler": "horizontalpodautoscalers"},
    "batch/v1": {"CronJob": "cronjobs", "Job": "jobs"},
    "coordination.k8s.io/v1": {"Lease": "leases"},
    "networking.k8s.io/v1": {"Ingress": "ingresses", "NetworkPolicy": "networkpolicies"},
    "policy/v1": {"PodDisruptionBudget": "poddisruptionbudgets"},
    "rbac.authorization.k8s.io/v1": {"Role": "roles", "RoleBinding": "rolebindings"},
}
CLUSTER_WIDE = {
    "v1": {"Namespace": "namespaces", "Node": "nodes", "PersistentVolume": "persistentvolumes"},
    "admissionregistration.k8s.io/v1": {
        "MutatingWebhookConfiguration": "mutatingwebhookconfigurations",
        "ValidatingWebhookConfiguration": "validatingwebhookconfigurations",
    },
    "apiextensions.k8s.io/v1": {"CustomResourceDefinition": "customresourcedefinitions"},
    "apiregistration.k8s.io/v1": {"APIService": "apiservices"},
    "networking.k8s.io/v1": {"IngressClass": "ingressclasses"},
    "rbac.authorization.k8s.io/v1": {"ClusterRole": "clusterroles", "ClusterRoleBinding": "clusterrolebindings"},
    "scheduling.k8s.io/v1": {"PriorityClass": "priorityclasses"},
    "storage.k8s.io/v1": {"StorageClass": "storageclasses"},
}


@dataclass(frozen=True, order=True)
class Kind:
    """A kind of object and where the API keeps it."""

    api_version: str
    kind: str
    plural: str
    namespaced: bool

    def collection(self, namespace: str | None = None) -> str:
        """Return the path of the collection: in a namespace, or in the whole cluster."""
        root = f"/apis/{self.api_version}" if "/" in self.api_version else f"/api/{self.api_version}"
        within = f"/namespaces/{namespace}" if self.namespaced and namespace else ""
        return f"{root}{within}/{self.plural}"

    def path(self, name: str, namespace: str | None = None) -> str:
        """Return the path of one object."""
        return f"{self.collection(namespace)}/{name}"


@dataclass(frozen=True, order=True)
class Address:
    """Which object: its kind, namespace (None for cluster-wide kinds) and name."""

    kind: Kind
    namespace: str | None
    name: str

    @property
    def path(self) -> str:
        """Where the object is in the API."""
        return self.kind.path(self.name, self.namespace)

    @property
    def collection(self) -> str:
        """The collection that the object is in."""
        return self.kind.collection(self.namespace)

    def __str__(self) -> str:
        where = f"{self.namespace}/{self.name}" if self.namespace else self.name
        return f"{self.kind.kind} {where}"


KNOWN: Mapping[tuple[str, str], Kind] = {
    (api_version, kind): Kind(api_version, kind, plural, namespaced)
    for table, namespaced in ((NAMESPACED, True), (CLUSTER_WIDE, False))
    for api_version, kinds in table.items()
    for kind, plural in kinds.items()
}


# OpenShift's own; not in the table, so that other clusters are asked whether they serve it.
ROUTE = Kind("route.openshift.io/v1", "Route", "routes", namespaced=True)


def known(kind: str) -> Kind:
    """Return a kind of the table by its name alone."""
    return next(entry for (_version, name), entry in KNOWN.items() if name == kind)


class Getter(Protocol):
    """What discovery needs of a client."""

    def get(self, path: str) -> dict[str, Any]:
        """Return the object at a path."""


class Kinds:
    """Finds kinds: in the table, else by asking the API server once a group version."""

    def __init__(self, server: Getter) -> None:
        self._server = server
        self._found: dict[str, dict[str, Kind]] = {}

    def find(self, api_version: str, kind: str) -> Kind | None:
        """Return the kind, or None where the cluster does not serve it."""
        entry = KNOWN.get((api_version, kind))
        if entry is not None:
            return entry
        if api_version not in self._found:
            self._found[api_version] = self._discover(api_version)
        return self._found[api_version].get(kind)

    def address(self, manifest: Mapping[str, Any], default_namespace: str | None = None) -> Address | None:
        """Return where the object of a manifest is, or None where the cluster does not serve its kind."""
        kind = self.find(manifest["apiVersion"], manifest["kind"])
        if kind is None:
            return None
        metadata = manifest["metadata"]
        namespace = (metadata.get("namespace") or default_namespace) if kind.namespaced else None
        return Address(kind, namespace, metadata["name"])

    def _discover(self, api_version: str) -> dict[str, Kind]:
        root = f"/apis/{api_version}" if "/" in api_version else f"/api/{api_version}"
        try:
            resources = self._server.get(root).get("resources") or []
        except NotFound:
            return {}
        return {
            entry["kind"]: Kind(api_version, entry["kind"], entry["name"], bool(entry["namespaced"]))
            for entry in resources
            if "/" not in entry["name"]
        }
