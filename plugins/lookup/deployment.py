# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lookup plugin: deployments of agents."""

from __future__ import annotations

DOCUMENTATION = r"""
name: deployment
short_description: Look up deployments of agents
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Returns deployments by their names, or one value of each, such as the URL that an agent answers at.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.connection.plugin
options:
  _terms:
    description:
      - Names of deployments. One that does not exist is an error.
    type: list
    elements: str
    required: true
  attribute:
    description:
      - Return only this value of each, such as V(url), V(status), V(image) or V(latest_revision.status).
    type: str
notes:
  - Options are given as keywords. The variables that the roles share (C(langgraph_workspace_id) and so on) and the
    environment are read where they are not.
seealso:
  - module: langgraph.selfhosted.deployment_info
  - plugin: langgraph.selfhosted.deployments
    plugin_type: inventory
"""

EXAMPLES = r"""
- name: Show where an agent answers
  ansible.builtin.debug:
    msg: "{{ lookup('langgraph.selfhosted.deployment', 'support-agent', attribute='url') }}"

- name: Name the agents that are not deployed
  ansible.builtin.debug:
    msg: "{{ agents | rejectattr('latest_revision.status', 'eq', 'DEPLOYED') | map(attribute='name') }}"
  vars:
    agents: "{{ query('langgraph.selfhosted.deployment', 'support-agent', 'crm-agent', workspace_id=workspace) }}"
    workspace: 3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10
"""

RETURN = r"""
_raw:
  description:
    - For each name the deployment, with the keys that RV(langgraph.selfhosted.deployment_info#module:deployments)
      has, or the value that O(attribute) names.
  type: list
  elements: raw
"""

import asyncio
from typing import Any

from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import CONNECTION
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.control_plane import answer, plugin_options


class LookupModule(LookupBase):
    """See DOCUMENTATION."""

    def run(self, terms: list[Any], variables: dict[str, Any] | None = None, **kwargs: Any) -> list[Any]:
        """Read all names at the same time."""
        self.set_options(var_options=variables, direct=kwargs)
        options = plugin_options(self, CONNECTION, self._templar)
        found = answer(_read, {**options, "names": [str(term) for term in terms]})["deployments"]
        attribute = self.get_option("attribute")
        return [_value(one, attribute) if attribute else one for one in found]


async def _read(task: Task) -> Outcome:
    tasks = [Task({**task.options, "name": name}, environment=task.environment) for name in task.options["names"]]
    outcomes = await asyncio.gather(*(operations.deployment_info(one) for one in tasks))
    found = []
    for name, outcome in zip(task.options["names"], outcomes, strict=True):
        if not outcome.result["deployments"]:
            raise AnsibleLookupError(
                f"There is no deployment {name} in this workspace. Check the name and workspace_id; "
                "module deployment_info lists what is there."
            )
        found += outcome.result["deployments"]
    return Outcome(result={"deployments": found})


def _value(deployment: dict[str, Any], path: str) -> Any:
    value: Any = deployment
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            known = ", ".join(sorted(deployment))
            raise AnsibleLookupError(f"A deployment has no {path}. It has: {known}.")
        value = value[part]
    return value
