# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Redis protocol (RESP2), as much of it as the stand-ins speak."""

from __future__ import annotations

import asyncio
from urllib.parse import unquote, urlsplit

Reply = str | int | bytes | None | list["Reply"]


class RedisError(Exception):
    """The server answered with an error, or not at all."""


def encode(parts: list[str | bytes]) -> bytes:
    """Return a command in wire form."""
    out = [b"*%d\r\n" % len(parts)]
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        out.append(b"$%d\r\n%s\r\n" % (len(raw), raw))
    return b"".join(out)


async def read(reader: asyncio.StreamReader) -> Reply:
    """Read one value. Raises RedisError for an error reply, EOFError at the end of the stream."""
    line = await reader.readline()
    if not line.endswith(b"\r\n"):
        raise EOFError
    kind, rest = line[:1], line[1:-2]
    if kind == b"+":
        return rest.decode()
    if kind == b"-":
        raise RedisError(rest.decode())
    if kind == b":":
        return int(rest)
    if kind == b"$":
        size = int(rest)
        return None if size < 0 else (await reader.readexactly(size + 2))[:-2]
    if kind == b"*":
        return [await read(reader) for _ in range(int(rest))]
    raise RedisError(f"not the Redis protocol: {line[:40]!r}")


class Client:
    """A connection described by a URL (``redis://[[user]:password@]host[:port][/db]``, ``rediss://`` for TLS)."""

    def __init__(self, url: str, timeout: float = 5.0) -> None:
        """Connect with the first command. Raises ValueError for a URL of another kind."""
        parts = urlsplit(url)
        if parts.scheme not in ("redis", "rediss") or not parts.hostname:
            raise ValueError("a Redis URL has the form redis://[:password@]host[:port][/database]")
        self.place = f"{parts.hostname}:{parts.port or 6379}"
        self._host, self._port, self._tls = parts.hostname, parts.port or 6379, parts.scheme == "rediss"
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._database = parts.path.lstrip("/")
        self._timeout = timeout
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def command(self, *parts: str | bytes) -> Reply:
        """Send a command and return its reply, connecting if need be. Raises RedisError, also for silence."""
        try:
            async with asyncio.timeout(self._timeout):
                if self._streams is None:
                    await self._connect()
                return await self._send(list(parts))
        except (OSError, EOFError, TimeoutError) as error:
            self.close()
            raise RedisError(f"no answer from Redis at {self.place}: {error or type(error).__name__}") from error
        except RedisError:
            self.close()
            raise

    def close(self) -> None:
        """Drop the connection."""
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _connect(self) -> None:
        self._streams = await asyncio.open_connection(self._host, self._port, ssl=self._tls or None)
        if self._password:
            await self._send(["AUTH", self._user, self._password] if self._user else ["AUTH", self._password])
        if self._database:
            await self._send(["SELECT", self._database])

    async def _send(self, parts: list[str | bytes]) -> Reply:
        if self._streams is None:
            raise EOFError
        reader, writer = self._streams
        writer.write(encode(parts))
        await writer.drain()
        return await read(reader)
