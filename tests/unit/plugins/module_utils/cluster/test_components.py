# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which state a component is in, and what is said of it."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import encoded
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import (
    Assessment,
    assess,
    value_differences,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Component
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Forbidden

from tests.unit.plugins.module_utils.cluster.builders import (
    address,
    deployment,
    helm_owned,
    record,
    release,
    snapshot,
    thing,
)

MANIFEST = yaml.safe_dump_all(
    [
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "operator", "namespace": "langgraph"},
            "spec": {"replicas": 1},
        },
        {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "operator"}, "spec": {"ports": [{"port": 8081}]}},
    ]
)
WANTED = {"name": "dataplane", "namespace": "langgraph", "chart": "dataplane", "version": "1.0.0", "values": {"a": 1}}
KEY = ("langgraph", "dataplane")
SERVICE = thing("operator", "langgraph", spec={"ports": [{"port": 8081, "protocol": "TCP"}]})


def seen(**fields: Any) -> Any:
    """Return a cluster in which the release is as wanted."""
    return snapshot(
        **{
            "records": {KEY: record("dataplane", "langgraph")},
            "releases": {KEY: release("dataplane", "langgraph", MANIFEST, values={"a": 1})},
            "live": {
                address("Deployment", "operator", "langgraph"): deployment(),
                address("Service", "operator", "langgraph"): SERVICE,
            },
            **fields,
        }
    )


def assessed(given: dict[str, Any], cluster: Any, ours: tuple[tuple[str, str], ...] = ()) -> Assessment:
    return assess(Component.of({"name": "x", **given}), cluster, ours)


def of_release(cluster: Any, **wanted: Any) -> Assessment:
    return assessed({"release": {**WANTED, **wanted}}, cluster)


def test_converged() -> None:
    found = of_release(seen())
    assert found == Assessment("converged", (), 1, "1.0.0", ready=True)


@pytest.mark.parametrize("records", [{}, {KEY: record("dataplane", "langgraph", "uninstalled")}])
def test_absent(records: Any) -> None:
    found = of_release(seen(records=records, releases={}))
    assert found.state == "absent"
    assert not found.ready
    assert "not installed" in found.reasons[0]


@pytest.mark.parametrize("status", ["pending-install", "pending-upgrade", "pending-rollback", "uninstalling"])
def test_stuck(status: str) -> None:
    found = of_release(seen(records={KEY: record("dataplane", "langgraph", status)}))
    assert found.state == "stuck"
    assert status in found.reasons[0]


def test_failed() -> None:
    broken = release("dataplane", "langgraph", MANIFEST, values={"a": 1}, description="timed out with lsv2_sk_abc_def")
    found = of_release(seen(records={KEY: record("dataplane", "langgraph", "failed")}, releases={KEY: broken}))
    assert found.state == "failed"
    assert "timed out with ********" in found.reasons


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"chart": "other"}, "chart is dataplane, wanted other"),
        ({"version": "1.0.1"}, "chart version is 1.0.0, wanted 1.0.1"),
        ({"values": {"a": 2}}, "values: a is 1, wanted 2"),
        ({"values": {}}, "values: a is 1, wanted not set"),
        ({"values": {"a": 1, "config": {"apiKey": "x"}}}, "values: config.apiKey differs"),
    ],
)
def test_changed(wanted: dict[str, Any], reason: str) -> None:
    found = of_release(seen(), **wanted)
    assert (found.state, found.reasons) == ("changed", (reason,))


def test_what_is_not_given_is_not_compared() -> None:
    assert of_release(seen(), chart=None, version=None, values=None).state == "converged"


def test_drifted_names_object_and_field() -> None:
    service = thing("operator", "langgraph", spec={"ports": [{"port": 80}]})
    cluster = seen(live={address("Service", "operator", "langgraph"): service})
    found = of_release(cluster)
    assert found.state == "drifted"
    assert "Deployment langgraph/operator is missing" in found.reasons
    assert "Service langgraph/operator: spec.ports[0].port is 80, wanted 8081" in found.reasons


