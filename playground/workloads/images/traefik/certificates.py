# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""TLS of the entry points: certificates of the Ingresses' Secrets by server name, else a self-signed one."""

from __future__ import annotations

import base64
import logging
import ssl
import tempfile
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from ...kube import Object

log = logging.getLogger(__name__)

DEFAULT_NAME = "TRAEFIK DEFAULT CERT"
DEFAULT_DAYS = 365


class Certificates:
    """One context for an entry point; a handshake switches to the certificate of the name that is asked for."""

    def __init__(self) -> None:
        """Start with the default certificate only."""
        self.context = _context(*_self_signed())
        self.context.sni_callback = self._choose
        self._by_host: dict[str, ssl.SSLContext] = {}
        self._seen: dict[str, tuple[str, ssl.SSLContext]] = {}

    def update(self, ingresses: Iterable[Object], secrets: Iterable[Object]) -> None:
        """Take over the certificates that Ingresses name; one that cannot be read is left out and logged."""
        known = {(item["metadata"]["namespace"], item["metadata"]["name"]): item for item in secrets}
        by_host: dict[str, ssl.SSLContext] = {}
        for ingress in ingresses:
            namespace = ingress["metadata"]["namespace"]
            for entry in ingress["spec"].get("tls") or []:
                secret = known.get((namespace, entry.get("secretName") or ""))
                context = self._load(secret) if secret else None
                if context:
                    by_host |= {host.lower(): context for host in entry.get("hosts") or []}
        self._by_host = by_host

    def _choose(self, connection: ssl.SSLObject, name: str | None, _context: ssl.SSLContext) -> None:
        wildcard = "*." + (name or "").partition(".")[2]
        context = self._by_host.get((name or "").lower()) or self._by_host.get(wildcard.lower())
        if context:
            connection.context = context

    def _load(self, secret: Object) -> ssl.SSLContext | None:
        metadata = secret["metadata"]
        key, version = f"{metadata['namespace']}/{metadata['name']}", metadata["resourceVersion"]
        if self._seen.get(key, ("",))[0] != version:
            try:
                data = secret.get("data") or {}
                context = _context(base64.b64decode(data["tls.crt"]), base64.b64decode(data["tls.key"]))
            except (KeyError, ValueError, ssl.SSLError) as error:
                log.error("the certificate in Secret %s cannot be used: %s", key, error or type(error).__name__)
                return None
            self._seen[key] = version, context
        return self._seen[key][1]


def _context(certificate: bytes, key: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_alpn_protocols(["http/1.1"])
    with tempfile.NamedTemporaryFile() as pair:  # the ssl module reads files only; mode 0600, gone at once
        pair.write(certificate + b"\n" + key)
        pair.flush()
        context.load_cert_chain(pair.name)
    return context


def _self_signed() -> tuple[bytes, bytes]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, DEFAULT_NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=DEFAULT_DAYS))
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return certificate.public_bytes(serialization.Encoding.PEM), private
