# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where modules meet Ansible: options in, result, diff or failure out."""

from __future__ import annotations

import asyncio
import inspect
import os
import traceback
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, NoReturn

from ansible.module_utils.basic import AnsibleModule, missing_required_lib
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import MissingLibrary, SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

Handler = Callable[[Task], "Outcome | Awaitable[Outcome]"]

# Ansible blanks every occurrence of a secret value in all of a module's output. For a value such as "1" or "true" that
# would destroy ids and URLs, so nested secrets shorter than this are left out; none of them is ever returned anyway.
_SHORTEST_BLANKED = 8
_HIDDEN = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def run(arguments: ArgumentSpec, handler: Handler, *, check_mode: bool = True) -> NoReturn:
    """Run a module: build it from ``arguments``, call ``handler`` (plain or async), end with its outcome or error."""
    module = AnsibleModule(
        argument_spec={name: dict(option) for name, option in arguments.options.items()},
        supports_check_mode=check_mode,
        **arguments.rules(),
    )
    task = Task(options=dict(module.params), check=module.check_mode, environment=dict(os.environ))
    _hide_nested_secrets(module, arguments.secret_options())
    try:
        outcome = perform(handler, task)
    except SelfHostedError as error:
        module.fail_json(**failure(error))
    except Exception as error:
        module.fail_json(
            msg=f"Unexpected error ({type(error).__name__}); this is a fault of the collection, please report it.",
            exception=traceback.format_exc(),
        )
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(**outcome.as_result())


def perform(handler: Handler, task: Task) -> Outcome:
    """Call the handler; run its event loop when it is async."""
    outcome = handler(task)
    if inspect.isawaitable(outcome):
        return asyncio.run(_awaited(outcome))
    return outcome


def failure(error: SelfHostedError) -> dict[str, Any]:
    """Return the result of a module that failed; a missing library is told in Ansible's own words."""
    result = error.as_result()
    if isinstance(error, MissingLibrary):
        result["msg"] = missing_required_lib(error.library)
        if error.traceback:
            result["exception"] = error.traceback
    return result


async def _awaited(outcome: Awaitable[Outcome]) -> Outcome:
    return await outcome


def _hide_nested_secrets(module: AnsibleModule, names: Iterable[str]) -> None:
    """Keep the values of secret dictionaries out of the echoed invocation, and short ones out of the blanking list."""
    for name in names:
        value = module.params.get(name)
        if isinstance(value, dict):
            short = {text for text in map(str, value.values()) if len(text) < _SHORTEST_BLANKED}
            module.no_log_values = {text for text in module.no_log_values if text not in short}
            module.params[name] = dict.fromkeys(value, _HIDDEN)
