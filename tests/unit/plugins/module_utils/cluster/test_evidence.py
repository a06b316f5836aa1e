# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.diagnosis import CRASH, PROBE, Trouble
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.evidence import Evidence
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import NotFound


class Server:
    """Has the logs of a container: of the instance that runs, and of the one before."""

    def __init__(self, current: str, previous: str | None) -> None:
        self.logs = {"false": current, "true": previous}

    def text(self, path: str, **query: Any) -> str:
        assert path == "/api/v1/namespaces/ns/pods/agent/log"
        found = self.logs[query.get("previous", "false")]
        if found is None:
            raise NotFound("previous terminated container not found")
        return found


@pytest.mark.parametrize(
    ("symptom", "restarts", "previous", "shown"),
    [
        (CRASH, 3, "starts\nno such key", ["starts", "no such key"]),
        (CRASH, 3, None, ["starts"]),
        (CRASH, 0, "of long ago", ["starts"]),
        (PROBE, 3, "of long ago", ["starts"]),
    ],
)
def test_a_crash_is_explained_by_the_instance_that_has_ended(
    symptom: str, restarts: int, previous: str | None, shown: list[str]
) -> None:
    server: Any = Server("starts", previous)
    trouble = Trouble(symptom, "Pod ns/agent", "Error", container="agent", restarts=restarts)
    assert list(Evidence(server).with_log(trouble).log) == shown
