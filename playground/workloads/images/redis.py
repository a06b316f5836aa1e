# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Redis server's stand-in: strings, expiry, password, a snapshot on disk. Other commands are refused by name."""

from __future__ import annotations

import asyncio
import base64
import fnmatch
import json
import logging
import os
import shlex
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from .. import resp
from ..paths import in_root
from ..program import bind_address, run

log = logging.getLogger("redis")

SNAPSHOT = "dump.json"
DATABASES = 16


@dataclass
class Settings:
    """What the server was told on its command line or in its configuration file."""

    port: int = 6379
    password: str = ""
    folder: str = "/data"
    save: bool = True


@dataclass
class Store:
    """The keys of one database: value and, for some, the moment of expiry (seconds since 1970)."""

    values: dict[bytes, bytes] = field(default_factory=dict)
    expiry: dict[bytes, float] = field(default_factory=dict)

    def get(self, key: bytes) -> bytes | None:
        """Return a value that has not expired."""
        if self.expiry.get(key, float("inf")) <= time.time():
            self.drop(key)
        return self.values.get(key)

    def drop(self, key: bytes) -> bool:
        """Delete a key; say whether it was there."""
        self.expiry.pop(key, None)
        return self.values.pop(key, None) is not None


class CommandError(Exception):
    """A command was refused; ``str()`` is the error reply."""


