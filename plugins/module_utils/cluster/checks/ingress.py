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
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import condition


def ingress_class(situation: Situation) -> Iterator[Finding]:
    """Demand the class that is to be used, or that the class to be made is not somebody else's."""
    classes, wanted = situation.seen.ingress_classes, situation.wanted.ingress_class
    if classes is None or not wanted or situation.wanted.ingress_mode not in ("existing", "managed"):
        return
    there = {name(thing): thing for thing in classes}
    if situation.wanted.ingress_mode == "existing" and wanted not in there:
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


def gateway_present(situation: Situation) -> Iterator[Finding]:
    """Demand the Gateway that agents' routes are to be attached to."""
    wanted = situation.wanted.gateway
    if not wanted or situation.seen.gateways is None:
        return
    if not wanted["name"] or not wanted["namespace"]:
        yield Finding.error(
            "gateway_present",
            "It is not said which Gateway agents' routes are to be attached to.",
            why="ingress_mode is gateway.",
            remedy="Set ingress_gateway_name and ingress_gateway_namespace.",
        )
        return
    label = f"{wanted['namespace']}/{wanted['name']}"
    if not situation.seen.gateways:
        yield Finding.error(
            "gateway_present",
            f"There is no Gateway {label}.",
            why="Agents' HTTPRoutes would be attached to nothing. (A cluster without the Gateway API has none either.)",
            remedy="Install the Gateway API and a controller, create the Gateway, or use an ingress (ingress_mode: "
            "traefik).",
        )
    elif condition(situation.seen.gateways[0], "Programmed").get("status") == "False":
        yield Finding.warning(
            "gateway_present",
            f"Gateway {label} is not programmed: "
            f"{condition(situation.seen.gateways[0], 'Programmed').get('message', '')}",
            why="Its controller has not set it up, so agents could not be reached.",
            remedy="Look at it: kubectl describe gateway",
        )
