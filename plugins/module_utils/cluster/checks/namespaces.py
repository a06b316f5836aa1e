# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Right


def namespace_terminating(situation: Situation) -> Iterator[Finding]:
    """Refuse to install into a namespace that is going away."""
    for name in _namespaces(situation):
        thing = situation.seen.namespaces.get(name)
        if thing is not None and thing["metadata"].get("deletionTimestamp"):
            blockers = [
                str(entry.get("message"))
                for entry in (thing.get("status") or {}).get("conditions") or []
                if entry.get("status") == "True"
            ]
            yield Finding.error(
                "namespace_terminating",
                f"Namespace {name} is being deleted.",
                why=" ".join(blockers) or "Nothing can be made in it until that is over.",
                remedy="Wait until it is gone. If it hangs, an APIService without a backend is the usual cause "
                "(kubectl get apiservices).",
            )


def namespace_missing(situation: Situation) -> Iterator[Finding]:
    """Name the namespaces that are not there when they cannot be made either."""
    missing = [name for name in _namespaces(situation) if name not in situation.seen.namespaces]
    if missing and situation.seen.rights.get(Right("create", "namespaces")) is False:
        yield Finding.error(
            "namespace_missing",
            f"Missing namespaces: {', '.join(missing)}.",
            why="The user of this kubeconfig may not create namespaces.",
            remedy=f"Have an administrator run: kubectl create namespace {missing[0]} (and so on)"
            if len(missing) > 1
            else f"Have an administrator run: kubectl create namespace {missing[0]}",
        )


def _namespaces(situation: Situation) -> list[str]:
    named = set(situation.wanted.watch_namespaces)
    for component in situation.components:
        named |= component.all_namespaces()
    return sorted(named)
