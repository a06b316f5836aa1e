# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the Gateway that agents' routes are attached to: one of the Gateway API, or one of Istio."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.doors import GROUPS, Door, doors
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import condition

_INSTALL = {
    "gateway": "Install the Gateway API's definitions and a controller for them",
    "istio": "Install Istio",
}
_OPEN = {
    "gateway": "Open a listener to them (allowedRoutes.namespaces.from: All, or a Selector that matches their labels)",
    "istio": "Open a server to them (a host such as */{hostname})",
}


def gateway_present(situation: Situation) -> Iterator[Finding]:
    """Demand the kinds that routes are made of, and the Gateway that they are attached to."""
    wanted, seen = situation.wanted.gateway, situation.seen
    if not wanted:
        return
    group, kinds = GROUPS[wanted["kind"]]
    if seen.route_kinds is not None and (missing := [kind for kind in kinds if kind not in seen.route_kinds]):
        yield Finding.error(
            "gateway_present",
            f"The cluster does not know {' and '.join(missing)} of {group}.",
            why=f"Each agent gets a route of that kind, and there is none without its definition ({group}).",
            remedy=f"{_INSTALL[wanted['kind']]}, or use an Ingress (ingress_mode: existing, or traefik).",
        )
    elif not wanted["name"] or not wanted["namespace"]:
        yield Finding.error(
            "gateway_present",
            "It is not said which Gateway agents' routes are to be attached to.",
            why=f"ingress_mode is {wanted['kind']}.",
            remedy="Set ingress_gateway_name and ingress_gateway_namespace.",
        )
    elif seen.gateways is not None and not seen.gateways:
        yield Finding.error(
            "gateway_present",
            f"There is no Gateway {_label(situation)} of {group}.",
            why="Agents' routes would be attached to nothing.",
            remedy="Create it, name another one (ingress_gateway_name, ingress_gateway_namespace), or use an Ingress "
            "(ingress_mode: existing, or traefik).",
        )
    elif seen.gateways and condition(seen.gateways[0], "Programmed").get("status") == "False":
        yield Finding.warning(
            "gateway_present",
            f"Gateway {_label(situation)} is not programmed: "
            f"{condition(seen.gateways[0], 'Programmed').get('message', '')}",
            why="Its controller has not set it up, so agents could not be reached.",
            remedy="Look at it: kubectl describe gateway",
        )


def gateway_admits(situation: Situation) -> Iterator[Finding]:
    """Demand that the Gateway takes the hostname, and routes of the namespaces that agents go to."""
    wanted, entry = situation.wanted.gateway, situation.wanted.entry
    if not wanted or not entry or not situation.seen.gateways:
        return
    under_host = _under_host(situation)
    if not under_host:
        yield Finding.error(
            "gateway_admits",
            f"Gateway {_label(situation)} takes no requests for {entry['hostname']}.",
            why="None of its listeners has that hostname; routes of agents would be attached in vain.",
            remedy="Add the hostname to the Gateway, or name one that it takes.",
        )
        return
    shut = [space for space in entry["namespaces"] if not any(_admits(door, space, situation) for door in under_host)]
    if shut:
        yield Finding.error(
            "gateway_admits",
            f"Gateway {_label(situation)} takes no routes from namespace {' and '.join(shut)}.",
            why="An agent's route is in the agent's namespace, and who owns a Gateway says from where routes may come.",
            remedy=f"{_OPEN[wanted['kind']].format(hostname=entry['hostname'])}, or name a Gateway of that namespace.",
        )


def gateway_tls(situation: Situation) -> Iterator[Finding]:
    """Warn where agents' addresses say https and the Gateway does not speak it, or the other way round."""
    entry = situation.wanted.entry
    if not situation.wanted.gateway or not entry or not situation.seen.gateways:
        return
    spoken = {door.tls for door in _under_host(situation)}
    if spoken and entry["tls"] not in spoken:
        yield Finding.warning(
            "gateway_tls",
            f"Agents are to be reached by {'https' if entry['tls'] else 'http'}, and Gateway {_label(situation)} takes "
            f"{'http' if entry['tls'] else 'https'} only.",
            why="The listener's health check calls an agent at its address; unless something in front of the Gateway "
            "makes the one of the other, agents stay in DEPLOYING.",
            remedy="Add a listener to the Gateway, or set ingress_tls_enabled to what is true from outside.",
        )


def _label(situation: Situation) -> str:
    wanted = situation.wanted.gateway or {}
    return f"{wanted['namespace']}/{wanted['name']}"


def _under_host(situation: Situation) -> list[Door]:
    wanted, entry, gateways = situation.wanted.gateway, situation.wanted.entry, situation.seen.gateways
    if not wanted or not entry or not gateways:
        return []
    return [door for door in doors(gateways[0], wanted["kind"]) if door.takes(entry["hostname"])]


def _admits(door: Door, space: str, situation: Situation) -> bool:
    return door.admits(situation.seen.namespaces.get(space) or {"metadata": {"name": space}})
