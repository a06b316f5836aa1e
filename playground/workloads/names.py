# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playground's stand-in for cluster DNS.

The runner writes ``{"name:port": ["address:port", ...]}`` to the file that ``PLAYGROUND_HOSTS`` names; ``install()``
makes ``socket.getaddrinfo`` answer from it. Without the variable (on a real cluster) nothing is changed.
"""

from __future__ import annotations

import ipaddress
import json
import os
import random
import socket
from pathlib import Path
from typing import Any

POD_STATUS_OCTET = 240
LOOPBACK_OCTET = 127
Table = dict[str, list[str]]


class Hosts:
    """The table of names, read again when its file changes."""

    def __init__(self, file: Path, search: list[str]) -> None:
        """Use ``file``; ``search`` holds the domains tried after a short name, as in resolv.conf."""
        self._file = file
        self._search = search
        self._stamp = 0
        self._table: Table = {}

    def find(self, host: str, port: int | str | None) -> tuple[str, int] | None:
        """Return the loopback address and port behind a cluster name, or None when the playground does not know it."""
        table = self._read()
        for name in (host.rstrip("."), *(f"{host}.{domain}" for domain in self._search)):
            targets = table.get(f"{name.lower()}:{port}")
            if targets:
                address, _, target_port = random.choice(targets).rpartition(":")  # noqa: S311 - load balancing
                return address, int(target_port)
        return None

    def _read(self) -> Table:
        try:
            stamp = self._file.stat().st_mtime_ns
            if stamp != self._stamp:
                self._table = json.loads(self._file.read_text(encoding="utf-8"))
                self._stamp = stamp
        except (OSError, ValueError):
            pass  # the runner is about to write it: the last table stands
        return self._table


def reachable(address: str) -> str:
    """Return where the process behind a pod's address listens: on loopback in the playground, there elsewhere.

    A pod's status shows 240.x.a.b, because the API refuses loopback addresses in endpoints; its process binds
    127.x.a.b.
    """
    if "PLAYGROUND_HOSTS" not in os.environ:
        return address
    return loopback(address)


def loopback(address: str) -> str:
    """Return the loopback address that belongs to a playground pod's address; other addresses stay as they are."""
    first, _, rest = address.partition(".")
    return f"{LOOPBACK_OCTET}.{rest}" if first == str(POD_STATUS_OCTET) else address


def hosts_of_this_process() -> Hosts | None:
    """Return the runner's table, or None outside a playground."""
    file = os.environ.get("PLAYGROUND_HOSTS")
    return Hosts(Path(file), os.environ.get("PLAYGROUND_SEARCH", "").split()) if file else None


def install() -> None:
    """Let this process find cluster names by the runner's table; does nothing outside a playground.

    Clients that connect to what ``getaddrinfo`` answers find ports too; those that keep their own port (httpx among
    them) need more, see ``transport.py``.
    """
    hosts = hosts_of_this_process()
    if hosts is None:
        return
    original = socket.getaddrinfo

    def getaddrinfo(host: Any, port: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host
        if isinstance(name, str) and not _is_address(name):
            target = hosts.find(name, port)
            if target:
                host, port = target
        return original(host, port, *args, **kwargs)

    socket.getaddrinfo = getaddrinfo


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
