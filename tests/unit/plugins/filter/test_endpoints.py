# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from collections.abc import Mapping

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.filter.endpoints import FilterModule, endpoints

US = {"control_plane": "https://api.host.langchain.com", "langsmith": "https://api.smith.langchain.com"}
EU = {"control_plane": "https://eu.api.host.langchain.com", "langsmith": "https://eu.api.smith.langchain.com"}
OWN = {"control_plane": "https://smith.acme.org/api-host", "langsmith": "https://smith.acme.org"}
SHELL = {"LANGSMITH_ENDPOINT": EU["langsmith"]}
NOTHING = {"region": "", "control_plane_url": "", "langsmith_url": ""}


@pytest.fixture(autouse=True)
def no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LANGSMITH_HOST_URL", "LANGGRAPH_HOST_URL", "LANGSMITH_CONTROL_PLANE_URL",
                 "LANGSMITH_ENDPOINT", "LANGCHAIN_ENDPOINT"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("sources", "environment", "expected"),
    [
        ([], {}, US),
        ([NOTHING, {}], {}, US),
        ([NOTHING], SHELL, EU),
        ([{**NOTHING, "region": "eu"}], {}, EU),
        ([{**NOTHING, "region": "us"}], SHELL, US),
        ([{**NOTHING, "control_plane_url": OWN["control_plane"]}], SHELL, OWN),
        ([{**NOTHING, "langsmith_url": OWN["langsmith"]}], SHELL, OWN),
        ([NOTHING, {"control_plane_url": OWN["control_plane"], "langsmith_url": ""}], SHELL, OWN),
        # The first source that says anything says it all.
        ([{"control_plane_url": OWN["control_plane"]}, {"langsmith_url": US["langsmith"]}], {}, OWN),
        ([{"region": "eu"}, {"control_plane_url": OWN["control_plane"]}], {}, EU),
        # What is written stays as it is: a release has it among its values.
        (
            [{"control_plane_url": "https://a.acme.org/", "langsmith_url": "https://b.acme.org/api"}],
            {},
            {"control_plane": "https://a.acme.org/", "langsmith": "https://b.acme.org/api"},
        ),
    ],
)
def test_urls_belong_together(
    sources: list[Mapping[str, str]],
    environment: Mapping[str, str],
    expected: Mapping[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert endpoints(sources) == expected


def test_what_is_no_url_is_refused() -> None:
    with pytest.raises(AnsibleFilterError, match="control_plane_url"):
        endpoints([{"control_plane_url": "smith.acme.org"}])


def test_ansible_finds_it() -> None:
    assert FilterModule().filters() == {"endpoints": endpoints}
