# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image references, the playground's registry, and which pods live."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from playground.workloads.runner.images import (
    Images,
    NotALivingImageError,
    PullError,
    Reference,
    is_living,
    parse,
)

DIGEST = "sha256:" + "a" * 64


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("redis:7", Reference("", "redis", "7", "")),
        (
            "docker.io/langchain/langsmith-backend:0.16.36",
            Reference("docker.io", "langchain/langsmith-backend", "0.16.36", ""),
        ),
        ("localhost:5000/a/b", Reference("localhost:5000", "a/b", "", "")),
        (f"registry.example.com/agents/hello@{DIGEST}", Reference("registry.example.com", "agents/hello", "", DIGEST)),
        (
            f"registry.example.com/agents/hello:1@{DIGEST}",
            Reference("registry.example.com", "agents/hello", "1", DIGEST),
        ),
        ("langchain/langgraph-operator", Reference("", "langchain/langgraph-operator", "", "")),
    ],
)
def test_a_reference_is_taken_apart(text: str, expected: Reference) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        ("docker.io/langchain/langsmith-backend:0.16.36", "langsmith-backend"),
        ("registry.example.com/langchain/langsmith-backend:0.16.36", "langsmith-backend"),
        ("mirror.example.com/hub/langchain/langgraph-operator:0.1.36", "langgraph-operator"),
        ("docker.io/redis:7", "redis"),
        ("registry.example.com/library/redis:7.4-alpine", "redis"),
        ("docker.io/traefik:v3.7.11", "traefik"),
        ("docker.io/langchain/langsmith-frontend:0.16.45", "langsmith-frontend"),
        ("mirror.example.com/docker.io/postgres:14.7", "postgres"),
        ("registry.example.com/agents/hello:1.0", "agent"),
        (f"registry.example.com/agents/hello@{DIGEST}", "agent"),
    ],
)
def test_a_program_is_found_behind_any_registry_and_tag(tmp_path: Path, reference: str, name: str) -> None:
    assert Images({"registry.example.com/agents/hello": str(tmp_path)}).pull(reference, set()).name == name


@pytest.mark.parametrize("reference", ["redis:6", "pgvector/pgvector:pg15", "ghcr.io/kedacore/keda:2.20.2", "busybox"])
def test_other_images_are_not_the_runners(reference: str) -> None:
    with pytest.raises(NotALivingImageError):
        Images({}).pull(reference, set())


def test_an_unknown_image_of_the_registry_fails_as_a_runtime_says_it() -> None:
    with pytest.raises(
        PullError, match=r'failed to resolve reference "registry.example.com/agents/none:1": .*: not found'
    ):
        Images({}).pull("registry.example.com/agents/none:1", set())


def test_private_images_need_a_login_for_their_registry() -> None:
    images = Images({})
    with pytest.raises(PullError, match="may require authorization"):
        images.pull("registry.example.com/private/redis:7", {"elsewhere.example.com"})
    assert images.pull("registry.example.com/private/redis:7", {"registry.example.com"}).name == "redis"


def test_an_image_is_unpacked_fresh_and_without_left_overs(tmp_path: Path) -> None:
    source, root = tmp_path / "agent", tmp_path / "root"
    (source / ".langgraph_api").mkdir(parents=True)
    (source / "langgraph.json").write_text(json.dumps({"graphs": {}}))
    Images({"registry.example.com/a": str(source)}).pull("registry.example.com/a:1", set()).unpack(root)
    assert (root / "app/langgraph.json").is_file()
    assert not (root / "app/.langgraph_api").exists()
    assert (root / "manager").stat().st_mode & 0o111
    assert (root / "opt/playground/workloads/kube.py").is_file()


@pytest.mark.parametrize(
    ("images", "living"),
    [
        (["docker.io/redis:7"], True),
        (["redis:6"], False),
        (["busybox", "traefik:v3"], True),
        (["registry.example.com/anything"], True),
        (["other.example.com/registry.example.com/x"], False),
    ],
)
def test_a_pod_lives_by_any_of_its_images(images: list[str], living: bool) -> None:
    assert is_living(images) is living
