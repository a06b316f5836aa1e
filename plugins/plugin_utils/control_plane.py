# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of the control-plane client: actions, lookups and inventories, which need no module."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import (
    API_KEY_VARIABLES,
    WORKSPACE_VARIABLES,
    ArgumentSpec,
)
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import Handler, perform


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


def plugin_options(plugin: Any, arguments: ArgumentSpec, templar: Any) -> dict[str, Any]:
    """Return the options of a lookup or inventory, templated, and checked as those of a module are.

    Raises:
        AnsibleError: One is not valid.
    """
    given = {name: templar.template(plugin.get_option(name)) for name in arguments.options}
    # An empty variable of the roles means the same as none.
    given = {name: value for name, value in given.items() if value not in (None, "")}
    spec = {name: dict(option) for name, option in arguments.options.items()}
    checked = ArgumentSpecValidator(spec, **arguments.rules()).validate(given)
    if checked.error_messages:
        raise AnsibleError("; ".join(checked.error_messages))
    return dict(checked.validated_parameters)


def answer(handler: Handler, options: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return what a handler that only reads finds, for plugins that have no result of a task.

    Raises:
        AnsibleError: It failed; the text says why and what to do.
    """
    try:
        return perform(handler, Task(options, check=True, environment=dict(os.environ))).result
    except SelfHostedError as error:
        raise AnsibleError(str(error)) from None
