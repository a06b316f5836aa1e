# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""An agent's image: the real Agent Server from PyPI (``langgraph dev`` with the in-memory runtime) around a graph.

``MOUNT_PREFIX`` is the server's own setting: it then answers below the prefix, and ``/ok`` at the root too, for probes.
"""

from __future__ import annotations

import os
import sys

from .. import names
from ..program import bind_address, run
from ..serving import plain_app, serve

PORT = 8000


def main() -> None:
    """Serve the graph of the working folder's ``langgraph.json``, or stand in for the queue worker."""
    port = int(os.environ.get("PORT") or PORT)
    if os.environ.get("AGENT_SERVER_ROLE") == "queue":
        run(_queue(port))
        return
    names.install()
    from langgraph_cli.cli import cli

    sys.argv = ["langgraph", "dev", "--no-browser", "--no-reload", "--host", bind_address(), "--port", str(port)]
    # 0 leaves runs to workers beside the server; the in-memory runtime has none.
    if (jobs := os.environ.get("N_JOBS_PER_WORKER", "0")) != "0":
        sys.argv += ["--n-jobs-per-worker", jobs]
    cli()


async def _queue(port: int) -> int:
    """Answer health checks only: the in-memory runtime keeps its queue inside of the server's process."""
    await serve(plain_app(lambda _method, path: (200, '{"ok":true}') if path.endswith("/ok") else (404, "")), port)
    return 0


if __name__ == "__main__":
    main()
