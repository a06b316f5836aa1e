# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what the user may do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import UNKNOWN
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import Snapshot
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Component, Right

_WRITE = ("create", "get", "list", "patch", "delete")
_IN_NAMESPACE = (
    ("", "secrets"),
    ("", "configmaps"),
    ("", "services"),
    ("", "serviceaccounts"),
    ("apps", "deployments"),
    ("apps", "statefulsets"),
    ("rbac.authorization.k8s.io", "roles"),
    ("rbac.authorization.k8s.io", "rolebindings"),
)
_MOST_REASONS = 5
_READ_IN_NAMESPACE = (("", "pods"), ("", "pods/log"), ("", "events"))
# What charts make outside their namespace.
_OF_CHART = {
    "keda": (
        ("apiextensions.k8s.io", "customresourcedefinitions"),
        ("apiregistration.k8s.io", "apiservices"),
        ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ),
    "traefik": (
        ("apiextensions.k8s.io", "customresourcedefinitions"),
        ("networking.k8s.io", "ingressclasses"),
        ("rbac.authorization.k8s.io", "clusterroles"),
        ("rbac.authorization.k8s.io", "clusterrolebindings"),
    ),
}


def needed(components: Iterable[Component], seen: Snapshot) -> set[Right]:
    """Return what installing some components takes."""
    rights: set[Right] = set()
    namespaces: set[str] = set()
    for component in components:
        rights |= _of_component(component)
        namespaces |= component.all_namespaces()
    if any(map(seen.lacks_namespace, namespaces)):
        rights.add(Right("create", "namespaces"))
    return rights


def _of_component(component: Component) -> set[Right]:
    rights: set[Right] = set()
    if component.release:
        namespace = component.release.namespace
        rights |= {Right(verb, resource, group, namespace) for group, resource in _IN_NAMESPACE for verb in _WRITE}
        rights |= {Right("get", resource, group, namespace) for group, resource in _READ_IN_NAMESPACE}
        rights |= {
            Right(verb, resource, group)
            for group, resource in _OF_CHART.get(component.release.chart or "", ())
            for verb in ("get", "create", "patch")
        }
    rights |= {
        Right(verb, "secrets", "", secret.namespace)
        for secret in component.secrets
        for verb in ("get", "create", "patch")
    }
    if component.crds:
        rights |= {
            Right(verb, "customresourcedefinitions", "apiextensions.k8s.io") for verb in ("get", "create", "patch")
        }
    return rights


def permissions(situation: Situation) -> Iterator[Finding]:
    """Name every right that is needed and not held, several verbs of a resource in one finding."""
    missing: dict[tuple[str, str, str | None], list[str]] = {}
    for right, held in sorted(situation.seen.rights.items(), key=lambda item: str(item[0])):
        if not held:
            missing.setdefault((right.group, right.resource, right.namespace), []).append(right.verb)
    for (group, resource, namespace), verbs in missing.items():
        right = Right("/".join(verbs), resource, group, namespace)
        role = "Role" if namespace else "ClusterRole"
        yield Finding.error(
            "permissions",
            f"The user of this kubeconfig may not {right}.",
            why="The installation needs this right.",
            remedy=f"Grant it by a {role} (apiGroups: [{group!r}], resources: [{resource!r}], verbs: {verbs}), "
            "or use the kubeconfig of a user who has it.",
        )


def not_readable(situation: Situation) -> Iterator[Finding]:
    """Refuse to act on what is not known, and tell what was not looked at."""
    remedy = "Grant the user of this kubeconfig the right that is named, or use the kubeconfig of a user who has it."
    for component in situation.components:
        assessment = situation.assessed.get(component.name)
        if assessment is None:
            continue
        if assessment.state == UNKNOWN:
            error = situation.seen.unreadable_releases.get(component.release.key) if component.release else None
            yield Finding.error(
                "not_readable",
                f"Whether {component.name} is as wanted cannot be told.",
                why=_several(assessment.reasons),
                remedy=(error and error.remedy) or remedy,
            )
        elif assessment.unseen:
            yield Finding.warning(
                "not_readable",
                f"Some of {component.name} was not looked at, and stays as it is.",
                why=_several(assessment.unseen),
                remedy=remedy,
            )


def _several(reasons: Sequence[str]) -> str:
    more = [f"and {len(reasons) - _MOST_REASONS} more"] if len(reasons) > _MOST_REASONS else []
    return "; ".join([*reasons[:_MOST_REASONS], *more])
