# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""Paging, filters and the generations of the schema."""

from __future__ import annotations

from typing import Any

import pytest

from playground.control_plane.generations import GENERATIONS

from .conftest import Plane


def _names(plane: Plane, **query: Any) -> list[str]:
    return [item["name"] for item in plane.get("/v2/deployments", **query).json()["resources"]]


class TestPaging:
    def test_pages_are_newest_first_and_complete(self, plane: Plane) -> None:
        for number in range(7):
            plane.deployment(f"agent-{number}")
        assert _names(plane, limit=3) == ["agent-6", "agent-5", "agent-4"]
        assert _names(plane, limit=3, offset=6) == ["agent-0"]
        assert _names(plane, limit=3, offset=7) == []
        assert plane.get("/v2/deployments", limit=3, offset=3).json()["offset"] == 6

    def test_twenty_by_default(self, plane: Plane) -> None:
        for number in range(21):
            plane.listener(f"cluster-{number}")
        assert len(plane.get("/v2/listeners").json()["resources"]) == 20

    @pytest.mark.parametrize("path", ["/v2/deployments", "/v2/listeners"])
    @pytest.mark.parametrize("query", [{"limit": 0}, {"limit": 101}, {"limit": "x"}, {"offset": -1}])
    def test_out_of_range(self, plane: Plane, path: str, query: dict[str, Any]) -> None:
        answer = plane.get(path, **query)
        assert answer.status_code == 422
        assert answer.json()["detail"][0]["loc"] == ["query", next(iter(query))]

    @pytest.mark.parametrize(("rule", "offset"), [("next", 3), ("count", 1), ("same", 2)])
    def test_sources_disagree_about_the_answered_offset(self, plane: Plane, rule: str, offset: int) -> None:
        for number in range(3):
            plane.deployment(f"agent-{number}")
        plane.settings(answered_offset=rule)
        assert plane.get("/v2/deployments", limit=1, offset=2).json()["offset"] == offset

    def test_an_old_plane_may_ignore_the_offset(self, plane: Plane) -> None:
        for number in range(3):
            plane.deployment(f"agent-{number}")
        plane.settings(ignore_offset=True)
        assert _names(plane, limit=2, offset=2) == ["agent-2", "agent-1"]


class TestFilters:
    def test_each(self, plane: Plane) -> None:
        first = plane.deployment("Alpha-one")
        listener = plane.listener()
        second = plane.deployment("alpha-two", source_config={"resource_spec": {}, "listener_id": listener})
        plane.bring_live(second)
        plane.post(
            f"/internal/v1/deployments/{second['id']}/status", {"url": "https://two.example.com", "image_version": "3"}
        )
        assert _names(plane, name_contains="alpha") == ["alpha-two", "Alpha-one"]
        assert _names(plane, name_contains="ONE") == ["Alpha-one"]
        assert _names(plane, name_contains="100%") == []
        assert _names(plane, name="alpha-two") == ["alpha-two"]
        assert _names(plane, name="alpha") == []
        assert _names(plane, status="READY") == ["alpha-two"]
        assert _names(plane, status="READY,AWAITING_DATABASE") == ["alpha-two", "Alpha-one"]
        assert _names(plane, remote_reconciled=True) == ["alpha-two"]
        assert _names(plane, remote_reconciled=False) == ["Alpha-one"]
        assert _names(plane, deployment_ids=f"{first['id']},nonsense") == ["Alpha-one"]
        assert _names(plane, image_version="3") == ["alpha-two"]
        assert _names(plane, url="https://two.example.com") == ["alpha-two"]
        assert len(_names(plane, deployment_type="prod")) == 2
        assert _names(plane, deployment_type="dev") == []
        assert _names(plane, tag_value_ids="x") == []
        assert len(_names(plane, no_such_filter="x")) == 2

    def test_old_planes_do_not_know_the_newest_or_ignore_them_all(self, plane: Plane) -> None:
        plane.deployment("a")
        plane.deployment("b")
        plane.settings(generation="A")
        assert _names(plane, name="a") == ["b", "a"]
        plane.settings(ignore_filters=True)
        assert _names(plane, name_contains="a") == ["b", "a"]


class TestGenerations:
    @pytest.mark.parametrize("generation", GENERATIONS)
    def test_answers_have_exactly_their_fields(self, plane: Plane, generation: str) -> None:
        plane.settings(generation=generation)
        facts = GENERATIONS[generation]
        found = plane.deployment()
        assert set(found) == set(facts.deployment_fields)
        assert set(found["source_config"]) == set(facts.source_config_fields)
        assert set(found["source_revision_config"]) == set(facts.revision_config_fields)
        assert set(found["source_config"]["resource_spec"]) == set(facts.resource_spec_fields)
        assert ("status_message" in plane.revisions(found)[0]) is (generation == "B")

    @pytest.mark.parametrize(
        ("generation", "source", "known"),
        [("0", "internal_source", False), ("A", "internal_template", False), ("B", "internal_template", True)],
    )
    def test_sources(self, plane: Plane, generation: str, source: str, known: bool) -> None:
        plane.settings(generation=generation)
        answer = plane.post("/v2/deployments", {**plane.request(), "source": source})
        # A known one is refused only because the rest of the request is for another source.
        assert answer.status_code == (400 if known else 422)

    def test_the_oldest_takes_whole_cpus_only_and_ignores_what_it_does_not_know(self, plane: Plane) -> None:
        plane.settings(generation="0")
        assert plane.post("/v2/deployments", plane.request(resource_spec={"cpu": 0.5})).status_code == 422
        found = plane.deployment(secret_references=[{"name": "A", "secret_name": "s", "secret_key": "k"}])
        plane.settings(generation="B")
        assert plane.read(found)["secret_references"] is None
        plane.settings(generation="0")
        plane.patch(f"/v2/deployments/{found['id']}", {"secret_references": [], "display_name": "x"})
        assert len(plane.revisions(found)) == 1

    @pytest.mark.parametrize("generation", ["0", "A"])
    def test_newest_routes_are_missing_from_older_ones(self, plane: Plane, generation: str) -> None:
        plane.settings(generation=generation)
        found = plane.deployment()
        path = f"/v2/deployments/{found['id']}"
        missing = plane.post(f"{path}/revisions", {})
        assert (missing.status_code, missing.headers["Allow"]) == (405, "GET")
        assert plane.patch(f"{path}/deployment-tier", {"deployment_tier": "DEDICATED_S"}).status_code == 404
        assert plane.get(f"{path}/revisions/{found['latest_revision_id']}/logs", type="deploy").status_code == 404
        assert plane.delete(path, force=True).status_code == 204  # unknown parameters are ignored
        bulk = plane.delete("/v2/deployments", deployment_ids=[found["id"]])
        assert bulk.status_code == (405 if generation == "0" else 200)


@pytest.mark.parametrize(("rule", "shown"), [("values", "1"), ("redacted", "********")])
def test_planes_may_hide_secrets(plane: Plane, rule: str, shown: str) -> None:
    plane.settings(secrets_on_get=rule)
    found = plane.read(plane.deployment(secrets=[{"name": "A", "value": "1"}]))
    assert found["secrets"] == [{"name": "A", "value": shown}]


def test_planes_may_hide_that_there_are_secrets(plane: Plane) -> None:
    deployment = plane.deployment(secrets=[{"name": "A", "value": "1"}])
    for rule, shown in (("absent", "nothing"), ("null", None), ("empty", [])):
        plane.settings(secrets_on_get=rule)
        assert plane.read(deployment).get("secrets", "nothing") == shown
