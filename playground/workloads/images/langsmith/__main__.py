# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The programs of the backend's image, by name: ``python3 -m playground.workloads.images.langsmith PART``."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Awaitable, Callable

from ... import postgres
from ...program import run
from ..listener.saq import DEFAULT
from . import jobs, service
from .plane import plane
from .settings import Settings, SettingsError, read

log = logging.getLogger(__name__)

PARTS: dict[str, Callable[[Settings], Awaitable[int]]] = {
    "backend": plane,
    "host-backend": plane,
    "service": service.service,
    "queue": lambda settings: service.service(settings, DEFAULT),
    "migrations": jobs.migrate,
    "clickhouse-migrations": jobs.migrate_clickhouse,
    "backfill-check": jobs.check,
    "auth-bootstrap": jobs.bootstrap,
    "e2e-test": jobs.end_to_end,
}


async def main(part: str) -> int:
    """Run a part to its end."""
    if part == "playground":
        return await service.playground()
    try:
        return await PARTS[part](read(os.environ))
    except (SettingsError, postgres.PostgresError, ValueError) as error:
        log.critical("%s", error)
        return 1


if __name__ == "__main__":
    run(main(sys.argv[1]))
