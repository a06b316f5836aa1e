# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the control plane remembers, in one SQLite file.

The file is in WAL mode: what was committed before the process was killed is there when it starts again. All access is
from the event loop's thread and every request is one transaction, so nothing here needs a lock.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sqlalchemy import JSON, ForeignKey, Index, StaticPool, UniqueConstraint, create_engine, event
from sqlalchemy.engine import Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

FILE_NAME: Final = "control-plane.sqlite3"


def new_id() -> str:
    """A new random UUID, as text."""
    return str(uuid.uuid4())


def now() -> float:
    """The present, in seconds since the epoch."""
    return datetime.now(UTC).timestamp()


class Base(DeclarativeBase):
    """All tables."""

    type_annotation_map = {dict[str, Any]: JSON, list[Any]: JSON, dict[str, Any] | None: JSON, list[Any] | None: JSON}  # noqa: RUF012


class ListenerRow(Base):
    """A listener's record; times in seconds since the epoch."""

    __tablename__ = "listeners"
    __table_args__ = (UniqueConstraint("workspace_id", "compute_id"),)

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    workspace_id: Mapped[str]
    compute_type: Mapped[str] = mapped_column(default="k8s")
    compute_id: Mapped[str]
    k8s_namespaces: Mapped[list[Any] | None]
    version: Mapped[str | None]
    created_at: Mapped[float]
    updated_at: Mapped[float]
    last_seen_at: Mapped[float | None]


class DeploymentRow(Base):
    """A deployment with the content of its latest revision (lists need no second query)."""

    __tablename__ = "deployments"
    __table_args__ = (
        UniqueConstraint("workspace_id", "name"),
        Index("deployments_by_listener", "workspace_id", "listener_id"),
        Index("deployments_to_purge", "purge_at"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    workspace_id: Mapped[str]
    name: Mapped[str]
    source: Mapped[str]
    listener_id: Mapped[str | None]
    deployment_type: Mapped[str | None]
    source_config: Mapped[dict[str, Any]]
    source_revision_config: Mapped[dict[str, Any]]
    secrets: Mapped[list[Any]]
    secret_references: Mapped[list[Any] | None]
    extra: Mapped[dict[str, Any]] = mapped_column(default=dict)
    status: Mapped[str]
    url: Mapped[str | None]
    image_version: Mapped[str | None]
    latest_revision_id: Mapped[str | None]
    active_revision_id: Mapped[str | None]
    created_at: Mapped[float]
    updated_at: Mapped[float]
    purge_at: Mapped[float | None]


class RevisionRow(Base):
    """A revision: everything that a redeploy of it needs. ``due_at`` is when the stand-alone mode moves it on."""

    __tablename__ = "revisions"
    __table_args__ = (
        Index("revisions_by_deployment", "deployment_id", "seq"),
        Index("revisions_due", "due_at"),
    )

    seq: Mapped[int] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True, default=new_id)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    status: Mapped[str]
    status_message: Mapped[str | None]
    source: Mapped[str]
    source_config: Mapped[dict[str, Any]]
    source_revision_config: Mapped[dict[str, Any]]
    secrets: Mapped[list[Any]]
    secret_references: Mapped[list[Any] | None]
    created_at: Mapped[float]
    updated_at: Mapped[float]
    due_at: Mapped[float | None]


class LogRow(Base):
    """A line of a revision's build or deploy log; ``timestamp`` in seconds since the epoch."""

    __tablename__ = "logs"
    __table_args__ = (Index("logs_by_deployment", "deployment_id", "type", "seq"),)

    seq: Mapped[int] = mapped_column(primary_key=True)
    deployment_id: Mapped[str] = mapped_column(ForeignKey("deployments.id", ondelete="CASCADE"))
    revision_id: Mapped[str]
    type: Mapped[str]
    timestamp: Mapped[float]
    level: Mapped[str]
    message: Mapped[str]


class SettingsRow(Base):
    """The settings that were changed while running (one row)."""

    __tablename__ = "settings"

    id: Mapped[int] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]


class Store:
    """The database of one control plane.

    :param folder: where the file lives; made if missing. ``None`` keeps everything in memory (unit tests).
    """

    def __init__(self, folder: Path | None) -> None:
        url = "sqlite://"
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            url = f"sqlite:///{folder / FILE_NAME}"
        self.engine: Engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
        event.listen(self.engine, "connect", _configure)
        Base.metadata.create_all(self.engine)

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """A session that is committed at the end, or rolled back when an exception leaves the block."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close the file (the WAL is folded into it)."""
        self.engine.dispose()


def _configure(connection: Any, _record: object) -> None:
    # NORMAL: a commit reaches the operating system before it is acknowledged, so it survives the death of this process.
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=5000"):
        connection.execute(f"PRAGMA {pragma}")
