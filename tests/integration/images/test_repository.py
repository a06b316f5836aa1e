# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Charts from a chart repository, fetched by several clusters at once into one cache."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.facts import distil
from tests.integration.images.test_images import inventory, play

WANTED = {"keda", "traefik", "langgraph-cloud"}
pytestmark = pytest.mark.slow


class Repository(SimpleHTTPRequestHandler):
    """Serves a folder and remembers what was asked for."""

    asked: list[str]

    def log_message(self, *_arguments: Any) -> None:
        """Remember instead of printing."""
        self.server.asked.append(self.path)  # type: ignore[attr-defined]


@pytest.fixture
def repository(tmp_path: Path) -> Iterator[Any]:
    """Return a server of a chart repository on loopback, made by helm."""
    folder = tmp_path / "repository"
    folder.mkdir()
    for chart in sorted(WANTED):
        helm("package", str(distil.CHARTS / chart), "--destination", str(folder))
    helm("repo", "index", str(folder))
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Repository, directory=str(folder)))
    server.asked = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def helm(*arguments: str) -> None:
    """Run helm."""
    subprocess.run([distil.helm(), *arguments], check=True, capture_output=True)


def test_clusters_share_what_one_of_them_fetched(repository: Any, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    source = f"http://127.0.0.1:{repository.server_address[1]}"
    file = inventory(
        tmp_path, "agent_server", langgraph_chart_source=source, langgraph_chart_cache=str(cache), images_folder=""
    )
    here = json.loads(file.read_text())["langgraph"]["hosts"]["here"]
    file.write_text(json.dumps({"langgraph": {"hosts": {f"cluster-{number}": here for number in range(4)}}}))

    play(tmp_path, "langgraph.selfhosted.images", "-i", str(file))

    archives = [path for path in repository.asked if path.endswith(".tgz")]
    assert len(archives) == len(WANTED), archives
    assert {folder.parent.name for folder in cache.glob("*/*/Chart.yaml")} == WANTED

    repository.asked.clear()
    play(tmp_path, "langgraph.selfhosted.images", "-i", str(file))
    assert repository.asked == []
