# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the Agent Server's image has for probes: exits 0 when the server of the same pod answers ``/ok``."""

from __future__ import annotations

import http.client
import os
import sys

SECONDS = 0.8


def main() -> int:
    """Call the server; say on standard error why it is not well."""
    host, port = os.environ.get("PLAYGROUND_BIND", "127.0.0.1"), int(os.environ.get("PORT") or 8000)
    connection = http.client.HTTPConnection(host, port, timeout=SECONDS)
    try:
        connection.request("GET", f"{os.environ.get('MOUNT_PREFIX', '')}/ok")
        status = connection.getresponse().status
    except OSError as error:
        print(f"Cannot reach port {port}: {error}", file=sys.stderr)
        return 1
    finally:
        connection.close()
    if status != http.client.OK:
        print(f"/ok answers {status}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
