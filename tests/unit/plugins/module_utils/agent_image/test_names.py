# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.agent_image.names import (
    ImageName,
    is_tag,
    repository_problem,
)


@pytest.mark.parametrize(
    ("text", "registry", "repository", "reference"),
    [
        ("redis", "docker.io", "library/redis", "latest"),
        ("langchain/langgraph-api:3.12", "docker.io", "langchain/langgraph-api", "3.12"),
        ("localhost/x", "localhost", "x", "latest"),
        ("127.0.0.1:5000/a/b:1", "127.0.0.1:5000", "a/b", "1"),
        ("127.0.0.1:5000/a/b", "127.0.0.1:5000", "a/b", "latest"),
        ("ghcr.io/a/b:1@sha256:ff", "ghcr.io", "a/b", "sha256:ff"),
    ],
)
def test_names_are_read_as_engines_read_them(text: str, registry: str, repository: str, reference: str) -> None:
    name = ImageName.parse(text)
    assert (name.registry, name.repository, name.reference) == (registry, repository, reference)


@pytest.mark.parametrize("text", ["registry.example.com/agents/support", "localhost:5000/a", "r.example.com/a_b/c-d.e"])
def test_repositories_to_push_to(text: str) -> None:
    assert repository_problem(text) is None


@pytest.mark.parametrize(
    "text", ["support", "agents/support", "r.example.com/a:1", "r.example.com/A", "r.example.com/"]
)
def test_what_is_no_repository(text: str) -> None:
    assert repository_problem(text)


def test_tags() -> None:
    assert is_tag("v1.2_3-x")
    assert not any(map(is_tag, ("", "-x", ".x", "a b", "a" * 129, "ä", "a\n")))
