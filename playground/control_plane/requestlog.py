# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The log of requests that tests read: bounded, without headers, bodies or anything else that may be secret."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass
from typing import Any, Final

LIMIT: Final = 100_000


@dataclass(slots=True)
class Entry:
    """One request. ``time`` is its start in seconds since the epoch; ``status`` is 0 when no answer was sent."""

    method: str
    path: str
    query: str
    status: int
    time: float
    seconds: float
    fault: str | None


class RequestLog:
    """The newest requests, oldest first."""

    def __init__(self, limit: int = LIMIT) -> None:
        self._entries: deque[Entry] = deque(maxlen=limit)

    def add(self, entry: Entry) -> None:
        """Note a request; the oldest one goes when the log is full."""
        self._entries.append(entry)

    def clear(self) -> None:
        """Forget all."""
        self._entries.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The entries as objects."""
        return [asdict(entry) for entry in self._entries]
