# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Deadlines, pauses that grow, and the one polling loop.

All times are seconds. The clock and the sleep are parameters so that tests need no real time.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Generic, TypeVar

Seen = TypeVar("Seen")
Clock = Callable[[], float]

_LONGEST_RETRY_AFTER = 60.0


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
class Retries:
    """How often and how long (seconds, all tries together) a request is repeated."""

    attempts: int = 6
    seconds: float = 90.0


class Tries:
    """The tries of one request, counted."""

    def __init__(self, retries: Retries) -> None:
        self._most = retries.attempts
        self._deadline = Deadline(retries.seconds)
        self._steps = pauses(0.25, 2.0, 8.0)
        self._made = 1

    def pause(self, asked: float | None = None) -> float | None:
        """Return how long to pause before the next try, None if this was the last; ``asked`` is the server's wish."""
        # What is added spreads the load of clients that failed at the same time.
        pause = min(asked or 0.0, _LONGEST_RETRY_AFTER) or next(self._steps) * (1 + random.random() / 4)  # noqa: S311
        if self._made >= self._most or pause > self._deadline.remaining:
            return None
        self._made += 1
        return pause

    def __str__(self) -> str:
        """Return the end of an error's message, "" when there was one try only."""
        return f" Given up after {self._made} tries in {self._deadline.elapsed:.0f} s." if self._made > 1 else ""


def retry_after(header: str | None, now: Callable[[], float] = time.time) -> float | None:
    """Return the seconds that a Retry-After header asks for, None when there is none or it is not readable."""
    if not header:
        return None
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - now())
    except ValueError:
        return None


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
    passing: tuple[type[Exception], ...] = (),
) -> Waited[Seen]:
    """Look until ``done`` or the deadline; the last look happens at the deadline, not before it.

    Errors that are ``passing`` are raised by the last look only, and by the first: who has answered once will again.
    """
    steps = every or pauses()
    seen = False
    while True:
        last_look = deadline.expired
        try:
            value = look()
        except passing:
            if last_look or not seen:
                raise
        else:
            seen = True
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
