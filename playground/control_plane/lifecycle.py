# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""How deployments and revisions come to be, move and end.

A listener moves them through the data-plane routes; in the stand-alone mode (``auto_deploy``) the clock does. The clock
is looked at whenever a request comes in, so no background task is needed and the moments are exact.
"""

from __future__ import annotations

import uuid
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from playground.control_plane import rules, storage
from playground.control_plane.rules import Content
from playground.control_plane.settings import Settings
from playground.control_plane.storage import DeploymentRow, LogRow, RevisionRow, new_id

#: What the stand-alone mode does next, and the share of ``deploy_seconds`` it spends before doing so.
STEPS: Final = {
    "CREATING": ("QUEUED", 0.1),
    "QUEUED": ("AWAITING_DEPLOY", 0.1),
    "AWAITING_DEPLOY": ("DEPLOYING", 0.2),
    "DEPLOYING": ("DEPLOYED", 0.6),
}


def content_of(row: DeploymentRow | RevisionRow) -> Content:
    """What a deployment's latest revision, or a given revision, consists of."""
    return Content(row.source, row.source_config, row.source_revision_config, row.secrets, row.secret_references)


def create_deployment(
    session: Session,
    workspace_id: str,
    name: str,
    content: Content,
    extra: dict[str, Any],
    settings: Settings,
    at: float,
) -> DeploymentRow:
    """A new deployment with its first revision."""
    row = DeploymentRow(
        id=new_id(),
        workspace_id=workspace_id,
        name=name,
        listener_id=content.source_config.get("listener_id"),
        deployment_type="prod" if content.source == "external_docker" else content.source_config["deployment_type"],
        extra={**extra, "tracer_session_id": new_id()},
        status="AWAITING_DATABASE",
        created_at=at,
        updated_at=at,
        **_columns(content),
    )
    session.add(row)
    session.flush()
    create_revision(session, row, content, settings, at)
    return row


def create_revision(
    session: Session, deployment: DeploymentRow, content: Content, settings: Settings, at: float
) -> RevisionRow:
    """A new latest revision. Those that have not begun are skipped; one that is being deployed is waited for."""
    first = deployment.latest_revision_id is None
    if not first:
        session.execute(
            update(RevisionRow)
            .where(RevisionRow.deployment_id == deployment.id, RevisionRow.status.in_(rules.OVERTAKEN))
            .values(status="SKIPPED", status_message="Superseded by a newer revision.", updated_at=at, due_at=None)
        )
    row = RevisionRow(
        id=new_id(),
        deployment_id=deployment.id,
        status="CREATING" if first else "QUEUED",
        created_at=at,
        updated_at=at,
        **_columns(content),
    )
    if settings.auto_deploy and (first or not _under_way(session, deployment.id)):
        row.due_at = at + STEPS[row.status][1] * settings.deploy_seconds
    session.add(row)
    for name, value in _columns(content).items():
        setattr(deployment, name, value)
    deployment.latest_revision_id = row.id
    deployment.updated_at = at
    return row


def announce_later(deployment: DeploymentRow, before: str | None, at: float) -> None:
    """Let answers name the revision ``before`` as the latest until the moment ``at``."""
    late = {"revision": deployment.latest_revision_id, "before": before, "at": at}
    deployment.extra = {**deployment.extra, "announced_later": late}


def announced_later(deployment: DeploymentRow) -> dict[str, Any]:
    """The ``revision`` that answers do not name yet, and the one ``before`` it; empty when they name all."""
    late: dict[str, Any] = deployment.extra.get("announced_later") or {}
    return late if late and late["at"] > storage.now() and late["revision"] == deployment.latest_revision_id else {}


def _columns(content: Content) -> dict[str, Any]:
    return {
        "source": content.source,
        "source_config": dict(content.source_config),
        "source_revision_config": dict(content.source_revision_config),
        "secrets": list(content.secrets),
        "secret_references": None if content.secret_references is None else list(content.secret_references),
    }


def _under_way(session: Session, deployment_id: str) -> bool:
    query = select(RevisionRow.seq).where(
        RevisionRow.deployment_id == deployment_id, RevisionRow.status.in_(rules.UNDER_WAY)
    )
    return session.execute(query.limit(1)).first() is not None


def revision_to_reconcile(session: Session, deployment: DeploymentRow) -> RevisionRow | None:
    """What a listener should bring about.

    The revision under way; else the newest that waits; else the live one; else the newest.
    """
    rows = session.scalars(
        select(RevisionRow).where(
            RevisionRow.deployment_id == deployment.id,
            RevisionRow.status.in_(rules.WAITING)
            | (RevisionRow.id == deployment.active_revision_id)
            | (RevisionRow.id == deployment.latest_revision_id),
        )
    ).all()

    def rank(row: RevisionRow) -> tuple[bool, bool, bool, int]:
        return (
            row.status in rules.UNDER_WAY,
            row.status in rules.WAITING,
            row.id == deployment.active_revision_id,
            row.seq,
        )

    return max(rows, key=rank, default=None)


