# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of how agents are reached from outside."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import (
    DEFAULT_INGRESS_CLASS,
    helm_owner,
    marked,
    name,
    owner,
)


def ingress_class(situation: Situation) -> Iterator[Finding]:
    """Demand the class that is to be used, or that the class to be made is not somebody else's."""
    classes, wanted = situation.seen.ingress_classes, situation.wanted.ingress_class
    if classes is None or not wanted or situation.wanted.ingress_mode not in ("existing", "managed", "openshift"):
        return
    there = {name(thing): thing for thing in classes}
    if situation.wanted.ingress_mode != "managed" and wanted not in there:
        yield Finding.error(
            "ingress_class",
            f"There is no IngressClass {wanted}.",
            why=f"No controller would serve the agents' paths. The cluster has: {', '.join(sorted(there)) or 'none'}.",
            remedy="Name one of these, or let this collection install Traefik: ingress_mode: traefik.",
        )
    elif (
        situation.wanted.ingress_mode == "managed" and wanted in there and not situation.ours(helm_owner(there[wanted]))
    ):
        yield Finding.error(
            "ingress_class",
            f"IngressClass {wanted} is there already, owned by {owner(there[wanted]) or 'somebody else'}.",
            why="Helm refuses to take over objects that it does not own, and two controllers would serve the same "
            "class.",
            remedy="Use that controller (ingress_mode: existing), or give another name (ingress_class).",
        )


def default_ingress_classes(situation: Situation) -> Iterator[Finding]:
    """Warn of several default classes: an Ingress without class is refused then."""
    defaults = sorted(
        name(thing) for thing in situation.seen.ingress_classes or () if marked(thing, DEFAULT_INGRESS_CLASS)
    )
    if len(defaults) > 1:
        yield Finding.warning(
            "default_ingress_classes",
            f"Several IngressClasses are marked as default: {', '.join(defaults)}.",
            why="The API server refuses every new Ingress that names no class.",
            remedy="Leave the mark on one: kubectl annotate ingressclass NAME "
            "ingressclass.kubernetes.io/is-default-class-",
        )
