# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.answers import detail, error_for
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.redaction import Redactor
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    AnswerError,
    Conflict,
    Forbidden,
    NotFound,
    RateLimited,
    Rejected,
    ServerFailed,
    Unauthorized,
)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Rejected),
        (401, Unauthorized),
        (403, Forbidden),
        (404, NotFound),
        (408, ServerFailed),
        (409, Conflict),
        (413, Rejected),
        (422, Rejected),
        (425, ServerFailed),
        (429, RateLimited),
        (500, ServerFailed),
        (503, ServerFailed),
        (599, ServerFailed),
    ],
)
def test_each_status_has_its_error(status: int, kind: type[AnswerError]) -> None:
    error = error_for("GET https://x", status, b'{"detail": "because"}', Redactor())
    assert type(error) is kind
    assert (error.status, error.cause) == (status, "because")
    assert error.message == f"GET https://x answered {status}."


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ({"detail": "A text."}, "A text."),
        (
            {
                "detail": [
                    {"loc": ["body", "name"], "msg": "Field required", "type": "missing"},
                    {"type": "uuid_parsing"},
                ]
            },
            "body.name: Field required; uuid_parsing",
        ),
        ({"detail": ["odd"]}, "odd"),
        ({"detail": {"reason": "nested"}}, '{"reason": "nested"}'),
        ({"error": "elsewhere"}, '{"error": "elsewhere"}'),
        ("just a text", "just a text"),
        (None, ""),
    ],
)
def test_detail_is_read_in_every_shape(body: Any, text: str) -> None:
    assert detail(json.dumps(body).encode(), Redactor()) == text


def test_detail_of_what_is_no_json() -> None:
    assert detail(b"", Redactor()) == ""
    assert detail(b"upstream timed out", Redactor()) == "upstream timed out"
    assert detail(b"<html><body>502</body></html>", Redactor()) == "an HTML page, not the API's JSON"
    assert len(detail(b"x" * 10_000, Redactor())) < 600
    assert detail(b"\xff\xfe", Redactor()) == "\ufffd\ufffd"


@pytest.mark.parametrize(
    ("status", "text", "advice"),
    [
        (
            403,
            "This API key is org-scoped and requires workspace specification. Please provide 'X-Tenant-ID' header.",
            "workspace_id",
        ),
        (403, "LangSmith Deployment is not enabled for this organization", "Ask LangChain"),
        (
            400,
            "Source configuration error: 'source_config.listener_id' is required for workspace with listeners",
            "listener",
        ),
        (400, "'LANGCHAIN_ENDPOINT' is reserved", "Rename"),
        (401, "Invalid token", "LANGSMITH_API_KEY"),
    ],
)
def test_known_texts_have_a_remedy(status: int, text: str, advice: str) -> None:
    error = error_for("POST https://x", status, json.dumps({"detail": text}).encode(), Redactor())
    assert error.remedy is not None
    assert advice in error.remedy


@pytest.mark.parametrize(
    "secret", ["-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0\n", 'pass"word', "pässwört", "back\\slash"]
)
@pytest.mark.parametrize(
    "shape",
    [
        lambda text: {"detail": {"value": text}},
        lambda text: {"detail": {text: 1}},
        lambda text: {"detail": [{"loc": ["body"], "msg": "x", "input": text, "ctx": text}, text]},
        lambda text: {"detail": json.dumps({"nested": text})},
        lambda text: {"detail": "x" * 490 + text},
        lambda text: "x" * 490 + text,
    ],
)
@pytest.mark.parametrize("as_json", [True, False])
def test_secrets_are_hidden_before_they_are_escaped_or_cut(secret: str, shape: Any, as_json: bool) -> None:
    body = shape(secret)
    content = json.dumps(body) if as_json else str(body if isinstance(body, str) else body["detail"])
    text = detail(content.encode(), Redactor([secret]))
    for form in (secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]):
        assert form[:8] not in text
