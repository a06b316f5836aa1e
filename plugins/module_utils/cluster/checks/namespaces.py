# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of namespaces."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.keda import used_only
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import name, namespace
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Right


def namespace_terminating(situation: Situation) -> Iterator[Finding]:
    """Refuse to install into a namespace that is going away."""
    for place in _namespaces(situation):
        thing = situation.seen.namespaces.get(place)
        if thing is not None and thing["metadata"].get("deletionTimestamp"):
            blockers = [
                str(entry.get("message"))
                for entry in (thing.get("status") or {}).get("conditions") or []
                if entry.get("status") == "True"
            ]
            yield Finding.error(
                "namespace_terminating",
                f"Namespace {place} is being deleted.",
                why=" ".join(blockers) or "Nothing can be made in it until that is over.",
                remedy="Wait until it is gone. If it hangs, an APIService without a backend is the usual cause "
                "(kubectl get apiservices).",
            )


def namespace_missing(situation: Situation) -> Iterator[Finding]:
    """Name the namespaces that are not there when they cannot be made either."""
    missing = [place for place in _namespaces(situation) if situation.seen.lacks_namespace(place)]
    if missing and situation.seen.rights.get(Right("create", "namespaces")) is False:
        yield Finding.error(
            "namespace_missing",
            f"Missing namespaces: {', '.join(missing)}.",
            why="The user of this kubeconfig may not create namespaces.",
            remedy=f"Have an administrator run: kubectl create namespace {missing[0]} (and so on)"
            if len(missing) > 1
            else f"Have an administrator run: kubectl create namespace {missing[0]}",
        )


def pull_secrets(situation: Situation) -> Iterator[Finding]:
    """Name the namespaces that lack the Secrets which their pods will pull images with."""
    wanted, seen = situation.wanted.pull_secrets, situation.seen.pull_secrets
    if not wanted or seen is None:
        return
    there = {(namespace(secret), name(secret)) for secret in seen}
    for place in _namespaces(situation):
        missing = [secret for secret in wanted if (place, secret) not in there]
        if missing:
            yield Finding.error(
                "pull_secrets",
                f"Namespace {place} lacks what langgraph_image_pull_secrets names: {', '.join(missing)}.",
                why="Its pods could not log in to the registry, and their images would not be pulled.",
                remedy=f"kubectl create namespace {place} (unless it is there), and in it kubectl create secret "
                f"docker-registry {missing[0]} -n {place} --docker-server=REGISTRY --docker-username=… "
                "--docker-password=… If something puts them into new namespaces by itself, ignore this "
                "(preflight_ignore: [pull_secrets]).",
            )


def _namespaces(situation: Situation) -> list[str]:
    """Return the namespaces that something is put into."""
    named = set(situation.wanted.watch_namespaces)
    for component in situation.components:
        if not (component.release and component.release.chart == "keda" and used_only(situation)):
            named |= component.all_namespaces()
    return sorted(named)
