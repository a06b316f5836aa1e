# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who comes in through a Gateway: its listeners, or an Istio Gateway's servers, read the same way. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.snapshot import labels_of, name, namespace

Object = Mapping[str, Any]

# How routes are attached → API group, and the kinds that its definitions have to bring.
GROUPS: Mapping[str, tuple[str, Sequence[str]]] = {
    "gateway": ("gateway.networking.k8s.io", ("Gateway", "HTTPRoute")),
    "istio": ("networking.istio.io", ("Gateway", "VirtualService")),
    "openshift": ("route.openshift.io", ("Route",)),
}
NAME_LABEL = "kubernetes.io/metadata.name"
_TLS_PROTOCOLS = ("HTTPS", "TLS")


@dataclass(frozen=True)
class Door:
    """One way into a Gateway.

    Attributes:
        host: Hostname that it takes, with a wildcard in front perhaps; "" for any.
        tls: Whether it takes https.
        admits: Says whether routes of a namespace, given as its object, may use it.
    """

    host: str
    tls: bool
    admits: Callable[[Object], bool]

    def takes(self, hostname: str) -> bool:
        """Whether requests for a hostname come in here."""
        wildcard = self.host.startswith("*.") and hostname.endswith(self.host[1:])
        return not hostname or self.host in ("", hostname) or wildcard


def doors(gateway: Object, kind: str) -> Iterator[Door]:
    """Yield the doors of a Gateway of the Gateway API, or of Istio."""
    return _servers(gateway) if kind == "istio" else _listeners(gateway)


def _listeners(gateway: Object) -> Iterator[Door]:
    own = namespace(gateway)
    for listener in (gateway.get("spec") or {}).get("listeners") or []:
        allowed = (listener.get("allowedRoutes") or {}).get("namespaces") or {}
        yield Door(listener.get("hostname") or "", listener.get("protocol") in _TLS_PROTOCOLS, _allows(allowed, own))


def _allows(allowed: Mapping[str, Any], own: str) -> Callable[[Object], bool]:
    source, selector = allowed.get("from") or "Same", allowed.get("selector") or {}
    return lambda space: (
        source == "All"
        or (source == "Same" and name(space) == own)
        or (source == "Selector" and selects(selector, {NAME_LABEL: name(space), **labels_of(space)}))
    )


def _servers(gateway: Object) -> Iterator[Door]:
    own = namespace(gateway)
    for server in (gateway.get("spec") or {}).get("servers") or []:
        tls = (server.get("port") or {}).get("protocol") in _TLS_PROTOCOLS
        for entry in server.get("hosts") or []:
            space, _slash, host = entry.rpartition("/")
            yield Door("" if host == "*" else host, tls, _is(own if space == "." else space))


def _is(wanted: str) -> Callable[[Object], bool]:
    return lambda space: wanted in ("", "*", name(space))


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Whether a label selector matches; an empty one matches everything."""
    pairs = (selector.get("matchLabels") or {}).items()
    rules = selector.get("matchExpressions") or []
    return all(labels.get(key) == value for key, value in pairs) and all(_holds(rule, labels) for rule in rules)


def _holds(rule: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    value, values = labels.get(rule["key"]), rule.get("values") or []
    return {
        "In": value in values,
        "NotIn": value not in values,
        "Exists": value is not None,
        "DoesNotExist": value is None,
    }.get(rule["operator"], False)
