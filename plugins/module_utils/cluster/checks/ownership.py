# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of things that other installations own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    LGP_CRD,
    helm_owner,
    name,
    namespace,
)

# Cluster-wide roles that a chart makes under a name of its own, whatever the release is called.
_FIXED_ROLES = {"keda": ("keda-operator", "keda-operator-external-metrics-reader", "keda-operator-webhook")}
_EVERYWHERE = frozenset({"*"})


def crd_owner(situation: Situation) -> Iterator[Finding]:
    """Find another Helm release that owns the CRD of agents, and still is there."""
    crd = situation.seen.crds.get(LGP_CRD)
    release = helm_owner(crd) if crd else None
    if release is None or situation.ours(release):
        return
    if release not in situation.seen.records:
        yield Finding.warning(
            "crd_owner",
            f"CustomResourceDefinition {LGP_CRD} is a leftover of Helm release {release[1]} in namespace {release[0]}.",
            why="That release is gone, or not visible to this user.",
            remedy="Nothing: it is taken over. The mark goes by: " + _disown(LGP_CRD),
        )
        return
    yield Finding.error(
        "crd_owner",
        f"CustomResourceDefinition {LGP_CRD} is owned by Helm release {release[1]} in namespace {release[0]}.",
        why="Two owners would overwrite each other's version of it, and Helm refuses to share it.",
        remedy="Set operator.createCRDs: false in that release's values and upgrade it (the chart keeps the CRD), "
        f"then: {_disown(LGP_CRD)}",
    )


def _disown(crd: str) -> str:
    return f"kubectl annotate crd {crd} meta.helm.sh/release-name- meta.helm.sh/release-namespace-"


def role_owner(situation: Situation) -> Iterator[Finding]:
    """Find roles that a release of ours would make, and that another release owns."""
    for release in situation.releases():
        fixed = _FIXED_ROLES.get(release.chart or "", ())
        for kind, things in (("ClusterRole", situation.seen.cluster_roles), ("Role", situation.seen.roles)):
            for thing in things or ():
                other = helm_owner(thing)
                clash = name(thing) in fixed if kind == "ClusterRole" else False
                if (
                    other is None
                    or situation.ours(other)
                    or not (clash or _named_alike(release.name, thing, other, kind, situation))
                ):
                    continue
                where = f"{namespace(thing)}/{name(thing)}" if kind == "Role" else name(thing)
                yield Finding.error(
                    "role_owner",
                    f"{kind} {where} is owned by Helm release {other[1]} in namespace {other[0]}.",
                    why=f"Release {release.name} in namespace {release.namespace} makes one of the same name; Helm "
                    "refuses to take it over.",
                    remedy="Give this release another name (langgraph_release_name), and namespaces to watch of its "
                    "own.",
                )


def _named_alike(
    release_name: str, thing: Mapping[str, Any], other: tuple[str, str], kind: str, situation: Situation
) -> bool:
    """Whether a release of the same name elsewhere made it, so that ours would make it under the same name."""
    alike = other[1] == release_name and name(thing).startswith(release_name)
    watched = kind == "ClusterRole" and not situation.wanted.watch_namespaces
    return alike and (watched or namespace(thing) in situation.wanted.watch_namespaces)


def watch_namespaces_overlap(situation: Situation) -> Iterator[Finding]:
    """Find another operator or listener that watches a namespace of ours."""
    wanted = frozenset(situation.wanted.watch_namespaces)
    if not wanted:
        return
    reported: set[tuple[str, str]] = set()
    for thing in situation.seen.operators or ():
        watched = _watched(thing)
        release = helm_owner(thing)
        if watched is None or situation.ours(release):
            continue
        shared = wanted if watched is _EVERYWHERE else wanted & watched
        key = release or (namespace(thing), name(thing))
        if not shared or key in reported:
            continue
        reported.add(key)
        yield Finding.error(
            "watch_namespaces_overlap",
            f"Deployment {namespace(thing)}/{name(thing)} watches {_listed(watched)} already.",
            why=f"Two operators would fight over the agents in {', '.join(sorted(shared))}.",
            remedy="Give each installation namespaces of its own (listener_namespaces here, config.watchNamespaces "
            "there), "
            "or remove the other one.",
        )


def _watched(deployment: Mapping[str, Any]) -> frozenset[str] | None:
    """Return the namespaces that an operator watches, None for a Deployment that is no operator."""
    pod = ((deployment.get("spec") or {}).get("template") or {}).get("spec") or {}
    for container in pod.get("containers") or []:
        if "langgraph-operator" not in container.get("image", ""):
            continue
        value = next(
            (entry.get("value") for entry in container.get("env") or [] if entry.get("name") == "WATCH_NAMESPACE"), ""
        )
        return frozenset(part.strip() for part in value.split(",")) if value else _EVERYWHERE
    return None


def _listed(watched: frozenset[str]) -> str:
    return "every namespace" if watched is _EVERYWHERE else ", ".join(sorted(watched))
