# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: the Ingress that agents share, from the controller, like all that looks at the cluster."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.ingresses import shared_ingress
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import SHARED_INGRESS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/shared_ingress.py."""

    arguments = SHARED_INGRESS

    def perform(self, task: Task) -> Outcome:
        """Make it as wanted; paths of others stay."""
        return shared_ingress(task)
