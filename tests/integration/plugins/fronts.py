# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""What may stand between a client and a control plane: TLS, HTTP/2, a proxy, a redirect. All on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import httpx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Streams = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Front:
    """A server of ours, and what it has seen."""

    url: str = ""
    seen: list[str] = field(default_factory=list)


class Authority:
    """A certificate authority, and certificates of its own making, as PEM files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "An authority of the tests")])
        self.ca = self._write("ca", self._certificate(self.name, self.key), self.key)

    def issue(self, name: str, host: str = "localhost") -> Path:
        """Return a file with a certificate for a host (on this machine unless it is another one) and its key."""
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        return self._write(name, self._certificate(subject, key, host), key)

    def _certificate(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, host: str | None = None
    ) -> x509.Certificate:
        """Return a certificate for a host, or without one that of the authority itself."""
        now = datetime.now(UTC)
        ca = host is None
        names: list[x509.GeneralName] = [x509.DNSName(host or "authority")]
        if host == "localhost":
            names.append(x509.IPAddress(ip_address("127.0.0.1")))
        identifier = x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key())
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self.name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
            .add_extension(x509.SubjectAlternativeName(names), critical=False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(identifier, critical=False)
            .add_extension(_usage(ca), critical=True)
            .sign(self.key, hashes.SHA256())
        )

    def _write(self, name: str, certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Path:
        path = self.folder / f"{name}.pem"
        path.write_bytes(
            certificate.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return path


def _usage(ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=ca,
        crl_sign=ca,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


@contextmanager
def _serving(handle: Streams, context: ssl.SSLContext | None = None) -> Iterator[int]:
    """Serve on a free port of this machine, in a thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await handle(reader, writer)
        writer.close()

    async def start() -> asyncio.Server:
        return await asyncio.start_server(guarded, "127.0.0.1", 0, ssl=context)

    server = asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(server.close)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


async def _pump(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    with contextlib.suppress(OSError):
        target.close()


async def _join(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, port: int, first: bytes = b""
) -> None:
    """Pass everything on to another server, and its answers back."""
    back, forth = await asyncio.open_connection(host, port)
    forth.write(first)
    await asyncio.gather(_pump(reader, forth), _pump(back, writer))


def _server_side(certificate: Path, client_ca: Path | None, *protocols: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=client_ca)
    context.load_cert_chain(certificate)
    if client_ca:
        context.verify_mode = ssl.CERT_REQUIRED
    if protocols:
        context.set_alpn_protocols(list(protocols))
    return context


@contextmanager
def tls(plane_url: str, certificate: Path, client_ca: Path | None = None) -> Iterator[Front]:
    """TLS in front of a control plane, which sees who the client says it is."""
    front, plane = Front(), urlsplit(plane_url)

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = writer.get_extra_info("peercert") or {}
        front.seen.append(str(dict(pair for name in peer.get("subject", ()) for pair in name).get("commonName")))
        await _join(reader, writer, str(plane.hostname), int(plane.port or 80))

    with _serving(handle, _server_side(certificate, client_ca)) as port:
        front.url = f"https://127.0.0.1:{port}"
        yield front


@contextmanager
def http2(plane_url: str, certificate: Path) -> Iterator[Front]:
    """A server that speaks HTTP/2 only, in front of a control plane; it sees every request."""
    front = Front()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        connection.initiate_connection()
        requests: dict[int, tuple[dict[str, str], bytearray]] = {}
        async with httpx.AsyncClient(base_url=plane_url) as plane:
            while True:
                writer.write(connection.data_to_send())
                data = await reader.read(65536)
                if not data:
                    return
                for event in connection.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        requests[event.stream_id] = (
                            {str(name): str(value) for name, value in event.headers},
                            bytearray(),
                        )
                    elif isinstance(event, h2.events.DataReceived):
                        requests[event.stream_id][1].extend(event.data)
                        connection.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                    elif isinstance(event, h2.events.StreamEnded):
                        headers, body = requests.pop(event.stream_id)
                        front.seen.append(f"{headers[':method']} {headers[':path']}")
                        plain = {name: value for name, value in headers.items() if not name.startswith(":")}
                        method, path = headers[":method"], headers[":path"]
                        answer = await plane.request(method, path, headers=plain, content=bytes(body))
                        connection.send_headers(event.stream_id, [(":status", str(answer.status_code))])
                        connection.send_data(event.stream_id, answer.content, end_stream=True)

    with _serving(handle, _server_side(certificate, None, "h2")) as port:
        front.url = f"https://127.0.0.1:{port}"
        yield front


@contextmanager
def proxy() -> Iterator[Front]:
    """An HTTP proxy; it sees the first line of every request, and who is asked for by CONNECT."""
    front = Front()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, target, version = line.decode().split()
        front.seen.append(f"{method} {target}")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
            await _join(reader, writer, host, int(port))
            return
        url = urlsplit(target)
        path = f"{url.path}?{url.query}" if url.query else url.path
        first = f"{method} {path} {version}\r\nConnection: close\r\n".encode() + rest
        await _join(reader, writer, str(url.hostname), int(url.port or 80), first)

    with _serving(handle) as port:
        front.url = f"http://127.0.0.1:{port}"
        yield front


@contextmanager
def answering(status: int, location: str = "") -> Iterator[Front]:
    """A server that answers every request with one status, and sees all that it is sent."""
    front = Front()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        front.seen.append((await reader.readuntil(b"\r\n\r\n")).decode())
        head = f"HTTP/1.1 {status} Answer\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        writer.write(head.encode())
        await writer.drain()

    with _serving(handle) as port:
        front.url = f"http://127.0.0.1:{port}"
        yield front
