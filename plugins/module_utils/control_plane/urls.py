# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which servers to talk to: regions of the cloud product, or a self-hosted host with or without a base path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlsplit

from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput, Problem

CONTROL_PLANE_VARIABLES = ("LANGSMITH_HOST_URL", "LANGGRAPH_HOST_URL", "LANGSMITH_CONTROL_PLANE_URL")
LANGSMITH_VARIABLES = ("LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT")

_CLOUD_DOMAIN = "langchain.com"
_REGION_PREFIX = {"us": "", "eu": "eu.", "apac": "apac.", "aws": "aws."}
_LANGSMITH_HOST = f"api.smith.{_CLOUD_DOMAIN}"
_CONTROL_PLANE_HOST = f"api.host.{_CLOUD_DOMAIN}"
_SELF_HOSTED_SUFFIX = "/api-host"


@dataclass(frozen=True)
class Endpoints:
    """Base URLs, without a trailing slash.

    Attributes:
        control_plane: In front of ``/v2/deployments``.
        langsmith: In front of ``/api/v1/...``.
    """

    control_plane: str
    langsmith: str

    @property
    def cloud(self) -> bool:
        """Whether the control plane is LangChain's own."""
        return _is_cloud(urlsplit(self.control_plane))


def resolve(options: Mapping[str, Any], environment: Mapping[str, str]) -> Endpoints:
    """Return the base URLs that options and environment mean.

    An option wins over the environment, a URL over the region, and what is not given follows from what is. Nothing at
    all means the US region of the cloud product.

    Raises:
        InvalidInput: A URL is none, or holds what a base URL must not hold.
    """
    region = options.get("region")
    control_plane = options.get("control_plane_url") or None
    langsmith = options.get("langsmith_url") or None
    if not (control_plane or region or langsmith):
        control_plane = _first(environment, CONTROL_PLANE_VARIABLES)
    if not (langsmith or region or options.get("control_plane_url")):
        langsmith = _first(environment, LANGSMITH_VARIABLES)

    problems: list[Problem] = []
    control = _checked("control_plane_url", control_plane, problems)
    smith = _checked("langsmith_url", langsmith, problems)
    if problems:
        raise InvalidInput(problems)
    if smith:
        smith = _without_suffix(_without_suffix(smith, "/v1"), "/api")
    if region and not control:
        control = f"https://{_REGION_PREFIX[region]}{_CONTROL_PLANE_HOST}"
    if not control:
        control = _control_plane_beside(smith) if smith else f"https://{_CONTROL_PLANE_HOST}"
    return Endpoints(control_plane=control, langsmith=smith or _langsmith_beside(control))


def _first(environment: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((environment[name] for name in names if environment.get(name)), None)


def _checked(option: str, url: str | None, problems: list[Problem]) -> str | None:
    if url is None:
        return None
    text = url.strip()
    try:
        parts = urlsplit(text)
        port_is_valid = parts.port is None or parts.port > 0
    except ValueError:
        problems.append(Problem(option, "it is not a URL.", "Write it as https://host[:port][/path]."))
        return None
    if parts.scheme not in {"http", "https"} or not parts.hostname or not port_is_valid:
        problems.append(Problem(option, "it is not an http(s) URL.", "Write it as https://host[:port][/path]."))
    elif parts.username or parts.password:
        problems.append(Problem(option, "it holds credentials.", "Leave them out; the key goes to api_key."))
    elif parts.query or parts.fragment:
        problems.append(Problem(option, "it holds a query or a fragment.", "Give the base URL only."))
    # Scheme and host are the same in capital letters, and all that follows compares them as texts.
    return parts._replace(netloc=parts.netloc.lower()).geturl().rstrip("/")


def _is_cloud(parts: SplitResult) -> bool:
    host = parts.hostname or ""
    return host == _CLOUD_DOMAIN or host.endswith(f".{_CLOUD_DOMAIN}")


def _is_local(parts: SplitResult) -> bool:
    return parts.hostname in {"localhost", "127.0.0.1", "::1"}


def _without_suffix(url: str, suffix: str) -> str:
    return url.removesuffix(suffix).rstrip("/")


def _control_plane_beside(langsmith: str) -> str:
    parts = urlsplit(langsmith)
    if _is_cloud(parts):
        prefix = (parts.hostname or "").removesuffix(_LANGSMITH_HOST)
        return f"https://{prefix if prefix != parts.hostname else ''}{_CONTROL_PLANE_HOST}"
    if _is_local(parts):
        return langsmith
    return langsmith + _SELF_HOSTED_SUFFIX


def _langsmith_beside(control_plane: str) -> str:
    parts = urlsplit(control_plane)
    if _is_cloud(parts) and (parts.hostname or "").endswith(_CONTROL_PLANE_HOST):
        prefix = (parts.hostname or "").removesuffix(_CONTROL_PLANE_HOST)
        return f"https://{prefix}{_LANGSMITH_HOST}"
    return _without_suffix(control_plane, _SELF_HOSTED_SUFFIX)
