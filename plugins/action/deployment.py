# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugin: the module deployment with live progress."""

from __future__ import annotations

from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.deployments import DEPLOYMENT_ARGUMENTS
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.operations import deployment
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.live import LiveAction


class ActionModule(LiveAction):
    """See the documentation in plugins/modules/deployment.py."""

    arguments = DEPLOYMENT_ARGUMENTS
    handler = staticmethod(deployment)
