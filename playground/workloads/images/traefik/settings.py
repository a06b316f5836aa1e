# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The command line, as Traefik has it: entry points and providers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

OPTION = re.compile(r"--([^=]+)(?:=(.*))?$", re.S)
ADDRESS = re.compile(r"^[^:]*:(\d+)(?:/tcp)?$")


@dataclass(frozen=True)
class Settings:
    """What the stand-in uses of Traefik's options; all names are lower case, as Traefik ignores case."""

    entry_points: dict[str, int] = field(default_factory=lambda: {"web": 80})
    tls: frozenset[str] = frozenset()
    ingress: bool = False
    gateway: bool = False
    ingress_class: str = ""
    published_service: tuple[str, str] | None = None
    namespaces: tuple[str, ...] = ("",)


def read(arguments: Iterable[str]) -> Settings:
    """Read Traefik's command line; options that the stand-in has no use for are accepted."""
    options = {}
    for argument in arguments:
        match = OPTION.match(argument)
        if match:
            options[match[1].lower()] = match[2] if match[2] is not None else "true"
    entry_points, tls = {}, set()
    for name, value in options.items():
        parts = name.split(".")
        if parts[0] == "entrypoints" and parts[2:] == ["address"] and (port := ADDRESS.match(value)):
            entry_points[parts[1]] = int(port[1])
        if parts[0] == "entrypoints" and parts[2:4] in (["http", "tls"], ["tls"]) and value != "false":
            tls.add(parts[1])
    ingress, gateway = "providers.kubernetesingress", "providers.kubernetesgateway"
    published = options.get(f"{ingress}.ingressendpoint.publishedservice", "")
    namespaces = [name.strip() for name in options.get(f"{ingress}.namespaces", "").split(",") if name.strip()]
    return Settings(
        entry_points=entry_points or {"web": 80},
        tls=frozenset(tls),
        ingress=_on(options, ingress),
        gateway=_on(options, gateway),
        ingress_class=options.get(f"{ingress}.ingressclass", ""),
        published_service=(published.partition("/")[0], published.partition("/")[2]) if "/" in published else None,
        namespaces=tuple(namespaces) or ("",),
    )


def _on(options: dict[str, str], provider: str) -> bool:
    if provider in options:
        return options[provider] != "false"
    return any(name.startswith(f"{provider}.") for name in options)
