# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: one look at a cluster. No module is packed and sent, so it costs what its requests cost."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.observe import observe
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import OBSERVE
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/observe_cluster.py."""

    arguments = OBSERVE

    def perform(self, task: Task) -> Outcome:
        """Read everything at once."""
        return Outcome(result=observe(task.options))
