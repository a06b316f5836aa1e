# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is true of every plan, whatever is wanted and whatever is there."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import (
    FIELDS,
    observed,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import Field, body
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import (
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
from hypothesis import given, settings
from hypothesis import strategies as st

NAMES = ("one", "two", "three", "four")
# Nothing else that is drawn holds it.
MARK = "s3cr3t-"

texts = st.text("abc", min_size=1, max_size=3)
variables = st.sampled_from(["A", "B", "C"])
specs = st.fixed_dictionaries(
    {},
    optional={
        "cpu": st.sampled_from([0.5, 1, 2]),
        "max_scale": st.integers(1, 3),
        "memory_mb": st.sampled_from([512, 1024]),
        "labels": st.dictionaries(texts, texts, max_size=2),
        "image_pull_secrets": st.lists(st.fixed_dictionaries({"name": texts}), max_size=2),
    },
)
secrets = st.dictionaries(variables, st.text("xyz", max_size=2).map(MARK.__add__), max_size=3)
references = st.lists(
    st.fixed_dictionaries({"name": variables, "secret_name": texts, "secret_key": texts}),
    max_size=2,
    unique_by=lambda one: one["name"],
)
# By field name, so that a field of the table that is not drawn here is seen to be missing.
VALUES: Mapping[str, st.SearchStrategy[Any]] = {
    "listener_id": st.sampled_from(["l1", "l2"]),
    "namespace": st.sampled_from(["agents", "more"]),
    "image": st.sampled_from(["hello:1", "hello:2"]),
    "resource_spec": specs,
    "secrets": secrets,
    "secret_references": references,
    "custom_url": st.sampled_from(["https://a", "https://b"]),
    "display_name": texts,
}
wanted_values = st.fixed_dictionaries({"source": st.just("external_docker")}, optional=dict(VALUES))
policies = st.none() | st.booleans().map(Policy)


@st.composite
def documents(draw: st.DrawFn, name: str) -> dict[str, Any]:
    """A deployment as the server tells it; older servers leave fields out, all fill in defaults."""
    values = draw(st.fixed_dictionaries({}, optional=dict(VALUES)))
    document = body({"name": name, "source": "external_docker", **values}, FIELDS)
    spec = document.setdefault("source_config", {}).setdefault("resource_spec", {})
    document["source_config"]["resource_spec"] = {"min_scale": 1, "cpu": 1, "queue_cpu": None, **spec}
    document.setdefault("secrets", [])
    document |= {"id": f"id-{name}", "latest_revision_id": f"{name}-1", "active_revision_id": f"{name}-1"}
    return document


@st.composite
def desires(draw: st.DrawFn) -> list[Desired]:
    """A fleet."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    return [
        Desired(name, {"name": name, **draw(wanted_values)}, policy=draw(policies))
        if draw(st.integers(0, 4))
        else Desired(name, present=False)
        for name in names
    ]


@st.composite
def servers(draw: st.DrawFn) -> dict[str, tuple[dict[str, Any], str]]:
    """What a server holds: documents, and the status of each newest revision."""
    names = draw(st.lists(st.sampled_from(NAMES), unique=True))
    statuses = st.sampled_from(["DEPLOYED", "DEPLOY_FAILED", "DEPLOYING"])
    return {name: (draw(documents(name)), draw(statuses)) for name in names}


def seen(server: Mapping[str, tuple[dict[str, Any], str]]) -> dict[str, Observed]:
    """What the engine reads of it."""
    return {
        name: observed(document, {"id": document["latest_revision_id"], "status": status})
        for name, (document, status) in server.items()
    }


def overlay(document: dict[str, Any], change: Mapping[str, Any]) -> None:
    """Change a document as the server does: objects key by key, but resource_spec, like all else, is replaced."""
    for key, value in change.items():
        if isinstance(value, dict) and isinstance(document.get(key), dict) and key != "resource_spec":
            overlay(document[key], value)
        else:
            document[key] = copy.deepcopy(value)


def apply(server: Mapping[str, tuple[dict[str, Any], str]], planned: Plan) -> dict[str, tuple[dict[str, Any], str]]:
    """What the server holds after the plan."""
    after = copy.deepcopy(dict(server))
    for change in planned.changes:
        match change:
            case Create(values=values):
                made = {"id": f"id-{change.name}", "latest_revision_id": "new", "active_revision_id": "new"}
                after[change.name] = ({"secrets": [], **body(values, FIELDS), **made}, "DEPLOYED")
            case Update(values=values):
                document, status = after[change.name]
                overlay(document, body(values, FIELDS))
                after[change.name] = (document, "DEPLOYED" if change.revision or change.then else status)
            case Redeploy():
                after[change.name] = (after[change.name][0], "DEPLOYED")
            case Delete():
                del after[change.name]
    return after


def test_every_field_of_the_table_is_drawn() -> None:
    drawn = {*VALUES, "name", "source"}
    assert {"name", "source", "image", "secrets", "resource_spec"} <= {field.name for field in FIELDS} & drawn
    assert drawn <= {field.name for field in FIELDS}


@settings(max_examples=150, deadline=None)
@given(desires(), servers())
def test_what_was_applied_is_planned_no_more(desired: list[Desired], server: Any) -> None:
    planned = plan(desired, seen(server), FIELDS)
    after = apply(server, planned)
    refused = {refusal.name for refusal in planned.refused}
    again = plan([one for one in desired if one.name not in refused], seen(after), FIELDS)
    assert again.changes == ()


@settings(max_examples=150, deadline=None)
@given(desires(), servers())
def test_nothing_changes_that_nobody_wants_changed(desired: list[Desired], server: Any) -> None:
    before = seen(server)
    after = seen(apply(server, plan(desired, before, FIELDS)))
    wanted = {one.name: one for one in desired}
    assert {name for name in before if name not in wanted} == {name for name in after if name not in wanted}
    for name in before.keys() & after.keys():
        values = wanted[name].values if name in wanted else {}
        for field in FIELDS:
            _check_field(field, values, before[name].values.get(field.name), after[name].values.get(field.name))


def _check_field(field: Field, wanted: Mapping[str, Any], before: Any, after: Any) -> None:
    if field.name not in wanted:
        assert after == before, field.name
    elif field.name == "resource_spec":
        kept = {key: value for key, value in (before or {}).items() if key not in wanted["resource_spec"]}
        assert {key: value for key, value in kept.items() if value is not None} == {
            key: value for key, value in after.items() if key not in wanted["resource_spec"] and value is not None
        }


@settings(max_examples=150, deadline=None)
@given(desires(), servers())
def test_no_secret_is_in_what_is_shown(desired: list[Desired], server: Any) -> None:
    planned = plan(desired, seen(server), FIELDS)
    shown = [planned.diffs(), [str(one) for one in planned.refused], list(planned.warnings), repr(planned)]
    assert MARK not in json.dumps(shown)


@settings(max_examples=60, deadline=None)
@given(servers())
def test_wanting_what_is_there_changes_nothing(server: Any) -> None:
    present = {name: one for name, one in seen(server).items() if not one.failed_revision}
    desired = [
        Desired(name, {key: value for key, value in one.values.items() if value is not None})
        for name, one in present.items()
    ]
    assert not plan(desired, present, FIELDS).changed
