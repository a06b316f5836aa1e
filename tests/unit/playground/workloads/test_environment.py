# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A container's variables, as a kubelet resolves them."""

from __future__ import annotations

import asyncio
import base64
from typing import Any

import pytest

from playground.workloads.kube import ApiError, path
from playground.workloads.runner.environment import ConfigError, expand, field, resolve
from playground.workloads.runner.lookup import Lookup

ADDRESSES = {"podIP": "240.128.0.7", "hostIP": "127.0.0.1"}
POD = {"metadata": {"name": "p", "namespace": "a", "labels": {"app": "x"}}, "spec": {"serviceAccountName": "sa"}}


class Api:
    """Serves objects by path, and counts reads."""

    def __init__(self, **objects: Any) -> None:
        self.objects = objects
        self.reads: list[str] = []

    async def get(self, where: str) -> Any:
        self.reads.append(where)
        for key, value in self.objects.items():
            plural, _, name = key.partition("__")
            if where == path("v1", plural, "a", name):
                return value
        raise ApiError(404, "NotFound", "not found")


def secret(**data: str) -> dict[str, Any]:
    return {"data": {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}}


def variables(container: dict[str, Any], **objects: Any) -> dict[str, str]:
    return asyncio.run(resolve(POD, container, Lookup(Api(**objects), "a"), ADDRESSES))  # type: ignore[arg-type]


def test_values_refer_to_earlier_ones() -> None:
    env = [
        {"name": "PASSWORD", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}},
        {"name": "URL", "value": "redis://:$(PASSWORD)@host/$$(PASSWORD)/$(UNKNOWN)"},
        {"name": "EMPTY"},
    ]
    found = variables({"env": env}, secrets__s=secret(k="pw"))
    assert found == {"PASSWORD": "pw", "URL": "redis://:pw@host/$(PASSWORD)/$(UNKNOWN)", "EMPTY": ""}


def test_whole_objects_come_first_and_single_variables_win() -> None:
    container = {
        "envFrom": [{"secretRef": {"name": "s"}, "prefix": "P_"}, {"configMapRef": {"name": "c"}}],
        "env": [{"name": "FROM_MAP", "value": "own"}],
    }
    objects = {"secrets__s": secret(a="1"), "configmaps__c": {"data": {"FROM_MAP": "map", "b": "2"}}}
    assert variables(container, **objects) == {"P_a": "1", "FROM_MAP": "own", "b": "2"}


@pytest.mark.parametrize(
    ("env", "message"),
    [
        ({"secretKeyRef": {"name": "none", "key": "k"}}, 'secret "none" not found'),
        ({"secretKeyRef": {"name": "s", "key": "other"}}, "couldn't find key other in Secret a/s"),
        ({"configMapKeyRef": {"name": "none", "key": "k"}}, 'configmap "none" not found'),
    ],
)
def test_what_is_missing_is_named_as_a_kubelet_does(env: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError) as failure:
        variables({"env": [{"name": "X", "valueFrom": env}]}, secrets__s=secret(k="v"))
    assert str(failure.value) == message


def test_what_is_optional_may_be_missing() -> None:
    container = {
        "envFrom": [{"configMapRef": {"name": "none", "optional": True}}],
        "env": [{"name": "X", "valueFrom": {"secretKeyRef": {"name": "none", "key": "k", "optional": True}}}],
    }
    assert variables(container) == {}


def test_an_object_is_read_once_for_all_variables() -> None:
    api = Api(secrets__s=secret(a="1", b="2"))
    env = [{"name": key, "valueFrom": {"secretKeyRef": {"name": "s", "key": key}}} for key in ("a", "b")]
    asyncio.run(resolve(POD, {"env": env}, Lookup(api, "a"), ADDRESSES))  # type: ignore[arg-type]
    assert len(api.reads) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("metadata.name", "p"),
        ("metadata.labels['app']", "x"),
        ("metadata.annotations['none']", ""),
        ("metadata.labels", 'app="x"'),
        ("spec.serviceAccountName", "sa"),
        ("status.podIP", "240.128.0.7"),
        ("status.hostIP", "127.0.0.1"),
    ],
)
def test_the_downward_api_knows_the_pod(name: str, value: str) -> None:
    assert field(POD, name, ADDRESSES) == value


def test_what_is_no_reference_stays_and_two_dollars_are_one() -> None:
    assert expand("a$b $() $$", {"b": "x"}) == "a$b $() $"
