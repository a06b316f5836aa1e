# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import FIELDS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import Field
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.reconcile import Reconciled, reconcile
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerLost,
    Conflict,
    Refused,
    Rejected,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    Change,
    Create,
    Delete,
    Desired,
    Observed,
    Redeploy,
    Update,
)


class Store:
    """A control plane in memory, whose writes can go wrong before or after they took effect."""

    noun = "deployment"
    fields: Sequence[Field] = FIELDS

    def __init__(self, **things: dict[str, Any]) -> None:
        self.things = {name: {"revision": 1, "failed": False, **thing} for name, thing in things.items()}
        self.trouble: list[tuple[str, Exception]] = []
        self.performed: list[str] = []
        self.finds = 0

    async def find(self, names: Sequence[str]) -> dict[str, Observed]:
        self.finds += 1
        return {name: self.observed(name) for name in names if name in self.things}

    def observed(self, name: str) -> Observed:
        thing = self.things[name]
        revision = f"{name}-{thing['revision']}"
        values = {key: value for key, value in thing.items() if key not in {"revision", "failed"}}
        return Observed(name, values, revision, revision if thing["failed"] else None)

    async def perform(self, change: Change) -> Observed | None:
        when, error = self.trouble.pop(0) if self.trouble else ("never", None)
        if when == "before" and error:
            raise error
        self.performed.append(f"{change.verb} {change.name}")
        match change:
            case Create(values=values):
                if change.name in self.things:
                    raise Conflict("taken", status=409)
                early = {key: value for key, value in values.items() if key != "display_name"}
                self.things[change.name] = {"revision": 1, "failed": False, "display_name": None, **early}
            case Update(values=values):
                self.things[change.name].update(values)
                self.things[change.name]["revision"] += int(change.revision)
            case Redeploy():
                self.things[change.name].update(failed=False, revision=self.things[change.name]["revision"] + 1)
            case Delete():
                self.things.pop(change.name, None)
        if when == "after" and error:
            raise error
        return self.observed(change.name) if change.name in self.things else None


def run(store: Store, *desired: Desired, check: bool = False) -> Reconciled:
    async def no_sleep(_: float) -> None:
        return None

    return asyncio.run(reconcile(store, desired, check=check, sleep=no_sleep))


def wanted(name: str = "a", **values: Any) -> Desired:
    return Desired(name, {"image": "one:1", **values})


LOST = AnswerLost("the connection broke")


def test_missing_is_created_and_then_nothing_is_left_to_do() -> None:
    store = Store()
    assert run(store, wanted()).plan.changed
    assert not run(store, wanted()).plan.changed
    assert store.performed == ["create a"]


def test_check_writes_nothing_and_says_the_same() -> None:
    store = Store()
    predicted = run(store, wanted(), check=True)
    assert store.performed == []
    assert predicted.plan == run(store, wanted()).plan


def test_what_creating_cannot_set_follows() -> None:
    store = Store()
    (result,) = run(store, wanted(display_name="A")).results
    assert store.performed == ["create a", "update a"]
    assert store.things["a"]["display_name"] == "A"
    assert result.seen is not None
    assert result.seen.values["display_name"] == "A"
    assert store.things["a"]["revision"] == 1, "the second step must not make a revision"


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("times", [1, 3])
@pytest.mark.parametrize(
    ("things", "desired", "revision"),
    [
        ({}, wanted(), 1),
        ({"a": {"image": "one:0"}}, wanted(), 2),
        ({"a": {"image": "one:1"}}, Desired("a", present=False), None),
    ],
    ids=["create", "update", "delete"],
)
def test_lost_answer_is_looked_up_so_that_nothing_is_doubled(
    when: str, times: int, things: dict[str, Any], desired: Desired, revision: int | None
) -> None:
    store = Store(**things)
    store.trouble = [(when, LOST)] * times
    (result,) = run(store, desired).results
    assert result.error is None
    assert len(store.performed) == 1
    assert (store.things["a"]["revision"] if revision else store.things.get("a")) == revision


def test_redeployment_that_could_not_find_itself_is_not_repeated() -> None:
    store = Store(a={"image": "one:1", "failed": True})
    store.trouble = [("after", LOST)]
    (result,) = run(store, wanted()).results
    assert isinstance(result.error, AnswerLost)
    assert (store.performed, store.finds) == (["redeploy a"], 1)


def test_answers_that_stay_lost_end_as_that_error() -> None:
    store = Store()
    store.trouble = [("before", LOST)] * 50
    (result,) = run(store, wanted()).results
    assert isinstance(result.error, AnswerLost)
    assert store.performed == []


def test_thing_that_another_one_created_meanwhile_is_adopted() -> None:
    store = Store()

    class Racing(Store):
        async def find(self, names: Sequence[str]) -> dict[str, Observed]:
            found = await super().find(names)
            if self.finds == 1:
                self.things["a"] = {"image": "one:0", "revision": 1, "failed": False}
            return found

    store = Racing()
    (result,) = run(store, wanted()).results
    assert result.error is None
    assert store.things["a"]["image"] == "one:1"


def test_name_that_is_taken_by_what_cannot_be_seen_is_told() -> None:
    class Reserved(Store):
        async def perform(self, change: Change) -> Observed | None:
            raise Conflict("409", status=409, cause="A deployment named 'a' already exists.")

    (result,) = run(Reserved(), wanted()).results
    assert isinstance(result.error, Conflict)
    assert "its name is taken" in str(result.error)


def test_one_that_cannot_be_applied_does_not_hold_up_the_others() -> None:
    class Picky(Store):
        async def perform(self, change: Change) -> Observed | None:
            if change.name == "b":
                raise Rejected("no", status=400)
            return await super().perform(change)

    store = Picky()
    results = run(store, wanted("a"), wanted("b"), wanted("c")).results
    assert [type(result.error).__name__ for result in results] == ["NoneType", "Rejected", "NoneType"]
    assert sorted(store.things) == ["a", "c"]


def test_nothing_is_written_when_one_is_refused() -> None:
    store = Store(b={"image": "one:1", "namespace": "one"})
    with pytest.raises(Refused, match="namespace"):
        run(store, wanted("a"), wanted("b", namespace="two"))
    assert store.performed == []
