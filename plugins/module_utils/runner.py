# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The one place where modules meet Ansible: options in, result, diff or failure out."""

from __future__ import annotations

import asyncio
import inspect
import os
import traceback
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
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


def run(
    arguments: ArgumentSpec,
    handler: Handler,
    *,
    check_mode: bool = True,
    secrets: Callable[[Mapping[str, Any]], Iterable[str]] | None = None,
) -> NoReturn:
    """Run a module: build it from ``arguments``, call ``handler`` (plain or async), end with its outcome or error.

    ``secrets`` finds the secret texts within options that hold other texts, too; without it all of them are secret.
    """
    module = AnsibleModule(
        argument_spec={name: dict(option) for name, option in arguments.options.items()},
        supports_check_mode=check_mode,
        **arguments.rules(),
    )
    task = Task(options=dict(module.params), check=module.check_mode, environment=dict(os.environ))
    _hide_nested_secrets(module, arguments.secret_options(), secrets)
    try:
        outcome = perform(handler, task)
    except Exception as error:
        module.fail_json(**failure(error))
    for warning in outcome.warnings:
        module.warn(warning)
    module.exit_json(**outcome.as_result())


def perform(handler: Handler, task: Task) -> Outcome:
    """Call the handler; run its event loop when it is async."""
    outcome = handler(task)
    if inspect.isawaitable(outcome):
        return asyncio.run(_awaited(outcome))
    return outcome


def failure(error: Exception) -> dict[str, Any]:
    """Return the result of a task that failed; a missing library is told in Ansible's own words."""
    if not isinstance(error, SelfHostedError):
        unexpected = f"Unexpected error ({type(error).__name__}); this is a fault of the collection, please report it."
        return {"msg": unexpected, "exception": "".join(traceback.format_exception(error))}
    result = error.as_result()
    if isinstance(error, MissingLibrary):
        result["msg"] = missing_required_lib(error.library)
        if error.traceback:
            result["exception"] = error.traceback
    return result


async def _awaited(outcome: Awaitable[Outcome]) -> Outcome:
    return await outcome


def _hide_nested_secrets(
    module: AnsibleModule, names: Iterable[str], secrets: Callable[[Mapping[str, Any]], Iterable[str]] | None
) -> None:
    """Keep what holds secrets out of the echoed invocation; blank only the secrets in it, and no short ones."""
    nested = {name: module.params[name] for name in names if isinstance(module.params.get(name), (dict, list))}
    texts = {text for value in nested.values() for text in _texts(value)}
    secret = {text for text in (secrets(module.params) if secrets else texts) if len(text) >= _SHORTEST_BLANKED}
    module.no_log_values = (set(module.no_log_values) - texts) | secret
    for name, value in nested.items():
        module.params[name] = dict.fromkeys(value, _HIDDEN) if isinstance(value, dict) else _HIDDEN


def _texts(value: Any) -> Iterator[str]:
    """Yield every text that Ansible takes for a secret in a value."""
    if isinstance(value, dict):
        for item in value.values():
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    else:
        yield str(value)
