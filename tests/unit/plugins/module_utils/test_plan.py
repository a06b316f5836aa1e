# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import FIELDS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
    ABSENT,
    Create,
    Delete,
    Desired,
    Observed,
    Plan,
    Policy,
    Redeploy,
    Update,
    plan,
)

IDENTITY = "89be844d-265d-41be-a701-3500172d0015"


def seen(**values: Any) -> Observed:
    """Return a deployment as it is."""
    return Observed(
        IDENTITY,
        {"name": "a", "image": "one:1", "display_name": None, "resource_spec": {"cpu": 1}, "secrets": {}, **values},
        newest_revision="r1",
    )


def planned(observed: Observed | None, policy: Policy | None = None, **values: Any) -> Plan:
    """Return the plan for a deployment that should have these values."""
    return plan([Desired("a", values)], {"a": observed} if observed else {}, FIELDS, policy or Policy())


def test_what_is_as_wanted_is_left_alone() -> None:
    assert planned(seen(), image="one:1", resource_spec={"cpu": 1.0}) == Plan()


def test_what_is_not_wanted_explicitly_is_left_alone() -> None:
    assert not planned(seen(image="other:7"), name="a").changed


def test_missing_thing_is_created_with_exactly_what_is_given() -> None:
    (change,) = planned(None, image="one:1").changes
    assert isinstance(change, Create)
    assert (change.values, change.before, change.after) == ({"image": "one:1"}, ABSENT, {"image": "one:1"})


def test_update_sends_changed_fields_only() -> None:
    (change,) = planned(seen(), image="one:2", display_name=None, resource_spec={"cpu": 1}).changes
    assert isinstance(change, Update)
    assert (change.id, change.values, change.revision, change.newest_revision) == (
        IDENTITY,
        {"image": "one:2"},
        True,
        "r1",
    )
    assert change.fields() == ["image"]


def test_change_of_a_label_makes_no_revision() -> None:
    (change,) = planned(seen(), display_name="A").changes
    assert isinstance(change, Update)
    assert change.revision is False


def test_unwanted_is_deleted_once() -> None:
    gone = [Desired("a", present=False)]
    (change,) = plan(gone, {"a": seen()}, FIELDS).changes
    assert isinstance(change, Delete)
    assert change.after == ABSENT
    assert plan(gone, {}, FIELDS) == Plan()
    assert plan(gone, {"a": Observed(IDENTITY, leaving=True)}, FIELDS) == Plan()


def test_a_thing_that_is_leaving_cannot_be_wanted() -> None:
    (refusal,) = planned(Observed(IDENTITY, leaving=True), image="one:1").refused
    assert "being deleted" in refusal.why


def test_immutable_field_is_refused_and_nothing_else_is_planned() -> None:
    result = planned(seen(namespace="one"), namespace="two", image="one:2")
    assert result.changes == ()
    assert [(refusal.name, refusal.what) for refusal in result.refused] == [("a", "namespace")]


def test_field_that_cannot_be_emptied_is_refused() -> None:
    assert [refusal.what for refusal in planned(seen(display_name="A"), display_name="").refused] == ["display_name"]
    assert [refusal.what for refusal in planned(seen(secrets={"A": "x"}), secrets={}).refused] == ["secrets"]


def test_field_that_the_plane_does_not_know_is_told_and_not_sent() -> None:
    older = Observed(IDENTITY, {"name": "a", "image": "one:1"})
    result = planned(older, display_name="A")
    assert result.changes == ()
    assert "does not know display_name" in result.warnings[0]


def test_field_that_the_plane_does_not_report_is_no_drift() -> None:
    assert planned(Observed(IDENTITY, {"name": "a"}), namespace="agents", secrets={"A": "x"}) == Plan()


@pytest.mark.parametrize(("redeploy", "expected"), [(True, [Redeploy]), (False, [])])
def test_failed_newest_revision_is_tried_again_if_allowed(redeploy: bool, expected: list[type]) -> None:
    failed = Observed(IDENTITY, {"image": "one:1"}, failed_revision="r1")
    assert [type(change) for change in planned(failed, Policy(redeploy), image="one:1").changes] == expected


def test_failed_revision_with_a_change_is_not_also_redeployed() -> None:
    failed = Observed(IDENTITY, {"image": "one:1"}, failed_revision="r1")
    assert [type(change) for change in planned(failed, image="one:2").changes] == [Update]


@pytest.mark.parametrize("redeploy", [True, False])
def test_failed_revision_is_tried_again_after_a_change_that_makes_none(redeploy: bool) -> None:
    failed = Observed(IDENTITY, {"display_name": "A"}, newest_revision="r1", failed_revision="r1")
    (change,) = planned(failed, Policy(redeploy), display_name="B").changes
    assert isinstance(change, Update)
    assert change.fields() == ["display_name"]
    assert (change.then is not None, "revision" in change.after) == (redeploy, redeploy)


def test_secret_values_are_in_no_diff_and_no_repr() -> None:
    result = planned(
        seen(secrets={"KEY": "old-value", "SAME": "same-value"}), secrets={"KEY": "new-value", "SAME": "x"}
    )
    shown = f"{result.diffs()} {result}"
    assert not any(value in shown for value in ("old-value", "new-value", "same-value"))
    (diff,) = result.diffs()
    assert diff["before"]["secrets"] == {"KEY": "(hidden)", "SAME": "(hidden)"}
    assert diff["after"]["secrets"] == {"KEY": "(hidden, changed)", "SAME": "(hidden, changed)"}


def test_created_secrets_are_not_shown() -> None:
    result = planned(None, secrets={"KEY": "new-value"})
    assert "new-value" not in f"{result.diffs()} {result}"


def test_plan_keeps_the_order_of_the_desired() -> None:
    desired = [Desired(name, {"image": "one:1"}) for name in ("c", "a", "b")]
    assert [change.name for change in plan(desired, {}, FIELDS).changes] == ["c", "a", "b"]
