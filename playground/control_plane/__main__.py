# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""``python -m playground.control_plane``: serve a control plane."""

from __future__ import annotations

import argparse
import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID

import uvicorn

from playground.control_plane.app import create_app
from playground.control_plane.auth import read_keys
from playground.control_plane.connections import Protocol
from playground.control_plane.settings import Settings
from playground.control_plane.storage import Store


class Server(uvicorn.Server):
    """A server that says where it listens (the port may have been left to the system)."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen."""
        await super().startup(sockets)
        for server in self.servers:
            for listening in server.sockets:
                host, port = listening.getsockname()[:2]
                print(f"Control plane listens on http://{host}:{port}", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m playground.control_plane", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument(
        "--port", type=int, default=8124, help="port to listen on, 0 for any free one (default: %(default)s)"
    )
    parser.add_argument("--data", type=Path, required=True, help="folder of the database; made if missing")
    parser.add_argument(
        "--workspace",
        type=lambda text: str(UUID(text)),
        action="append",
        required=True,
        help="workspace id; may be repeated",
    )
    parser.add_argument(
        "--api-key-file",
        type=Path,
        required=True,
        help="file of API keys, one a line; a workspace id or 'org' may follow each",
    )
    parser.add_argument("--auto-deploy", action="store_true", help="move revisions by the clock, without a listener")
    parser.add_argument(
        "--deploy-seconds", type=float, default=0, help="how long --auto-deploy takes (default: %(default)s)"
    )
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until told to stop. :returns: the exit status."""
    options = _parser().parse_args(argv)
    try:
        keys = read_keys(options.api_key_file, options.workspace)
    except (OSError, ValueError) as error:
        print(f"The API keys could not be read: {error}", file=sys.stderr)
        return 2
    defaults = Settings(auto_deploy=options.auto_deploy, deploy_seconds=options.deploy_seconds)
    server = Server(
        uvicorn.Config(
            create_app(Store(options.data), keys, defaults),
            host=options.host,
            port=options.port,
            http=Protocol,
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_graceful_shutdown=2,
            lifespan="on",
        )
    )
    server.run()
    return 0 if server.started else 1


if __name__ == "__main__":
    sys.exit(main())
