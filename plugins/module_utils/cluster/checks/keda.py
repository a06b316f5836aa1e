# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of KEDA: whose it is, whether it works, and who else serves external metrics."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import ABSENT, UNKNOWN
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    KEDA_CRD,
    Snapshot,
    helm_owner,
    labels_of,
    name,
    namespace,
    owner,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Component

_EXTERNAL_METRICS = "v1beta1.external.metrics.k8s.io"


@dataclass(frozen=True)
class Keda:
    """What there is of KEDA.

    Attributes:
        crd: Its custom resources are known to the cluster.
        operator: (namespace, name) of its operator's Deployment.
        hidden: There may be an operator where this user may not look.
        owner: Who owns it, in words; None where nothing tells.
        release: (namespace, name) of the Helm release that owns it.
    """

    crd: bool
    operator: tuple[str, str] | None
    owner: str | None
    release: tuple[str, str] | None
    hidden: bool

    @property
    def present(self) -> bool:
        """Whether there is a KEDA that can be used, as far as can be seen."""
        return self.crd and (self.operator is not None or self.hidden)


def used_only(situation: Situation) -> bool:
    """Whether no KEDA is installed: none is wanted, or somebody else's is used."""
    mode, keda = situation.wanted.keda_mode, find_keda(situation.seen)
    return mode in ("existing", "disabled") or (mode == "auto" and keda.present and not situation.ours(keda.release))


def find_keda(seen: Snapshot) -> Keda:
    """Return what there is of KEDA."""
    crd = seen.crds.get(KEDA_CRD)  # None as well where it is there and may not be read
    operator = next(
        (thing for thing in seen.operators or () if labels_of(thing).get("app.kubernetes.io/name") == "keda-operator"),
        None,
    )
    owned = operator or crd
    who = (owner(owned) or "plain manifests") if owned else None
    return Keda(
        crd=crd is not None or seen.hides("CustomResourceDefinition", KEDA_CRD),
        operator=(namespace(operator), name(operator)) if operator else None,
        owner=who,
        release=(helm_owner(owned) or (helm_owner(crd) if crd else None)) if owned else None,
        hidden=operator is None and not seen.everywhere,
    )


def used_as_it_is(component: Component, state: str, seen: Snapshot, mode: str) -> bool:
    """Whether a KEDA that is there is used, because its release is not known to be ours."""
    chart = component.release.chart if component.release else None
    return chart == "keda" and mode == "auto" and state in (ABSENT, UNKNOWN) and find_keda(seen).present


def keda_owner(situation: Situation) -> Iterator[Finding]:
    """Refuse to install a KEDA over somebody else's when told to manage it."""
    keda = find_keda(situation.seen)
    if situation.wanted.keda_mode != "managed" or not keda.owner or not keda.crd or situation.ours(keda.release):
        return
    yield Finding.error(
        "keda_owner",
        f"KEDA is there already, owned by {keda.owner}.",
        why="A cluster can have one KEDA only; Helm refuses to take over objects that it does not own.",
        remedy="Use it as it is: keda_mode: existing (or auto). To manage it here, remove that one first.",
    )


def keda_missing(situation: Situation) -> Iterator[Finding]:
    """Demand a KEDA when told to use the one that is there; tell of half of one."""
    keda, mode = find_keda(situation.seen), situation.wanted.keda_mode
    if mode in ("auto", "existing") and keda.crd and keda.hidden and not situation.ours(keda.release):
        yield Finding.warning(
            "keda_missing",
            "KEDA's custom resource definitions are there, and whether its operator runs cannot be seen.",
            why="The user of this kubeconfig may not list Deployments in the whole cluster. KEDA is used as it is.",
            remedy="Grant the right to list deployments by a ClusterRole to have it looked at.",
        )
    elif mode == "existing" and not keda.present:
        yield Finding.error(
            "keda_missing",
            "There is no working KEDA in the cluster, and keda_mode is existing.",
            why="Its custom resource definitions are missing."
            if not keda.crd
            else "Its operator's Deployment is missing.",
            remedy="Install KEDA, or let this collection do so: keda_mode: auto.",
        )
    elif mode == "auto" and keda.crd and not keda.present and not situation.ours(keda.release):
        yield Finding.warning(
            "keda_missing",
            f"KEDA's custom resource definitions are there (owned by {keda.owner or 'an unknown owner'}), and no "
            "operator of it is visible.",
            why="It was half removed, or it runs where this user may not look.",
            remedy="If it is a leftover: kubectl delete crd -l app.kubernetes.io/part-of=keda-operator. Else say "
            "keda_mode: existing.",
        )


def external_metrics(situation: Situation) -> Iterator[Finding]:
    """Find another product that serves external metrics: the API can have one provider only."""
    if situation.wanted.keda_mode not in ("auto", "managed"):
        return
    for service in situation.seen.api_services or ():
        backend = (service.get("spec") or {}).get("service") or {}
        if (
            name(service) != _EXTERNAL_METRICS
            or situation.ours(helm_owner(service))
            or "keda" in backend.get("name", "")
        ):
            continue
        yield Finding.error(
            "external_metrics",
            f"External metrics are served by {backend.get('namespace')}/{backend.get('name')} already.",
            why="A cluster can have one provider of external.metrics.k8s.io only, and KEDA wants to be it.",
            remedy="Remove the other provider, or scale without KEDA: keda_mode: disabled.",
        )
