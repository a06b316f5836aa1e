# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every program in a pod shares: log lines, cluster names, the end by SIGTERM."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Coroutine
from typing import Any

from . import names


def bind_address() -> str:
    """Return the address to listen on: any of the pod's on a kubelet, its loopback address in the playground."""
    return os.environ.get("PLAYGROUND_BIND", "0.0.0.0")  # noqa: S104 - a pod has its own network


def run(main: Coroutine[Any, Any, int]) -> None:
    """Run a program to its end or to SIGTERM, and exit with its code."""
    level = os.environ.get("LOG_LEVEL", "INFO").upper()
    logging.basicConfig(
        stream=sys.stdout,
        level=level if level in logging.getLevelNamesMapping() else "INFO",
        format="%(asctime)s %(levelname)s %(message)s",
    )
    for noisy in ("httpx", "httpcore"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    names.install()
    sys.exit(asyncio.run(_until_stopped(main)))


async def _until_stopped(main: Coroutine[Any, Any, int]) -> int:
    task = asyncio.create_task(main)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    try:
        return await task
    except asyncio.CancelledError:
        return 0
