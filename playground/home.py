# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the playground keeps its files."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from playground.errors import PlaygroundError

REPOSITORY = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?")


def default_home() -> Path:
    """Return `$LANGGRAPH_PLAYGROUND_HOME`, else `langgraph-selfhosted` in the user's cache folder."""
    if configured := os.environ.get("LANGGRAPH_PLAYGROUND_HOME"):
        return Path(configured).expanduser().absolute()
    cache = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(cache).expanduser().absolute() / "langgraph-selfhosted"


def binary_cache() -> Path:
    """Return the folder of the binaries: `$LANGGRAPH_PLAYGROUND_BIN`, else `bin` in the home.

    It has a variable of its own, so that tests can keep their state apart and still share the binaries.
    """
    configured = os.environ.get("LANGGRAPH_PLAYGROUND_BIN")
    return Path(configured).expanduser().absolute() if configured else default_home() / "bin"


@dataclass(frozen=True)
class Paths:
    """The files of one playground."""

    name: str
    root: Path

    @classmethod
    def of(cls, name: str, home: Path | None = None) -> Paths:
        """Return the paths of the playground `name`; raise PlaygroundError when that is no usable name."""
        if not _NAME.fullmatch(name):
            raise PlaygroundError(
                f"{name!r} is no name for a playground.",
                remedy="use up to 40 lower-case letters, digits and dashes, as in --name demo.",
            )
        return cls(name, (home or default_home()) / "playgrounds" / name)

    @property
    def description(self) -> Path:
        """What `up` wrote last of all: its presence says that the playground was once complete."""
        return self.root / "playground.json"

    @property
    def kubeconfig(self) -> Path:
        """The cluster administrator's kubeconfig."""
        return self.root / "kubeconfig"

    @property
    def kwok(self) -> Path:
        """The work folder of kwokctl."""
        return self.root / "kwok"

    @property
    def cluster(self) -> Path:
        """What kwokctl keeps of this cluster: its configuration, keys, logs and data."""
        return self.kwok / "clusters" / self.name

    @property
    def audit_log(self) -> Path:
        """The API server's audit log, one JSON event a line."""
        return self.cluster / "logs" / "audit.log"

    @property
    def control_plane(self) -> Path:
        """The control plane simulator's data."""
        return self.root / "control-plane"

    @property
    def workloads(self) -> Path:
        """The state of the processes that live in pods."""
        return self.root / "workloads"

    @property
    def logs(self) -> Path:
        """Logs of the playground's own processes."""
        return self.root / "logs"

    @property
    def pids(self) -> Path:
        """Pid files of the playground's own processes."""
        return self.root / "pids"

    @property
    def lock(self) -> Path:
        """Held by `up` and `down`; beside the playground's folder, as `down` removes that."""
        return self.root.with_name(f".{self.name}.lock")
