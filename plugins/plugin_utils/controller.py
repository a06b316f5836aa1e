# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that do their work in Ansible's own process: no module is packed, sent and started."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.langgraph.selfhosted.plugins.module_utils import runner
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import (
    API_KEY_VARIABLES,
    WORKSPACE_VARIABLES,
    ArgumentSpec,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task


class ControllerAction(ActionBase):
    """Options in, outcome or our error out.

    Attributes:
        arguments: What the task takes.
        from_environment: Options that ``environment:`` of the task fills, and the names of the variables, best first.
    """

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    arguments: ArgumentSpec
    from_environment: Mapping[str, Sequence[str]] = {
        "api_key": API_KEY_VARIABLES,
        "workspace_id": WORKSPACE_VARIABLES,
        "kubeconfig": ("KUBECONFIG",),
    }

    def perform(self, task: Task) -> Outcome | Awaitable[Outcome]:
        """Do the work."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check the options, perform, and return Ansible's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        own = self.environment_of_task()
        environment = {**os.environ, **own}
        try:
            task = Task(self._options(own, environment), check=self._task.check_mode, environment=environment)
            outcome = runner.perform(self.perform, task)
        except SelfHostedError as error:
            return {**result, **runner.failure(error), "failed": True}
        for warning in outcome.warnings:
            Display().warning(warning)
        return {**result, **outcome.as_result()}

    def environment_of_task(self) -> dict[str, str]:
        """Return what ``environment:`` of the task and its play says; Ansible hands that to modules only."""
        found: dict[str, Any] = {}
        for part in self._task.environment or []:
            values = self._templar.template(part)
            if isinstance(values, Mapping):
                found.update(values)
        return {str(name): str(value) for name, value in found.items()}

    def _options(self, own: Mapping[str, str], environment: Mapping[str, str]) -> dict[str, Any]:
        """Return the options as Ansible checks them; what is in nobody's ``environment:`` Ansible looks up itself."""
        for option, names in self.from_environment.items():
            found = next((environment[name] for name in names if environment.get(name)), None)
            if option in self.arguments.options and found and own.keys() & set(names):
                self._task.args[option] = self._task.args.get(option) or found
        try:
            _validated, options = self.validate_argument_spec(  # type: ignore[no-untyped-call]
                argument_spec={name: dict(option) for name, option in self.arguments.options.items()},
                **self.arguments.rules(),
            )
        except AnsibleActionFail as error:
            # Up to ansible-core 2.18 an action that raises is beyond failed_when and ignore_errors.
            raise SelfHostedError(error.message) from None
        return dict(options)
