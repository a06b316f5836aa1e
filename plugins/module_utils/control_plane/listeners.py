# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Listener records: which clusters may be deployed to, and into which namespaces."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import CONNECTION, STATE, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.client import ControlPlane
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import Field, body, read
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.shapes import Names
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Change,
    Create,
    Delete,
    Desired,
    Observed,
    Update,
)

COMPUTE_TYPE = "k8s"

FIELDS: Sequence[Field] = (
    Field("compute_id", at="compute_id", immutable=True),
    Field("compute_type", at="compute_type", immutable=True),
    Field("namespaces", at="compute_config.k8s_namespaces", shape=Names()),
    Field("version", at="version", clearable=False),
)

LISTENER = ArgumentSpec(
    options={
        "compute_id": {"type": "str", "required": True},
        "namespaces": {"type": "list", "elements": "str"},
        "version": {"type": "str"},
        "force": {"type": "bool", "default": False},
    },
    required_if=[("state", "present", ["namespaces"])],
)
LISTENER_ARGUMENTS = CONNECTION + STATE + LISTENER
LISTENER_INFO_ARGUMENTS = CONNECTION + ArgumentSpec(
    options={"compute_id": {"type": "str"}, "listener_id": {"type": "str"}},
    mutually_exclusive=[("compute_id", "listener_id")],
)


def desired_listener(options: Mapping[str, Any]) -> Desired:
    """Return the listener that the options describe; it is known by its compute_id."""
    values = {name: options[name] for name in ("namespaces", "version") if options.get(name) is not None}
    name = options["compute_id"]
    return Desired(
        name,
        {"compute_id": name, "compute_type": COMPUTE_TYPE, **values},
        present=options.get("state", "present") == "present",
    )


def represent(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a listener record as the modules return it."""
    values = read(document, FIELDS)
    return {
        "id": document.get("id"),
        **{name: values.get(name) for name in ("compute_id", "compute_type", "namespaces", "version")},
        "created_at": document.get("created_at"),
        "updated_at": document.get("updated_at"),
    }


@dataclass(frozen=True)
class Listeners:
    """Listener records as a resource of the engine; their name is the compute_id."""

    client: ControlPlane
    noun: str = "listener"
    fields: Sequence[Field] = FIELDS

    async def find(self, names: Sequence[str]) -> dict[str, Observed]:
        """Return the records of these compute_ids. The API has no filter for them, so all are read."""
        wanted = set(names)
        records = await self.client.list_listeners()
        return {record["compute_id"]: observed(record) for record in records if record.get("compute_id") in wanted}

    async def perform(self, change: Change) -> Observed | None:
        """Make one change; return the record afterwards."""
        match change:
            case Create(values=values):
                return observed(await self.client.create_listener(body(values, self.fields)))
            case Update(id=identity, values=values):
                return observed(await self.client.update_listener(identity, body(values, self.fields)))
            case Delete(id=identity):
                await self.client.delete_listener(identity)
                return None
        raise TypeError(f"no such change for a {self.noun}: {change.verb}")


def observed(record: Mapping[str, Any]) -> Observed:
    """Return a record as the engine sees it."""
    return Observed(id=record["id"], values=read(record, FIELDS), document=record)
