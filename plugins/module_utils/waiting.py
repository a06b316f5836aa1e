# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deadlines, pauses that grow, and the one polling loop.

All times are seconds. The clock and the sleep are parameters so that tests need no real time.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

Seen = TypeVar("Seen")
Clock = Callable[[], float]


class Deadline:
    """A moment on the monotonic clock after which nothing new is begun."""

    def __init__(self, seconds: float, clock: Clock = time.monotonic) -> None:
        self._clock = clock
        self._start = clock()
        self._end = self._start + max(0.0, seconds)

    @property
    def elapsed(self) -> float:
        """Seconds since the deadline was set."""
        return self._clock() - self._start

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._end - self._clock())

    @property
    def expired(self) -> bool:
        """Whether no time is left."""
        return self.remaining <= 0.0


def pauses(first: float = 0.5, factor: float = 1.5, longest: float = 5.0) -> Iterator[float]:
    """Yield pauses between polls for ever: ``first``, then growing by ``factor`` up to ``longest``."""
    pause = first
    while True:
        yield min(pause, longest)
        pause = min(pause * factor, longest)


@dataclass(frozen=True)
class Waited(Generic[Seen]):
    """How a wait ended.

    Attributes:
        value: What the last poll saw.
        done: Whether that is what was waited for; False means that the time was up.
        elapsed: Seconds spent.
    """

    value: Seen
    done: bool
    elapsed: float


def wait_until(
    look: Callable[[], Seen],
    done: Callable[[Seen], bool],
    deadline: Deadline,
    *,
    every: Iterator[float] | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Waited[Seen]:
    """Look until ``done`` or the deadline; the last look happens at the deadline, not before it."""
    steps = every or pauses()
    while True:
        last_look = deadline.expired
        value = look()
        if done(value) or last_look:
            return Waited(value, done(value), deadline.elapsed)
        sleep(min(next(steps), deadline.remaining))


async def wait_until_async(
    look: Callable[[], Awaitable[Seen]],
    done: Callable[[Seen], bool],
    deadline: Deadline,
    *,
    every: Iterator[float] | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> Waited[Seen]:
    """Do the same as :func:`wait_until` for a look that is awaited."""
    steps = every or pauses()
    while True:
        last_look = deadline.expired
        value = await look()
        if done(value) or last_look:
            return Waited(value, done(value), deadline.elapsed)
        await sleep(min(next(steps), deadline.remaining))
