# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the langsmith chart: old keys in today's words, secrets apart, and what the chart would refuse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding

Values = dict[str, Any]

OLD_VALUES, REFUSED = "old_values", "chart_refusals"
# What each check here looks for, for documents.
CHECKS = {
    OLD_VALUES: "Tell of values of older langsmith charts that are read as today's, and refuse what cannot be.",
    REFUSED: "Tell what the langsmith chart's own validation would refuse.",
}

# Key of older charts → today's, as far as the value keeps its meaning.
MOVED = {
    "config.langgraphPlatform.enabled": "config.deployment.enabled",
    "config.langgraphPlatform.basePath": "config.deployment.basePath",
    "config.langgraphPlatform.tlsEnabled": "config.deployment.tlsEnabled",
    "config.langgraphPlatform.ingressHealthCheckEnabled": "config.deployment.ingressHealthCheckEnabled",
    "config.langgraphPlatform.rootDomain": "config.hostname",
    "config.deployment.rootDomain": "config.hostname",
    "config.subdomain": "config.basePath",
    "config.basicAuth.initialOrgAdminEmail": "config.initialOrgAdminEmail",
    "ingress.hostname": "config.hostname",
    "gateway.hostname": "config.hostname",
    "istioGateway.hostname": "config.hostname",
    "ingress.subdomain": "config.basePath",
    "gateway.subdomain": "config.basePath",
    "istioGateway.subdomain": "config.basePath",
    "listener.templates": "operator.templates",
    "config.insights": "insights",
    "config.polly": "polly",
}
# Keys of older charts that mean nothing any more, and why.
DROPPED = {
    "config.langgraphPlatform.langgraphPlatformLicenseKey": "the licence of LangSmith is enough",
    "config.langgraphPlatform.langgraphPlatformLicenseKeySecretName": "the licence of LangSmith is enough",
    "config.deployment.langgraphPlatformLicenseKey": "the licence of LangSmith is enough",
    "config.deployment.url": "the chart makes it of config.hostname",
    "images.hostBackendImage": "all of the backend runs on images.backendImage",
    "images.platformBackendImage": "all of the backend runs on images.backendImage",
    "images.playgroundImage": "all of the backend runs on images.backendImage",
    "backend.agentBootstrap": "the job is no part of the chart any more",
}
# Values that are secret → the key of the Secret that config.existingSecretName names.
SECRETS = {
    "config.langsmithLicenseKey": "langsmith_license_key",
    "config.apiKeySalt": "api_key_salt",
    "config.basicAuth.jwtSecret": "jwt_secret",
    "config.basicAuth.initialOrgAdminPassword": "initial_org_admin_password",
    "config.oauth.oauthClientId": "oauth_client_id",
    "config.oauth.oauthClientSecret": "oauth_client_secret",
    "config.oauth.oauthIssuerUrl": "oauth_issuer_url",
    "config.signingJwks": "langsmith_signing_jwks",
    "config.blobStorage.accessKey": "blob_storage_access_key",
    "config.blobStorage.accessKeySecret": "blob_storage_access_key_secret",
    "config.blobStorage.azureStorageAccountKey": "azure_storage_account_key",
    "config.blobStorage.azureStorageConnectionString": "azure_storage_connection_string",
    "config.agentBuilder.encryptionKey": "agent_builder_encryption_key",
    "fleet.encryptionKey": "agent_builder_encryption_key",
    "insights.encryptionKey": "insights_encryption_key",
    "insights.encryptionKeyPrevious": "insights_encryption_key_previous",
    "engine.encryptionKey": "engine_encryption_key",
    "engine.encryptionKeyPrevious": "engine_encryption_key_previous",
    "polly.encryptionKey": "polly_encryption_key",
}
SCALED = ("aceBackend", "backend", "frontend", "hostBackend", "listener", "platformBackend", "playground", "queue")
WAYS = ("ingress", "gateway", "istioGateway")


class Translated(NamedTuple):
    """A values file in today's words, its secrets by the key of their Secret, and what was said differently before."""

    values: Values
    secrets: dict[str, str]
    findings: list[Finding]


def translate(values: Mapping[str, Any]) -> Translated:
    """Return values of any chart since 0.11 as values of today's, without secrets."""
    today = _copied(values)
    findings = [*_moved(today), *_dropped(today), *_autoscaling(today)]
    secrets = {}
    for path, key in SECRETS.items():
        found = _take(today, path)
        if found not in (None, ""):
            secrets[key] = str(found)
    return Translated(today, secrets, findings)


def refusals(values: Mapping[str, Any]) -> list[Finding]:
    """Return what the chart's own validation would refuse of values that name an existing Secret."""
    return [
        Finding.error(REFUSED, rule.what, why=rule.why, remedy=rule.remedy)
        for rule in RULES
        if rule.broken(_Of(values))
    ]


