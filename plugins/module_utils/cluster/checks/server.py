# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of the API server itself."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import name
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.workloads import condition
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError, SelfHostedError


def api_reachable(error: SelfHostedError) -> Finding:
    """Tell of a cluster that cannot be asked anything."""
    unauthorized = isinstance(error, AnswerError) and error.status == 401  # noqa: PLR2004
    what = "The Kubernetes API does not accept the credentials." if unauthorized else error.message
    return Finding.error(
        "api_reachable",
        what,
        why=error.cause or "No cause is known.",
        remedy=error.remedy or "Check kubeconfig and context with: kubectl cluster-info",
    )


def kubernetes_version(situation: Situation) -> Iterator[Finding]:
    """Demand at least a certain version of Kubernetes."""
    found, wanted = situation.seen.version.get("gitVersion", ""), situation.wanted.kubernetes_minimum
    if found and _numbers(found) < _numbers(wanted):
        yield Finding.error(
            "kubernetes_version",
            f"The cluster runs Kubernetes {found}, and at least {wanted} is needed.",
            why="The charts use APIs that older versions do not serve.",
            remedy="Upgrade the cluster, or lower kubernetes_minimum at your own risk.",
        )


def api_services(situation: Situation) -> Iterator[Finding]:
    """Warn of aggregated APIs without a backend: they make the deletion of any namespace hang."""
    for service in situation.seen.api_services or ():
        state = condition(service, "Available")
        if state.get("status") == "False":
            yield Finding.warning(
                "api_services",
                f"APIService {name(service)} is not available ({state.get('reason', 'no reason given')}).",
                why="While it is so, the deletion of any namespace hangs. A half-removed product, such as KEDA, "
                "leaves this behind.",
                remedy="Repair what serves it, or, if that is gone for good: kubectl delete apiservice "
                f"{name(service)}",
            )


def hostname_resolves(situation: Situation) -> Iterator[Finding]:
    """Warn of a hostname that leads nowhere, as seen from this machine."""
    hostname = situation.wanted.hostname
    if not hostname:
        return
    try:
        socket.getaddrinfo(hostname, None)
    except OSError as error:
        yield Finding.warning(
            "hostname_resolves",
            f"{hostname} does not resolve on this machine ({error}).",
            why="Users and agents' health checks find the platform by this name; until they do, agents are DEPLOYING.",
            remedy="Point it to the ingress controller's address in DNS. Until then ingress_address names the address "
            "for this run.",
        )


def _numbers(version: str) -> tuple[int, int]:
    match = re.match(r"v?(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else (0, 0)
