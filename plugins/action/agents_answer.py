# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: prove that agents answer."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.probe import Call, Target, call_all
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.transport import Security
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction

ARGUMENTS = ArgumentSpec(
    options={
        "agents": {
            "type": "list",
            "elements": "dict",
            "required": True,
        },
        "address": {"type": "str"},
        "path": {"type": "str", "default": "/ok"},
        "timeout": {"type": "float", "default": 60.0},
        "validate_certs": {"type": "bool", "default": True},
        "ca_cert": {"type": "path"},
    },
)


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/agents_answer.py."""

    arguments = ARGUMENTS

    async def perform(self, task: Task) -> Outcome:
        """Call all agents until each answers or the time is up."""
        options = task.options
        calls = await call_all(
            [Target(str(agent["name"]), str(agent["url"])) for agent in options["agents"]],
            path="/" + options["path"].lstrip("/"),
            timeout=options["timeout"],
            security=Security(validate=options["validate_certs"], ca_cert=options["ca_cert"]),
            address=options["address"] or None,
        )
        silent = [call for call in calls if not call.answered]
        if silent:
            raise _not_answered(silent, len(calls), options["timeout"])
        return Outcome(result={"agents": [_shown(call) for call in calls]})


def _not_answered(silent: list[Call], total: int, timeout: float) -> SelfHostedError:
    lines = [f"{len(silent)} of {total} agents did not answer within {timeout:g} s:"]
    for call in silent:
        lines.append(f"  {call.target.name} at {call.target.url}: {call.why}")
        lines.append(f"    Remedy: {call.remedy}")
    return SelfHostedError("\n".join(lines), details={"agents": [_shown(call) for call in silent]})


def _shown(call: Call) -> dict[str, object]:
    return {
        "name": call.target.name,
        "url": call.target.url,
        "status": call.status,
        "seconds": round(call.seconds, 3),
    }
