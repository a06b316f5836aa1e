# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""A taken port is explained."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from playground import ports
from playground.errors import PlaygroundError


def test_zero_is_any_free_port() -> None:
    port = ports.choose(0, "--x-port")

    with socket.create_server(("127.0.0.1", port)):
        pass


def test_a_free_port_is_taken_as_asked() -> None:
    port = ports.choose(0, "--x-port")

    assert ports.choose(port, "--x-port") == port


def test_unused_ports_are_free_distinct_and_not_of_outgoing_connections() -> None:
    found = ports.unused(50)

    assert len(set(found)) == 50
    assert max(found) < int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
    for port in found:
        with socket.create_server((ports.HOST, port)):
            pass


def test_a_taken_port_says_by_whom_and_which_option_changes_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PlaygroundError, match=f"Port {port} cannot be used") as caught:
            ports.choose(port, "--x-port")

    assert f"by process {os.getpid()}, " in caught.value.message
    assert "--x-port" in caught.value.remedy
