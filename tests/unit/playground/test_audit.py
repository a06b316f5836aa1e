# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What counts as a write by others."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from playground.audit import AuditLog


def event(**changes: Any) -> dict[str, Any]:
    usual = {
        "verb": "create",
        "requestURI": "/api/v1/namespaces",
        "user": {"username": "kwok-admin"},
        "userAgent": "Helm/3.22.0",
        "objectRef": {"resource": "namespaces"},
        "responseStatus": {"code": 201},
    }
    return usual | changes


@pytest.fixture
def log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AuditLog:
    monkeypatch.setattr(AuditLog, "_settle", lambda *_: None)
    (tmp_path / "audit.log").write_text(json.dumps(event(verb="delete")) + "\n")
    return AuditLog(tmp_path / "audit.log", tmp_path / "kubeconfig")


def append(tmp_path: Path, *events: dict[str, Any]) -> None:
    with (tmp_path / "audit.log").open("a") as stream:
        stream.writelines(json.dumps(one) + "\n" for one in events)


@pytest.mark.parametrize("verb", ["create", "update", "patch", "delete", "deletecollection"])
def test_writes_of_others_are_shown(log: AuditLog, tmp_path: Path, verb: str) -> None:
    append(tmp_path, event(verb=verb))

    assert [str(one) for one in log.writes()] == [f"{verb} /api/v1/namespaces -> 201 by Helm/3.22.0 (kwok-admin)"]


def test_refused_writes_are_shown_too(log: AuditLog, tmp_path: Path) -> None:
    append(tmp_path, event(responseStatus={"code": 403}))

    assert [one.status for one in log.writes()] == [403]


@pytest.mark.parametrize(
    "changes",
    [
        {"verb": "get"},
        {"verb": "list"},
        {"verb": "watch"},
        {"requestURI": "/api/v1/namespaces?dryRun=All"},
        {"objectRef": {"resource": "selfsubjectaccessreviews"}},
        {"user": {"username": "system:serviceaccount:agents:listener"}},
        {"userAgent": "kube-controller-manager/v1.34.4 (linux/amd64)"},
        {"userAgent": "kwok-controller/v0.8.0"},
        {"userAgent": "langgraph-playground"},
    ],
)
def test_what_is_no_write_of_others(log: AuditLog, tmp_path: Path, changes: dict[str, Any]) -> None:
    append(tmp_path, event(**changes))

    assert log.writes() == []


def test_only_what_came_after_the_mark_counts(log: AuditLog, tmp_path: Path) -> None:
    append(tmp_path, event())
    log.mark()
    append(tmp_path, event(verb="patch"))

    assert [one.verb for one in log.writes()] == ["patch"]
