# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The load balancer in front of the cluster: a TCP forwarder from a loopback port to the ingress controller's pods."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable

CHUNK = 64 * 1024
CONNECT_SECONDS = 3.0


class Balancer:
    """Forwards one listening port to whatever ``targets()`` names at the moment of a connection."""

    def __init__(self, targets: Callable[[], list[str]]) -> None:
        """``targets`` returns ``address:port`` of the pods that are ready."""
        self._targets = targets
        self._server: asyncio.Server | None = None

    async def start(self, port: int) -> int:
        """Listen on loopback; return the port. Raises OSError when it is taken."""
        self._server = await asyncio.start_server(self._forward, "127.0.0.1", port)
        bound: int = self._server.sockets[0].getsockname()[1]
        return bound

    def stop(self) -> None:
        """Accept no more connections."""
        if self._server is not None:
            self._server.close()

    async def _forward(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        targets = self._targets()
        random.shuffle(targets)
        for target in targets:
            address, _, port = target.rpartition(":")
            try:
                async with asyncio.timeout(CONNECT_SECONDS):
                    far_reader, far_writer = await asyncio.open_connection(address, int(port))
            except (OSError, TimeoutError):
                continue
            await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
            break
        for end in (writer,):
            with contextlib.suppress(OSError):
                end.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(CHUNK):
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()
    except OSError:
        writer.close()
