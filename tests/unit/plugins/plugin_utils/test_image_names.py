# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.image_names import full_name, without_registry


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        ("redis:6", "docker.io/redis:6"),
        ("pgvector/pgvector:pg15", "docker.io/pgvector/pgvector:pg15"),
        ("ghcr.io/kedacore/keda:2", "ghcr.io/kedacore/keda:2"),
        ("registry:5000/agents/hello", "registry:5000/agents/hello"),
        ("localhost/hello:1", "localhost/hello:1"),
        ("registry:5000/hello:1@sha256:0f", "registry:5000/hello@sha256:0f"),
        ("redis@sha256:0f", "docker.io/redis@sha256:0f"),
    ],
)
def test_a_name_says_its_registry_and_a_tag_or_a_digest(image: str, expected: str) -> None:
    assert full_name(image) == expected
    assert full_name(expected) == expected


def test_the_mirror_is_taken_off_whole_only() -> None:
    assert without_registry("mirror.example.com/docker.io/redis:6", "mirror.example.com") == "docker.io/redis:6"
    assert without_registry("mirror.example.community/x:1", "mirror.example.com") == "mirror.example.community/x:1"
    assert without_registry("docker.io/redis:6", "") == "docker.io/redis:6"
