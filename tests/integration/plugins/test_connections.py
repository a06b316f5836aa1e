# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the control plane is reached: TLS, client certificates, HTTP/2, proxies, redirects, the environment."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane import operations, probe, transport
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import (
    InvalidInput,
    MissingLibrary,
    Rejected,
    SelfHostedError,
    Unreachable,
)

from tests.integration.plugins import fronts
from tests.integration.plugins.conftest import KEY

pytestmark = pytest.mark.usefixtures("hurried")

IMAGE = "registry.example.com/agents/hello:1"


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> fronts.Authority:
    return fronts.Authority(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def certificate(authority: fronts.Authority) -> Path:
    return authority.issue("server")


@pytest.fixture
def secure(plane: Any, certificate: Path) -> Iterator[fronts.Front]:
    """The control plane behind a certificate of the tests' own authority."""
    with fronts.tls(plane.url, certificate) as front:
        yield front


@pytest.fixture(autouse=True)
def no_proxy_of_others(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


def deploy(plane: Any, **connection: Any) -> Any:
    return plane.run(operations.deployment, name="agent", image=IMAGE, wait=False, **connection)


def test_an_authority_of_ones_own_is_trusted_when_it_is_named(
    plane: Any, secure: fronts.Front, authority: fronts.Authority
) -> None:
    assert deploy(plane, control_plane_url=secure.url, ca_cert=str(authority.ca)).changed
    assert plane.deployments("agent")


def test_an_unknown_authority_is_not_trusted_and_nothing_is_sent(plane: Any, secure: fronts.Front) -> None:
    plane.forget_requests()
    with pytest.raises(Unreachable, match="certificate is not trusted") as raised:
        deploy(plane, control_plane_url=secure.url)
    assert "ca_cert" in str(raised.value.remedy)
    assert plane.requests() == []


def test_capital_letters_in_a_url_switch_no_check_off(
    plane: Any, secure: fronts.Front, authority: fronts.Authority
) -> None:
    plane.forget_requests()
    loud = secure.url.replace("https://", "HTTPS://")
    with pytest.raises(Unreachable, match="certificate is not trusted"):
        deploy(plane, control_plane_url=loud)
    (call,) = ask(loud, transport.Security(), 2)
    assert "ca_cert" in call.remedy
    assert plane.requests() == []
    assert deploy(plane, control_plane_url=loud, ca_cert=str(authority.ca)).changed
    (call,) = ask(loud, transport.Security(ca_cert=str(authority.ca)))
    assert call.answered


def test_a_named_authority_is_trusted_beside_those_of_the_system(
    plane: Any, secure: fronts.Front, authority: fronts.Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control plane of the cloud has a public certificate, the agents one of the company."""
    company = fronts.Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(authority.ca))
    with fronts.tls(plane.url, company.issue("agents")) as agents:
        both = {"ca_cert": str(company.ca)}
        assert deploy(plane, control_plane_url=secure.url, **both).changed
        assert not deploy(plane, control_plane_url=agents.url, **both).changed
        assert [call.answered for call in ask(agents.url, transport.Security(ca_cert=str(company.ca)))] == [True]
        with pytest.raises(Unreachable, match="certificate is not trusted"):
            deploy(plane, control_plane_url=agents.url)


def ask(url: str, security: transport.Security, seconds: float = 20) -> list[probe.Call]:
    """Call as an agent's proof of life does."""
    target = probe.Target("agent", url)
    return asyncio.run(probe.call_all([target], path="/ok", timeout=seconds, security=security))


def test_a_certificate_for_another_name_is_not_trusted(plane: Any, authority: fronts.Authority) -> None:
    elsewhere = authority.issue("elsewhere", host="plane.example.com")
    with fronts.tls(plane.url, elsewhere) as front, pytest.raises(Unreachable, match="certificate is not trusted"):
        deploy(plane, control_plane_url=front.url, ca_cert=str(authority.ca))


def test_checks_can_be_switched_off(plane: Any, secure: fronts.Front) -> None:
    assert deploy(plane, control_plane_url=secure.url, validate_certs=False).changed


def test_a_client_certificate_is_shown(plane: Any, authority: fronts.Authority, certificate: Path) -> None:
    mine = authority.issue("mine")
    with fronts.tls(plane.url, certificate, client_ca=authority.ca) as front:
        connection = {"control_plane_url": front.url, "ca_cert": str(authority.ca)}
        assert deploy(plane, **connection, client_cert=str(mine)).changed
        assert set(front.seen) == {"mine"}
        assert not deploy(plane, **connection, client_cert=str(mine), client_key=str(mine)).changed
        with pytest.raises(SelfHostedError, match="GET https://"):
            plane.run(operations.listener_info, **connection, request_timeout=2)


def test_unusable_certificates_are_told_before_anything_is_sent(plane: Any, tmp_path: Path) -> None:
    broken = tmp_path / "broken.pem"
    broken.write_text("no certificate", encoding="utf-8")
    for options in ({"ca_cert": str(broken)}, {"client_cert": str(broken)}, {"ca_cert": "/nowhere/ca.pem"}):
        with pytest.raises(InvalidInput):
            deploy(plane, control_plane_url="https://127.0.0.1:9", **options)


def test_http2_is_spoken_where_it_is_wanted(plane: Any, authority: fronts.Authority, certificate: Path) -> None:
    with fronts.http2(plane.url, certificate) as front:
        connection = {"control_plane_url": front.url, "ca_cert": str(authority.ca)}
        assert deploy(plane, **connection, http2=True).changed
        assert not deploy(plane, **connection, http2=True).changed
        assert "POST /v2/deployments" in front.seen
        with pytest.raises(SelfHostedError):
            plane.run(operations.listener_info, **connection, request_timeout=2)


def test_http2_is_an_offer_only(plane: Any, secure: fronts.Front, authority: fronts.Authority) -> None:
    assert deploy(plane, control_plane_url=secure.url, ca_cert=str(authority.ca), http2=True).changed


def test_http2_without_its_library_is_told(plane: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h2", None)
    with pytest.raises(MissingLibrary, match="h2"):
        deploy(plane, http2=True)
    assert deploy(plane).changed


def test_the_environments_proxy_is_used(
    plane: Any, secure: fronts.Front, authority: fronts.Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    with fronts.proxy() as proxy:
        monkeypatch.setenv("HTTPS_PROXY", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert deploy(plane, control_plane_url=secure.url, ca_cert=str(authority.ca)).changed
        assert set(proxy.seen) == {f"CONNECT {secure.url.removeprefix('https://')}"}
        proxy.seen.clear()
        assert not deploy(plane).changed
        assert proxy.seen
        assert all(line.startswith(f"GET {plane.url}/v2/") for line in proxy.seen)
        proxy.seen.clear()
        monkeypatch.setenv("NO_PROXY", "127.0.0.1")
        assert not deploy(plane).changed
        assert proxy.seen == []


def test_a_proxy_that_is_not_there_is_told_without_its_password(plane: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://user:a-word-of-mine@127.0.0.1:9")
    with pytest.raises(Unreachable, match="no connection") as raised:
        plane.run(operations.listener_info, request_timeout=2)
    assert "HTTPS_PROXY" in str(raised.value.remedy)
    assert "a-word-of-mine" not in f"{raised.value} {raised.value.as_result()}"


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_the_key_does_not_follow_a_redirect(plane: Any, status: int) -> None:
    with (
        fronts.answering(200) as elsewhere,
        fronts.answering(status, f"{elsewhere.url}/v2/deployments") as here,
    ):
        with pytest.raises(Rejected, match="redirect") as raised:
            deploy(plane, control_plane_url=here.url)
        assert elsewhere.seen == []
        assert KEY in here.seen[0]
        assert KEY not in f"{raised.value} {raised.value.as_result()}"


@pytest.mark.parametrize("base", ["", "/api-host", "/base/api-host"])
def test_base_paths(plane: Any, base: str) -> None:
    assert deploy(plane, control_plane_url=f"{plane.url}{base}/").changed
