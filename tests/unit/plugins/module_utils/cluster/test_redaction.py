# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.redaction import names_a_secret, redacted


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("key lsv2_sk_0123456789abcdef_feed refused", "0123456789abcdef"),
        ("GET redis://:pa55w0rd@langgraph-redis:6379/0", "pa55w0rd"),
        ("postgres://user:p%40ss@db/x: refused", "p%40ss"),
        ("Authorization: Bearer abcdefgh.ijklmnop", "abcdefgh"),
        ("token eyJhbGciOiJSUzI1.eyJpc3MiOiJrdWJl.c2lnbmF0dXJl used", "eyJpc3MiOiJrdWJl"),
        ('{"password": "hunter22"}', "hunter22"),
        ("api_key=verysecret&x=1", "verysecret"),
        ("x-api-key: verysecret", "verysecret"),
    ],
)
def test_hides_what_looks_like_a_secret(text: str, secret: str) -> None:
    assert secret not in redacted(text)


@pytest.mark.parametrize(
    "text",
    [
        "401 from https://api.host.langchain.com/v2/deployments",
        "couldn't find key langsmith_api_key in Secret langgraph/x",
        "image registry.example.com/agents/hello:1.0.0 not found",
        "redis://langgraph-redis:6379/0",
    ],
)
def test_leaves_the_rest_alone(text: str) -> None:
    assert redacted(text) == text


def test_knows_fields_that_hold_secrets() -> None:
    assert names_a_secret("langsmithApiKey")
    assert names_a_secret("connectionUrl")
    assert not names_a_secret("existingSecretName")
    assert not names_a_secret("replicas")
