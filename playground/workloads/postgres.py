# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A client of the playground's Postgres: it logs in as with the real one, and is told where the database's files lie.

The login is the real protocol's, so that wrong hosts, users, passwords and databases fail as they do there. Queries are
not spoken: a program of the playground keeps its tables in SQLite, in the folder that belongs to the database.
"""

from __future__ import annotations

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

PROTOCOL = 196608  # 3.0
#: The name of the session parameter that holds the folder.
FOLDER = "playground.folder"
AUTHENTICATION, PARAMETER, ERROR, READY = b"R", b"S", b"E", b"Z"
WANTS_PASSWORD = 3


class PostgresError(Exception):
    """The login failed; ``str()`` says where and why, never the password."""


class Unanswered(PostgresError):
    """Nobody answered; another try may succeed."""


@dataclass(frozen=True)
class Database:
    """What a connection URL names."""

    host: str
    port: int
    user: str
    password: str
    name: str


def parse(url: str) -> Database:
    """Read ``[postgresql://]user:password@host[:port]/database``; raise PostgresError for anything else."""
    parts = urlsplit(url if "://" in url else f"postgresql://{url}")
    name = parts.path.lstrip("/")
    if parts.scheme not in ("postgres", "postgresql") or not (parts.hostname and parts.username and name):
        raise PostgresError("a Postgres URL has the form user:password@host:port/database")
    user, password = unquote(parts.username), unquote(parts.password or "")
    return Database(parts.hostname, parts.port or 5432, user, password, name)


def login(url: str, timeout: float = 3.0) -> Path:
    """Log in, and return the folder of the database. Raises PostgresError."""
    database = parse(url)
    place = f"{database.host}:{database.port}"
    try:
        with socket.create_connection((database.host, database.port), timeout=timeout) as connection:
            return _login(connection, database)
    except (OSError, EOFError, struct.error) as error:
        raise Unanswered(f'connection to server at "{place}" failed: {error or type(error).__name__}') from error


def message(kind: bytes, content: bytes) -> bytes:
    """Return a protocol message."""
    return kind + struct.pack("!i", len(content) + 4) + content


def texts(*parts: str) -> bytes:
    """Return strings as the protocol sends them."""
    return b"".join(part.encode() + b"\0" for part in parts)


def _login(connection: socket.socket, database: Database) -> Path:
    connection.sendall(
        message(b"", struct.pack("!i", PROTOCOL) + texts("user", database.user, "database", database.name) + b"\0")
    )
    folder = ""
    while True:
        kind, content = _receive(connection)
        if kind == AUTHENTICATION and struct.unpack("!i", content[:4])[0] == WANTS_PASSWORD:
            connection.sendall(message(b"p", texts(database.password)))
        elif kind == PARAMETER:
            name, value = content.rstrip(b"\0").split(b"\0")
            folder = value.decode() if name.decode() == FOLDER else folder
        elif kind == ERROR:
            raise PostgresError(_reason(content))
        elif kind == READY:
            if not folder:
                raise PostgresError(f"{database.host} is a real Postgres; programs of the playground need its own")
            return Path(folder)


def _receive(connection: socket.socket) -> tuple[bytes, bytes]:
    head = _exactly(connection, 5)
    return head[:1], _exactly(connection, struct.unpack("!i", head[1:])[0] - 4)


def _exactly(connection: socket.socket, size: int) -> bytes:
    content = b""
    while len(content) < size:
        part = connection.recv(size - len(content))
        if not part:
            raise EOFError("server closed the connection")
        content += part
    return content


def _reason(content: bytes) -> str:
    fields = {part[:1]: part[1:].decode() for part in content.split(b"\0") if part}
    return f"{fields.get(b'S', 'FATAL')}: {fields.get(b'M', 'no reason given')}"
