# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: read what a converged run has to know about the control plane, in one task."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.control_plane_observation import (
    OBSERVE_ARGUMENTS,
    observe,
)
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/observe_control_plane.py."""

    arguments = OBSERVE_ARGUMENTS

    async def perform(self, task: Task) -> Outcome:
        """Read everything at once."""
        return await observe(task)
