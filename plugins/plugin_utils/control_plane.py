# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The controller's side of the control-plane client, for lookups and inventories."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Task
from ansible_collections.langgraph.selfhosted.plugins.module_utils.runner import Handler, perform


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
