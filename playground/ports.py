# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ports on loopback: chosen free, or asked for and checked."""

from __future__ import annotations

import socket

import psutil

from playground.errors import PlaygroundError

HOST = "127.0.0.1"


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
