# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.langgraph.selfhosted.plugins.filter.operator_templates import operator_templates

CHART = {"folder": str(Path(__file__).resolve().parents[4] / "playground" / "charts" / "langgraph-dataplane")}


def pod(template: str) -> dict[str, Any]:
    spec: dict[str, Any] = yaml.safe_load(template)["spec"]["template"]["spec"]
    return spec


def test_images_come_from_the_mirror_under_their_full_names() -> None:
    changed = operator_templates(CHART, registry="mirror.example.com")
    assert {pod(changed[name])["containers"][0]["image"] for name in ("db", "redis")} == {
        "mirror.example.com/docker.io/pgvector/pgvector:pg15",
        "mirror.example.com/docker.io/redis:6",
    }


def test_what_the_operator_fills_in_stays_as_it_is() -> None:
    changed = operator_templates(CHART, registry="mirror.example.com", pull_secrets=["login"])
    assert pod(changed["deployment"])["containers"][0]["image"] == "${image}"


def test_every_pod_gets_the_pull_secrets() -> None:
    changed = operator_templates(CHART, pull_secrets=["login", "other"])
    assert sorted(changed) == ["db", "deployment", "redis"]
    for template in changed.values():
        assert pod(template)["imagePullSecrets"] == [{"name": "login"}, {"name": "other"}]


def test_volumes_are_of_the_storage_class_and_nothing_else_changes() -> None:
    changed = operator_templates(CHART, storage_class="fast")
    assert sorted(changed) == ["db"]
    sets = yaml.safe_load(changed["db"])
    (claim,) = sets["spec"]["volumeClaimTemplates"]
    assert claim["spec"].pop("storageClassName") == "fast"
    chart = yaml.safe_load(Path(CHART["folder"], "values.yaml").read_text())
    assert sets == yaml.safe_load(chart["operator"]["templates"]["db"])


def test_ansible_s_own_kind_of_text_is_written_as_any_other() -> None:
    class Tagged(str):
        """A text as ansible-core 2.19 and newer hand it over: not of the type that YAML knows."""

        __slots__ = ()

    fast, login, image = map(Tagged, ("fast", "login", "redis:7"))
    changed = operator_templates(CHART, storage_class=fast, pull_secrets=[login], images={"redis": image})
    assert yaml.safe_load(changed["db"])["spec"]["volumeClaimTemplates"][0]["spec"]["storageClassName"] == "fast"
    assert pod(changed["redis"])["imagePullSecrets"] == [{"name": "login"}]
    assert pod(changed["redis"])["containers"][0]["image"] == "redis:7"


def test_an_image_can_be_named_by_template() -> None:
    changed = operator_templates(CHART, registry="mirror.example.com", images={"redis": "quay.io/own/redis:7"})
    assert pod(changed["redis"])["containers"][0]["image"] == "mirror.example.com/quay.io/own/redis:7"


@pytest.mark.parametrize(
    ("chart", "options"),
    [(CHART, {}), ({"folder": "nowhere"}, {}), ({"folder": "nowhere"}, {"registry": "mirror.example.com"})],
)
def test_nothing_is_changed_without_a_reason_or_a_chart(chart: dict[str, str], options: dict[str, Any]) -> None:
    assert operator_templates(chart, **options) == {}