class Server:
    """Answers commands; one instance for all connections."""

    def __init__(self, settings: Settings) -> None:
        """Load the snapshot, if there is one."""
        self.settings = settings
        self.stores: dict[int, Store] = {}
        self._file = in_root(settings.folder) / SNAPSHOT
        self._load()

    def store(self, database: int) -> Store:
        """Return a database, made on first use."""
        return self.stores.setdefault(database, Store())

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it leaves."""
        session = Session(self)
        try:
            while True:
                command = await resp.read(reader)
                if not isinstance(command, list) or not command:
                    continue
                parts = [part for part in command if isinstance(part, bytes)]
                writer.write(session.answer(parts))
                await writer.drain()
                if parts[0].upper() == b"QUIT":
                    return
        except (EOFError, OSError, resp.RedisError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    def save(self) -> None:
        """Write the snapshot where the folder exists (a volume in a pod)."""
        if not self.settings.save or not self._file.parent.is_dir():
            return
        data = {
            str(number): {_text(key): [_text(value), store.expiry.get(key)] for key, value in store.values.items()}
            for number, store in self.stores.items()
        }
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(data), encoding="ascii")
        os.replace(fresh, self._file)

    def _load(self) -> None:
        if not self._file.is_file():
            return
        for number, entries in json.loads(self._file.read_text(encoding="ascii")).items():
            store = self.store(int(number))
            for key, (value, expiry) in entries.items():
                store.values[base64.b64decode(key)] = base64.b64decode(value)
                if expiry:
                    store.expiry[base64.b64decode(key)] = expiry
        log.info("DB loaded from disk")


class Session:
    """What one connection has agreed: password given, database chosen."""

    def __init__(self, server: Server) -> None:
        """Start without a login, in database 0."""
        self._server = server
        self._trusted = not server.settings.password
        self._database = 0

    def answer(self, parts: list[bytes]) -> bytes:
        """Return the reply to one command, in wire form."""
        name = parts[0].decode(errors="replace").upper()
        try:
            if name in ("AUTH", "HELLO", "QUIT"):
                return bytes(getattr(self, f"_{name.lower()}")(parts[1:]))
            if not self._trusted:
                raise CommandError("NOAUTH Authentication required.")
            action: Callable[[list[bytes]], bytes] | None = getattr(self, f"_{name.lower()}", None)
            if action is None or name.startswith("_"):
                raise CommandError(f"ERR unknown command '{name}' (the playground's Redis knows few)")
            return action(parts[1:])
        except CommandError as error:
            return f"-{error}\r\n".encode()
        except (IndexError, ValueError):
            return f"-ERR wrong number or kind of arguments for '{name.lower()}' command\r\n".encode()

    @property
    def _store(self) -> Store:
        return self._server.store(self._database)

    def _auth(self, args: list[bytes]) -> bytes:
        if not self._server.settings.password:
            raise CommandError("ERR AUTH <password> called without any password configured for the default user.")
        user, password = (args[0], args[1]) if args[1:] else (b"default", args[0])
        if user != b"default" or password.decode() != self._server.settings.password:
            raise CommandError("WRONGPASS invalid username-password pair or user is disabled.")
        self._trusted = True
        return b"+OK\r\n"

    def _hello(self, args: list[bytes]) -> bytes:
        if args and args[0] != b"2":
            raise CommandError("NOPROTO unsupported protocol version")
        if not self._trusted:
            raise CommandError("NOAUTH HELLO must be called with the client already authenticated")
        return b"*4\r\n" + _bulk(b"server") + _bulk(b"redis") + _bulk(b"proto") + b":2\r\n"

    def _quit(self, _args: list[bytes]) -> bytes:
        return b"+OK\r\n"

    def _ping(self, args: list[bytes]) -> bytes:
        return _bulk(args[0]) if args else b"+PONG\r\n"

    def _echo(self, args: list[bytes]) -> bytes:
        return _bulk(args[0])

    def _select(self, args: list[bytes]) -> bytes:
        if not 0 <= int(args[0]) < DATABASES:
            raise CommandError("ERR DB index is out of range")
        self._database = int(args[0])
        return b"+OK\r\n"

    def _client(self, _args: list[bytes]) -> bytes:
        return b"+OK\r\n"

    def _get(self, args: list[bytes]) -> bytes:
        return _bulk(self._store.get(args[0]))

    def _set(self, args: list[bytes]) -> bytes:
        key, value, options = args[0], args[1], [item.upper() for item in args[2:]]
        if (b"NX" in options and self._store.get(key) is not None) or (
            b"XX" in options and self._store.get(key) is None
        ):
            return _bulk(None)
        self._store.values[key] = value
        self._store.expiry.pop(key, None)
        for option, factor in ((b"EX", 1.0), (b"PX", 0.001)):
            if option in options:
                self._store.expiry[key] = time.time() + int(args[3 + options.index(option)]) * factor
        return b"+OK\r\n"

    def _del(self, args: list[bytes]) -> bytes:
        return b":%d\r\n" % sum(self._store.drop(key) for key in args)

    def _exists(self, args: list[bytes]) -> bytes:
        return b":%d\r\n" % sum(self._store.get(key) is not None for key in args)

    def _expire(self, args: list[bytes]) -> bytes:
        if self._store.get(args[0]) is None:
            return b":0\r\n"
        self._store.expiry[args[0]] = time.time() + int(args[1])
        return b":1\r\n"

    def _ttl(self, args: list[bytes]) -> bytes:
        if self._store.get(args[0]) is None:
            return b":-2\r\n"
        moment = self._store.expiry.get(args[0])
        return b":-1\r\n" if moment is None else b":%d\r\n" % round(moment - time.time())

    def _incr(self, args: list[bytes]) -> bytes:
        value = int(self._store.get(args[0]) or b"0") + 1
        self._store.values[args[0]] = str(value).encode()
        return b":%d\r\n" % value

    def _keys(self, args: list[bytes]) -> bytes:
        pattern = args[0].decode()
        keys = [key for key in list(self._store.values) if fnmatch.fnmatchcase(key.decode(errors="replace"), pattern)]
        alive = [key for key in keys if self._store.get(key) is not None]
        return b"*%d\r\n" % len(alive) + b"".join(_bulk(key) for key in alive)

    def _dbsize(self, _args: list[bytes]) -> bytes:
        return b":%d\r\n" % len(self._store.values)

    def _flushdb(self, _args: list[bytes]) -> bytes:
        self._server.stores[self._database] = Store()
        return b"+OK\r\n"

    def _save(self, _args: list[bytes]) -> bytes:
        self._server.save()
        return b"+OK\r\n"

    def _info(self, _args: list[bytes]) -> bytes:
        return _bulk(b"# Server\r\nredis_version:7.4.0\r\nredis_mode:standalone\r\nprocess_id:%d\r\n" % os.getpid())


def read_settings(arguments: list[str]) -> Settings:
    """Understand ``redis-server [file | -] [--option value ...]``; options that change nothing here are accepted.

    Raises OSError when the configuration file cannot be read.
    """
    words: list[list[str]] = []
    rest = list(arguments)
    if rest and not rest[0].startswith("--"):
        file = rest.pop(0)
        text = sys.stdin.read() if file == "-" else in_root(file).read_text(encoding="utf-8")
        lines = text.splitlines()
        words += [shlex.split(line) for line in lines if line.strip() and not line.lstrip().startswith("#")]
    for word in rest:
        if word.startswith("--"):
            words.append([word.removeprefix("--")])
        elif words:
            words[-1].append(word)
    settings = Settings()
    for name, *values in words:
        value = values[0] if values else ""
        if name == "port":
            settings.port = int(value)
        elif name == "requirepass":
            settings.password = value
        elif name == "dir":
            settings.folder = value
        elif name == "save":
            settings.save = bool(value)
        elif name == "include":
            included = read_settings([value])
            settings.password = included.password or settings.password
    return settings


async def serve(settings: Settings) -> int:
    """Serve until stopped, then write the snapshot."""
    server = Server(settings)
    listening = await asyncio.start_server(server.connection, bind_address(), settings.port)
    log.info("Ready to accept connections tcp")
    try:
        async with listening:
            await listening.serve_forever()
    finally:
        server.save()
        log.info("DB saved on disk" if settings.save and Path(in_root(settings.folder)).is_dir() else "bye")
    return 0


def _bulk(value: bytes | None) -> bytes:
    return b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


if __name__ == "__main__":
    run(serve(read_settings(sys.argv[1:])))
