# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of the control-plane client: action plugins that need no module and no connection."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import (
    API_KEY_VARIABLES,
    WORKSPACE_VARIABLES,
    ArgumentSpec,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task


class ControlPlaneAction(ActionBase):
    """An action that runs on the controller only: options in, outcome or our error out."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    arguments: ArgumentSpec

    async def perform(self, task: Task) -> Outcome:
        """Do the work."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check the options, perform, and return Ansible's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        environment = {**os.environ, **self._environment_of_task()}
        options = self._options(environment)
        try:
            outcome = asyncio.run(self.perform(Task(options, check=self._task.check_mode, environment=environment)))
        except SelfHostedError as error:
            return {**result, **error.as_result(), "failed": True}
        for warning in outcome.warnings:
            Display().warning(warning)
        return {**result, **outcome.as_result()}

    def _options(self, environment: Mapping[str, str]) -> dict[str, Any]:
        """Return the options as Ansible checks them, secrets from ``environment:`` of the task included."""
        for option, names in (("api_key", API_KEY_VARIABLES), ("workspace_id", WORKSPACE_VARIABLES)):
            found = next((environment[name] for name in names if environment.get(name)), None)
            if option in self.arguments.options and found and not self._task.args.get(option):
                self._task.args[option] = found
        _validated, options = self.validate_argument_spec(  # type: ignore[no-untyped-call]
            argument_spec={name: dict(option) for name, option in self.arguments.options.items()},
            **self.arguments.rules(),
        )
        return dict(options)

    def _environment_of_task(self) -> dict[str, str]:
        """Return what ``environment:`` of the task and its play says; Ansible hands that to modules only."""
        found: dict[str, Any] = {}
        for part in self._task.environment or []:
            values = self._templar.template(part)
            if isinstance(values, Mapping):
                found.update(values)
        return {str(name): str(value) for name, value in found.items()}
