# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a cluster: components assessed, preflight checked, facts handed on. What observe_cluster does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster import checks
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.keda import find_keda, used_as_it_is
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.permissions import needed
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.server import api_reachable
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    NO_ANSWER,
    ApiServer,
    BadConnection,
    Connection,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import (
    CONVERGED,
    Assessment,
    assess,
    not_ours,
    unreachable,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.reading import read, read_more
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    CHART_MARK,
    LGP_CRD,
    Snapshot,
    annotations_of,
    helm_owner,
    name,
    owner,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Checks, Component
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError


def observe(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return components, findings and facts of the cluster that the options name.

    A cluster that cannot be asked is a finding, not an error.
    """
    components = [Component.of(given) for given in options.get("components") or ()]
    wanted = Checks.of(options.get("checks"))
    try:
        with connected(Connection.of(options)) as server:
            return look(server, components, wanted)
    except (*NO_ANSWER, BadConnection) as error:
        return _nothing_seen(components, error)


def look(server: ApiServer, components: Sequence[Component], wanted: Checks) -> dict[str, Any]:
    """Read a cluster that answers, assess and check it."""
    seen = read(server, components, wanted)
    ours = {component.release.key for component in components if component.release}
    assessed = {component.name: assess(component, seen, ours) for component in components}
    left = frozenset(
        component.name
        for component in components
        if used_as_it_is(component, assessed[component.name].state, seen, wanted.keda_mode)
    )
    assessed |= {name: not_ours(assessed[name]) for name in left}
    situation = Situation(seen, wanted, components, assessed, left)
    found: list[Finding] = []
    if wanted.enabled:
        found = checks.run(checks.CHECKS, situation)
        if not components or any(assessed[name].state != CONVERGED for name in assessed.keys() - left):
            rights = needed(situation.to_install(), seen) | set(wanted.permissions)
            seen = read_more(server, seen, components, wanted, rights)
            found += checks.run(checks.BEFORE_WRITING, Situation(seen, wanted, components, assessed, left))
    return _result(assessed, found, facts(seen), reachable=True)


def facts(seen: Snapshot) -> dict[str, Any]:
    """Return what roles want to know of the cluster."""
    keda, crd = find_keda(seen), seen.crds.get(LGP_CRD)
    release = helm_owner(crd) if crd else None
    return {
        "version": seen.version.get("gitVersion"),
        "default_storage_classes": seen.default_storage_classes(),
        "storage_classes": [name(thing) for thing in seen.storage_classes or ()],
        "ingress_classes": [name(thing) for thing in seen.ingress_classes or ()],
        "namespaces": sorted(seen.namespaces),
        "keda": {
            "present": keda.present,
            "owner": keda.owner,
            "release": _named(keda.release),
            "namespace": keda.operator[0] if keda.operator else None,
        },
        "crd": {
            "present": crd is not None,
            "owner": owner(crd) if crd else None,
            "release": _named(release),
            "managed_by_helm": release is not None,
            "chart": annotations_of(crd).get(CHART_MARK) if crd else None,
        },
        "not_readable": seen.not_readable(),
    }


def _named(release: tuple[str, str] | None) -> dict[str, str] | None:
    return {"namespace": release[0], "name": release[1]} if release else None


def _nothing_seen(components: Sequence[Component], error: SelfHostedError) -> dict[str, Any]:
    assessed = {component.name: unreachable() for component in components}
    return _result(assessed, [api_reachable(error)], facts(Snapshot()), reachable=False)


def _result(
    assessed: Mapping[str, Assessment], found: Sequence[Finding], cluster: Mapping[str, Any], *, reachable: bool
) -> dict[str, Any]:
    ordered = sorted(found, key=lambda finding: finding.severity)
    return {
        "reachable": reachable,
        "components": {component: assessment.as_dict() for component, assessment in assessed.items()},
        "findings": [finding.as_dict() for finding in ordered],
        "cluster": dict(cluster),
    }
