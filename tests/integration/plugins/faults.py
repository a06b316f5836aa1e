# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every way in which an answer can go wrong."""

from __future__ import annotations

from typing import Any

import pytest

FAULTS = [
    *(
        pytest.param(
            {"kind": "status", "status": status, "after_commit": after}, id=f"{status}-{'after' if after else 'before'}"
        )
        for status in (500, 502, 503, 504)
        for after in (False, True)
    ),
    pytest.param({"kind": "status", "status": 429, "retry_after": 1}, id="429"),
    pytest.param({"kind": "reset_before"}, id="reset-before"),
    pytest.param({"kind": "reset_after"}, id="reset-after"),
    pytest.param({"kind": "slow", "seconds": 2, "after_commit": True}, id="time-out-after"),
    pytest.param({"kind": "malformed"}, id="malformed"),
    pytest.param({"kind": "empty"}, id="empty"),
]
EVERY_FAULT = pytest.mark.parametrize("fault", FAULTS)
TIMES = pytest.mark.parametrize("times", [1, 2])


def spoil(plane: Any, route: str, fault: dict[str, Any], times: int | None = 1) -> dict[str, Any]:
    """Spoil the next requests to a route; return options that make a time-out short where that is the fault."""
    plane.fault(route, times=times, **fault)
    return {"request_timeout": 0.4} if fault["kind"] == "slow" else {}
