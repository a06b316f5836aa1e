# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callback: how long each task took, one JSON document a line, in the file that TASK_SECONDS names."""

from __future__ import annotations

import json
import os
import time
from typing import Any

from ansible.plugins.callback import CallbackBase


class CallbackModule(CallbackBase):
    """Measures from a task's start to its result on the one host that there is."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "task_seconds"

    def __init__(self) -> None:
        super().__init__()
        self._start = 0.0

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Take the time."""
        del task, is_conditional
        self._start = time.perf_counter()

    def v2_runner_on_ok(self, result: Any) -> None:
        """Write it down."""
        seconds = time.perf_counter() - self._start
        with open(os.environ["TASK_SECONDS"], "a", encoding="utf-8") as file:
            file.write(json.dumps({"task": result.task_name, "seconds": seconds, "ended": time.time()}) + "\n")
