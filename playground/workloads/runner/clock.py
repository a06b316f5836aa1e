# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Times and waiting times."""

from __future__ import annotations

import time
from datetime import UTC, datetime


def now() -> str:
    """Return the current time as the Kubernetes API writes it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class BackOff:
    """Growing waits: none, then ``first`` seconds, doubled up to ``most``; calm for ``reset`` seconds starts over.

    A kubelet has 10 s, 5 min and 10 min; the playground's are a tenth and less, so that the same states show sooner.
    """

    def __init__(self, first: float = 1.0, most: float = 20.0, reset: float = 60.0) -> None:
        """Start calm."""
        self._first, self._most, self._reset = first, most, reset
        self._next = 0.0
        self._last = 0.0

    def wait(self) -> float:
        """Return the seconds to wait after a failure that happened now."""
        moment = time.monotonic()
        if moment - self._last > self._reset:
            self._next = 0.0
        self._last = moment
        wait, self._next = self._next, min(self._next * 2 or self._first, self._most)
        return wait
