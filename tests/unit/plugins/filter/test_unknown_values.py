# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.filter.unknown_values import FilterModule, unknown_values
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.cluster_values import OBSOLETE

CHART = Path(__file__).parents[4] / "playground" / "charts" / "langgraph-dataplane" / "values.yaml"


@pytest.fixture(scope="module")
def defaults() -> Any:
    return yaml.safe_load(CHART.read_text())


def test_a_charts_own_values_are_fine(defaults: Any) -> None:
    assert unknown_values(defaults, defaults) == []


@pytest.mark.parametrize(
    ("values", "what", "remedy"),
    [
        ({"config": {"langsmithAPIKey": "x"}}, "config.langsmithAPIKey", "Write config.langsmithApiKey."),
        ({"config": {"watchNamespace": "x"}}, "config.watchNamespace", "Write config.watchNamespaces."),
        ({"listner": {}}, "listner", "Write listener."),
        (
            {"listener": {"deployment": {"replica": 1}}},
            "listener.deployment.replica",
            "Write listener.deployment.replicas.",
        ),
        ({"somethingElse": 1}, "somethingElse", "see what the chart has at the top"),
        ({"ingress": {"zzz": 1}}, "ingress.zzz", "see what the chart has below ingress"),
        ({"ingress": "agents.example.com"}, "ingress", "Write its keys below it"),
        ({"images": {"registry": {"x": 1}}}, "images.registry", "indentation"),
        ({"commonEnv": {"A": "b"}}, "commonEnv", "indentation"),
        ({"config": {"langgraphPlatformLicenseKey": "x"}}, "langgraphPlatformLicenseKey", "API key is all"),
        ({"listener": {"templates": {}}}, "listener.templates", "operator.templates"),
        ({"listener": {"resources": {}}}, "listener.resources", "listener.deployment.resources"),
    ],
)
def test_found_with_a_remedy(values: Any, what: str, remedy: str, defaults: Any) -> None:
    (finding,) = unknown_values(values, defaults)
    assert what in finding["what"]
    assert remedy in finding["remedy"]
    assert (finding["check"], finding["severity"]) == ("unknown_values", "error")
    assert finding["why"]


@pytest.mark.parametrize(
    "values",
    [
        None,
        {"ingress": {"annotations": {"cert-manager.io/cluster-issuer": "x"}}},
        {"listener": {"deployment": {"nodeSelector": {"a": "b"}, "extraEnv": [{"anything": 1}]}}},
        {"listener": {"deployment": {"resources": {"limits": {"cpu": "4", "memory": "8Gi"}}}}},
        {"commonDnsConfig": None},
        {"global": {"x": 1}},
        {"config": {"rootDomain": "example.com"}},
        {"x-anchors": {"a": 1}},
        {"listener": {"autoscaling": {"enabled": True}}},
    ],
)
def test_let_pass(values: Any, defaults: Any) -> None:
    assert unknown_values(values, defaults) == []


def test_all_are_found_at_once(defaults: Any) -> None:
    assert len(unknown_values({"a": 1, "b": 2, "config": {"c": 3}}, defaults)) == 3


def test_what_is_called_obsolete_is_not_in_the_chart(defaults: Any) -> None:
    for path in OBSOLETE:
        place = defaults
        for key in path.split("."):
            place = place.get(key) if isinstance(place, dict) else None
        assert place is None, path


def test_what_is_no_map_is_refused(defaults: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="wanted a map"):
        unknown_values("config: {}", defaults)  # type: ignore[arg-type]


def test_is_registered() -> None:
    assert FilterModule().filters() == {"unknown_values": unknown_values}
