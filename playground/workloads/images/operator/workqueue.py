# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue of keys to work on: each key once, failures again after growing waits."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

log = logging.getLogger(__name__)

Key = tuple[str, str]
FIRST_RETRY, LAST_RETRY = 0.2, 30.0


class WorkQueue:
    """Runs ``work(key)`` for each added key; a key added while it is worked on is worked on again."""

    def __init__(self, work: Callable[[Key], Awaitable[None]], settle_seconds: float = 0.02) -> None:
        """``settle_seconds``: how long a key waits for further changes before it is worked on."""
        self._work = work
        self._settle = settle_seconds
        self._waiting: set[Key] = set()
        self._busy: set[Key] = set()
        self._again: set[Key] = set()
        self._failures: dict[Key, int] = {}
        self._queue: asyncio.Queue[Key] = asyncio.Queue()

    def add(self, key: Key) -> None:
        """Ask for work on a key soon."""
        if key in self._busy:
            self._again.add(key)
        elif key not in self._waiting:
            self._waiting.add(key)
            asyncio.get_running_loop().call_later(self._settle, self._queue.put_nowait, key)

    async def run(self, workers: int = 4) -> None:
        """Work until cancelled."""
        async with asyncio.TaskGroup() as group:
            for _ in range(workers):
                group.create_task(self._loop())

    async def _loop(self) -> None:
        while True:
            key = await self._queue.get()
            self._waiting.discard(key)
            self._busy.add(key)
            try:
                await self._work(key)
                self._failures.pop(key, None)
            except Exception as error:  # whatever went wrong, it is logged and tried again
                failures = self._failures[key] = self._failures.get(key, 0) + 1
                wait = min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY)
                log.error("%s: %s; trying again in %.1f s", "/".join(key), error or type(error).__name__, wait)
                self.add_later(key, wait)
            finally:
                self._busy.discard(key)
                if key in self._again:
                    self._again.discard(key)
                    self.add(key)

    def add_later(self, key: Key, wait: float) -> None:
        """Ask for work on a key after some seconds."""
        asyncio.get_running_loop().call_later(wait, self.add, key)
