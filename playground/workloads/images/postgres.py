# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Postgres server's stand-in: logins by the real protocol, no queries; see ``playground/workloads/postgres.py``."""

from __future__ import annotations

import asyncio
import hmac
import logging
import os
import struct
from dataclasses import dataclass
from pathlib import Path

from .. import postgres
from ..paths import in_root
from ..program import bind_address, run

log = logging.getLogger("postgres")

PORT = 5432
SSL, PRIVACY = 80877103, 80877104
LONGEST = 10_000


@dataclass(frozen=True)
class Settings:
    """What the image's variables say."""

    user: str
    password: str
    database: str
    data: Path


class Refusal(Exception):
    """A connection is turned away: SQLSTATE and message, in Postgres' words."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(message)
        self.code = code


class Server:
    """Answers logins."""

    def __init__(self, settings: Settings) -> None:
        """Make the data folder."""
        self._settings = settings
        self._folder = settings.data / "playground" / settings.database
        self._folder.mkdir(parents=True, exist_ok=True)

    async def serve(self) -> int:
        """Serve until stopped."""
        server = await asyncio.start_server(self.connected, bind_address(), PORT)
        log.info("database system is ready to accept connections")
        async with server:
            await server.serve_forever()
        return 0

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        try:
            async with asyncio.timeout(30):
                await self._login(reader, writer)
            await self._refuse_queries(reader, writer)
        except Refusal as refusal:
            log.error("FATAL: %s", refusal)
            _say(writer, refusal, "FATAL")
        except (OSError, EOFError, TimeoutError, struct.error, UnicodeError):
            pass  # whoever that was, it was no client
        finally:
            writer.close()

    async def _login(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        content = await _packet(reader)
        while struct.unpack("!i", content[:4])[0] in (SSL, PRIVACY):
            writer.write(b"N")  # no encryption here
            content = await _packet(reader)
        words = content[4:].decode().split("\0")
        given = dict(zip(words[::2], words[1::2], strict=False))
        user = given.get("user", "")
        writer.write(postgres.message(postgres.AUTHENTICATION, struct.pack("!i", postgres.WANTS_PASSWORD)))
        if await reader.readexactly(1) != b"p":
            raise Refusal("08P01", "expected password response")
        password = (await _packet(reader)).rstrip(b"\0").decode()
        expected = self._settings
        if not hmac.compare_digest(f"{user}\0{password}".encode(), f"{expected.user}\0{expected.password}".encode()):
            raise Refusal("28P01", f'password authentication failed for user "{user}"')
        if (database := given.get("database") or user) != expected.database:
            raise Refusal("3D000", f'database "{database}" does not exist')
        folder = postgres.texts(postgres.FOLDER, str(self._folder.resolve()))
        writer.write(postgres.message(postgres.AUTHENTICATION, struct.pack("!i", 0)))
        writer.write(postgres.message(postgres.PARAMETER, folder) + postgres.message(postgres.READY, b"I"))
        await writer.drain()

    async def _refuse_queries(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while (kind := await reader.read(1)) not in (b"", b"X"):
            await _packet(reader)
            if kind == b"Q":
                _say(writer, Refusal("0A000", "the playground's Postgres answers no queries"), "ERROR")
                writer.write(postgres.message(postgres.READY, b"I"))


async def _packet(reader: asyncio.StreamReader) -> bytes:
    size = struct.unpack("!i", await reader.readexactly(4))[0] - 4
    if not 0 <= size <= LONGEST:
        raise EOFError
    return await reader.readexactly(size)


def _say(writer: asyncio.StreamWriter, refusal: Refusal, severity: str) -> None:
    content = postgres.texts(f"S{severity}", f"C{refusal.code}", f"M{refusal}") + b"\0"
    writer.write(postgres.message(postgres.ERROR, content))


async def main() -> int:
    """Serve as the image's variables say; 1 when the password is missing, as the real image ends."""
    environment = os.environ
    if not environment.get("POSTGRES_PASSWORD"):
        log.critical("Database is uninitialized and superuser password is not specified: set POSTGRES_PASSWORD")
        return 1
    user = environment.get("POSTGRES_USER") or "postgres"
    data = in_root(environment.get("PGDATA") or "/var/lib/postgresql/data")
    database = environment.get("POSTGRES_DB") or user
    return await Server(Settings(user, environment["POSTGRES_PASSWORD"], database, data)).serve()


if __name__ == "__main__":
    run(main())
