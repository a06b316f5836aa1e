# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One look at a cluster, from the controller: no module is packed and sent, so it costs what its requests cost."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.observe import observe
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.options import OBSERVE
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import SelfHostedError


class ActionModule(ActionBase):
    """Action of M(langgraph.selfhosted.observe_cluster)."""

    TRANSFERS_FILES = False
    _requires_connection = False
    _supports_check_mode = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Read the cluster; fail only when the options are wrong or a library is missing."""
        super().run(tmp, task_vars)
        _, options = self.validate_argument_spec(
            {name: dict(option) for name, option in OBSERVE.options.items()}, **OBSERVE.rules()
        )
        try:
            return {"changed": False, **observe(options)}
        except SelfHostedError as error:
            raise AnsibleActionFail(str(error)) from error
