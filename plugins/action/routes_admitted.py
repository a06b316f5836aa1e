# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: the wait for OpenShift's router, from the controller, like all that looks at the cluster."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.admission import routes_admitted
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import ROUTES_ADMITTED
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/routes_admitted.py."""

    arguments = ROUTES_ADMITTED

    def perform(self, task: Task) -> Outcome:
        """Wait until they are admitted."""
        return routes_admitted(task)
