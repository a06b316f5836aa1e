# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of the cluster client: an action that needs no module and no connection to a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task


class ClusterAction(ActionBase):
    """An action that runs on the controller only: options in, result or our error out."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True
    _supports_async = False

    arguments: ArgumentSpec

    def perform(self, task: Task) -> Outcome:
        """Do the work."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Check the options, perform, and return Ansible's result."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        kubeconfig = self._environment_of_task().get("KUBECONFIG")
        if kubeconfig and not self._task.args.get("kubeconfig"):
            self._task.args["kubeconfig"] = kubeconfig
        _validated, options = self.validate_argument_spec(  # type: ignore[no-untyped-call]
            argument_spec={name: dict(option) for name, option in self.arguments.options.items()},
            **self.arguments.rules(),
        )
        try:
            outcome = self.perform(Task(options=dict(options), check=self._task.check_mode))
        except SelfHostedError as error:
            return {**result, **error.as_result(), "failed": True}
        return {**result, **outcome.as_result()}

    def _environment_of_task(self) -> dict[str, str]:
        """Return what ``environment:`` of the task and its play says; Ansible hands that to modules only."""
        found: dict[str, Any] = {}
        for part in self._task.environment or []:
            values = self._templar.template(part)
            if isinstance(values, Mapping):
                found.update(values)
        return {str(name): str(value) for name, value in found.items()}
