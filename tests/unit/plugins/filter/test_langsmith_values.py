# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Values of the langsmith chart: old ones in today's words, secrets apart, refusals with their remedies."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.langgraph.selfhosted.plugins.filter.langsmith_refusals import langsmith_refusals
from ansible_collections.langgraph.selfhosted.plugins.filter.langsmith_values import FilterModule, langsmith_values
from ansible_collections.langgraph.selfhosted.plugins.plugin_utils.langsmith_values import MOVED, SECRETS

Values = dict[str, Any]

# As the vendor's guide had it in August 2025.
OLD: Values = {
    "config": {
        "langsmithLicenseKey": "lic",
        "apiKeySalt": "salt",
        "basicAuth": {"enabled": True, "initialOrgAdminEmail": "a@example.com", "initialOrgAdminPassword": "Word"},
        "langgraphPlatform": {"enabled": True, "langgraphPlatformLicenseKey": "other"},
    },
    "ingress": {"enabled": True, "hostname": "ls.example.com", "subdomain": "smith"},
    "images": {"hostBackendImage": {"tag": "0.11"}, "backendImage": {"tag": "0.11"}},
    "backend": {"autoscaling": {"enabled": True, "createHpa": True, "minReplicas": 2}},
}
GOOD: Values = {
    "config": {
        "existingSecretName": "own",
        "hostname": "ls.example.com",
        "authType": "mixed",
        "initialOrgAdminEmail": "a@example.com",
        "basicAuth": {"enabled": True},
        "deployment": {"enabled": True},
    },
    "ingress": {"enabled": True},
}


def at(path: str, value: Any) -> Values:
    """Return a map with a value at a path."""
    for key in reversed(path.split(".")):
        value = {key: value}
    return dict(value)


def test_an_old_values_file_becomes_today_s() -> None:
    found = langsmith_values(OLD)
    assert found["values"] == {
        "config": {
            "basicAuth": {"enabled": True},
            "initialOrgAdminEmail": "a@example.com",
            "deployment": {"enabled": True},
            "hostname": "ls.example.com",
            "basePath": "smith",
        },
        "ingress": {"enabled": True},
        "images": {"backendImage": {"tag": "0.11"}},
        "backend": {"autoscaling": {"hpa": {"enabled": True, "minReplicas": 2}}},
    }
    assert found["secrets"] == {
        "langsmith_license_key": "lic",
        "api_key_salt": "salt",
        "initial_org_admin_password": "Word",
    }
    told = " ".join(f"{one['what']} {one['why']}" for one in found["findings"])
    assert {one["severity"] for one in found["findings"]} == {"warning"}
    assert "config.langgraphPlatform.enabled" in told
    assert "backend.autoscaling.hpa.enabled" in told
    assert not any(secret in told for secret in ("lic,", "salt", "Word"))


@pytest.mark.parametrize(("old", "new"), MOVED.items())
def test_each_key_that_moved_is_read_where_it_is_today(old: str, new: str) -> None:
    found = langsmith_values(at(old, "x"))
    assert found["values"] == at(new, "x")
    assert [new in one["remedy"] for one in found["findings"]] == [True]


def test_an_old_key_that_contradicts_today_s_is_an_error() -> None:
    (finding,) = langsmith_values({"ingress": {"hostname": "a"}, "config": {"hostname": "b"}})["findings"]
    assert finding["severity"] == "error"
    assert "ingress.hostname" in finding["what"]
    assert langsmith_values({"ingress": {"hostname": "a"}, "config": {"hostname": "a"}})["findings"] == []


@pytest.mark.parametrize(("path", "key"), SECRETS.items())
def test_each_secret_goes_to_its_key(path: str, key: str) -> None:
    found = langsmith_values(at(path, "hush"))
    assert (found["values"], found["secrets"], found["findings"]) == ({}, {key: "hush"}, [])


def test_today_s_values_stay_as_they_are_and_so_does_the_input() -> None:
    found = langsmith_values(GOOD)
    assert found == {"values": GOOD, "secrets": {}, "findings": []}
    langsmith_values(OLD)
    assert OLD["ingress"]["hostname"] == "ls.example.com"


def test_something_that_is_no_map_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match="a str, wanted a map"):
        langsmith_values("config")  # type: ignore[arg-type]
    assert langsmith_values(None)["values"] == {}


def test_what_the_chart_takes_is_not_refused() -> None:
    assert langsmith_refusals(GOOD) == []
    assert langsmith_refusals(GOOD, "Not-A-Password") == []


@pytest.mark.parametrize(
    ("path", "value", "remedy"),
    [
        ("config.hostname", "", "control_plane_hostname"),
        ("ingress.enabled", False, "control_plane_route"),
        ("gateway.enabled", True, "control_plane_route"),
        ("frontend.enabled", False, "frontend.enabled"),
        ("config.oauth.enabled", True, "control_plane_auth"),
        ("config.basicAuth.enabled", False, "control_plane_auth"),
        ("config.authType", "none", "control_plane_auth"),
        ("config.initialOrgAdminEmail", "", "control_plane_admin_email"),
        ("config.customCa.secretName", "ca", "secretKey"),
        ("redis.external.cluster.enabled", True, "redis.external.enabled"),
        ("postgres.external.clientCert.secretName", "cert", "customTls"),
        ("config.blobStorage", {"enabled": True, "engine": "tape"}, "Write one of them"),
        ("config.observability.tracing.enabled", True, "tracing.endpoint"),
        ("clickhouse", {"enabled": False, "external": {"enabled": True}}, "clickhouse.enabled"),
        ("queue.autoscaling", {"hpa": {"enabled": True}, "keda": {"enabled": True}}, "not both"),
    ],
)
def test_what_the_chart_refuses_is_told_with_its_remedy(path: str, value: Any, remedy: str) -> None:
    *parents, last = path.split(".")
    values: Values = langsmith_values(GOOD)["values"]
    place = values
    for key in parents:
        place = place.setdefault(key, {})
    place[last] = value
    found = langsmith_refusals(values)
    assert found
    assert remedy in " ".join(one["remedy"] for one in found)


@pytest.mark.parametrize(
    ("password", "lacking"),
    [
        ("Short-1", "12 characters"),
        ("NO-LOWERCASE-1", "a lowercase letter"),
        ("no-uppercase-1", "an uppercase letter"),
        ("NoSymbolInHere1", "a symbol"),
    ],
)
def test_a_password_that_is_too_weak_is_refused_and_not_shown(password: str, lacking: str) -> None:
    (finding,) = langsmith_refusals(GOOD, password)
    assert lacking in finding["what"]
    assert password not in str(finding)


def test_the_filters_have_their_names() -> None:
    assert set(FilterModule().filters()) == {"langsmith_values"}
