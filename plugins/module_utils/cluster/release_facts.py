# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What release_info tells of a release."""

from __future__ import annotations

from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.client import Connection, connected
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.reading import read_release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.redaction import redacted
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import Release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.plan import Outcome, Task

_TOLD = ("name", "namespace", "revision", "status", "chart", "chart_version", "app_version", "updated")


def release_info(task: Task) -> Outcome:
    """Read a release's records; a release that is not there is no error."""
    options = task.options
    with connected(Connection.of(options)) as server:
        history, release = read_release(server, options["namespace"], options["name"])
    told = _told(release, values=options["values"], objects=options["objects"]) if release else None
    revisions = [{"revision": entry.revision, "status": entry.status} for entry in history]
    return Outcome(result={"exists": release is not None, "release": told, "history": revisions})


def _told(release: Release, *, values: bool, objects: bool) -> dict[str, Any]:
    told: dict[str, Any] = {name: getattr(release, name) for name in _TOLD}
    told["description"] = redacted(release.description)
    if values:
        told["release_values"] = release.values
    if objects:
        told["objects"] = [
            {
                "api_version": manifest["apiVersion"],
                "kind": manifest["kind"],
                "namespace": manifest["metadata"].get("namespace"),
                "name": manifest["metadata"]["name"],
            }
            for manifest in release.objects
        ]
    return told
