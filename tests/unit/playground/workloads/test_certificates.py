# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which certificate the ingress controller shows."""

from __future__ import annotations

import base64
import ssl
from typing import Any

import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from playground.workloads.images.traefik import certificates
from playground.workloads.images.traefik.certificates import Certificates


def pair(name: str, monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    with monkeypatch.context() as patch:
        patch.setattr(certificates, "DEFAULT_NAME", name)
        return certificates._self_signed()


def secret(name: str, certificate: bytes, key: bytes, version: str = "1") -> dict[str, Any]:
    data = {"tls.crt": base64.b64encode(certificate).decode(), "tls.key": base64.b64encode(key).decode()}
    return {"metadata": {"namespace": "a", "name": name, "resourceVersion": version}, "data": data}


def ingress(*entries: tuple[str, str]) -> dict[str, Any]:
    tls = [{"hosts": [host], "secretName": name} for host, name in entries]
    return {"metadata": {"namespace": "a", "name": "i"}, "spec": {"tls": tls}}


def shown(served: Certificates, host: str) -> str:
    """Do a handshake in memory and return the name of the certificate that was shown."""
    client_context = ssl.create_default_context()
    client_context.check_hostname, client_context.verify_mode = False, ssl.CERT_NONE
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host)
    server = served.context.wrap_bio(to_server, to_client, server_side=True)
    waiting = [client, server]
    while waiting:
        for side in list(waiting):
            try:
                side.do_handshake()
                waiting.remove(side)
            except ssl.SSLWantReadError:
                continue
    raw = client.getpeercert(binary_form=True)
    assert raw is not None
    return str(x509.load_der_x509_certificate(raw).subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value)


def test_a_host_gets_the_certificate_of_its_ingress(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Certificates()
    own, wild = secret("own", *pair("own", monkeypatch)), secret("wild", *pair("wild", monkeypatch))
    served.update([ingress(("agents.example.com", "own"), ("*.example.org", "wild"))], [own, wild])
    assert shown(served, "agents.example.com") == "own"
    assert shown(served, "any.example.org") == "wild"
    assert shown(served, "other.example.com") == "TRAEFIK DEFAULT CERT"


def test_a_new_certificate_is_taken_over_and_a_broken_one_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    served = Certificates()
    rule = ingress(("agents.example.com", "own"))
    served.update([rule], [secret("own", *pair("first", monkeypatch))])
    served.update([rule], [secret("own", *pair("second", monkeypatch), version="2")])
    assert shown(served, "agents.example.com") == "second"
    served.update([rule], [secret("own", b"no certificate", b"no key", version="3")])
    assert shown(served, "agents.example.com") == "TRAEFIK DEFAULT CERT"
    served.update([rule], [])
    assert shown(served, "agents.example.com") == "TRAEFIK DEFAULT CERT"
