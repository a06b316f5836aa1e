# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that show how far they are while they run, and that run as a module where they cannot."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Progress, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction

# Ansible's workers have no terminal; this is read in the process that starts them, which loads the plugin first.
_TERMINAL = sys.stdout.isatty()
_CLEAR_LINE = "\r\x1b[K"


class ProgressLine:
    """Shows progress: on a terminal one line that is kept up to date, elsewhere a line at each change."""

    def __init__(self, show: Callable[..., Any], *, rewrite: bool, who: str = "") -> None:
        """Take what shows a line (Display.display), whether to write over the last one, and what stands before it."""
        self._show = show
        self._rewrite = rewrite
        self._who = who
        self._shown: object = (0, 0)
        self._open = False

    def __call__(self, progress: Progress) -> None:
        """Show how far it is, if that is news."""
        news = str(progress) if self._rewrite else (progress.done, progress.failed)
        if news == self._shown:
            return
        self._shown = news
        if self._rewrite:
            self._show(f"{_CLEAR_LINE}{self._who}{progress}", screen_only=True, newline=False)
            self._open = True
        else:
            self._show(f"{self._who}{progress}")

    def close(self) -> None:
        """Leave the line to what comes next."""
        if self._open:
            self._show(_CLEAR_LINE, screen_only=True, newline=False)


class LiveAction(ControllerAction):
    """Runs what a module runs in Ansible's own process, where it can show progress; else the module itself."""

    _requires_connection = True
    _supports_async = True

    handler: Callable[[Task], Awaitable[Outcome]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run here or there, and return Ansible's result."""
        hosts = (task_vars or {}).get("ansible_play_batch") or []
        self._who = f"[{(task_vars or {}).get('inventory_hostname')}] " if len(hosts) > 1 else ""
        self._task.args = plain(self._task.args)
        if not self._runs_here():
            result: dict[str, Any] = ActionBase.run(self, tmp, task_vars)
            result.update(self._execute_module(task_vars=task_vars, wrap_async=self._task.async_val))
            return result
        return super().run(tmp, task_vars)

    async def perform(self, task: Task) -> Outcome:
        """Do the work, and show how far it is."""
        mode = task.options["progress"]
        if mode == "quiet":
            return await self.handler(task)
        if task.check:
            outcome = await self.handler(task)
            for text in plan_lines(outcome):
                Display().display(f"{self._who}{text}")
            return outcome
        # Hosts that run at the same time would write over each other's line.
        rewrite = mode == "auto" and _TERMINAL and not self._who
        line = ProgressLine(Display().display, rewrite=rewrite, who=self._who)
        try:
            return await self.handler(replace(task, report=line))
        finally:
            line.close()

    def _runs_here(self) -> bool:
        local = self._connection.transport == "local" and not self._connection.become
        return local and not self._task.async_val and importlib.util.find_spec("httpx") is not None


def plan_lines(outcome: Outcome) -> Iterator[str]:
    """Yield what a fleet would do, a line for each deployment that would be changed."""
    for item in outcome.result.get("deployments") or []:
        if item["changed"]:
            fields = f": {', '.join(item['fields'])}" if item["fields"] else ""
            yield f"would {item['action']} {item['name']}{fields}"


def plain(value: Any) -> Any:
    """Return a value as plain data; what Ansible keeps encrypted until it is used becomes text."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value if value is None or isinstance(value, (bool, int, float)) else str(value)
