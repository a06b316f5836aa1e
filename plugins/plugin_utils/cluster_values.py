# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys of a values file that a chart does not have; the measure is the chart's own values.yaml, as it has no schema."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding

CHECK = "unknown_values"
# What each check here looks for, for documents.
CHECKS = {CHECK: "Find keys of values files that the chart does not have, and tell what is meant."}
_SIMILAR = 0.7
# Keys that only hold YAML anchors, by convention.
_OF_THE_USER = ("x-", ".")


@dataclass(frozen=True)
class Obsolete:
    """A key that older guides have, or that is often put in the wrong place: what became of it, what to write now."""

    why: str
    remedy: str


_LICENSE = Obsolete(
    "The licence key of older guides no longer exists: with LangChain's control plane the API key is the licence, "
    "and a "
    "self-hosted LangSmith has a licence key of its own.",
    "Delete the line; the API key is all that is needed.",
)
OBSOLETE: Mapping[str, Obsolete] = {
    "config.langgraphPlatformLicenseKey": _LICENSE,
    "config.langgraphPlatform.langgraphPlatformLicenseKey": _LICENSE,
    "config.langgraphPlatform": Obsolete(
        "It is config.deployment of the langsmith chart (the full platform) today; a data plane has no such switch.",
        "Delete it here. For the full platform write config.deployment.enabled: true in the values of the langsmith "
        "chart.",
    ),
    "config.deployment": Obsolete(
        "It belongs to the langsmith chart (the full platform), not to a data plane.",
        "Move it to the values of the langsmith chart.",
    ),
    "listener.templates": Obsolete(
        "The templates of agents' objects moved to the operator; the chart refuses them here.",
        "Write operator.templates.",
    ),
    "listener.resources": Obsolete("It belongs below deployment.", "Write listener.deployment.resources."),
    "operator.resources": Obsolete("It belongs below deployment.", "Write operator.deployment.resources."),
    "redis.resources": Obsolete("It belongs below statefulSet.", "Write redis.statefulSet.resources."),
    "ingress.subdomain": Obsolete("Agents are told apart by path.", "Write ingress.basePath."),
    "gateway.subdomain": Obsolete("Agents are told apart by path.", "Write gateway.basePath."),
    "istioGateway.subdomain": Obsolete("Agents are told apart by path.", "Write istioGateway.basePath."),
}

# Keys that the chart's templates read though its values.yaml leaves them out.
UNDECLARED = frozenset({"global", "config.rootDomain"})


def unknown_keys(values: Mapping[str, Any], defaults: Mapping[str, Any], path: str = "") -> Iterator[Finding]:
    """Yield a finding for each key that the chart does not have.

    A map whose default is empty is free-form (annotations, labels, resources and the like), and lists are the
    user's own: neither is descended into.
    """
    for key, value in values.items():
        place = f"{path}.{key}" if path else str(key)
        if place in UNDECLARED or str(key).startswith(_OF_THE_USER):
            continue
        if key not in defaults and place in OBSOLETE:
            yield _obsolete(place)
        elif key not in defaults:
            yield _unknown(place, str(key), defaults, path)
        else:
            yield from _below(value, defaults[key], place)


def _below(value: Any, default: Any, place: str) -> Iterator[Finding]:
    declared = isinstance(default, Mapping) and bool(default)
    if isinstance(value, Mapping) and declared:
        yield from unknown_keys(value, default, place)
    elif declared and value is not None:
        yield Finding.error(
            CHECK,
            f"{place} in the values is {_kind(value)}, and the chart has a map there.",
            why="The templates read keys below it and would fail, or fall back to nothing.",
            remedy=f"Write its keys below it: {', '.join(sorted(map(str, default))[:6])}.",
        )
    elif isinstance(value, Mapping) and default is not None and not isinstance(default, Mapping):
        yield Finding.error(
            CHECK,
            f"{place} in the values is a map, and the chart has {_kind(default)} there.",
            why="The templates would render the map's text, or fail.",
            remedy="Check the indentation of the lines below it.",
        )


def _obsolete(place: str) -> Finding:
    entry = OBSOLETE[place]
    return Finding.error(CHECK, f"The chart has no {place}.", why=entry.why, remedy=entry.remedy)


def _unknown(place: str, key: str, defaults: Mapping[str, Any], path: str) -> Finding:
    there = [str(known) for known in defaults]
    similar = _similar(key, there)
    below = f"below {path}" if path else "at the top"
    remedy = (
        f"Write {f'{path}.' if path else ''}{similar}."
        if similar
        else f"Delete it, or see what the chart has {below}: {', '.join(sorted(there)[:12])}."
    )
    return Finding.error(
        CHECK,
        f"The chart has no {place}.",
        why="Helm ignores keys that it does not know without a word, so the setting would have no effect.",
        remedy=remedy,
    )


def _similar(key: str, there: list[str]) -> str | None:
    lowered = {known.lower().replace("_", "").replace("-", ""): known for known in there}
    matches = difflib.get_close_matches(key.lower().replace("_", "").replace("-", ""), lowered, n=1, cutoff=_SIMILAR)
    return lowered[matches[0]] if matches else None


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return {"str": "a text", "list": "a list", "NoneType": "empty"}.get(type(value).__name__, "a text")
