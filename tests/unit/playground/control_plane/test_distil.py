# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playground.control_plane import distil

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "info": {"title": "Words", "version": "1"},
    "paths": {
        "/v2/listeners": {
            "get": {
                "summary": "Words",
                "operationId": "x",
                "parameters": [
                    {"name": "description", "in": "query", "description": "Words", "schema": {"type": "string"}}
                ],
                "responses": {
                    "200": {
                        "description": "Words",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/List"}}},
                    }
                },
            }
        },
        "/v2/auth/tokens": {"get": {"responses": {"200": {"description": "Words"}}}},
    },
    "components": {
        "schemas": {
            "List": {
                "properties": {
                    "title": {"type": "string", "title": "Words"},
                    "items": {"$ref": "#/components/schemas/Item"},
                }
            },
            "Item": {
                "type": "object",
                "description": "Words",
                "required": ["description"],
                "properties": {"description": {"type": "string"}},
            },
            "Unused": {"type": "object"},
        },
        "securitySchemes": {"Key": {"type": "apiKey", "in": "header", "name": "X-Api-Key"}},
    },
}


def test_words_go_and_facts_stay() -> None:
    facts = distil.distil(DOCUMENT)
    assert "Words" not in json.dumps(facts)
    assert list(facts["paths"]) == ["/v2/listeners"]
    assert set(facts["components"]["schemas"]) == {"List", "Item"}
    # Fields that are called like keywords are fields all the same.
    assert set(facts["components"]["schemas"]["List"]["properties"]) == {"title", "items"}
    assert facts["components"]["schemas"]["Item"]["required"] == ["description"]
    assert "description" in facts["components"]["schemas"]["Item"]["properties"]


def test_check_tells_a_difference(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source, target = tmp_path / "source.json", tmp_path / "target.json"
    source.write_text(json.dumps(DOCUMENT), encoding="utf-8")
    assert distil.main([str(source), str(target)]) == 0
    assert distil.main([str(source), str(target), "--check"]) == 0
    target.write_text(target.read_text(encoding="utf-8").replace("string", "integer"), encoding="utf-8")
    assert distil.main([str(source), str(target), "--check"]) == 1
    assert "distils to" in capsys.readouterr().err
