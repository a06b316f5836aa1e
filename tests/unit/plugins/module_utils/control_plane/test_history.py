# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.history import (
    choose,
    represent,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.revisions import content


def revision(identity: str, image: str | None, status: str = "DEPLOYED") -> dict[str, Any]:
    return {
        "id": identity,
        "status": status,
        "source": "external_docker",
        "source_revision_config": {"image_uri": image, "repo_ref": None},
    }


# Newest first.
LISTED = [
    revision("f", "a:3", "DEPLOYING"),
    revision("e", "a:3", "DEPLOY_FAILED"),
    revision("d", "a:2"),
    revision("c", "a:1", "SKIPPED"),
    revision("b", "a:1"),
    revision("a", "a:0"),
]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"revision": "previous"}, "d"),
        ({"revision": "last_deployed"}, "d"),
        ({"revision": "B"}, "b"),
        ({"revision": "x"}, None),
        ({"image": "a:1"}, "b"),
        ({"image": "a:3"}, "f"),
        ({"image": "a:9"}, None),
    ],
)
def test_what_is_asked_for_is_found(options: dict[str, str], expected: str | None) -> None:
    chosen = choose(LISTED, options)
    assert (chosen or {}).get("id") == expected


def test_previous_is_not_the_newest_itself() -> None:
    assert choose(LISTED[2:], {"revision": "previous"}) is LISTED[4]
    assert choose(LISTED[2:], {"revision": "last_deployed"}) is LISTED[2]
    assert choose(LISTED[-1:], {"revision": "previous"}) is None
    assert choose([], {"revision": "last_deployed"}) is None


def test_content_is_what_the_api_tells_and_no_more() -> None:
    assert content(LISTED[0]) == content(LISTED[1]) == {"source": "external_docker", "image_uri": "a:3"}
    assert content({"id": "old", "source": "github"}) == {"source": "github"}
    assert represent({"id": "old", "source_revision_config": None})["image"] is None
