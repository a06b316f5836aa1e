# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""KEDA's three programs, as far as a cluster with real kubelets needs them: they start, and they scale nothing.

``operator`` makes the certificates and tells the API server whom to trust, ``adapter`` serves an external metrics API
without metrics, ``webhooks`` admits everything. In the playground kwok plays these pods.
"""

from __future__ import annotations

import asyncio
import base64
import datetime
import json
import logging
import os
import ssl
import sys
from typing import Any

from ..kube import SERVICE_ACCOUNT, ApiError, Kube, Object, path
from ..paths import in_root
from ..program import run
from ..serving import App, Receive, Scope, Send, plain_app, serve

log = logging.getLogger("keda")

HEALTH_PORT = 8081
CERTIFICATES = "/certs"
VALID_DAYS = 365
METRICS_API = "external.metrics.k8s.io/v1beta1"
RETRY_SECONDS = 2.0


async def operator(options: dict[str, str]) -> int:
    """Make the certificates once, announce them, and answer probes until stopped."""
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(plain_app(_health), HEALTH_PORT))
        group.create_task(_certify(options, Kube.in_cluster("keda")))
    return 0


async def adapter(options: dict[str, str]) -> int:
    """Serve the external metrics API, empty, with the operator's certificate."""
    await serve(_answering(_metrics), int(options.get("secure-port", "6443")), tls=await _mounted())
    return 0


async def webhooks(options: dict[str, str]) -> int:
    """Admit every object, and answer probes."""
    health = options.get("health-probe-bind-address", f":{HEALTH_PORT}").rpartition(":")[2]
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(plain_app(_health), int(health)))
        group.create_task(serve(_answering(_admit), int(options.get("port", "9443")), tls=await _mounted()))
    return 0


async def _certify(options: dict[str, str], kube: Kube) -> None:
    namespace = (in_root(SERVICE_ACCOUNT) / "namespace").read_text(encoding="utf-8").strip()
    secret = options.get("cert-secret-name", "kedaorg-certs")
    services = [options[f"{part}-service-name"] for part in ("metrics-server", "webhooks", "operator")]
    while True:
        try:
            bundle = await _certificates(kube, namespace, secret, services)
            await kube.patch(_api_service(), {"spec": {"caBundle": bundle}})
            await _trust_webhooks(kube, bundle)
        except ApiError as error:
            log.warning("certificates: %s", error)
            await asyncio.sleep(RETRY_SECONDS)
        else:
            log.info("certificates are in Secret %s/%s", namespace, secret)
            return


async def _certificates(kube: Kube, namespace: str, secret: str, services: list[str]) -> str:
    """Return the authority of the Secret, base64; the Secret is made when it is not there."""
    where = path("v1", "secrets", namespace)
    try:
        found = await kube.get(f"{where}/{secret}")
    except ApiError as error:
        if not error.is_missing:
            raise
        names = [f"{name}.{namespace}{suffix}" for name in services for suffix in ("", ".svc", ".svc.cluster.local")]
        data = {name: base64.b64encode(text).decode() for name, text in _self_signed(names).items()}
        found = await kube.create(where, {"metadata": {"name": secret}, "type": "Opaque", "data": data})
    return str(found["data"]["ca.crt"])


def _self_signed(names: list[str]) -> dict[str, bytes]:
    """Return certificate (its own authority) and key, in PEM."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "keda")])
    now = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return {"ca.crt": certificate, "tls.crt": certificate, "tls.key": private}


def _api_service() -> str:
    group, version = METRICS_API.split("/")
    return path("apiregistration.k8s.io/v1", "apiservices", name=f"{version}.{group}")


async def _trust_webhooks(kube: Kube, bundle: str) -> None:
    where = path("admissionregistration.k8s.io/v1", "validatingwebhookconfigurations", name="keda-admission")
    hooks = (await kube.get(where))["webhooks"]
    changes = [
        {"op": "add", "path": f"/webhooks/{number}/clientConfig/caBundle", "value": bundle}
        for number, hook in enumerate(hooks)
        if hook["clientConfig"].get("caBundle") != bundle
    ]
    if changes:
        await kube.patch(where, changes, "json")


async def _mounted() -> ssl.SSLContext:
    folder = in_root(CERTIFICATES)
    while not (folder / "tls.crt").is_file():
        await asyncio.sleep(RETRY_SECONDS)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(str(folder / "tls.crt"), str(folder / "tls.key"))
    return context


def _health(_method: str, where: str) -> tuple[int, str]:
    return (200, "ok") if where in ("/healthz", "/readyz") else (404, "not found")


def _metrics(where: str, _body: bytes) -> Object | None:
    if where in ("/healthz", "/readyz"):
        return {}
    if where.rstrip("/") == f"/apis/{METRICS_API}":
        return {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": METRICS_API, "resources": []}
    return None


def _admit(where: str, body: bytes) -> Object | None:
    if not where.startswith("/validate-"):
        return None
    review = json.loads(body)
    return {
        "apiVersion": review["apiVersion"],
        "kind": review["kind"],
        "response": {"uid": review["request"]["uid"], "allowed": True},
    }


def _answering(answer: Any) -> App:
    """Make an ASGI application of a function ``(path, body) -> object``; None means 404."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        found = answer(scope["path"], body)
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 404 if found is None else 200, "headers": headers})
        await send({"type": "http.response.body", "body": json.dumps(found or {}).encode()})

    return app


def _options(arguments: list[str]) -> dict[str, str]:
    pairs = (argument.removeprefix("--").partition("=") for argument in arguments if argument.startswith("--"))
    return {name: value or "true" for name, _, value in pairs}


PROGRAMS = {"operator": operator, "adapter": adapter, "webhooks": webhooks}

if __name__ == "__main__":
    os.umask(0o077)
    run(PROGRAMS[sys.argv[1]](_options(sys.argv[2:])))
