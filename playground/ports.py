# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports on loopback: chosen free, or asked for and checked."""

from __future__ import annotations

import random
import socket
from contextlib import suppress

import psutil

from playground.errors import PlaygroundError

HOST = "127.0.0.1"
_RANGE = range(20_000, 32_000)


def choose(wanted: int, option: str) -> int:
    """Return a port that is free now: `wanted`, or any when that is 0.

    Raises:
        PlaygroundError: The port is taken; says by whom, and which option changes it.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError as error:
            raise PlaygroundError(
                f"Port {wanted} cannot be used: {error.strerror}{_by(wanted)}.",
                remedy=f"end that process, or choose another port with {option} (0: any free one).",
            ) from error
        return int(probe.getsockname()[1])


def unused(count: int) -> list[int]:
    """Return ports that are free now and that no one is likely to take next.

    They are drawn at random, so that clusters that start at the same time do not meet, and from below those that the
    system gives to outgoing connections, so that they are still free when the cluster is started again.
    """
    found: list[int] = []
    for port in random.sample(_RANGE, len(_RANGE)):
        if len(found) == count:
            break
        with socket.socket() as probe, suppress(OSError):
            probe.bind((HOST, port))
            found.append(port)
    return found


def _by(port: int) -> str:
    try:
        connections = psutil.net_connections("tcp")
    except psutil.Error:
        return ""
    for connection in connections:
        address = tuple(connection.laddr)
        if connection.status == psutil.CONN_LISTEN and address[1:2] == (port,) and connection.pid:
            return f" (by process {connection.pid}, {_name(connection.pid)})"
    return ""


def _name(pid: int) -> str:
    try:
        return psutil.Process(pid).name()
    except psutil.Error:
        return "which just ended"
