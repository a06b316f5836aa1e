# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import base64
import gzip
import json
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import (
    decode,
    newest,
    record,
    same_version,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import MalformedAnswer

BODY: dict[str, Any] = {
    "name": "keda",
    "namespace": "keda",
    "version": 3,
    "info": {"status": "deployed", "description": "Upgrade complete", "last_deployed": "2026-11-21T12:01:25Z"},
    "chart": {"metadata": {"name": "keda", "version": "2.20.2", "appVersion": "2.20.2"}},
    "config": {"a": None},
    "manifest": "---\n# Source: x\napiVersion: v1\nkind: Service\nmetadata: {name: a}\n---\n\n---\n"
    "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n",
}


def secret(body: Any, *, zipped: bool = True, **labels: str) -> dict[str, Any]:
    content = json.dumps(body).encode()
    packed = base64.b64encode(gzip.compress(content) if zipped else content)
    return {
        "metadata": {
            "name": "sh.helm.release.v1.keda.v3",
            "namespace": "keda",
            "labels": {"owner": "helm", "name": "keda", "status": "deployed", "version": "3", **labels},
            "creationTimestamp": "2023-11-14T22:13:20Z",
        },
        "data": {"release": base64.b64encode(packed).decode()},
    }


@pytest.mark.parametrize("zipped", [True, False])
def test_decodes_what_helm_wrote(zipped: bool) -> None:
    release = decode(secret(BODY, zipped=zipped))
    assert (release.name, release.namespace, release.revision, release.status) == ("keda", "keda", 3, "deployed")
    assert (release.chart, release.chart_version) == ("keda", "2.20.2")
    assert release.values == {"a": None}
    assert release.updated_at is not None


def test_objects_are_those_of_the_manifest_with_lists_taken_apart() -> None:
    assert [thing["kind"] for thing in decode(secret(BODY)).objects] == ["Service", "ConfigMap"]


@pytest.mark.parametrize(
    "data",
    [{}, {"release": "%%%"}, {"release": base64.b64encode(b"no").decode()}],
    ids=["no key", "no base64", "no json"],
)
def test_a_record_that_is_none_is_said_with_its_name_and_a_remedy(data: dict[str, str]) -> None:
    with pytest.raises(MalformedAnswer) as error:
        decode({**secret(BODY), "data": data})
    assert "sh.helm.release.v1.keda.v3" in str(error.value)
    assert "Remedy:" in str(error.value)


def test_labels_tell_of_a_record_without_decoding_it() -> None:
    found = record(secret(BODY, status="pending-upgrade", modifiedAt="1700000100"))
    assert found is not None
    assert (found.revision, found.pending, found.modified) == (3, True, 1700000100)


def test_a_record_that_was_written_once_is_as_old_as_its_secret() -> None:
    found = record(secret(BODY, status="pending-install"))
    assert found is not None
    assert found.modified == 1700000000


def test_other_secrets_are_no_records() -> None:
    assert record({"metadata": {"name": "x", "namespace": "y", "labels": {"owner": "me"}}}) is None
    assert record({"metadata": {"name": "x", "namespace": "y"}}) is None


def test_the_newest_revision_is_the_one_with_the_highest_number() -> None:
    revisions = [record(secret(BODY, version=version)) for version in ("9", "10", "2")]
    (found,) = newest(filter(None, revisions)).values()
    assert found.revision == 10


@pytest.mark.parametrize(("left", "right", "same"), [("v1.2.3", "1.2.3", True), ("1.2.3", "1.2.4", False)])
def test_a_leading_v_says_nothing(left: str, right: str, same: bool) -> None:
    assert same_version(left, right) is same
