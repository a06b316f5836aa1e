# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.shapes import (
    UNKNOWN,
    Keyed,
    Merged,
    Names,
    Plain,
    Secrets,
)

SPEC = Merged(exact=("labels",), dropped=("executor_",))


@pytest.mark.parametrize(
    ("wanted", "seen", "same"),
    [
        ({}, None, True),
        ({}, {"cpu": 1}, True),
        ({"cpu": 1}, {"cpu": 1.0, "memory_mb": 2048}, True),
        ({"cpu": 1}, {"cpu": 2}, False),
        ({"cpu": 1}, None, False),
        ({"labels": {"a": "b"}}, {"labels": {"a": "b"}}, True),
        ({"labels": {"a": "b"}}, {"labels": {"a": "b", "c": "d"}}, False),
        ({"labels": {}}, {"labels": None}, True),
        ({"labels": {}}, {"labels": {"a": "b"}}, False),
        ({"sidecars": [{"name": "x"}]}, {"sidecars": [{"name": "x", "imagePullPolicy": "Always"}]}, True),
        ({"sidecars": [{"name": "x"}]}, {"sidecars": [{"name": "y"}]}, False),
        ({"sidecars": [{"name": "x"}]}, {"sidecars": [{"name": "x"}, {"name": "y"}]}, False),
        ({"sidecars": [{"resources": {"limits": {"cpu": "1"}}}]}, {"sidecars": [{"resources": None}]}, False),
        ({"volumes": []}, {"volumes": None}, True),
        ({"volumes": []}, {"volumes": [{"name": "x"}]}, False),
    ],
)
def test_merged_maps_are_same_when_all_wanted_is_there(wanted: Any, seen: Any, same: bool) -> None:
    assert SPEC.same(wanted, seen) is same
    assert SPEC.same(wanted, SPEC.result(wanted, seen)), "what is sent has to satisfy what is wanted"


def test_merged_maps_keep_what_is_there_and_drop_what_is_never_sent() -> None:
    seen = {"cpu": 1, "memory_mb": 2048, "queue_cpu": None, "executor_cpu": 1}
    assert SPEC.result({"cpu": 2, "min_scale": 1}, seen) == {"cpu": 2, "memory_mb": 2048, "min_scale": 1}


def test_merged_maps_are_shown_without_empty_keys() -> None:
    assert SPEC.shown(None, {"cpu": 1, "labels": None}) == (None, {"cpu": 1})


@pytest.mark.parametrize(
    ("wanted", "seen", "same"),
    [(["a", "b"], ["b", "a"], True), (["a"], ["a", "b"], False), (["a"], None, False), ([], None, False)],
)
def test_names_are_a_set(wanted: Any, seen: Any, same: bool) -> None:
    assert Names().same(wanted, seen) is same


def test_names_are_sent_once_and_sorted() -> None:
    assert Names().result(["b", "a", "b"], None) == ["a", "b"]
    assert Names().decode(None) is None


@pytest.mark.parametrize(
    "wire",
    [
        [{"name": "A", "value": None}],
        [{"name": "A"}],
        [{"name": "A", "value": "******"}],
        [{"name": "A", "value": ""}],
        [{"name": "A", "value": "•••"}],
        [{"name": "A", "value": 5}],
    ],
)
def test_hidden_secrets_are_compared_by_name(wire: Any) -> None:
    seen = Secrets().decode(wire)
    assert seen == {"A": None}
    assert Secrets().same({"A": "any"}, seen)
    assert not Secrets().same({"A": "any", "B": "other"}, seen)


def test_secrets_are_compared_by_value_where_they_are_shown() -> None:
    seen = Secrets().decode([{"name": "A", "value": "x"}, {"name": "B", "value": None}, {"value": "nameless"}, "odd"])
    assert Secrets().same({"A": "x", "B": "y"}, seen)
    assert not Secrets().same({"A": "z", "B": "y"}, seen)
    assert not Secrets().same({"A": "x"}, seen)
    assert not Secrets().same({}, None)


def test_secrets_are_certain_where_all_values_are_shown() -> None:
    assert Secrets().decode(None) is UNKNOWN
    assert Secrets().decode([]) == {}
    certain = [Secrets().certain(seen) for seen in ({}, {"A": "x"}, {"A": "x", "B": None}, None)]
    assert certain == [True, True, False, False]


def test_secrets_are_sent_whole_in_a_stable_order() -> None:
    assert Secrets().encode({"B": "2", "A": "1"}) == [{"name": "A", "value": "1"}, {"name": "B", "value": "2"}]


def test_secrets_show_names_and_which_change() -> None:
    before, after = Secrets().shown({"A": "1", "B": "2", "C": "3"}, {"A": "1", "B": "9", "D": "4"})
    assert before == {"A": "(hidden)", "B": "(hidden)", "C": "(hidden)"}
    assert after == {"A": "(hidden)", "B": "(hidden, changed)", "D": "(hidden)"}


def test_keyed_lists_have_no_order() -> None:
    keyed = Keyed("name")
    one, two = {"name": "A", "secret_name": "s"}, {"name": "B", "secret_name": "s"}
    assert keyed.same([two, one], [one, two])
    assert not keyed.same([one], [one, two])
    assert keyed.same([], None)
    assert keyed.result([two, one], None) == [one, two]


def test_plain_values_are_themselves() -> None:
    assert Plain().same("a", "a")
    assert not Plain().same("a", None)
    assert Plain().shown(1, 2) == (1, 2)
