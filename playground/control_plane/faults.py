# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Faults on demand: which request is spoilt, and how."""

from __future__ import annotations

import random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal["status", "slow", "reset_before", "reset_after", "malformed", "empty"]


class Fault(BaseModel):
    """An order to spoil requests to a route.

    ``route`` is ``METHOD /path``: ``{...}`` stands for any one segment, ``*`` for any method or, at the end, for any
    rest of the path. ``times`` bounds how often (null: always), ``probability`` thins it, ``skip`` lets that many
    matching requests pass first. ``after_commit`` makes ``status`` and ``slow`` strike when the work is done, not
    before it.
    """

    model_config = ConfigDict(extra="forbid")

    route: str = Field(pattern=r"^(\*|[A-Z]+) (/\S*|\*)$")
    kind: Kind
    status: int = Field(default=503, ge=400, le=599)
    retry_after: int | float | str | None = None
    detail: str | None = None
    probability: float = Field(default=1, ge=0, le=1)
    times: int | None = Field(default=None, ge=1)
    skip: int = Field(default=0, ge=0)
    seconds: float = Field(default=60, ge=0, le=3600)
    after_commit: bool = False

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one that this fault is meant for."""
        wanted_method, wanted_path = self.route.split(" ", 1)
        if wanted_method not in ("*", method):
            return False
        if wanted_path.endswith("*"):
            return path.startswith(wanted_path[:-1])
        wanted, given = wanted_path.split("/"), path.split("/")
        return len(wanted) == len(given) and all(
            part == other or (part.startswith("{") and part.endswith("}"))
            for part, other in zip(wanted, given, strict=True)
        )


class Faults:
    """The orders in force, oldest first; the first that strikes wins."""

    def __init__(self, seed: int = 0) -> None:
        self._orders: list[tuple[Fault, dict[str, int]]] = []
        self._seed = seed
        self._random = random.Random(seed)  # noqa: S311 - repeatable on purpose

    def add(self, fault: Fault) -> None:
        """Take an order."""
        self._orders.append((fault, {"seen": 0, "struck": 0}))

    def clear(self) -> None:
        """Withdraw all orders, and begin the row of random numbers again."""
        self._orders.clear()
        self._random.seed(self._seed)

    def strike(self, method: str, path: str) -> Fault | None:
        """The fault for a request, which is counted; none for most."""
        for fault, counts in self._orders:
            if not fault.matches(method, path) or (fault.times is not None and counts["struck"] >= fault.times):
                continue
            counts["seen"] += 1
            if counts["seen"] > fault.skip and self._random.random() < fault.probability:
                counts["struck"] += 1
                return fault
        return None

    def as_json(self) -> list[dict[str, Any]]:
        """The orders with their counts of matching (``seen``) and spoilt (``struck``) requests."""
        return [{**fault.model_dump(), **counts} for fault, counts in self._orders]
