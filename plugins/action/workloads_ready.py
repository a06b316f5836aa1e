# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: wait for workloads from the controller; a module would start Python anew for every gate of a play."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.gate import workloads_ready
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import WORKLOADS_READY
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/workloads_ready.py."""

    arguments = WORKLOADS_READY

    def perform(self, task: Task) -> Outcome:
        """Wait, and say why when it was not enough."""
        return workloads_ready(task)
