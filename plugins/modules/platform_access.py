# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of an action plugin: plugins/action/platform_access.py does the work."""

from __future__ import annotations

DOCUMENTATION = r"""
module: platform_access
short_description: Find or make access to the control plane of a self-hosted LangSmith
version_added: 0.1.0
description:
  - Keeps a service key of LangSmith and the id of its workspace in a Secret, and returns both for other tasks.
  - Without a key it can make one, once, through LangSmith's own API. It logs in as the first administrator, takes the
    oldest workspace (or the one that is named) and makes a service key for it.
  - The result holds the key, so set C(no_log) on the task.
  - It runs on the controller as an action plugin.
options:
  namespace:
    description: Namespace of LangSmith and of the Secret.
    type: str
    required: true
  name:
    description: Name of the Secret. It gets the keys C(langsmith_api_key) and C(workspace_id).
    type: str
    required: true
  labels:
    description: Labels of a Secret that is made.
    type: dict
    default: {}
  service_key:
    description: A service key that is there already. It replaces the one in the Secret.
    type: str
  workspace_id:
    description: Id of the workspace. If not given, it is the one in the Secret, else the oldest.
    type: str
  make:
    description: How a key is made where there is none. If not given, none is made.
    type: dict
    suboptions:
      langsmith_url:
        description: Address of LangSmith, without C(/api/v1).
        type: str
        required: true
      address:
        description: C(host:port) to connect to in place of what the URL's host resolves to.
        type: str
      validate_certs:
        description: Whether LangSmith's certificate is checked.
        type: bool
        default: true
      ca_cert:
        description: File of the CA certificates (PEM) to trust, beside those of the system.
        type: path
      email:
        description: The administrator who logs in.
        type: str
        required: true
      password_secret:
        description: Secret in the same namespace that holds the administrator's password.
        type: str
        required: true
      password_key:
        description: Key of that Secret.
        type: str
        default: initial_org_admin_password
      description:
        description: What the key is called in LangSmith's settings.
        type: str
        default: langgraph.selfhosted
extends_documentation_fragment:
  - langgraph.selfhosted.kubeconfig
  - langgraph.selfhosted.attributes
  - langgraph.selfhosted.attributes.action
  - langgraph.selfhosted.attributes.cluster
author:
  - Contributors to langgraph.selfhosted (@langgraph-selfhosted)
seealso:
  - module: langgraph.selfhosted.objects
"""

EXAMPLES = r"""
- name: Find or make access to the control plane
  langgraph.selfhosted.platform_access:
    namespace: langsmith
    name: langgraph-platform-access
    make:
      langsmith_url: https://langsmith.example.com
      email: admin@example.com
      password_secret: langsmith-config
  register: access
  no_log: true
"""

RETURN = r"""
complete:
  description: Whether there are both a key and a workspace.
  type: bool
  returned: success
made:
  description: Whether the key was made by this task, or would be in check mode.
  type: bool
  returned: success
api_key:
  description: The service key, empty where there is none.
  type: str
  returned: success
workspace_id:
  description: The workspace, empty where it is not known.
  type: str
  returned: success
"""
