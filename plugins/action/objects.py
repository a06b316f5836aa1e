# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: make objects from the controller; a module would put the secrets that it is given into a file."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.objects import objects
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import OBJECTS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/objects.py."""

    arguments = OBJECTS

    def perform(self, task: Task) -> Outcome:
        """Make them as wanted."""
        return objects(task)