class _Of:
    """Values by path; what is not set has the chart's default."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def __call__(self, path: str, default: Any = "") -> Any:
        found = _find(self._values, path)
        return default if found is None else found

    @property
    def deployments(self) -> bool:
        return bool(self("config.deployment.enabled", False))

    @property
    def frontend(self) -> bool:
        return bool(self("frontend.enabled", True))

    @property
    def ways(self) -> list[str]:
        return [way for way in WAYS if self(f"{way}.enabled", False)]

    @property
    def basic(self) -> bool:
        return bool(self("config.basicAuth.enabled", False))

    @property
    def oauth(self) -> bool:
        return bool(self("config.oauth.enabled", False))


class Rule(NamedTuple):
    """One refusal of the chart: when it refuses, and what to tell."""

    broken: Callable[[_Of], bool]
    what: str
    why: str
    remedy: str


def _overlapping(of: _Of) -> bool:
    base = of("config.basePath")
    agents = of("config.deployment.basePath") or base
    return bool(of.deployments and of.frontend and of("istioGateway.enabled", False) and base and agents == base)


def _blob_engine(of: _Of) -> bool:
    engine = str(of("config.blobStorage.engine", "S3")).lower()
    return bool(of("config.blobStorage.enabled", False)) and engine not in ("s3", "gcs", "azure")


RULES = (
    Rule(
        lambda of: of.deployments and not of("config.hostname"),
        "Deployments are on, and there is no hostname.",
        "Agents are reached below it.",
        "Set control_plane_hostname (config.hostname).",
    ),
    Rule(
        lambda of: of.deployments and of.frontend and not of.ways,
        "Deployments are on, and nothing leads to them.",
        "One of ingress, Gateway and Istio has to be enabled.",
        "Set control_plane_route to ingress, gateway or istio.",
    ),
    Rule(
        lambda of: len(of.ways) > 1,
        "More than one of ingress, Gateway and Istio is enabled.",
        "The operator makes agents' routes for one of them.",
        "Enable one: control_plane_route says which; remove the others from the values.",
    ),
    Rule(
        lambda of: not of.frontend and bool(of("ingress.enabled", False) or of("gateway.enabled", False)),
        "frontend.enabled is false, and an ingress or Gateway is to lead to it.",
        "Routes need the frontend's Service.",
        "Leave frontend.enabled out.",
    ),
    Rule(
        _overlapping,
        "With Istio, agents and LangSmith have the same base path.",
        "Istio does not promise which of two routes with one prefix wins.",
        "Set control_plane_agents_base_path (config.deployment.basePath) to another path than control_plane_base_path.",
    ),
    Rule(
        lambda of: of.basic and of.oauth,
        "Basic auth and OAuth are both enabled.",
        "An installation has one of them.",
        "Set control_plane_auth to basic or oauth, and remove the other from the values.",
    ),
    Rule(
        lambda of: not (of.basic or of.oauth),
        "Neither basic auth nor OAuth is enabled.",
        "Nobody could log in.",
        "Set control_plane_auth to basic or oauth.",
    ),
    Rule(
        lambda of: of("config.authType") not in ("mixed", "oauth"),
        "config.authType is neither mixed nor oauth.",
        "The chart knows no other.",
        "Leave it out; control_plane_auth decides.",
    ),
    Rule(
        lambda of: of.basic and of("config.authType") != "mixed",
        "Basic auth is enabled, and config.authType is not mixed.",
        "The chart takes them together only.",
        "Leave config.authType out.",
    ),
    Rule(
        lambda of: of.basic and not of("config.initialOrgAdminEmail"),
        "Basic auth is enabled, and there is no first administrator.",
        "The installation's bootstrap makes one.",
        "Set control_plane_admin_email.",
    ),
    Rule(
        lambda of: bool(of("config.customCa.secretName")) and not of("config.customCa.secretKey"),
        "config.customCa.secretName is set without secretKey.",
        "The chart would not know which key of the Secret is the certificate.",
        "Set config.customCa.secretKey.",
    ),
    Rule(
        lambda of: bool(of("redis.external.cluster.enabled", False)) and not of("redis.external.enabled", False),
        "redis.external.cluster is enabled, and redis.external is not.",
        "A Redis cluster is always an external one.",
        "Set redis.external.enabled: true.",
    ),
    Rule(
        lambda of: bool(of("postgres.external.clientCert.secretName")) and not of("postgres.external.customTls", False),
        "postgres.external.clientCert is set, and customTls is not true.",
        "A client certificate needs TLS.",
        "Set postgres.external.customTls: true.",
    ),
    Rule(
        lambda of: not of("clickhouse.enabled", True) and bool(of("clickhouse.external.enabled", False)),
        "clickhouse.external is enabled, and clickhouse is not.",
        "The chart would use none.",
        "Set clickhouse.enabled: true.",
    ),
    Rule(
        _blob_engine,
        "config.blobStorage.engine is none of S3, GCS and Azure.",
        "The chart knows no other.",
        "Write one of them.",
    ),
    Rule(
        lambda of: (
            bool(of("config.observability.tracing.enabled", False)) and not of("config.observability.tracing.endpoint")
        ),
        "Tracing is enabled without an endpoint.",
        "Traces would go nowhere.",
        "Set config.observability.tracing.endpoint.",
    ),
    Rule(
        lambda of: bool(of("config.agentBuilder.enabled", False)) and not of.deployments,
        "The agent builder is enabled, and deployments are not.",
        "It deploys agents.",
        "Leave config.deployment.enabled to the role.",
    ),
    Rule(
        lambda of: any(
            of(f"{part}.autoscaling.hpa.enabled", False) and of(f"{part}.autoscaling.keda.enabled", False)
            for part in (*SCALED, "ingestQueue")
        ),
        "A part has both kinds of autoscaling enabled.",
        "Two autoscalers would fight.",
        "Enable hpa or keda of it, not both.",
    ),
)

PASSWORD_RULES = (
    (r".{12}", "12 characters"),
    (r"[a-z]", "a lowercase letter"),
    (r"[A-Z]", "an uppercase letter"),
    (r"[!#$%()+,./:?@\[\]\\^_{~}-]", "a symbol of !#$%()+,-./:?@[]\\^_{~}"),
)


def password_findings(password: str) -> list[Finding]:
    """Return why the chart would refuse a password of the first administrator."""
    missing = [what for pattern, what in PASSWORD_RULES if not re.search(pattern, password)]
    if not password or not missing:
        return []
    return [
        Finding.error(
            REFUSED,
            f"The first administrator's password lacks {', '.join(missing)}.",
            why="The chart and LangSmith refuse such a password.",
            remedy="Give another one as control_plane_admin_password, or none: it is made up then.",
        )
    ]


def _moved(values: Values) -> Iterator[Finding]:
    for old, new in MOVED.items():
        found = _take(values, old)
        if found is None:
            continue
        there = _find(values, new)
        if there in (None, "", {}):
            _put(values, new, found)
            yield _told(old, f"It is {new} today, and is read so.", f"Write {new} in the values file.")
        elif there != found:
            yield Finding.error(
                OLD_VALUES,
                f"{old} of an older chart and {new} say different things.",
                why=f"{old} became {new}.",
                remedy=f"Remove {old}, and see that {new} is right.",
            )


def _dropped(values: Values) -> Iterator[Finding]:
    for old, why in DROPPED.items():
        if _take(values, old) is not None:
            yield _told(old, f"It means nothing any more: {why}.", "Remove it from the values file.")
    platform = _find(values, "config.langgraphPlatform")
    if platform == {}:
        _take(values, "config.langgraphPlatform")


def _autoscaling(values: Values) -> Iterator[Finding]:
    for part in (*SCALED, "ingestQueue"):
        scaling = _find(values, f"{part}.autoscaling")
        if not isinstance(scaling, dict) or "enabled" not in scaling:
            continue
        enabled = scaling.pop("enabled")
        scaling.pop("createHpa", None)
        kind = str(scaling.pop("type", "hpa")).lower()
        bounds = {name: scaling.pop(name) for name in list(scaling) if name not in ("hpa", "keda")}
        if enabled:
            scaling["keda" if kind == "keda" else "hpa"] = {"enabled": True, **bounds}
        new = f"{part}.autoscaling.{'keda' if kind == 'keda' else 'hpa'}.enabled"
        yield _told(f"{part}.autoscaling.enabled", f"It is {new} today, and is read so.", f"Write {new}.")


def _told(old: str, why: str, remedy: str) -> Finding:
    return Finding.warning(OLD_VALUES, f"The values file has {old}, of an older chart.", why=why, remedy=remedy)


def _find(values: Any, path: str) -> Any:
    for key in path.split("."):
        values = values.get(key) if isinstance(values, Mapping) else None
    return values


def _take(values: Values, path: str) -> Any:
    """Remove what is at a path, and maps that are empty then; return it, None if it is not there."""
    key, _dot, rest = path.partition(".")
    if not rest:
        return values.pop(key, None)
    below = values.get(key)
    if not isinstance(below, dict):
        return None
    found = _take(below, rest)
    if found is not None and not below:
        del values[key]
    return found


def _put(values: Values, path: str, value: Any) -> None:
    *parents, last = path.split(".")
    for key in parents:
        values = values.setdefault(key, {})
    values[last] = value


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value
