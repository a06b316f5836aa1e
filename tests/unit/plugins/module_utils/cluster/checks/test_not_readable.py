# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is said where a user may not look."""

from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import keda, permissions
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import Assessment
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.observe import observe
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Forbidden

from tests.unit.plugins.module_utils.cluster.builders import address, snapshot
from tests.unit.plugins.module_utils.cluster.checks.test_checks import DATAPLANE, KEDA, found, keda_in, one
from tests.unit.plugins.module_utils.cluster.fake_api import FakeApi, forbidden

Object = dict[str, Any]


def test_keda_where_the_user_may_not_look() -> None:
    denied = {address("CustomResourceDefinition", "scaledobjects.keda.sh"): Forbidden("no", status=403)}
    hidden: Object = {"unreadable": denied, "everywhere": False}
    for mode in ("auto", "existing"):
        finding = one(keda.keda_missing, {"keda_mode": mode}, KEDA, **hidden)
        assert (finding.severity, "cannot be seen" in finding.what) == ("warning", True)
    assert not found(keda.keda_owner, {"keda_mode": "managed"}, KEDA, **hidden)
    assert not found(keda.keda_missing, {"keda_mode": "existing"}, **{**keda_in(), "crds": {}, "unreadable": denied})
    assert one(keda.keda_missing, {"keda_mode": "existing"}, everywhere=False).severity == "error", "nothing is served"
    assert keda.used_as_it_is(KEDA, "unknown", snapshot(**hidden), "auto")
    assert not keda.used_as_it_is(KEDA, "unknown", snapshot(**hidden), "managed")
    assert not keda.used_as_it_is(KEDA, "drifted", snapshot(**hidden), "auto")
    assert not keda.used_as_it_is(KEDA, "absent", snapshot(), "auto")
    assert not keda.used_as_it_is(DATAPLANE, "absent", snapshot(**hidden), "auto")


def test_not_readable() -> None:
    denied = Forbidden("no", status=403, cause="secrets is forbidden", remedy="Have the right granted.")
    unknown = {"listener": Assessment("unknown", ("Release dataplane cannot be read: secrets is forbidden",))}
    refusal = one(
        permissions.not_readable,
        {},
        DATAPLANE,
        assessed=unknown,
        unreadable_releases={("langgraph", "dataplane"): denied},
    )
    assert (refusal.severity, refusal.remedy) == ("error", "Have the right granted.")
    assert "secrets is forbidden" in refusal.why
    partly = {"listener": Assessment("converged", unseen=tuple(f"ClusterRole {number}" for number in range(7)))}
    notice = one(permissions.not_readable, {}, DATAPLANE, assessed=partly)
    assert (notice.severity, notice.why[-17:]) == ("warning", "Role 4; and 2 more"[-17:])
    assert not found(permissions.not_readable, {}, DATAPLANE, assessed={"listener": Assessment("converged")})
    assert not found(permissions.not_readable, {}, DATAPLANE)


def test_a_keda_out_of_sight_is_used_and_no_right_to_install_one_is_asked_for(api: FakeApi) -> None:
    denied = ("secrets", "namespaces", "namespaces/keda", "namespaces/keda/secrets")
    api.answers |= dict.fromkeys((f"/api/v1/{path}" for path in denied), forbidden)
    api.answers["/apis/apps/v1/deployments"] = forbidden
    api.answers["/apis/apiextensions.k8s.io/v1/customresourcedefinitions/scaledobjects.keda.sh"] = forbidden
    api.objects["/apis/keda.sh"] = {"versions": [{"groupVersion": "keda.sh/v1alpha1"}]}
    api.objects["/apis/keda.sh/v1alpha1"] = {"resources": [{"name": "scaledobjects"}]}
    release = {"name": "keda", "namespace": "keda", "chart": "keda"}
    options = {"host": api.url, "components": [{"name": "keda", "release": release}]}
    seen = observe({**options, "checks": {"keda_mode": "auto"}})
    assert {finding["severity"] for finding in seen["findings"]} == {"warning"}
    assert {finding["check"] for finding in seen["findings"]} == {"keda_missing", "not_readable"}
    assert (seen["components"]["keda"]["state"], seen["cluster"]["keda"]["present"]) == ("absent", True)
    assert "CustomResourceDefinition scaledobjects.keda.sh" in seen["cluster"]["not_readable"]
    assert {method for method, _path, _query in api.requests} == {"GET"}, "no right is asked for"
    managed = observe({**options, "checks": {"keda_mode": "managed"}})
    assert managed["components"]["keda"]["state"] == "unknown"
    assert ("not_readable", "error") in [(finding["check"], finding["severity"]) for finding in managed["findings"]]
