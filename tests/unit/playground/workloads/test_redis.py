# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Redis stand-in, its client and its command-line tool, over a real connection."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from playground.workloads import resp
from playground.workloads.images.redis import Server, Session, Settings, read_settings

Work = Callable[[int], Awaitable[None]]


def with_server(settings: Settings, work: Work) -> Server:
    async def run() -> Server:
        server = Server(settings)
        listening = await asyncio.start_server(server.connection, "127.0.0.1", 0)
        async with listening:
            await work(listening.sockets[0].getsockname()[1])
        return server

    return asyncio.run(run())


def test_a_password_is_needed_where_one_is_set() -> None:
    async def work(port: int) -> None:
        assert await resp.Client(f"redis://:pa%2Fss@127.0.0.1:{port}").command("PING") == "PONG"
        assert await resp.Client(f"redis://default:pa%2Fss@127.0.0.1:{port}").command("PING") == "PONG"
        for url, text in ((f"redis://127.0.0.1:{port}", "NOAUTH"), (f"redis://:no@127.0.0.1:{port}", "WRONGPASS")):
            with pytest.raises(resp.RedisError, match=text):
                await resp.Client(url).command("PING")

    with_server(Settings(password="pa/ss"), work)


def test_a_password_that_nobody_asked_for_is_refused() -> None:
    async def work(port: int) -> None:
        with pytest.raises(resp.RedisError, match="without any password"):
            await resp.Client(f"redis://:x@127.0.0.1:{port}").command("PING")

    with_server(Settings(), work)


def test_values_are_kept_by_database_and_expire() -> None:
    async def work(port: int) -> None:
        first, second = (resp.Client(f"redis://127.0.0.1:{port}/{number}") for number in (0, 3))
        assert await first.command("SET", "a", b"1\r\n2", "EX", "100") == "OK"
        assert await first.command("GET", "a") == b"1\r\n2"
        assert await second.command("GET", "a") is None
        assert await first.command("TTL", "a") == 100
        assert await first.command("SET", "a", "x", "NX") is None
        assert await first.command("SET", "b", "gone", "PX", "1") == "OK"
        await asyncio.sleep(0.01)
        assert await first.command("EXISTS", "a", "b") == 1
        assert await first.command("KEYS", "*") == [b"a"]
        assert await first.command("DEL", "a", "b") == 1

    with_server(Settings(), work)


def test_a_lost_connection_is_made_anew() -> None:
    async def work(port: int) -> None:
        client = resp.Client(f"redis://127.0.0.1:{port}")
        await client.command("SET", "a", "1")
        client.close()
        assert await client.command("GET", "a") == b"1"

    with_server(Settings(), work)


def test_silence_and_nonsense_are_told() -> None:
    async def ask() -> None:
        with pytest.raises(resp.RedisError, match=r"no answer from Redis at 127.0.0.1:1: "):
            await resp.Client("redis://127.0.0.1:1").command("PING")

    asyncio.run(ask())
    with pytest.raises(ValueError, match="redis://"):
        resp.Client("http://127.0.0.1")


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ([b"NOPE"], b"-ERR unknown command 'NOPE'"),
        ([b"_STORE"], b"-ERR unknown command"),
        ([b"ANSWER", b"PING"], b"-ERR unknown command"),
        ([b"GET"], b"-ERR wrong number"),
        ([b"SELECT", b"16"], b"-ERR DB index"),
        ([b"HELLO", b"3"], b"-NOPROTO"),
    ],
)
def test_what_is_not_known_is_refused(command: list[bytes], answer: bytes) -> None:
    assert Session(Server(Settings())).answer(command).startswith(answer)


def test_the_snapshot_survives_the_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ROOT", str(tmp_path))
    (tmp_path / "data").mkdir()

    async def write(port: int) -> None:
        await resp.Client(f"redis://127.0.0.1:{port}/2").command("SET", b"\xff", b"\x00binary")

    async def look(port: int) -> None:
        assert await resp.Client(f"redis://127.0.0.1:{port}/2").command("GET", b"\xff") == b"\x00binary"

    with_server(Settings(), write).save()
    with_server(Settings(), look)


def test_settings_come_from_file_and_options(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAYGROUND_ROOT", str(tmp_path))
    (tmp_path / "redis.conf").write_text('# comment\nrequirepass "from file"\ndir /elsewhere\nmaxmemory 1gb\n')
    (tmp_path / "extra.conf").write_text("requirepass included\n")
    assert read_settings(["/redis.conf"]) == Settings(6379, "from file", "/elsewhere")
    assert read_settings(["/redis.conf", "--requirepass", "option", "--port", "7"]).password == "option"
    assert read_settings(["--include", "/extra.conf", "--save", ""]) == Settings(password="included", save=False)


def cli(port: int, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "playground.workloads.images.redis_cli", "-p", str(port), *arguments]
    root = Path(__file__).resolve().parents[4]
    return subprocess.run(command, env=os.environ | environment, cwd=root, capture_output=True, text=True, check=False)


def test_the_tool_ends_as_redis_cli_does() -> None:
    async def work(port: int) -> None:
        answers = [
            await asyncio.to_thread(cli, port, "ping", REDISCLI_AUTH="pw"),
            await asyncio.to_thread(cli, port, "-a", "pw", "ping"),
            await asyncio.to_thread(cli, port, "ping"),
            await asyncio.to_thread(cli, port, "-e", "ping"),
            await asyncio.to_thread(cli, 1, "ping"),
        ]
        assert [(item.returncode, item.stdout.strip()) for item in answers] == [
            (0, "PONG"),
            (0, "PONG"),
            (0, "NOAUTH Authentication required."),
            (1, "NOAUTH Authentication required."),
            (1, ""),
        ]

    with_server(Settings(password="pw"), work)
