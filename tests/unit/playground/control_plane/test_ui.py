# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest

from .conftest import IMAGE, Clock, Plane

VOID = {"meta", "link", "input", "br"}


class _Structure(HTMLParser):
    """Collects what a page must have, and fails on tags that do not match."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: set[str] = set()
        self.labelled: set[str] = set()
        self.fields: set[str] = set()
        self.loaded: list[str] = []
        self.headings: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in VOID:
            self.open.append(tag)
        if given.get("id"):
            assert given["id"] not in self.ids, f"id {given['id']} is there twice"
            self.ids.add(str(given["id"]))
        if tag == "label":
            self.labelled.add(str(given["for"]))
        if tag in ("input", "select", "textarea"):
            self.fields.add(str(given["id"]))
        if tag in ("img", "script", "iframe") or (tag == "link" and given.get("href") != "data:,"):
            self.loaded.append(tag)
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def _check(text: str) -> _Structure:
    structure = _Structure()
    structure.feed(text)
    assert not structure.open
    assert structure.fields == structure.labelled
    assert structure.loaded == []
    assert structure.headings[0] == "h1"
    assert structure.headings.count("h1") == 1
    assert '<html lang="en">' in text
    return structure


def _form(plane: Plane, path: str, **fields: str) -> tuple[int, str, str]:
    answer = plane.client.post(path, data=fields, follow_redirects=False)
    return answer.status_code, answer.text, answer.headers.get("location", "")


def test_an_empty_plane(plane: Plane) -> None:
    text = plane.get("/").text
    _check(text)
    assert "No deployment yet" in text
    assert "No listener yet" in text


def test_the_overview_and_a_deployment(plane: Plane, clock: Clock) -> None:
    listener = plane.listener("production-eu-01")
    digest = "registry.example.com/agents/hello@sha256:" + "ab" * 32
    deployment = plane.deployment(
        "support-bot",
        source_config={"resource_spec": {}, "listener_id": listener},
        source_revision_config={"image_uri": digest},
        secrets=[{"name": "TOKEN", "value": "hidden-value"}],
    )
    plane.report(deployment["latest_revision_id"], "DEPLOY_FAILED", "no such <image>")
    plane.post(f"/internal/v1/revisions/{deployment['latest_revision_id']}/logs", {"lines": [{"message": "<b>hm</b>"}]})
    for path in ("/", f"/ui/deployments/{deployment['id']}"):
        text = plane.get(path).text
        _check(text)
        for part in ("support-bot", "production-eu-01", "DEPLOY_FAILED", "no such &lt;image&gt;", "sha256:ababab"):
            assert part in text
        assert "hidden-value" not in text
        assert 'http-equiv="refresh" content="5"' in text
        assert 'http-equiv="refresh"' not in plane.get(path, refresh=0).text
    assert "&lt;b&gt;hm&lt;/b&gt;" in text
    assert plane.get("/ui/deployments/nonsense").status_code == 422


def test_a_url_that_could_run_a_script_is_no_link(plane: Plane) -> None:
    deployment = plane.deployment(source_config={"resource_spec": {}, "custom_url": "javascript:alert(1)"})
    for path in ("/", f"/ui/deployments/{deployment['id']}"):
        assert 'href="javascript' not in plane.get(path).text


def test_many_deployments_are_paged(plane: Plane) -> None:
    for number in range(101):
        plane.deployment(f"agent-{number}")
    assert "Page 1 of 2" in plane.get("/").text
    assert plane.get("/", page=2).text.count("agent-0") == 1
    assert plane.get("/", page="x").status_code == 200


class TestForms:
    def test_a_listener(self, plane: Plane) -> None:
        _check(plane.get("/ui/listeners/new").text)
        status, _, location = _form(plane, "/ui/listeners", compute_id="c", namespaces="a, b")
        assert (status, location) == (303, "/")
        found = plane.get("/v2/listeners").json()["resources"][0]
        assert found["compute_config"] == {"k8s_namespaces": ["a", "b"]}
        status, text, _ = _form(plane, "/ui/listeners", compute_id="c", namespaces="a")
        assert status == 409
        assert "already exists" in text
        assert 'value="c"' in text
        assert _form(plane, "/ui/listeners", compute_id="", namespaces="")[0] == 422

    def test_a_deployment(self, plane: Plane) -> None:
        listener = plane.listener(namespaces=("a", "b"))
        _check(plane.get("/ui/deployments/new").text)
        environment = "TOKEN=hidden=value\n\nOTHER=2"
        placement = f"{listener}/b"
        status, _, location = _form(
            plane, "/ui/deployments", name="agent", image_uri=IMAGE, placement=placement, environment=environment
        )
        assert status == 303
        found = plane.get("/v2/deployments").json()["resources"][0]
        assert location == f"/ui/deployments/{found['id']}"
        assert found["source_config"]["listener_config"] == {"k8s_namespace": "b"}
        assert found["secrets"] == [{"name": "TOKEN", "value": "hidden=value"}, {"name": "OTHER", "value": "2"}]
        assert _form(plane, f"{location}/delete")[0] == 303
        assert plane.read(found)["status"] == "AWAITING_DELETE"

    @pytest.mark.parametrize(
        ("change", "text"),
        [
            ({"name": "my_agent"}, "must start with a letter"),
            ({"environment": "REDIS_URI=x"}, "is reserved"),
            ({"environment": "nonsense"}, "NAME=value"),
            ({"placement": "nonsense/x"}, "source_config.listener_id"),
            ({"image_uri": ""}, "image_uri"),
        ],
    )
    def test_what_is_wrong_is_said_and_the_form_kept(self, plane: Plane, change: dict[str, str], text: str) -> None:
        fields = {"name": "agent", "image_uri": IMAGE, "placement": "", "environment": "TOKEN=hidden-value", **change}
        status, page, _ = _form(plane, "/ui/deployments", **fields)
        assert status in (400, 422)
        _check(page)
        assert text in page
        assert f'value="{fields["name"]}"' in page
        assert "hidden-value" not in page
        assert plane.get("/v2/deployments").json()["resources"] == []
