# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The jobs of an installation: migrations, the first workspace and administrator, checks. They end, well or not."""

from __future__ import annotations

import asyncio
import logging
import os
from urllib.parse import urlsplit

import httpx

from ...transport import transport
from .settings import Settings, database

log = logging.getLogger(__name__)

PATIENCE_SECONDS = 60.0


async def migrate(settings: Settings) -> int:
    """Make the tables."""
    folder = await database(settings, PATIENCE_SECONDS)
    from playground.control_plane import accounts  # noqa: F401 - brings its tables
    from playground.control_plane.storage import Base, Store

    Store(folder).close()
    log.info("Postgres has %d tables of LangSmith", len(Base.metadata.tables))
    return 0


async def migrate_clickhouse(_settings: Settings) -> int:
    """Look at the variables: the playground's ClickHouse has no process, so nothing can be asked of it."""
    host, password = os.environ.get("CLICKHOUSE_HOST", ""), os.environ.get("CLICKHOUSE_PASSWORD", "")
    if not (host and password):
        log.error("CLICKHOUSE_HOST and CLICKHOUSE_PASSWORD are needed")
        return 1
    log.info("ClickHouse at %s is taken as migrated", host)
    return 0


async def check(settings: Settings) -> int:
    """See that the database answers before an upgrade touches it."""
    await database(settings, PATIENCE_SECONDS)
    log.info("no backfill is unfinished")
    return 0


async def bootstrap(settings: Settings) -> int:
    """Make the first workspace and its administrator."""
    folder = await database(settings, PATIENCE_SECONDS)
    from playground.control_plane import accounts
    from playground.control_plane.storage import Store

    email = os.environ.get("INITIAL_ORG_ADMIN_EMAIL", "")
    store = Store(folder)
    accounts.bootstrap(
        store, os.environ["DEFAULT_WORKSPACE_NAME"], email, os.environ.get("INITIAL_ORG_ADMIN_PASSWORD", "")
    )
    store.close()
    log.info("workspace %r and administrator %s are there", os.environ["DEFAULT_WORKSPACE_NAME"], email or "(by OAuth)")
    return 0


async def end_to_end(_settings: Settings) -> int:
    """Call the API from inside until it answers."""
    url = os.environ["SMITH_BACKEND_ENDPOINT"]
    deadline = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    async with httpx.AsyncClient(transport=transport(), timeout=5) as client:
        while True:
            why = await _health(client, url)
            if not why:
                log.info("%s answers", urlsplit(url).hostname)
                return 0
            if asyncio.get_running_loop().time() > deadline:
                log.error("%s does not answer: %s", url, why)
                return 1
            await asyncio.sleep(0.5)


async def _health(client: httpx.AsyncClient, url: str) -> str:
    try:
        answer = await client.get(f"{url}/health")
    except httpx.HTTPError as error:
        return str(error) or type(error).__name__
    return "" if answer.is_success else f"HTTP {answer.status_code}"
