# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""``saq ... --check``: whether a worker of the queue has shown life in Redis lately (the chart's liveness probe)."""

from __future__ import annotations

import asyncio
import os
import sys

from ... import names, resp

HEARTBEAT_SECONDS = 60
# LangSmith's own worker, and the queue that it works.
DEFAULT_WORKER, DEFAULT = "app.workers.queues.single_queue_worker.settings", "default"


def heartbeat_key(queue: str) -> str:
    """Return the key under which a queue's worker shows that it lives."""
    return f"saq:{queue}:worker"


async def check(queue: str) -> int:
    """Return 0 when the sign of life of the queue's worker is there."""
    client = resp.Client(os.environ.get("REDIS_DATABASE_URI", ""))
    try:
        found = await client.command("EXISTS", heartbeat_key(queue))
    except resp.RedisError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        client.close()
    if not found:
        print("no worker has shown life", file=sys.stderr)
    return 0 if found else 1


if __name__ == "__main__":
    if "--check" not in sys.argv:
        sys.exit("only --check is known here: the listener works without a second process")
    names.install()
    host = os.environ.get("HOST_QUEUE") or "host"
    sys.exit(asyncio.run(check(DEFAULT if DEFAULT_WORKER in sys.argv else host)))
