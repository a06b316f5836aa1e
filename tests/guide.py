# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person does who follows the vendor's guide by hand: a listener from the UI, then three helm commands."""

from __future__ import annotations

from pathlib import Path

import httpx

from playground import Playground


def register_listener(world: Playground, compute_id: str) -> str:
    """Register a listener for the namespace of the release, as in the UI; return its id."""
    headers = {"X-Api-Key": world.api_key, "X-Tenant-Id": world.workspace_id}
    body = {"compute_type": "k8s", "compute_id": compute_id, "compute_config": {"k8s_namespaces": ["langgraph"]}}
    answer = httpx.post(
        f"{world.control_plane_url}/v2/listeners", json=body, headers=headers, timeout=10, trust_env=False
    )
    return str(answer.raise_for_status().json()["id"])


def helm_commands(world: Playground, charts: Path, values: Path) -> list[list[str]]:
    """Return the guide's commands; ``values`` is the data plane's file."""
    releases = (
        ("keda", "-n", "keda"),
        ("traefik", "-n", "traefik"),
        ("langgraph-dataplane", "-n", "langgraph", "--values", str(values)),
    )
    waiting = ("--create-namespace", "--wait", "--timeout", "2m")
    return [
        [world.helm, "upgrade", "-i", release, str(charts / release), *options, *waiting]
        for release, *options in releases
    ]
