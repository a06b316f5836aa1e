# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.filter.images import images


def pod(*containers: str, **more: Any) -> dict[str, Any]:
    return {"kind": "Pod", "spec": {"containers": [{"name": "a", "image": image} for image in containers], **more}}


def sources(*objects: Any, registry: str = "") -> list[str]:
    return [found["source"] for found in images(objects, registry)]


def test_every_container_of_every_kind_counts_once() -> None:
    job = {"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": pod("a.example.com/x:1")}}}}
    first = pod("a.example.com/x:1", initContainers=[{"image": "a.example.com/y:2"}])
    assert sources(job, first) == ["a.example.com/x:1", "a.example.com/y:2"]


def test_objects_that_stand_as_text_in_a_config_map_count() -> None:
    template = "kind: Deployment\nspec: {template: {spec: {containers: [{image: 'redis:6'}, {image: '${image}'}]}}}"
    texts = {"redis.yaml.tmpl": template, "nginx.conf": "location /image: {\n}", "note": "image: {"}
    assert sources({"kind": "ConfigMap", "data": texts}) == ["docker.io/redis:6"]


def test_a_definition_s_schema_has_no_images() -> None:
    fields = {"containers": {"items": {"properties": {"image": {"type": "string"}}}}}
    assert sources({"kind": "CustomResourceDefinition", "spec": {"properties": fields}}) == []


def test_names_of_images_are_taken_as_they_are() -> None:
    assert sources("redis:6", "a.example.com/x@sha256:0f") == ["a.example.com/x@sha256:0f", "docker.io/redis:6"]


def test_what_a_mirror_keeps_is_told_from_what_it_does_not() -> None:
    found = images([pod("mirror.example.com/docker.io/redis:6", "ghcr.io/x/y:1")], "mirror.example.com/")
    assert found == [
        {"image": "ghcr.io/x/y:1", "source": "ghcr.io/x/y:1", "mirrored": False},
        {"image": "mirror.example.com/docker.io/redis:6", "source": "docker.io/redis:6", "mirrored": True},
    ]
