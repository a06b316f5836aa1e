# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Module that does nothing: what any task with a module costs."""

from ansible.module_utils.basic import AnsibleModule

AnsibleModule({}).exit_json()
