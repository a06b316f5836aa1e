# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that do their work in Ansible's own process: no module is packed, sent and started."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.langgraph.selfhosted.plugins.module_utils import runner
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task


class ControllerAction(ActionBase):
    """Options in, outcome or our error out.

    Attributes:
        arguments: What the task takes.
        perform: Does the work, at once or as a coroutine.
    """

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    arguments: ArgumentSpec
    perform: Callable[[Task], Outcome | Awaitable[Outcome]]

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check the options, perform, and return Ansible's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        # This process is the task's own. Proxies, certificates, kubeconfigs and keys are looked up in its environment.
        os.environ.update(self.environment_of_task())
        try:
            task = Task(self._options(), check=self._task.check_mode, environment=dict(os.environ))
            outcome = runner.perform(self.perform, task)
        except AnsibleError:
            raise
        except Exception as error:
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

    def _options(self) -> dict[str, Any]:
        """Return the options as Ansible checks them; an empty one may come from the environment, as a missing one."""
        for name, option in self.arguments.options.items():
            if "fallback" in option and self._task.args.get(name) in (None, ""):
                self._task.args.pop(name, None)
        try:
            _validated, options = self.validate_argument_spec(  # type: ignore[no-untyped-call]
                argument_spec={name: dict(option) for name, option in self.arguments.options.items()},
                **self.arguments.rules(),
            )
        except AnsibleActionFail as error:
            # Up to ansible-core 2.18 an action that raises is beyond failed_when and ignore_errors.
            raise SelfHostedError(error.message) from None
        return dict(options)
