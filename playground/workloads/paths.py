# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a container's absolute paths lie.

On a kubelet a container has a root file system of its own; in the playground all processes share the machine's, so the
runner gives each a folder in ``PLAYGROUND_ROOT``, and absolute paths are taken inside of it.
"""

from __future__ import annotations

import os
from pathlib import Path


def in_root(absolute: str) -> Path:
    """Return where the container's absolute path really lies."""
    return Path(os.environ.get("PLAYGROUND_ROOT", "/")) / absolute.lstrip("/")
