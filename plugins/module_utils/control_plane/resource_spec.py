# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``resource_spec`` may hold: names and kinds of its keys. Maxima are the server's and differ between planes."""

from __future__ import annotations

from collections.abc import Mapping

_NUMBER, _COUNT, _TEXT, _MAP, _LIST = "number", "whole number", "text", "map of texts", "list"


def _sized(*prefixes: str) -> dict[str, str]:
    kinds = {"cpu": _NUMBER, "cpu_limit": _NUMBER, "memory_mb": _COUNT, "memory_limit_mb": _COUNT}
    return {f"{prefix}{name}": kind for prefix in prefixes for name, kind in kinds.items()}


KEYS: Mapping[str, str] = {
    **dict.fromkeys(("min_scale", "max_scale", "queue_min_scale", "queue_max_scale"), _COUNT),
    **_sized("", "queue_", "redis_", "core_", "db_"),
    **dict.fromkeys(("db_storage_gi", "db_max_connections"), _COUNT),
    **dict.fromkeys(("labels", "annotations"), _MAP),
    "service_account_name": _TEXT,
    **dict.fromkeys(("image_pull_secrets", "volumes", "volume_mounts", "init_containers", "sidecars"), _LIST),
}

# Maps of the user's own: a key that is not wanted there is to go.
OWN_MAPS = ("labels", "annotations")

# Known to some planes only, which say that nobody should use them.
NEVER_SENT = ("orchestrator_", "executor_")

# The first must not be larger than the second.
ORDERED = (
    ("min_scale", "max_scale"),
    ("queue_min_scale", "queue_max_scale"),
    *((f"{part}cpu", f"{part}cpu_limit") for part in ("", "queue_", "redis_", "core_", "db_")),
    *((f"{part}memory_mb", f"{part}memory_limit_mb") for part in ("", "queue_", "redis_", "core_", "db_")),
)


def fits(kind: str, value: object) -> bool:
    """Whether a value is of the kind that a key takes."""
    match kind:
        case "number":
            return isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
        case "whole number":
            return isinstance(value, int) and not isinstance(value, bool) and value >= 0
        case "text":
            return isinstance(value, str) and bool(value)
        case "map of texts":
            return isinstance(value, dict) and all(isinstance(part, str) for pair in value.items() for part in pair)
        case _:
            return isinstance(value, list)