def move(
    session: Session, deployment: DeploymentRow, revision: RevisionRow, status: str, message: str | None, at: float
) -> None:
    """Move a revision to a status, with everything that follows from it for the deployment."""
    rules.check_move(revision.status, status)
    if status == revision.status and message == revision.status_message:
        return
    revision.status, revision.status_message, revision.updated_at = status, message, at
    if status in rules.FINAL:
        revision.due_at = None
    if deployment.status == "AWAITING_DATABASE" and status in ("DEPLOYING", "DEPLOYED", "DEPLOY_FAILED"):
        deployment.status = "READY"
    if status == "DEPLOYED":
        deployment.active_revision_id = revision.id
    deployment.updated_at = at


def log(session: Session, revision: RevisionRow, message: str, at: float, *, level: str = "INFO") -> None:
    """Add a line to a revision's deploy log."""
    session.add(
        LogRow(
            deployment_id=revision.deployment_id,
            revision_id=revision.id,
            type="deploy",
            timestamp=at,
            level=level,
            message=message,
        )
    )


def request_delete(deployment: DeploymentRow, settings: Settings, at: float) -> None:
    """Accept a deletion: the listener (or the clock) takes it from here."""
    if deployment.status in rules.BEING_DELETED:
        return
    deployment.status, deployment.updated_at = "AWAITING_DELETE", at
    if settings.auto_deploy:
        deployment.purge_at = at + settings.deploy_seconds + settings.deletion_grace_seconds


def torn_down(session: Session, deployment: DeploymentRow, settings: Settings, at: float) -> None:
    """The data plane has removed everything: forget the deployment, at once or when the grace time ends."""
    if settings.deletion_grace_seconds and settings.facts.final_delete:
        deployment.status, deployment.updated_at = "AWAITING_FINAL_DELETE", at
        deployment.purge_at = at + settings.deletion_grace_seconds
    else:
        session.delete(deployment)


def advance(session: Session, settings: Settings, at: float) -> None:
    """Do what was due by ``at``: purges and, in the stand-alone mode, the next steps of revisions."""
    for deployment in session.scalars(select(DeploymentRow).where(DeploymentRow.purge_at <= at)):
        session.delete(deployment)
    if not settings.auto_deploy:
        return
    due = (
        select(DeploymentRow, RevisionRow)
        .join(RevisionRow, RevisionRow.deployment_id == DeploymentRow.id)
        .where(RevisionRow.due_at <= at)
        .order_by(RevisionRow.due_at)
    )
    while pairs := session.execute(due).all():
        for deployment, revision in pairs:
            _step(session, deployment, revision, settings, revision.due_at or at)
        session.flush()


def take_over(session: Session, settings: Settings, at: float) -> None:
    """Put everything that waits for a listener on the clock: the stand-alone mode was switched on."""
    waiting = select(RevisionRow).where(RevisionRow.status.in_(STEPS), RevisionRow.due_at.is_(None))
    for revision in session.scalars(waiting.order_by(RevisionRow.seq)):
        if revision.status in rules.UNDER_WAY or not _under_way(session, revision.deployment_id):
            revision.due_at = at + STEPS[revision.status][1] * settings.deploy_seconds
    session.execute(
        update(DeploymentRow)
        .where(DeploymentRow.status == "AWAITING_DELETE", DeploymentRow.purge_at.is_(None))
        .values(purge_at=at + settings.deploy_seconds + settings.deletion_grace_seconds)
    )


def _step(session: Session, deployment: DeploymentRow, revision: RevisionRow, settings: Settings, at: float) -> None:
    status, _ = STEPS[revision.status]
    image = revision.source_revision_config.get("image_uri") or ""
    message = None
    if status == "DEPLOYED" and any(part in image for part in settings.failing_images):
        status, message = "DEPLOY_FAILED", f"Deployment is not ready after {settings.deploy_seconds:g} seconds"
        log(session, revision, f"Back-off pulling image {image}", at, level="ERROR")
    move(session, deployment, revision, status, message, at)
    if status == "DEPLOYING":
        log(session, revision, f"Deploying {image}", at)
    elif status == "DEPLOYED":
        log(session, revision, "Application startup complete.", at)
        deployment.url = deployment.url or agent_url(deployment, settings)
    if status in STEPS:
        revision.due_at = at + STEPS[status][1] * settings.deploy_seconds
    elif revision.id != deployment.latest_revision_id:
        _wake_next(session, deployment.id, settings, at)


def _wake_next(session: Session, deployment_id: str, settings: Settings, at: float) -> None:
    session.flush()
    waiting = session.scalars(
        select(RevisionRow)
        .where(RevisionRow.deployment_id == deployment_id, RevisionRow.status.in_(rules.OVERTAKEN))
        .order_by(RevisionRow.seq.desc())
        .limit(1)
    ).first()
    if waiting is not None and waiting.due_at is None:
        waiting.due_at = at + STEPS[waiting.status][1] * settings.deploy_seconds


def agent_url(deployment: DeploymentRow, settings: Settings) -> str:
    """Where the stand-alone mode says that an agent answers (nothing does)."""
    return f"{settings.agents_url}/lgp/{deployment.name}-{uuid.uuid5(uuid.NAMESPACE_URL, deployment.id).hex}"
