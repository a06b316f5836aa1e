# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""The few requests that the playground itself sends to the Kubernetes API."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import httpx
import yaml

USER_AGENT = "langgraph-playground"


def connect(kubeconfig: Path, timeout: float = 5.0) -> httpx.Client:
    """Return a client of the cluster in `kubeconfig`; raise OSError when that or its keys are not there."""
    config = yaml.safe_load(kubeconfig.read_text())
    cluster = config["clusters"][0]["cluster"]
    user = config["users"][0]["user"]
    context = ssl.create_default_context(cafile=cluster["certificate-authority"])
    context.load_cert_chain(user["client-certificate"], user["client-key"])
    return httpx.Client(
        base_url=cluster["server"],
        verify=context,
        timeout=timeout,
        headers={"User-Agent": USER_AGENT},
        trust_env=False,
    )


def ready(kubeconfig: Path) -> bool:
    """Tell whether the API server answers that it is ready."""
    try:
        with connect(kubeconfig, timeout=2.0) as api:
            return api.get("/readyz").is_success
    except (httpx.HTTPError, OSError, ssl.SSLError):
        return False


def create(api: httpx.Client, collection: str, manifest: dict[str, Any]) -> None:
    """Create an object unless there is one of that name; raise HTTPError when the API refuses it."""
    response = api.post(collection, json=manifest)
    if response.status_code != httpx.codes.CONFLICT:
        response.raise_for_status()
