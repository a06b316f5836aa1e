# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The load balancer in front of the cluster: a TCP forwarder from a loopback port to the ingress controller's pods."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

CHUNK = 64 * 1024
CONNECT_SECONDS = 3.0
FIRST_BYTE_SECONDS = 60.0
TLS_HANDSHAKE = b"\x16"
HTTP, HTTPS = 80, 443


class Balancer:
    """One listening port for HTTP and HTTPS; the first byte tells them apart."""

    def __init__(self, targets: Callable[[int], list[str]]) -> None:
        """``targets(port)`` returns ``address:port`` of the pods ready behind a port of the load balancer's Service."""
        self._targets = targets
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on loopback; return the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def stop(self) -> None:
        """Accept no more connections."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(FIRST_BYTE_SECONDS):
                first = await reader.read(CHUNK)
            if first:
                await self._forward(first, reader, writer)
        except (OSError, TimeoutError):
            pass  # either end has gone: nothing is left to do
        finally:
            writer.close()

    async def _forward(self, first: bytes, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        targets = self._targets(HTTPS if first.startswith(TLS_HANDSHAKE) else HTTP)
        random.shuffle(targets)
        for target in targets:
            address, _, port = target.rpartition(":")
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    far_reader, far_writer = await asyncio.open_connection(address, int(port))
            except (OSError, TimeoutError):
                continue
            try:
                far_writer.write(first)
                await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
            finally:
                far_writer.close()
            return


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the sender ends, and pass the end on: the other side may still answer."""
    while data := await reader.read(CHUNK):
        writer.write(data)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
