# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: find or make access to a self-hosted control plane; a module would put the key into a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.controller import ControllerAction
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.platform_access import ARGUMENTS, platform_access


class ActionModule(ControllerAction):
    """See the documentation in plugins/modules/platform_access.py."""

    arguments = ARGUMENTS
    # The platform's own control plane is asked: a key that the environment has is another's.
    from_environment: Mapping[str, Sequence[str]] = {"kubeconfig": ("KUBECONFIG",)}

    def perform(self, task: Task) -> Outcome:
        """Read the Secret, and make what is missing if that is asked for."""
        return platform_access(task)
