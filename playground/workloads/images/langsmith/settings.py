# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What LangSmith's programs are told: the chart's variables, nothing else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ... import postgres

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0


class SettingsError(Exception):
    """A variable is missing or makes no sense; ``str()`` names it."""


@dataclass(frozen=True)
class Settings:
    """The variables that the programs of the backend's image share."""

    postgres: str = field(repr=False)
    redis: str = field(repr=False)
    salt: str = field(repr=False)
    jwt_secret: str = field(repr=False)
    service_secret: str = field(repr=False)
    licence: str = field(repr=False)
    port: int = 0


def read(environment: Mapping[str, str]) -> Settings:
    """Read the environment. Raises SettingsError for what is missing."""
    for name in ("POSTGRES_DATABASE_URI", "REDIS_DATABASE_URI", "API_KEY_SALT", "LANGSMITH_LICENSE_KEY"):
        if not environment.get(name, "").strip():
            raise SettingsError(f"{name} is not set")
    if environment.get("BASIC_AUTH_ENABLED") == "true" and not environment.get("BASIC_AUTH_JWT_SECRET", "").strip():
        raise SettingsError("BASIC_AUTH_JWT_SECRET is not set, though basic auth is on")
    return Settings(
        postgres=environment["POSTGRES_DATABASE_URI"],
        redis=environment["REDIS_DATABASE_URI"],
        salt=environment["API_KEY_SALT"],
        jwt_secret=environment.get("BASIC_AUTH_JWT_SECRET", ""),
        service_secret=environment.get("X_SERVICE_AUTH_JWT_SECRET", ""),
        licence=environment["LANGSMITH_LICENSE_KEY"],
        port=int(environment.get("PORT") or environment.get("QUEUE_PORT") or 0),
    )


async def database(settings: Settings, patience: float) -> Path:
    """Return the folder of the database; raise PostgresError when it refuses, or is silent for ``patience`` seconds."""
    deadline = asyncio.get_running_loop().time() + patience
    said = ""
    while True:
        try:
            return await asyncio.to_thread(postgres.login, settings.postgres)
        except postgres.Unanswered as error:
            if asyncio.get_running_loop().time() >= deadline:
                raise
            if str(error) != said:
                said = str(error)
                log.warning("waiting for Postgres: %s", said)
            await asyncio.sleep(RETRY_SECONDS)
