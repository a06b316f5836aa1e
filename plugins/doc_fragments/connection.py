# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that say which control plane to talk to, and as whom."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of module_utils/arguments.py, CONNECTION."""

    DOCUMENTATION = r"""
options:
  control_plane_url:
    description:
      - Base URL of the control plane, such as V(https://api.host.langchain.com), or
        V(https://langsmith.example.com/api-host) for a self-hosted one (with a base path
        V(https://langsmith.example.com/base/api-host)).
      - If not given, it follows from O(langsmith_url) or O(region); without these too, from the environment variables
        E(LANGSMITH_HOST_URL), E(LANGGRAPH_HOST_URL), E(LANGSMITH_CONTROL_PLANE_URL) or E(LANGSMITH_ENDPOINT), in this
        order. Nothing at all means the US region of LangChain's cloud.
    type: str
  langsmith_url:
    description:
      - Base URL of the LangSmith API, such as V(https://api.smith.langchain.com); with or without a trailing
        C(/api/v1).
      - If not given, it follows from the control plane's URL, and E(LANGSMITH_ENDPOINT) is read where neither O(region)
        nor O(control_plane_url) is given.
    type: str
  region:
    description:
      - Region of LangChain's cloud. A URL wins over it. Empty is as good as not given.
    type: str
    choices: ["", us, eu, apac, aws]
  api_key:
    description:
      - API key of the workspace. Needed.
      - If not given, E(LANGSMITH_API_KEY), E(LANGGRAPH_HOST_API_KEY) or E(LANGCHAIN_API_KEY) is used.
    type: str
  workspace_id:
    description:
      - Id of the workspace to act on. Needed when the key belongs to an organization; always giving it is best.
      - If not given, E(LANGSMITH_WORKSPACE_ID) or E(LANGSMITH_TENANT_ID) is used.
    type: str
  ca_cert:
    description:
      - File of the CA certificates (PEM) to trust, beside those of the system.
    type: path
  validate_certs:
    description:
      - Whether the server's certificate is checked.
    type: bool
    default: true
  client_cert:
    description:
      - File of a client certificate (PEM); may hold its key as well.
    type: path
  client_key:
    description:
      - File of the client certificate's key (PEM).
    type: path
  address:
    description:
      - C(host:port) to connect to in place of what the URLs' host resolves to, for as long as DNS does not point to a
        self-hosted platform. Host header and certificate stay those of the URL.
    type: str
  request_timeout:
    description:
      - Seconds that one request may take. A request is repeated where that is safe, for at most about 90 seconds in
        all.
    type: float
    default: 30.0
  http2:
    description:
      - Whether to offer HTTP/2 to servers behind https; one that does not speak it is talked to as before. Needs the
        Python library C(h2).
      - Off by default, because connections are kept and used side by side anyway; it helps where a proxy allows few
        of them.
    type: bool
    default: false
requirements:
  - httpx
  - h2, for O(http2=true) only
notes:
  - Proxies are taken from the environment (E(HTTPS_PROXY), E(HTTP_PROXY), E(NO_PROXY)).
  - Redirects are not followed, so that the key goes to the configured server only.
"""

    # Plugins of the controller also see the variables that the roles share.
    PLUGIN = r"""
options:
  control_plane_url:
    vars:
      - name: langgraph_control_plane_url
  langsmith_url:
    vars:
      - name: langgraph_langsmith_url
  region:
    vars:
      - name: langgraph_region
  api_key:
    vars:
      - name: langgraph_api_key
  workspace_id:
    vars:
      - name: langgraph_workspace_id
"""
