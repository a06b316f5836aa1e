# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access to a self-hosted control plane, kept in the cluster: found in its Secret, or made once through LangSmith."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import KUBECONFIG, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import (
    ApiServer,
    Connection,
    connected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.objects import SecretWish, make_objects
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.accounts import (
    Access,
    Administrator,
    Langsmith,
    make_access,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import Security
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

KEY, WORKSPACE = "langsmith_api_key", "workspace_id"

ARGUMENTS = KUBECONFIG + ArgumentSpec(
    options={
        "namespace": {"type": "str", "required": True},
        "name": {"type": "str", "required": True},
        "labels": {"type": "dict", "default": {}},
        "service_key": {"type": "str", "no_log": True},
        "workspace_id": {"type": "str"},
        "make": {
            "type": "dict",
            "options": {
                "langsmith_url": {"type": "str", "required": True},
                "address": {"type": "str"},
                "validate_certs": {"type": "bool", "default": True},
                "ca_cert": {"type": "path"},
                "email": {"type": "str", "required": True},
                "password_secret": {"type": "str", "required": True, "no_log": False},
                "password_key": {"type": "str", "default": "initial_org_admin_password", "no_log": False},
                "description": {"type": "str", "default": "langgraph.selfhosted"},
            },
        },
    },
)


def platform_access(task: Task) -> Outcome:
    """Return what the Secret holds; make and keep it when it is missing and may be made."""
    options = task.options
    with connected(Connection.of(options)) as server:
        kept = _read(server, options["namespace"], options["name"])
        found = {KEY: kept.get(KEY) or "", WORKSPACE: kept.get(WORKSPACE) or ""}
        wanted = {**found, **_given(options)}
        made = False
        if options["make"] and not all(wanted.values()) and not wanted[KEY]:
            if task.check:
                return Outcome(changed=True, result={**_told(wanted), "made": True})
            access = asyncio.run(_make(server, options))
            wanted, made = {KEY: access.api_key, WORKSPACE: access.workspace_id}, True
        changed = False
        if all(wanted.values()) and wanted != found:
            secret = SecretWish(options["namespace"], options["name"], data=wanted, labels=options["labels"])
            changed = make_objects(server, secrets=[secret], check=task.check).changed
        return Outcome(changed=changed, result={**_told(wanted), "made": made})


def _given(options: Mapping[str, Any]) -> dict[str, str]:
    given = {KEY: options["service_key"], WORKSPACE: options["workspace_id"]}
    return {key: value for key, value in given.items() if value}


def _told(access: Mapping[str, str]) -> dict[str, Any]:
    return {"complete": all(access.values()), "api_key": access[KEY], "workspace_id": access[WORKSPACE]}


async def _make(server: ApiServer, options: Mapping[str, Any]) -> Access:
    make = options["make"]
    secret, key = make["password_secret"], make["password_key"]
    password = _read(server, options["namespace"], secret).get(key)
    if not password:
        raise NotFound(
            f"Secret {options['namespace']}/{secret} has no {key}.",
            remedy="Without the first administrator's password no key can be made; give one that you have made.",
        )
    security = Security(validate=make["validate_certs"], ca_cert=make["ca_cert"])
    langsmith = Langsmith(make["langsmith_url"].rstrip("/"), security, make["address"] or None)
    administrator = Administrator(make["email"], password)
    return await make_access(langsmith, administrator, make["description"], options["workspace_id"] or None)


def _read(server: ApiServer, namespace: str, name: str) -> dict[str, str]:
    secret = server.find(known("Secret").path(name, namespace)) or {}
    return {key: base64.b64decode(value).decode(errors="replace") for key, value in (secret.get("data") or {}).items()}
