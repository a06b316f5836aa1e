# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks of what must stay: Secrets that things were made with, values that addresses are made of, a hostname."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks import secrets, server, values
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.checks.situation import Situation
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.compare import encoded
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.components import assess
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.findings import Finding
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.releases import Record, Release
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.resources import Address, known
from ansible_collections.langgraph.selfhosted.plugins.module_utils.cluster.wanted import Checks, Component

from tests.unit.plugins.module_utils.cluster.builders import snapshot, thing

Object = dict[str, Any]

KEY = ("langsmith", "langsmith")
SECRET = Address(known("Secret"), "langsmith", "config")
WANTED: Object = {"namespace": "langsmith", "name": "config", "kept": {"salt": "old"}, "generated": ["salt", "jwt"]}


def installed(live: Object, version: str = "0.16.11") -> Release:
    return Release(
        name="langsmith",
        namespace="langsmith",
        revision=1,
        status="deployed",
        description="",
        chart="langsmith",
        chart_version=version,
        app_version="",
        updated="",
        values=live,
        manifest="",
    )


def platform(wanted: Object | None = None, *, reuse: bool = False, secret: Object | None = None) -> Component:
    release = {
        "name": "langsmith",
        "namespace": "langsmith",
        "chart": "langsmith",
        "version": "0.16.11",
        "values": wanted or {},
        "reuse_values": reuse,
    }
    return Component.of({"name": "control_plane", "release": release, "secrets": [secret] if secret else []})


def found(check: Any, component: Component, options: Object | None = None, **seen: Any) -> list[Finding]:
    findings = list(check(Situation(snapshot(**seen), Checks.of(options), [component])))
    assert all(one.check == check.__name__ and one.why and one.remedy for one in findings)
    return findings


def holding(**data: str) -> Object:
    return {"live": {SECRET: thing("config", "langsmith", data={key: encoded(value) for key, value in data.items()})}}


def test_a_value_that_must_be_kept_is_not_replaced() -> None:
    (finding,) = found(secrets.secret_kept, platform(secret=WANTED), **holding(salt="new"))
    assert "another salt" in finding.what
    assert "new" not in str(finding.as_dict()).replace("new ones", "")
    assert not found(secrets.secret_kept, platform(secret=WANTED), **holding(salt="old"))
    assert not found(secrets.secret_kept, platform(secret=WANTED))


def test_nothing_is_made_up_for_what_is_installed() -> None:
    seen: Object = {"releases": {KEY: installed({})}}
    (finding,) = found(secrets.secret_generated, platform(secret=WANTED), **seen)
    assert "lacks jwt," in finding.what, "the salt is given, so it is not made up"
    assert not found(secrets.secret_generated, platform(secret=WANTED))
    assert not found(secrets.secret_generated, platform(secret=WANTED), **seen, **holding(salt="old", jwt="x"))


def test_a_release_that_keeps_its_values_keeps_its_chart() -> None:
    adopted = platform({}, reuse=True)
    assert "no release langsmith" in found(values.installed_chart, adopted)[0].what
    (finding,) = found(values.installed_chart, adopted, releases={KEY: installed({}, "0.16.8")})
    assert "0.16.8" in finding.remedy
    assert not found(values.installed_chart, adopted, releases={KEY: installed({})})
    assert not found(values.installed_chart, platform({}), releases={KEY: installed({}, "0.16.8")})


@pytest.mark.parametrize(
    ("before", "after", "agents", "count"),
    [("a", "b", 1, 1), ("a", "b", 0, 0), ("a", "a", 1, 0), (None, "", 1, 0), ("a", "", 1, 1), (None, "b", 2, 1)],
)
def test_the_path_of_agents_is_not_changed_under_them(before: Any, after: Any, agents: int, count: int) -> None:
    live = {"config": {"basePath": before}} if before is not None else {}
    seen: Object = {"releases": {KEY: installed(live)}, "agents": [thing(f"a{n}") for n in range(agents)]}
    wanted = platform({"config": {"basePath": after}})
    assert len(found(values.fixed_values, wanted, {"fixed_values": ["config.basePath"]}, **seen)) == count


def test_values_that_are_kept_are_not_compared() -> None:
    live = {"config": {"hostname": "x", "deployment": {"basePath": "y"}}, "backend": {"replicas": 3}}
    record = Record("langsmith", "langsmith", 1, "deployed", 0, "s")
    seen = snapshot(releases={KEY: installed(live)}, records={KEY: record})

    def reasons(wanted: Object, *, reuse: bool) -> str:
        return " ".join(assess(platform(wanted, reuse=reuse), seen, {KEY}).reasons)

    addition = {"config": {"deployment": {"enabled": True}}}
    assert reasons({"config": {"hostname": "x"}}, reuse=True) == ""
    assert reasons(addition, reuse=True) == "values: config.deployment.enabled is not set, wanted True"
    assert "backend.replicas" in reasons(addition, reuse=False)


def test_a_hostname_that_leads_nowhere_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nowhere)
    (finding,) = found(server.hostname_resolves, platform(), {"hostname": "x.example.com"})
    assert (finding.severity, "ingress_address" in finding.remedy) == ("warning", True)
    assert not found(server.hostname_resolves, platform(), {"hostname": ""})
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_: [()])
    assert not found(server.hostname_resolves, platform(), {"hostname": "x.example.com"})
