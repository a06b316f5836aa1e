# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The server's open connections, kept so that a fault can reset one (ASGI has no word for that)."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any, Final

from starlette.types import Scope
from uvicorn.protocols.http.auto import AutoHTTPProtocol

_OPEN: Final[dict[tuple[str, int], asyncio.Transport]] = {}


class Protocol(AutoHTTPProtocol):  # type: ignore[misc, valid-type]
    """uvicorn's HTTP protocol, noting its connections by the client's address."""

    def connection_made(self, transport: Any) -> None:
        """Note a new connection."""
        super().connection_made(transport)
        self._peer = transport.get_extra_info("peername")[:2]
        _OPEN[self._peer] = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget it."""
        _OPEN.pop(self._peer, None)
        super().connection_lost(exc)


def reset(scope: Scope) -> None:
    """Reset the connection that a request came by: the client sees "connection reset by peer".

    :raises ConnectionResetError: where there is no connection (an application called in process).
    """
    transport = _OPEN.get(tuple((scope.get("client") or ())[:2]))
    if transport is None:
        raise ConnectionResetError("Fault on demand: reset")
    # Lingering for 0 s makes the kernel send RST instead of an orderly end.
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
