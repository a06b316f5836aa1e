# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deployments: the table of their fields, and how the engine reads and changes them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import (
    CONNECTION,
    PROGRESS,
    REQUIRE_DIGEST,
    STATE,
    WAIT,
    ArgumentSpec,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import revisions
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import (
    Field,
    body,
    read,
    secrets_in,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redeployment import (
    redeploy_and_identify,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.resource_spec import (
    NEVER_SENT,
    OWN_MAPS,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.shapes import Keyed, Merged, Secrets
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.sources import (
    CLOUD_FIELDS,
    CLOUD_OPTIONS,
    EXTERNAL_DOCKER,
    INTERNAL_DOCKER,
    SOURCES,
    needed_at_creation,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import AnswerError, NotFound, Refused
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Change,
    Create,
    Delete,
    Desired,
    Observed,
    Redeploy,
    Update,
)

LEAVING = frozenset({"AWAITING_DELETE", "AWAITING_FINAL_DELETE"})
_EXTERNAL = (EXTERNAL_DOCKER,)
_AUGUST_2026 = "the API of August 2026"

FIELDS: Sequence[Field] = (
    Field("name", at="name", immutable=True),
    Field("source", at="source", immutable=True),
    Field("listener_id", at="source_config.listener_id", immutable=True, sources=_EXTERNAL),
    Field("namespace", at="source_config.listener_config.k8s_namespace", immutable=True, sources=_EXTERNAL),
    Field(
        "image",
        at="source_revision_config.image_uri",
        makes_revision=True,
        clearable=False,
        sources=(EXTERNAL_DOCKER, INTERNAL_DOCKER),
        needed_by=_EXTERNAL,
    ),
    Field(
        "resource_spec",
        at="source_config.resource_spec",
        shape=Merged(exact=OWN_MAPS, dropped=NEVER_SENT),
        makes_revision=True,
        sources=_EXTERNAL,
    ),
    Field("secrets", at="secrets", shape=Secrets(), makes_revision=True, clearable=False, secret=True),
    Field(
        "secret_references",
        at="secret_references",
        shape=Keyed("name"),
        makes_revision=True,
        sources=_EXTERNAL,
        since="the API of May 2026",
    ),
    Field("custom_url", at="source_config.custom_url", clearable=False, sources=_EXTERNAL),
    Field("display_name", at="display_name", clearable=False, on_create=False, since=_AUGUST_2026),
    Field("shareable", at="shareable", immutable=True, since=_AUGUST_2026),
    Field("route_through_gateway", at="route_through_gateway", since=_AUGUST_2026),
    *CLOUD_FIELDS,
)
_REVISION_FIELDS = tuple(field for field in FIELDS if field.makes_revision)
# Few are asked for one by one, in parallel; from here on reading all pages takes fewer requests.
_ASKED_SINGLY = 5

DEPLOYMENT = CLOUD_OPTIONS + ArgumentSpec(
    options={
        "name": {"type": "str", "required": True},
        "image": {"type": "str"},
        "source": {"type": "str", "choices": list(SOURCES), "default": EXTERNAL_DOCKER},
        "listener": {"type": "str"},
        "listener_id": {"type": "str"},
        "namespace": {"type": "str"},
        "resource_spec": {"type": "dict"},
        "secrets": {"type": "dict", "no_log": True},
        "secret_references": {
            "type": "list",
            "elements": "dict",
            "no_log": False,
            "options": {
                "name": {"type": "str", "required": True},
                "secret_name": {"type": "str", "required": True, "no_log": False},
                "secret_key": {"type": "str", "required": True, "no_log": False},
            },
        },
        "custom_url": {"type": "str"},
        "display_name": {"type": "str"},
        "shareable": {"type": "bool"},
        "route_through_gateway": {"type": "bool"},
        "redeploy_failed": {"type": "bool", "default": True},
    },
    mutually_exclusive=[("listener", "listener_id")],
)
# What an item of a fleet takes.
ITEM = STATE + DEPLOYMENT + REQUIRE_DIGEST
DEPLOYMENT_ARGUMENTS = (
    CONNECTION
    + WAIT
    + ITEM
    + PROGRESS
    + ArgumentSpec(options={"on_failure": {"type": "str", "choices": ["fail", "rollback"], "default": "fail"}})
)
FLEET_ARGUMENTS = (
    CONNECTION
    + WAIT
    + REQUIRE_DIGEST
    + PROGRESS
    + ArgumentSpec(
        options={
            # Kept out of logs as a whole: there are secrets in it, at places that Ansible does not know.
            "deployments": {"type": "list", "elements": "dict", "required": True, "no_log": True},
            "defaults": {"type": "dict", "no_log": True},
            "prune": {
                "type": "dict",
                "options": {
                    "listener": {"type": "str"},
                    "listener_id": {"type": "str"},
                    "name_prefix": {"type": "str"},
                    "max_deletes": {"type": "int", "default": 10},
                },
            },
            "on_failure": {"type": "str", "choices": ["continue", "stop", "rollback"], "default": "continue"},
            "batch_size": {"type": "str"},
            "concurrency": {"type": "int", "default": 16},
        }
    )
)
DEPLOYMENT_INFO_ARGUMENTS = CONNECTION + ArgumentSpec(
    options={
        "name": {"type": "str"},
        "name_contains": {"type": "str"},
        "deployment_id": {"type": "str"},
        "listener": {"type": "str"},
        "listener_id": {"type": "str"},
        "namespace": {"type": "str"},
        "status": {"type": "str"},
    },
    mutually_exclusive=[("name", "name_contains", "deployment_id"), ("listener", "listener_id")],
)
_WORKED_OUT = frozenset({"name", "source", "listener_id", "namespace", "secrets"})
_GIVEN_AS_IT_IS = tuple(field.name for field in FIELDS if field.name not in _WORKED_OUT)


def desired_deployment(options: Mapping[str, Any], listener_id: str | None, namespace: str | None) -> Desired:
    """Return the deployment that the options describe, on the listener and namespace that were found for it."""
    values = {name: options[name] for name in _GIVEN_AS_IT_IS if options.get(name) is not None}
    if options.get("secrets") is not None:
        values["secrets"] = {name: str(value) for name, value in options["secrets"].items()}
    if listener_id is not None:
        values["listener_id"] = listener_id
    if namespace is not None:
        values["namespace"] = namespace
    return Desired(
        options["name"],
        {"name": options["name"], "source": options.get("source") or EXTERNAL_DOCKER, **values},
        present=options.get("state", "present") == "present",
    )


def represent(seen: Observed | None, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return a deployment as the modules return it; ``values`` win over what was seen (a prediction in check mode)."""
    document = seen.document if seen else {}
    known = {**(seen.values if seen else {}), **values}
    secrets = known.pop("secrets", None)
    plain = {field.name: field.shown(None, known.get(field.name))[1] for field in FIELDS if not field.secret}
    return {
        "id": document.get("id"),
        **plain,
        "secret_names": sorted(secrets or {}),
        "status": document.get("status"),
        "url": document.get("url") or known.get("custom_url"),
        "latest_revision": document.get("latest_revision"),
        "active_revision_id": document.get("active_revision_id"),
        "created_at": document.get("created_at"),
        "updated_at": document.get("updated_at"),
    }


@dataclass(frozen=True)
class Deployments:
    """Deployments as a resource of the engine."""

    client: ControlPlane
    noun: str = "deployment"
    fields: Sequence[Field] = FIELDS

    async def find(self, names: Sequence[str]) -> dict[str, Observed]:
        """Return the named deployments that exist, each with its newest revision."""
        if len(names) <= _ASKED_SINGLY:
            answers = await asyncio.gather(*(self.client.deployments_named(name) for name in names))
            documents = [document for answer in answers for document in answer]
        else:
            wanted = set(names)
            listed = await self.client.list_deployments(len(names))
            documents = [one for one in listed if one.get("name") in wanted]
        return await self.observe_all(documents)

    async def observe_all(self, documents: Sequence[Mapping[str, Any]]) -> dict[str, Observed]:
        """Return deployments by name, as the engine sees them."""
        living = unique(documents)
        found = await asyncio.gather(*(self.observe(document) for document in living.values()))
        return {name: one for name, one in zip(living, found, strict=True) if one}

    async def observe(self, document: Mapping[str, Any]) -> Observed | None:
        """Return a deployment as the engine sees it, None when it is gone meanwhile.

        Asks for its newest revision where the document does not tell, and where it still matters.
        """
        learn_secrets(self.client, document)
        if document.get("status") in LEAVING:
            return observed(document, None)
        try:
            return observed(document, await revisions.newest(self.client, document))
        except NotFound:
            return None

    async def perform(self, change: Change) -> Observed | None:
        """Make one change; return the deployment afterwards."""
        match change:
            case Create(values=values):
                return observed(await self.client.create_deployment(_creation(values)), None)
            case Update(id=identity):
                return await self._update(change)
            case Redeploy():
                return observed(await redeploy_and_identify(self.client, change), None)
            case Delete(id=identity):
                await self.client.delete_deployment(identity)
                return None
        raise TypeError(f"no such change for a {self.noun}: {change.verb}")

    async def _update(self, change: Update) -> Observed:
        """Change by PATCH, which all planes have; where it does not make the revision it should, make that directly."""
        document = await self.client.update_deployment(change.id, body(change.values, self.fields))
        if change.revision and document.get("latest_revision_id") == change.newest_revision:
            try:
                revision = await self.client.create_revision(change.id, body(change.values, _REVISION_FIELDS))
            except AnswerError as error:
                raise _no_revision(change, error) from None
            document = {**await self.client.get_deployment(change.id), "latest_revision_id": revision["id"]}
        return observed(document, None)


def learn_secrets(client: ControlPlane, document: Mapping[str, Any]) -> None:
    """Keep the secrets that a deployment shows out of all texts."""
    client.redact.add(secrets_in(read(document, FIELDS), FIELDS))


def observed(document: Mapping[str, Any], revision: Mapping[str, Any] | None) -> Observed:
    """Return a deployment and its newest revision as the engine sees them."""
    values = read(document, FIELDS)
    if not document.get("latest_revision_id") and not values.get("secrets"):
        # Before the first revision exists, planes answer with no secrets although they have them.
        values.pop("secrets", None)
    latest = revisions.represent(revision) if revision else {"id": document.get("latest_revision_id"), "status": None}
    return Observed(
        id=document["id"],
        values=values,
        newest_revision=latest["id"],
        failed_revision=latest["id"] if latest["status"] in revisions.FAILED else None,
        leaving=document.get("status") in LEAVING,
        document={**document, "latest_revision": latest},
    )


def _creation(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that creates a deployment: what the API demands, and what the user gave."""
    given = body(values, [field for field in FIELDS if field.on_create])
    return {
        "secrets": [],
        **given,
        "source_config": {**needed_at_creation(values.get("source")), **given.get("source_config", {})},
        "source_revision_config": given.get("source_revision_config", {}),
    }


def unique(documents: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return deployments by name; one that is being deleted stands back behind a living one of the same name."""
    found: dict[str, Mapping[str, Any]] = {}
    for document in documents:
        other = found.get(document["name"])
        if other is None or other.get("status") in LEAVING:
            found[document["name"]] = document
        elif document.get("status") not in LEAVING:
            raise Refused(
                f"There are several deployments named {document['name']}: {other['id']} and {document['id']}.",
                remedy="Delete the one that is not wanted.",
            )
    return found


def _no_revision(change: Update, error: AnswerError) -> Refused:
    return Refused(
        f"Deployment {change.name}: the control plane took the change and made no revision of it.",
        cause=f"Neither PATCH nor POST …/revisions made one: {error.message} {error.cause or ''}".strip(),
        remedy="Run again; if it stays so, upgrade the control plane.",
    )
