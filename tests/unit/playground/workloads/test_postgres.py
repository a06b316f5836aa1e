# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Postgres stand-in and its client, over a real connection."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from playground.workloads import postgres
from playground.workloads.images.postgres import Server, Settings


def log_in(folder: Path, url: str) -> Path:
    """Log in to a server with user `me`, password `p@ss` and database `db`; PORT in the URL is the server's."""

    async def run() -> Path:
        server = Server(Settings("me", "p@ss", "db", folder))
        listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
        async with listening:
            port = str(listening.sockets[0].getsockname()[1])
            return await asyncio.to_thread(postgres.login, url.replace("PORT", port))

    return asyncio.run(run())


@pytest.mark.parametrize("scheme", ["", "postgres://", "postgresql://"])
def test_who_logs_in_is_told_where_the_database_lies(tmp_path: Path, scheme: str) -> None:
    folder = log_in(tmp_path, f"{scheme}me:p%40ss@127.0.0.1:PORT/db")
    assert folder.is_dir()
    assert tmp_path in folder.parents


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("me:wrong@127.0.0.1:PORT/db", 'password authentication failed for user "me"'),
        ("you:p%40ss@127.0.0.1:PORT/db", 'password authentication failed for user "you"'),
        ("me:p%40ss@127.0.0.1:PORT/other", 'database "other" does not exist'),
    ],
)
def test_a_wrong_login_fails_in_the_words_of_postgres(tmp_path: Path, credentials: str, expected: str) -> None:
    with pytest.raises(postgres.PostgresError, match=f"^FATAL: {expected}$") as failure:
        log_in(tmp_path, credentials)
    assert "p@ss" not in str(failure.value)


def test_a_server_that_is_away_is_named_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(postgres.PostgresError, match=f'server at "127.0.0.1:{port}" failed') as failure:
        postgres.login(f"me:secret@127.0.0.1:{port}/db")
    assert "secret" not in str(failure.value)


@pytest.mark.parametrize("url", ["", "host/db", "me:word@host", "redis://me:word@host/db"])
def test_something_else_is_no_postgres_url(url: str) -> None:
    with pytest.raises(postgres.PostgresError, match="has the form user:password@host"):
        postgres.parse(url)


def test_a_query_is_refused_and_the_connection_stays(tmp_path: Path) -> None:
    async def run() -> list[bytes]:
        server = Server(Settings("me", "word", "db", tmp_path))
        listening = await asyncio.start_server(server.connected, "127.0.0.1", 0)
        async with listening:
            reader, writer = await asyncio.open_connection("127.0.0.1", listening.sockets[0].getsockname()[1])
            start = b"\0\3\0\0" + postgres.texts("user", "me", "database", "db") + b"\0"
            writer.write(postgres.message(b"", start) + postgres.message(b"p", postgres.texts("word")))
            writer.write(postgres.message(b"Q", postgres.texts("select 1")) + b"X\0\0\0\4")
            answer = await reader.read()
            writer.close()
            return [part for part in (b"answers no queries", b"password") if part in answer]

    assert asyncio.run(run()) == [b"answers no queries"]