def test_replicas_belong_to_an_autoscaler() -> None:
    live = {**seen().live, address("Deployment", "operator", "langgraph"): deployment(ready=3, want=3)}
    target = {"scaleTargetRef": {"kind": "Deployment", "name": "operator"}}
    assert of_release(seen(live=live)).state == "drifted"
    assert of_release(seen(live=live, scalers=[thing("s", "langgraph", spec=target)])).state == "converged"
    assert of_release(seen(live=live, scalers=[thing("s", "elsewhere", spec=target)])).state == "drifted"
    assert of_release(seen(live=live, scalers=None)).state == "converged", "there may be one"


def test_unready() -> None:
    live = {**seen().live, address("Deployment", "operator", "langgraph"): deployment(ready=0)}
    found = of_release(seen(live=live))
    assert (found.state, found.ready) == ("unready", False)
    assert found.reasons == ("Deployment langgraph/operator is not ready: 0 of 1 ready",)


def test_unknown_wins_over_everything() -> None:
    denied = Forbidden("no", status=403, cause="secrets is forbidden")
    found = of_release(seen(records={}, unreadable_releases={KEY: denied}))
    assert found.state == "unknown"
    assert "secrets is forbidden" in found.reasons[0]


def test_what_another_component_cannot_read_is_not_this_ones_matter() -> None:
    denied = Forbidden("no", status=403)
    theirs = {
        "unreadable": {address("ClusterRole", "keda-operator"): denied},
        "unreadable_releases": {("other", "other"): denied},
    }
    assert of_release(seen(**theirs)) == of_release(seen())
    assert assessed({"namespaces": []}, seen(**theirs)).state == "converged"


def test_an_object_of_a_release_that_may_not_be_read_is_told_and_the_rest_counts() -> None:
    denied = Forbidden("no", status=403, cause="services is forbidden")
    service, workload = address("Service", "operator", "langgraph"), address("Deployment", "operator", "langgraph")
    found = of_release(seen(live={workload: deployment()}, unreadable={service: denied}))
    assert (found.state, found.reasons, found.ready) == ("converged", (), True)
    assert found.unseen == ("Service langgraph/operator cannot be read: services is forbidden",)
    found = of_release(seen(live={service: SERVICE}, unreadable={workload: denied}))
    assert (found.state, found.ready) == ("converged", False)
    found = of_release(seen(live={}, unreadable={service: denied}))
    assert (found.state, found.drifted) == ("drifted", True)


def test_what_only_a_look_can_tell_is_unknown_without_it() -> None:
    denied = Forbidden("no", status=403, cause="it is forbidden")
    crd = address("CustomResourceDefinition", "lgps.apps.langchain.ai")
    space = address("Namespace", "langgraph")
    of_crd = {"crds": [{"name": crd.name, "chart": "dataplane-1"}], "namespaces": [space.name]}
    found = assessed(of_crd, seen(unreadable={crd: denied, space: denied}))
    assert (found.state, len(found.reasons), found.unseen) == ("unknown", 2, ())
    found = assessed(of_crd, seen(unreadable={crd: denied}, namespaces={space.name: thing(space.name)}))
    assert (found.state, len(found.unseen)) == ("converged", 1)
    assert assessed({"secrets": [SECRET]}, seen(unreadable={IN_PLACE: denied})).state == "unknown"
    manifest = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "s", "namespace": "n"}}
    assert assessed({"objects": [manifest]}, seen(unreadable={address("Service", "s", "n"): denied})).state == "unknown"


SECRET = {"namespace": "langgraph", "name": "key", "data": {"api_key": "right"}, "keys": ["other"]}
IN_PLACE = address("Secret", "key", "langgraph")


@pytest.mark.parametrize(
    ("data", "state", "reasons"),
    [
        ({"api_key": encoded("right"), "other": encoded("x"), "more": "y"}, "converged", ()),
        (
            {"api_key": encoded("wrong"), "other": encoded("x")},
            "changed",
            ("Secret langgraph/key: key api_key differs",),
        ),
        ({"api_key": encoded("right")}, "changed", ("Secret langgraph/key: key other is missing",)),
    ],
)
def test_secrets_are_compared_and_never_shown(data: dict[str, str], state: str, reasons: tuple[str, ...]) -> None:
    found = assessed({"secrets": [SECRET]}, snapshot(live={IN_PLACE: thing("key", "langgraph", data=data)}))
    assert (found.state, found.reasons) == (state, reasons)


