# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.logs import entry, line


@pytest.mark.parametrize(
    ("raw", "told", "text"),
    [
        (
            {"id": "1", "timestamp": 1_700_000_000_123, "level": "ERROR", "message": "it broke"},
            {"timestamp": "2023-11-14T22:13:20Z", "level": "ERROR", "message": "it broke"},
            "2023-11-14T22:13:20Z ERROR it broke",
        ),
        (
            {"timestamp": "2026-08-22T10:00:00Z", "message": "up"},
            {"timestamp": "2026-08-22T10:00:00Z", "level": None, "message": "up"},
            "2026-08-22T10:00:00Z up",
        ),
        ({"message": None}, {"timestamp": None, "level": None, "message": ""}, ""),
        ("plain", {"timestamp": None, "level": None, "message": "plain"}, "plain"),
    ],
)
def test_entries_of_all_planes_become_one_kind(raw: Any, told: dict[str, Any], text: str) -> None:
    assert entry(raw) == told
    assert line(entry(raw)) == text
