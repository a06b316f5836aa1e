# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""A self-hosted LangSmith's workspaces, its administrator and its service keys, kept in the same database.

Only the platform that lives inside a playground's cluster has them; the stand-alone simulator reads its keys from a
file.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Mapped, Session, mapped_column

from playground.control_plane.auth import INVALID_KEY, MISSING_KEY, NEEDS_WORKSPACE
from playground.control_plane.rules import Refusal
from playground.control_plane.storage import Base, Store, new_id, now
from playground.workloads import tokens

LOGIN_SECONDS: Final = 86_400
SERVICE: Final = "x-service-key"


class WorkspaceRow(Base):
    """A workspace."""

    __tablename__ = "workspaces"

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    display_name: Mapped[str]
    created_at: Mapped[float]


class UserRow(Base):
    """Someone who can log in."""

    __tablename__ = "users"

    email: Mapped[str] = mapped_column(primary_key=True)
    password: Mapped[str]
    created_at: Mapped[float]


class ServiceKeyRow(Base):
    """A service key: of one workspace, or (null) of the organisation. The key itself is not kept."""

    __tablename__ = "service_keys"

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    digest: Mapped[str] = mapped_column(unique=True)
    short_key: Mapped[str]
    description: Mapped[str]
    workspace_id: Mapped[str | None]
    created_at: Mapped[float]


@dataclass(frozen=True)
class Caller:
    """Who asks: ``workspace`` is the one that its key is for, None for an organisation's; ``admin`` may make keys."""

    workspace: str | None
    admin: bool = False


class Accounts:
    """Tells who asks, by API key, by the token of a login, or by the token of another part of the platform.

    :param salt: what API keys are hashed with; with another one none of them is known any more.
    :param jwt_secret: signs logins; empty where there is no password login.
    :param service_secret: signs the tokens of other parts.
    """

    def __init__(self, store: Store, salt: str, jwt_secret: str, service_secret: str) -> None:
        self._store, self._salt, self._jwt, self._service = store, salt, jwt_secret, service_secret

    @property
    def workspaces(self) -> list[str]:
        """The ids of all workspaces, oldest first."""
        with self._store.transaction() as session:
            return list(session.scalars(select(WorkspaceRow.id).order_by(WorkspaceRow.seq)))

    def caller(self, headers: Mapping[str, str]) -> Caller:
        """Who sends these headers (with lower-case names); raise :class:`Refusal` 401 if nobody known."""
        if service := headers.get(SERVICE):
            return self._trusted(self._service, service)
        scheme, _, given = headers.get("authorization", "").partition(" ")
        key = headers.get("x-api-key") or (given.strip() if scheme == "Bearer" else "")
        if not key:
            raise Refusal(401, MISSING_KEY)
        if key.count(".") == 2:  # noqa: PLR2004 - a JWT
            return self._trusted(self._jwt, key)
        with self._store.transaction() as session:
            row = session.scalars(select(ServiceKeyRow).where(ServiceKeyRow.digest == self._digest(key))).first()
        if row is None:
            raise Refusal(401, INVALID_KEY)
        return Caller(row.workspace_id, admin=row.workspace_id is None)

    def workspace(self, headers: Mapping[str, str]) -> str:
        """The workspace that a request acts on; see :meth:`.auth.Keys.workspace`."""
        caller = self.caller(headers)
        asked = headers.get("x-tenant-id", "").strip().lower() or caller.workspace
        if asked is None:
            raise Refusal(403, NEEDS_WORKSPACE)
        if asked not in ([caller.workspace] if caller.workspace else self.workspaces):
            raise Refusal(403, f"This API key has no access to workspace '{asked}'.")
        return asked

    def log_in(self, authorization: str) -> str:
        """A token for the user whose name and password are in a Basic authorization header."""
        scheme, _, given = authorization.partition(" ")
        try:
            email, _, password = base64.b64decode(given, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            email, password = "", ""
        with self._store.transaction() as session:
            row = session.get(UserRow, email.lower())
        if scheme.lower() != "basic" or row is None or not self._jwt or not _matches(password, row.password):
            raise Refusal(401, "Invalid username or password.")
        return tokens.signed(self._jwt, {"sub": row.email}, LOGIN_SECONDS)

    def make_key(self, session: Session, description: str, workspace: str | None) -> tuple[ServiceKeyRow, str]:
        """A new service key: its row, and the key, which is told this once."""
        key = f"lsv2_sk_{secrets.token_hex(16)}_{secrets.token_hex(5)}"
        row = ServiceKeyRow(
            digest=self._digest(key),
            short_key=f"{key[:11]}...{key[-4:]}",
            description=description,
            workspace_id=workspace,
            created_at=now(),
        )
        session.add(row)
        session.flush()
        return row, key

    def _trusted(self, secret: str, token: str) -> Caller:
        if not secret or tokens.claims(secret, token) is None:
            raise Refusal(401, INVALID_KEY)
        return Caller(None, admin=True)

    def _digest(self, key: str) -> str:
        return hmac.digest(self._salt.encode(), key.encode(), hashlib.sha256).hex()


def bootstrap(store: Store, workspace: str, email: str, password: str) -> None:
    """Make the first workspace and its administrator, unless they are there; a password that exists stays as it is."""
    with store.transaction() as session:
        if session.scalars(select(WorkspaceRow)).first() is None:
            session.add(WorkspaceRow(display_name=workspace, created_at=now()))
        if email and password and session.get(UserRow, email.lower()) is None:
            session.add(UserRow(email=email.lower(), password=_hashed(password), created_at=now()))


def _hashed(password: str, salt: str = "") -> str:
    salt = salt or secrets.token_hex(8)
    return f"{salt}${hashlib.scrypt(password.encode(), salt=salt.encode(), n=2**12, r=8, p=1).hex()}"


def _matches(password: str, stored: str) -> bool:
    return hmac.compare_digest(_hashed(password, stored.partition("$")[0]), stored)
