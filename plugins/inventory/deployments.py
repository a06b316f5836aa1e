# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inventory plugin: deployments of agents as hosts."""

from __future__ import annotations

DOCUMENTATION = r"""
name: deployments
short_description: Deployments of agents as hosts
version_added: 0.1.0
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
description:
  - Makes a host of each deployment of a workspace, named like it, with all that is known about it in the variable
    C(deployment).
  - The source is a file whose name ends with C(deployments.yml) or C(deployments.yaml).
  - An agent is no machine to log in to. Set C(ansible_connection) to C(local) with O(compose) to run tasks about it on
    the controller.
extends_documentation_fragment:
  - langgraph.selfhosted.connection
  - langgraph.selfhosted.connection.plugin
  - ansible.builtin.constructed
  - ansible.builtin.inventory_cache
options:
  plugin:
    description:
      - Says that the file is for this plugin.
    type: str
    required: true
    choices: [langgraph.selfhosted.deployments]
  name_contains:
    description:
      - Take only deployments whose name holds this text.
    type: str
  listener:
    description:
      - Take only deployments of the listener with this compute_id.
    type: str
  listener_id:
    description:
      - Take only deployments of the listener with this id.
    type: str
  namespace:
    description:
      - Take only deployments in this namespace.
    type: str
  status:
    description:
      - Take only deployments in this state, such as V(READY).
    type: str
  default_groups:
    description:
      - Whether to put hosts into the group C(deployments) and into groups by listener (C(listener_COMPUTE_ID)),
        namespace (C(namespace_NAME)), state (C(status_STATE)) and labels of the resource specification
        (C(label_NAME_VALUE)).
    type: bool
    default: true
notes:
  - Strings may be templates. The environment is read where a connection option is not given.
  - Values of secrets are neither in the variables nor in the cache.
seealso:
  - module: langgraph.selfhosted.deployment_info
"""

EXAMPLES = r"""
# production.deployments.yml; the API key comes from LANGSMITH_API_KEY
---
plugin: langgraph.selfhosted.deployments
region: eu
workspace_id: 3f9b2c64-5d0e-4a51-9c1b-6a2f4e8d7c10
listener: prod-eu-01
compose:
  ansible_connection: "'local'"
  agent_url: deployment.url
groups:
  outdated: deployment.image is not search(":1\.4\.")
keyed_groups:
  - prefix: revision
    key: deployment.latest_revision.status
cache: true
cache_plugin: ansible.builtin.jsonfile
cache_connection: ~/.cache/langgraph-deployments
cache_timeout: 300
"""

import asyncio
from collections.abc import Iterator
from typing import Any

from ansible.plugins.inventory import BaseInventoryPlugin, Cacheable, Constructable
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import CONNECTION, ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.control_plane import answer, plugin_options

_FILTERS = ("name_contains", "listener", "listener_id", "namespace", "status")
_ARGUMENTS = CONNECTION + ArgumentSpec(
    options={name: {"type": "str"} for name in _FILTERS},
    mutually_exclusive=[("listener", "listener_id")],
)


class InventoryModule(BaseInventoryPlugin, Constructable, Cacheable):
    """See DOCUMENTATION."""

    NAME = "langgraph.selfhosted.deployments"

    def verify_file(self, path: str) -> bool:
        """Whether the file is one of ours, by its name."""
        return bool(super().verify_file(path)) and path.endswith(("deployments.yml", "deployments.yaml"))

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Add a host for each deployment."""
        super().parse(inventory, loader, path, cache)
        self._read_config_data(path)
        options = plugin_options(self, _ARGUMENTS, self.templar)
        for deployment in self._cached(path, options, cache):
            self._add(inventory, deployment)

    def _cached(self, path: str, options: dict[str, Any], cache: bool) -> list[dict[str, Any]]:
        """Return the deployments from the cache, or from the control plane and then into the cache."""
        wanted = bool(self.get_option("cache"))
        key = self.get_cache_key(path)
        if wanted and cache:
            try:
                return list(self._cache[key])
            except KeyError:
                pass
        found = list(answer(_read, options)["deployments"])
        if wanted:
            self._cache[key] = found
        return found

    def _add(self, inventory: Any, deployment: dict[str, Any]) -> None:
        """Add a host with its variables and groups."""
        host = inventory.add_host(deployment["name"])
        # What the control plane says is no template; Ansible knows that by itself for results only, up to 2.18.
        variables = {"deployment": wrap_var(deployment)}
        inventory.set_variable(host, "deployment", variables["deployment"])
        strict = self.get_option("strict")
        if self.get_option("default_groups"):
            for group in _groups(deployment):
                inventory.add_child(inventory.add_group(self._sanitize_group_name(group)), host)
        self._set_composite_vars(self.get_option("compose"), variables, host, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), variables, host, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), variables, host, strict=strict)


def _groups(deployment: dict[str, Any]) -> Iterator[str]:
    """Yield the groups that a deployment belongs to by itself."""
    yield "deployments"
    for kind in ("listener", "namespace", "status"):
        if deployment[kind]:
            yield f"{kind}_{deployment[kind]}"
    labels = (deployment["resource_spec"] or {}).get("labels") or {}
    yield from (f"label_{name}_{value}" for name, value in labels.items())


async def _read(task: Task) -> Outcome:
    """Read deployments and listeners at the same time; a deployment is told with its listener's compute_id."""
    found, listeners = await asyncio.gather(operations.deployment_info(task), operations.listener_info(task))
    names = {one["id"]: one["compute_id"] for one in listeners.result["listeners"]}
    deployments = [{**one, "listener": names.get(one["listener_id"])} for one in found.result["deployments"]]
    return Outcome(result={"deployments": deployments})
