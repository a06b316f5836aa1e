# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options that say which cluster; the names are those of kubernetes.core's modules."""

from __future__ import annotations


class ModuleDocFragment:
    """Documentation of arguments.KUBECONFIG."""

    DOCUMENTATION = r"""
options:
  kubeconfig:
    description:
      - Path of a kubeconfig, or its content as a dictionary.
      - If not given, the environment variable E(KUBECONFIG), then C(~/.kube/config), then the service account of the
        pod that this runs in is used.
      - The environment variable E(K8S_AUTH_KUBECONFIG) fills it as well.
    type: raw
  context:
    description:
      - Context of the kubeconfig; its current one if not given.
      - The environment variable E(K8S_AUTH_CONTEXT) fills it as well.
    type: str
  host:
    description:
      - URL of the API server, in place of the kubeconfig's.
      - The environment variable E(K8S_AUTH_HOST) fills it as well.
    type: str
  api_key:
    description:
      - Bearer token, in place of the kubeconfig's credentials.
      - The environment variable E(K8S_AUTH_API_KEY) fills it as well.
    type: str
  validate_certs:
    description:
      - Whether the API server's certificate is verified; as the kubeconfig says if not given.
      - The environment variable E(K8S_AUTH_VERIFY_SSL) fills it as well.
    type: bool
    aliases: [verify_ssl]
  ca_cert:
    description:
      - Path of the certificate authority that the API server's certificate is verified with.
      - The environment variable E(K8S_AUTH_SSL_CA_CERT) fills it as well.
    type: path
    aliases: [ssl_ca_cert]
  client_cert:
    description:
      - Path of a client certificate.
      - The environment variable E(K8S_AUTH_CERT_FILE) fills it as well.
    type: path
    aliases: [cert_file]
  client_key:
    description:
      - Path of the key of the client certificate.
      - The environment variable E(K8S_AUTH_KEY_FILE) fills it as well.
    type: path
    aliases: [key_file]
  proxy:
    description:
      - URL of an HTTP proxy between here and the API server.
      - The environment variable E(K8S_AUTH_PROXY) fills it as well.
    type: str
requirements:
  - kubernetes >= 24.2.0 (Python library)
"""
