# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later
"""Signed tokens (JWT, HS256) with which the parts of a platform trust each other, and its users after a login."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from typing import Any

_HEAD = {"alg": "HS256", "typ": "JWT"}


def signed(secret: str, claims: dict[str, Any], seconds: float = 300) -> str:
    """Return a token that holds for so many seconds."""
    parts = ".".join(_packed(json.dumps(part).encode()) for part in (_HEAD, {**claims, "exp": time.time() + seconds}))
    return f"{parts}.{_signature(secret, parts)}"


def claims(secret: str, token: str) -> dict[str, Any] | None:
    """Return what a token says, None when it was not signed with this secret, or has expired."""
    parts, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(secret, parts).encode()):
        return None
    body = parts.partition(".")[2]
    found: dict[str, Any] = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
    return found if found["exp"] > time.time() else None


def _signature(secret: str, parts: str) -> str:
    return _packed(hmac.digest(secret.encode(), parts.encode(), hashlib.sha256))


def _packed(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
