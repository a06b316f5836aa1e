# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several clusters in one run: each host of the inventory is one, and one that fails does not hold up the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml

from tests.integration.site.helpers import Run, Site, assert_runs_its_graph

AGENTS = "agents.example.com"
_RECAP = re.compile(r"^(?P<host>\S+)\s+: ok=\d+\s+changed=(?P<changed>\d+)\s.*failed=(?P<failed>\d+)", re.MULTILINE)


@pytest.fixture(scope="module")
def clusters(new_site: Callable[..., Site]) -> Iterator[dict[str, Site]]:
    """Return two clusters, each with a control plane of its own."""
    sites = {"north": new_site("north"), "south": new_site("south")}
    yield sites
    for site in sites.values():
        site.world.down()


def hosts(clusters: dict[str, Site]) -> dict[str, dict[str, Any]]:
    """Return an inventory's hosts: the clusters, and two which cannot be made."""
    found = {
        name: {**site.working(), "langgraph_kubeconfig": site.world.kubeconfig, "listener_compute_id": name}
        for name, site in clusters.items()
    }
    found["gone"] = {**found["north"], "langgraph_kubeconfig": unreachable(clusters["north"])}
    found["mistaken"] = {**found["south"], "keda_mode": "manual"}
    return found


def unreachable(site: Site) -> str:
    """Write a kubeconfig of a cluster which is not there."""
    with open(site.world.kubeconfig, encoding="utf-8") as file:
        config = yaml.safe_load(file)
    for cluster in config["clusters"]:
        cluster["cluster"]["server"] = "https://127.0.0.1:9"
    written = site.folder / "gone.kubeconfig"
    written.write_text(yaml.safe_dump(config))
    return str(written)


def recap(run: Run) -> dict[str, tuple[int, bool]]:
    """Return by host how many tasks changed something, and whether it failed."""
    return {match["host"]: (int(match["changed"]), match["failed"] != "0") for match in _RECAP.finditer(run.output)}


def test_each_is_made_and_failures_stay_where_they_are(clusters: dict[str, Site]) -> None:
    north, south = clusters.values()
    inventory = hosts(clusters)

    first = north.run_hosts(inventory)

    assert {host: failed for host, (_, failed) in recap(first).items()} == {
        "north": False,
        "south": False,
        "gone": True,
        "mistaken": True,
    }, first.output
    assert first.code != 0
    assert "127.0.0.1:9" in first.failures["gone"]
    assert "keda_mode" in first.failures["mistaken"]
    for name, site in clusters.items():
        assert_runs_its_graph(site, AGENTS)
        assert [one["compute_id"] for one in site.records("listeners")] == [name]
        site.mark()

    again = north.run_hosts(inventory)

    assert recap(again)["north"] == recap(again)["south"] == (0, False)
    assert set(again.failures) == {"gone", "mistaken"}
    assert not north.writes()
    assert not south.writes()
