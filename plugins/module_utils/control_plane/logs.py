# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Log entries of the control plane, which differ from plane to plane, as one kind of entry and as lines for people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any


def entry(raw: Any) -> dict[str, str | None]:
    """Return a log entry of any plane as timestamp, level and message."""
    if not isinstance(raw, Mapping):
        return {"timestamp": None, "level": None, "message": str(raw)}
    return {
        "timestamp": _moment(raw.get("timestamp")),
        "level": str(raw["level"]) if raw.get("level") else None,
        "message": str(raw.get("message") or ""),
    }


def line(told: Mapping[str, str | None]) -> str:
    """Return an entry as one line."""
    return " ".join(part for part in (told["timestamp"], told["level"], told["message"]) if part)


def _moment(timestamp: Any) -> str | None:
    """Return an entry's time for people; planes give milliseconds since 1970, or text."""
    if isinstance(timestamp, int | float):
        return datetime.fromtimestamp(timestamp / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return str(timestamp) if timestamp else None
