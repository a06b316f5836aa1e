# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""HTTP out of a pod by ordinary names, which in the playground may lead to a loopback address and port."""

from __future__ import annotations

import httpx

from .names import Hosts, hosts_of_this_process

PORTS = {"http": 80, "https": 443}


class ClusterTransport(httpx.AsyncHTTPTransport):
    """Connects to where a name leads in the playground; Host header and TLS server name stay those of the URL."""

    def __init__(self, hosts: Hosts, *, verify: bool) -> None:
        """Look names up in ``hosts``; unknown ones go to ordinary DNS."""
        super().__init__(verify=verify, trust_env=False)
        self._hosts = hosts

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request to the address behind its name."""
        target = self._hosts.find(request.url.host, request.url.port or PORTS.get(request.url.scheme))
        if target:
            request.extensions = {**request.extensions, "sni_hostname": request.url.host}
            request.url = request.url.copy_with(host=target[0], port=target[1])
        return await super().handle_async_request(request)


def transport(*, verify: bool = True) -> httpx.AsyncBaseTransport:
    """Return the transport for a client: the playground's, or an ordinary one on a real cluster."""
    hosts = hosts_of_this_process()
    return ClusterTransport(hosts, verify=verify) if hosts else httpx.AsyncHTTPTransport(verify=verify, trust_env=False)
