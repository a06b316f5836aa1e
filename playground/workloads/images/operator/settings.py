# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the operator is told: the chart's variables and arguments, and the templates of its ConfigMap."""

from __future__ import annotations

import argparse
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from ...kube import Object
from ...paths import in_root

TEMPLATES = "/templates"
VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


class TemplateError(Exception):
    """A template cannot be used; ``str()`` names the template and what is wrong with it."""


@dataclass(frozen=True)
class Gateway:
    """A Gateway that agents' routes attach to; ``kind`` is ``gateway`` (HTTPRoute) or ``istio`` (VirtualService)."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True)
class Settings:
    """The operator's settings, as the chart gives them."""

    namespaces: tuple[str, ...] = ("",)
    own_namespace: str = "default"
    keda: bool = True
    ingress: tuple[str, str] | None = None
    gateway: Gateway | None = None
    domain: str = ""
    tls: bool = True
    base_path: str = ""
    cluster_domain: str = "cluster.local"
    leader_elect: bool = False
    health_port: int = 8081
    templates: Mapping[str, str] = field(default_factory=dict)

    def prefix(self, name: str) -> str:
        """Return the path below which an agent answers."""
        base = self.base_path.strip("/")
        return f"/{base}/lgp/{name}" if base else f"/lgp/{name}"

    def endpoint(self, name: str) -> str:
        """Return an agent's public URL, "" without a domain."""
        return f"{'https' if self.tls else 'http'}://{self.domain}{self.prefix(name)}" if self.domain else ""

    def render(self, template: str, variables: Mapping[str, Any]) -> Object:
        """Fill a template in and parse it. Raises TemplateError for an unknown variable or broken YAML."""
        if template not in self.templates:
            raise TemplateError(f"template {template} is missing in {TEMPLATES}")

        def value(match: re.Match[str]) -> str:
            if match[1] not in variables:
                raise TemplateError(f"template {template} uses the unknown variable ${{{match[1]}}}")
            return str(variables[match[1]])

        try:
            result = yaml.safe_load(VARIABLE.sub(value, self.templates[template]))
        except yaml.YAMLError as error:
            raise TemplateError(f"template {template} is not YAML: {error}") from error
        if not isinstance(result, dict):
            raise TemplateError(f"template {template} holds no object")
        return result


def read(arguments: list[str], environment: Mapping[str, str], own_namespace: str) -> Settings:
    """Read arguments, environment and template files."""
    parser = argparse.ArgumentParser(prog="manager")
    parser.add_argument("--leader-elect", action="store_true")
    parser.add_argument("--health-probe-bind-address", default=":8081")
    parser.add_argument("--metrics-bind-address", default="0")
    given, _ = parser.parse_known_args(arguments)
    names = [name.strip() for name in environment.get("WATCH_NAMESPACE", "").split(",") if name.strip()]
    ingress = environment.get("SHARED_INGRESS_NAME", "")
    return Settings(
        namespaces=tuple(names) or ("",),
        own_namespace=own_namespace,
        keda=_truth(environment.get("KEDA_ENABLED", "true")),
        ingress=(environment.get("SHARED_INGRESS_NAMESPACE") or own_namespace, ingress) if ingress else None,
        gateway=_gateway(environment),
        domain=environment.get("ROOT_DOMAIN", ""),
        tls=_truth(environment.get("TLS_ENABLED", "true")),
        base_path=environment.get("BASE_PATH", ""),
        cluster_domain=environment.get("CLUSTER_DOMAIN") or "cluster.local",
        leader_elect=given.leader_elect,
        health_port=int(given.health_probe_bind_address.rpartition(":")[2]),
        templates=_templates(in_root(TEMPLATES)),
    )


def _gateway(environment: Mapping[str, str]) -> Gateway | None:
    for kind, prefix in (("gateway", "GATEWAY"), ("istio", "ISTIO_GATEWAY")):
        if environment.get(f"{prefix}_NAME"):
            return Gateway(kind, environment.get(f"{prefix}_NAMESPACE", ""), environment[f"{prefix}_NAME"])
    return None


def _templates(folder: Path) -> dict[str, str]:
    names = [name for name in os.listdir(folder) if name.endswith(".yaml.tmpl")] if folder.is_dir() else []
    return {name.removesuffix(".yaml.tmpl"): (folder / name).read_text(encoding="utf-8") for name in names}


def _truth(text: str) -> bool:
    return text.strip().lower() in ("1", "true", "yes")
