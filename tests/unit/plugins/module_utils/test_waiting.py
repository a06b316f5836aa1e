# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from email.utils import formatdate
from itertools import islice

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.waiting import (
    Deadline,
    Waited,
    pauses,
    retry_after,
    wait_until,
    wait_until_async,
)


class Time:
    """A clock that moves by sleeping only."""

    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


def run(way: str, time: Time, seconds: float, ready_at: float) -> tuple[Waited[float], int]:
    """Wait for a moment, in the plain or the async way; return the outcome and the number of looks."""
    looks = 0

    def look() -> float:
        nonlocal looks
        looks += 1
        return time.now

    async def look_async() -> float:
        return look()

    def ready(now: float) -> bool:
        return now >= ready_at

    deadline = Deadline(seconds, time.clock)
    if way == "plain":
        return wait_until(look, ready, deadline, every=pauses(1, 2, 4), sleep=time.sleep), looks
    waiting = wait_until_async(look_async, ready, deadline, every=pauses(1, 2, 4), sleep=time.sleep_async)
    return asyncio.run(waiting), looks


WAYS = pytest.mark.parametrize("way", ["plain", "async"])


def test_pauses_grow_up_to_the_longest() -> None:
    assert list(islice(pauses(1, 2, 5), 5)) == [1, 2, 4, 5, 5]


@WAYS
def test_what_is_ready_is_not_waited_for(way: str) -> None:
    time = Time()
    waited, looks = run(way, time, 10, ready_at=0)
    assert (waited.done, waited.elapsed, looks, time.slept) == (True, 0, 1, [])


@WAYS
def test_wait_ends_with_the_first_look_that_sees_it(way: str) -> None:
    time = Time()
    waited, looks = run(way, time, 100, ready_at=106)
    assert (waited.done, waited.elapsed, looks, time.slept) == (True, 7, 4, [1, 2, 4])


@WAYS
def test_last_look_is_at_the_deadline(way: str) -> None:
    time = Time()
    waited, _ = run(way, time, 5, ready_at=1000)
    assert (waited.done, waited.elapsed) == (False, 5)
    assert time.slept == [1, 2, 2]


@WAYS
def test_no_time_means_one_look(way: str) -> None:
    waited, looks = run(way, Time(), 0, ready_at=1000)
    assert (waited.done, looks) == (False, 1)


def test_an_error_that_may_pass_is_waited_out_once_something_was_seen() -> None:
    time = Time()

    def look() -> float:
        if 101 < time.now < 107:
            raise OSError("down")
        return time.now

    def wait(seconds: float, first: float = 100.0) -> Waited[float]:
        time.now = first
        every = pauses(1, 2, 4)
        deadline = Deadline(seconds, time.clock)
        return wait_until(look, lambda seen: seen > 101, deadline, every=every, sleep=time.sleep, passing=(OSError,))

    assert wait(60).value == 107
    with pytest.raises(OSError, match="down"):
        wait(5)
    assert time.now == 105
    with pytest.raises(OSError, match="down"):
        wait(60, first=102)
    assert time.now == 102


def test_deadline_counts_down_to_zero() -> None:
    time = Time()
    deadline = Deadline(3, time.clock)
    time.sleep(2)
    assert (deadline.elapsed, deadline.remaining, deadline.expired) == (2, 1, False)
    time.sleep(2)
    assert (deadline.remaining, deadline.expired) == (0, True)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("1.5", 1.5),
        ("-3", 0.0),
        (formatdate(1030, usegmt=True), 30.0),
        (formatdate(900, usegmt=True), 0.0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=lambda: 1000.0) == seconds