def test_nothing_there_at_all_is_absent_and_a_part_missing_is_changed() -> None:
    given = {"secrets": [SECRET], "namespaces": ["langgraph"]}
    assert assessed(given, snapshot()).state == "absent"
    assert assessed(given, snapshot(namespaces={"langgraph": thing("langgraph")})).state == "changed"


def test_a_namespace_that_is_going_is_not_there() -> None:
    leaving = {"langgraph": thing("langgraph", deletionTimestamp="now")}
    assert assessed({"namespaces": ["langgraph"]}, snapshot(namespaces=leaving)).reasons == (
        "Namespace langgraph is being deleted",
    )


CRD = "lgps.apps.langchain.ai"
CHART = {"langgraph.selfhosted/chart": "langgraph-dataplane-0.2.22"}


@pytest.mark.parametrize(
    ("notes", "state"),
    [
        (CHART, "converged"),
        ({}, "changed"),
        ({"langgraph.selfhosted/chart": "langgraph-dataplane-0.2.21"}, "changed"),
        ({"langgraph.selfhosted/chart": "langsmith-0.17.0-rc.12"}, "converged"),
        ({**CHART, **helm_owned("other", "other")}, "foreign"),
        ({**CHART, **helm_owned("gone", "gone")}, "converged"),
        ({**CHART, **helm_owned("dataplane", "langgraph")}, "converged"),
    ],
    ids=[
        "ours",
        "unmarked",
        "older",
        "another chart's",
        "another release's",
        "of a release that is gone",
        "of our own release",
    ],
)
def test_a_crd(notes: dict[str, str], state: str) -> None:
    records = {KEY: record("dataplane", "langgraph"), ("other", "other"): record("other", "other")}
    cluster = snapshot(crds={CRD: thing(CRD, annotations=notes)}, records=records)
    given = {"crds": [{"name": CRD, "chart": "langgraph-dataplane-0.2.22"}]}
    assert assessed(given, cluster, ours=(KEY,)).state == state


def test_a_kind_that_is_not_served_is_said() -> None:
    manifest = {"apiVersion": "keda.sh/v1alpha1", "kind": "ScaledObject", "metadata": {"name": "x", "namespace": "y"}}
    found = assessed({"objects": [manifest], "namespaces": ["y"]}, snapshot(namespaces={"y": thing("y")}))
    assert found.reasons == ("ScaledObject x: the cluster does not know keda.sh/v1alpha1",)


def test_a_job_that_removes_itself_is_no_drift() -> None:
    job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "j"}, "spec": {"ttlSecondsAfterFinished": 1}}
    done = release("dataplane", "langgraph", yaml.safe_dump(job), values={"a": 1})
    assert "is missing" not in " ".join(of_release(seen(releases={KEY: done})).reasons)


@pytest.mark.parametrize(
    ("live", "wanted", "count"),
    [
        ({"a": {}}, {}, 0),
        ({}, {"a": {"b": {}}}, 0),
        ({"a": None}, {"a": None}, 0),
        ({"a": None}, {}, 1),
        ({"a": 1.0}, {"a": 1}, 0),
        ({"a": "1"}, {"a": 1}, 1),
        ({"a": [1, 2]}, {"a": (1, 2)}, 0),
        ({"a": [1, 2]}, {"a": [2, 1]}, 1),
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 2, "c": 3}}, 2),
    ],
)
def test_values_are_compared_as_helm_keeps_them(live: Any, wanted: Any, count: int) -> None:
    assert len(list(value_differences(live, wanted))) == count


def test_values_that_look_secret_are_not_shown() -> None:
    live = {"config": {"langsmithApiKey": "lsv2_sk_one"}, "url": "redis://:one@x"}
    wanted = {"config": {"langsmithApiKey": "lsv2_sk_two"}, "url": "redis://:two@x"}
    text = "\n".join(value_differences(live, wanted))
    assert "config.langsmithApiKey differs" in text
    assert not any(secret in text for secret in ("lsv2_sk", "one", "two"))
