# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""What can be changed while the control plane runs; kept in the store, so a restart keeps it."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from playground.control_plane.generations import GENERATIONS, Generation
from playground.control_plane.storage import SettingsRow, Store


class Settings(BaseModel):
    """The switches. Defaults are those of a new self-hosted plane whose revisions a listener moves."""

    model_config = ConfigDict(extra="forbid", validate_assignment=True)

    generation: Literal["0", "A", "B"] = "B"
    later_schema: bool = False
    latency_ms: float = Field(default=0, ge=0, le=60_000)
    auto_deploy: bool = False
    deploy_seconds: float = Field(default=0, ge=0, le=86_400)
    failing_images: list[str] = []
    deletion_grace_seconds: float = Field(default=0, ge=0, le=86_400)
    agents_url: str = "https://agents.example.com"

    strict_names: bool = True
    duplicate_name_status: Literal[400, 409] | None = None
    immutable_change: Literal["reject", "ignore"] = "reject"
    wrong_namespace: Literal["reject", "accept"] = "reject"
    patch_makes_revision: bool = True
    redeploy_seconds: float = Field(default=0, ge=0, le=86_400)
    delete_listener_in_use: Literal["allow", "conflict"] = "allow"
    secrets_on_get: Literal["values", "redacted", "absent", "null", "empty"] = "values"
    answered_offset: Literal["next", "count", "same"] = "next"
    ignore_offset: bool = False
    ignore_filters: bool = False
    uncapped_resources: bool = False
    self_hosted: bool = True
    listeners_allowed: bool = True
    deployments_enabled: bool = True

    @property
    def facts(self) -> Generation:
        """The facts of the chosen generation."""
        return GENERATIONS[self.generation]

    @property
    def taken_name_status(self) -> int:
        """The status that answers a create whose name is taken."""
        return self.duplicate_name_status or self.facts.duplicate_name_status


def load(store: Store, defaults: Settings) -> Settings:
    """The stored settings over the defaults."""
    with store.transaction() as session:
        row = session.get(SettingsRow, 1)
        return defaults.model_copy(update=row.value) if row else defaults


def save(store: Store, settings: Settings, defaults: Settings) -> None:
    """Store what differs from the defaults."""
    given = defaults.model_dump()
    changed = {name: value for name, value in settings.model_dump().items() if value != given[name]}
    with store.transaction() as session:
        session.merge(SettingsRow(id=1, value=changed))
