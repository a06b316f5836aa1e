# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.urls import resolve
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import InvalidInput

US = ("https://api.host.langchain.com", "https://api.smith.langchain.com")
EU = ("https://eu.api.host.langchain.com", "https://eu.api.smith.langchain.com")


@pytest.mark.parametrize(
    ("options", "environment", "expected"),
    [
        ({}, {}, US),
        ({"region": "us"}, {}, US),
        ({"control_plane_url": "HTTPS://EU.api.Host.LangChain.com/"}, {}, EU),
        (
            {"langsmith_url": "Https://LS.Acme.ORG/Base"},
            {},
            ("https://ls.acme.org/Base/api-host", "https://ls.acme.org/Base"),
        ),
        ({"region": "eu"}, {}, EU),
        ({"region": "apac"}, {}, ("https://apac.api.host.langchain.com", "https://apac.api.smith.langchain.com")),
        ({"region": "aws"}, {}, ("https://aws.api.host.langchain.com", "https://aws.api.smith.langchain.com")),
        ({"control_plane_url": "https://eu.api.host.langchain.com/"}, {}, EU),
        ({"langsmith_url": "https://eu.api.smith.langchain.com/api/v1"}, {}, EU),
        ({"langsmith_url": "https://api.smith.langchain.com"}, {}, US),
        ({"langsmith_url": "https://ls.acme.org"}, {}, ("https://ls.acme.org/api-host", "https://ls.acme.org")),
        ({"langsmith_url": "https://ls.acme.org/api/v1/"}, {}, ("https://ls.acme.org/api-host", "https://ls.acme.org")),
        (
            {"langsmith_url": "http://ls.acme.org:8080/base/api"},
            {},
            ("http://ls.acme.org:8080/base/api-host", "http://ls.acme.org:8080/base"),
        ),
        (
            {"control_plane_url": "https://ls.acme.org/base/api-host"},
            {},
            ("https://ls.acme.org/base/api-host", "https://ls.acme.org/base"),
        ),
        ({"control_plane_url": "http://localhost:8124"}, {}, ("http://localhost:8124", "http://localhost:8124")),
        ({"langsmith_url": "http://127.0.0.1:8124"}, {}, ("http://127.0.0.1:8124", "http://127.0.0.1:8124")),
        (
            {"control_plane_url": "https://one.acme.org", "langsmith_url": "https://two.acme.org"},
            {},
            ("https://one.acme.org", "https://two.acme.org"),
        ),
        ({"control_plane_url": "https://one.acme.org", "region": "eu"}, {}, ("https://one.acme.org",) * 2),
        (
            {},
            {"LANGSMITH_HOST_URL": "https://one.acme.org/api-host"},
            ("https://one.acme.org/api-host", "https://one.acme.org"),
        ),
        ({}, {"LANGGRAPH_HOST_URL": "https://one.acme.org"}, ("https://one.acme.org",) * 2),
        ({}, {"LANGSMITH_CONTROL_PLANE_URL": "https://one.acme.org"}, ("https://one.acme.org",) * 2),
        (
            {},
            {
                "LANGSMITH_HOST_URL": "https://one.acme.org",
                "LANGGRAPH_HOST_URL": "https://two.acme.org",
                "LANGSMITH_CONTROL_PLANE_URL": "https://three.acme.org",
            },
            ("https://one.acme.org",) * 2,
        ),
        ({}, {"LANGSMITH_ENDPOINT": "https://eu.api.smith.langchain.com"}, EU),
        ({}, {"LANGCHAIN_ENDPOINT": "https://eu.api.smith.langchain.com"}, EU),
        (
            {},
            {"LANGSMITH_ENDPOINT": "https://ls.acme.org/api/v1"},
            ("https://ls.acme.org/api-host", "https://ls.acme.org"),
        ),
        (
            {},
            {"LANGSMITH_HOST_URL": "http://127.0.0.1:1", "LANGSMITH_ENDPOINT": "http://127.0.0.1:2"},
            ("http://127.0.0.1:1", "http://127.0.0.1:2"),
        ),
        (
            {"region": "eu"},
            {"LANGSMITH_HOST_URL": "http://127.0.0.1:1", "LANGSMITH_ENDPOINT": "http://127.0.0.1:2"},
            EU,
        ),
        (
            {"control_plane_url": "https://eu.api.host.langchain.com"},
            {"LANGSMITH_ENDPOINT": "http://127.0.0.1:2"},
            EU,
        ),
        ({"control_plane_url": "", "langsmith_url": ""}, {"LANGSMITH_HOST_URL": ""}, US),
    ],
)
def test_urls_follow_from_what_is_given(
    options: dict[str, str], environment: dict[str, str], expected: tuple[str, str]
) -> None:
    endpoints = resolve(options, environment)
    assert (endpoints.control_plane, endpoints.langsmith) == expected


@pytest.mark.parametrize(
    "url",
    [
        "plane.example.com",
        "ftp://plane.example.com",
        "https://",
        "https://user:word@plane.example.com",
        "https://plane.example.com?x=1",
        "https://plane.example.com/#top",
        "https://plane.example.com:port",
        "https://plane.example.com:0",
        "https://[::1",
    ],
)
@pytest.mark.parametrize("option", ["control_plane_url", "langsmith_url"])
def test_what_is_no_base_url_is_refused_by_its_option(option: str, url: str) -> None:
    with pytest.raises(InvalidInput, match=option) as raised:
        resolve({option: url}, {})
    assert "word" not in str(raised.value)


@pytest.mark.parametrize(
    ("url", "cloud"),
    [
        ("https://eu.api.host.langchain.com", True),
        ("https://langsmith.acme.org/api-host", False),
        ("https://langchain.com.evil.org", False),
        ("https://notlangchain.com", False),
    ],
)
def test_cloud_is_only_langchains_own_domain(url: str, cloud: bool) -> None:
    assert resolve({"control_plane_url": url}, {}).cloud is cloud
