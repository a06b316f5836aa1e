# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The service's rules, as functions of data: what is refused, what makes a revision, where a revision may go.

Nothing here knows HTTP or the store. A refusal is a ``Refusal`` with the status and text the service answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from playground.control_plane.reserved import RESERVED_ALWAYS, RESERVED_ON_CLOUD

NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
RESOURCE_DEFAULTS: Final = {"min_scale": 1, "max_scale": 1, "cpu": 1, "memory_mb": 2048}

WAITING: Final = ("CREATING", "QUEUED", "AWAITING_BUILD", "BUILDING", "AWAITING_DEPLOY", "DEPLOYING")
FAILED: Final = ("CREATE_FAILED", "BUILD_FAILED", "DEPLOY_FAILED")
FINAL: Final = ("DEPLOYED", *FAILED, "SKIPPED", "INTERRUPTED")
STATUSES: Final = (*WAITING, *FINAL, "UNKNOWN")
UNDER_WAY: Final = ("BUILDING", "DEPLOYING")
OVERTAKEN: Final = tuple(status for status in WAITING if status not in UNDER_WAY)
BEING_DELETED: Final = ("AWAITING_DELETE", "AWAITING_FINAL_DELETE")


class Refusal(Exception):
    """A request that breaks a rule: the status and the text to answer; for a 405 also the methods that there are."""

    def __init__(self, status: int, detail: str, *, allow: str | None = None) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.allow = allow


def _source_error(text: str) -> Refusal:
    return Refusal(400, f"Source configuration error: {text}")


@dataclass(frozen=True)
class Content:
    """What a revision consists of. Dictionaries hold every field of the newest schema, null where nothing was given."""

    source: str
    source_config: Mapping[str, Any]
    source_revision_config: Mapping[str, Any]
    secrets: Sequence[Mapping[str, str]]
    secret_references: Sequence[Mapping[str, str]] | None


def check_name(name: str) -> None:
    """Refuse a name that the service does not take."""
    if not NAME.fullmatch(name):
        raise Refusal(400, "Deployment name must start with a letter and may only contain letters, digits and hyphens.")


def check_secret_names(names: Sequence[str], *, self_hosted: bool) -> None:
    """Refuse names of environment variables that the platform sets itself, and names given twice."""
    reserved = RESERVED_ALWAYS if self_hosted else RESERVED_ALWAYS | RESERVED_ON_CLOUD
    for name in names:
        if name in reserved:
            raise Refusal(400, f"'{name}' is reserved")
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise Refusal(400, f"Secret names must be unique: {', '.join(twice)}")


def check_create(content: Content) -> None:
    """Refuse combinations of source and fields that make no deployment."""
    config, revision = content.source_config, content.source_revision_config
    if content.source == "external_docker":
        if config["resource_spec"] is None:
            raise _source_error("'source_config.resource_spec' is required for source 'external_docker'")
        if config["deployment_type"] is not None:
            raise _source_error("'source_config.deployment_type' is not allowed for source 'external_docker'")
        if not revision["image_uri"]:
            raise _source_error("'source_revision_config.image_uri' is required for source 'external_docker'")
    else:
        if config["deployment_type"] is None:
            raise _source_error(f"'source_config.deployment_type' is required for source '{content.source}'")
        for name in ("resource_spec", "custom_url"):
            if config[name] is not None:
                raise _source_error(f"'source_config.{name}' is only allowed for source 'external_docker'")
        if content.secret_references:
            raise _source_error("'secret_references' is only allowed for source 'external_docker'")
    if content.source == "github":
        for name in ("integration_id", "repo_url"):
            if config[name] is None:
                raise _source_error(f"'source_config.{name}' is required for source 'github'")
        if revision["repo_ref"] is None:
            raise _source_error("'source_revision_config.repo_ref' is required for source 'github'")
        if config["build_on_push"] and revision["repo_ref"].startswith("refs/tags/"):
            raise _source_error("'source_config.build_on_push' must be false for a tag")
    check_config_path(content.source, revision)


def check_config_path(source: str, revision: Mapping[str, Any]) -> None:
    """The path of langgraph.json belongs to sources that are built, and only to those."""
    built = source in ("github", "internal_source")
    if not built and revision["langgraph_config_path"] is not None:
        raise _source_error(f"'source_revision_config.langgraph_config_path' must be null for source '{source}'")
    if source == "github" and revision["langgraph_config_path"] is None:
        raise _source_error(f"'source_revision_config.langgraph_config_path' is required for source '{source}'")


def place(
    listener_id: str | None, namespace: str | None, listeners: Mapping[str, Sequence[str] | None], *, strict: bool
) -> str | None:
    """Where a new deployment goes.

    :param listeners: the workspace's listeners by id, each with its namespaces.
    :param strict: refuse a namespace that the listener does not serve.
    :returns: the namespace; the listener's own when it has just one and none was asked for.
    """
    if listener_id is None:
        if listeners:
            raise _source_error(
                f"'source_config.listener_id' is required for workspace with available listener IDs: {list(listeners)}"
            )
        return namespace
    if listener_id not in listeners:
        raise _source_error(f"Listener ID {listener_id} not found.")
    served = listeners[listener_id] or ()
    if namespace is None and len(served) == 1:
        return served[0]
    if strict and served and namespace not in served:
        raise _source_error(
            f"'source_config.listener_config.k8s_namespace' must be one of the listener's namespaces: {list(served)}"
        )
    return namespace


IMMUTABLE: Final = ("integration_id", "repo_url", "deployment_type", "listener_id", "listener_config")


def immutable_changes(source: str, stored: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """The names of fields that a PATCH would change though they are fixed at create time."""
    changed = []
    for name in IMMUTABLE:
        value = given.get(name)
        if name == "listener_config" and value is not None:
            name, value = "listener_config.k8s_namespace", value.get("k8s_namespace")  # noqa: PLW2901
            current = (stored.get("listener_config") or {}).get("k8s_namespace")
        else:
            current = stored.get(name)
        if name == "deployment_type" and source == "external_docker" and value == "prod":
            continue  # what GET shows for these; sending it back changes nothing
        if value is not None and value != current:
            changed.append(name)
    return changed


REVISED: Final = ("resource_spec", "install_command", "build_command")


def without_revision(given: Mapping[str, Any]) -> dict[str, Any]:
    """A PATCH without everything that makes a revision."""
    kept = {
        name: value
        for name, value in given.items()
        if name not in ("source_revision_config", "secrets", "secret_references")
    }
    if kept.get("source_config"):
        kept["source_config"] = {name: value for name, value in kept["source_config"].items() if name not in REVISED}
    return kept


@dataclass(frozen=True)
class Patched:
    """The outcome of a PATCH: the content afterwards, and whether a revision is due."""

    content: Content
    makes_revision: bool


def patch(stored: Content, given: Mapping[str, Any]) -> Patched:
    """Merge a PATCH (or a new revision's body) into what is stored.

    Null and missing leave a field alone. ``resource_spec``, ``secrets`` (when not empty) and ``secret_references`` are
    replaced as a whole.
    """
    config = dict(stored.source_config)
    revision = dict(stored.source_revision_config)
    secrets, references = stored.secrets, stored.secret_references
    makes_revision = False
    for name, value in (given.get("source_config") or {}).items():
        if value is None or name in IMMUTABLE:
            continue
        config[name] = value
        makes_revision |= name in REVISED
    for name, value in (given.get("source_revision_config") or {}).items():
        if value is not None:
            revision[name] = value
            makes_revision = True
    if given.get("secrets"):
        secrets, makes_revision = given["secrets"], True
    if given.get("secret_references") is not None:
        references, makes_revision = given["secret_references"], True
    source = given.get("revision_source") or stored.source
    return Patched(Content(source, config, revision, secrets, references), makes_revision)


def check_patch(stored: Content, given: Mapping[str, Any]) -> None:
    """Refuse fields that the deployment's source does not have."""
    config, revision = given.get("source_config") or {}, given.get("source_revision_config") or {}
    if stored.source != "external_docker":
        for name in ("resource_spec", "custom_url"):
            if config.get(name) is not None:
                raise _source_error(f"'source_config.{name}' is only allowed for source 'external_docker'")
        if given.get("secret_references"):
            raise _source_error("'secret_references' is only allowed for source 'external_docker'")
    elif given.get("revision_source") is not None:
        raise _source_error("'revision_source' is not allowed for source 'external_docker'")
    elif revision.get("langgraph_config_path") is not None:
        check_config_path(stored.source, revision)
    if revision.get("image_uri") == "":
        raise _source_error("'source_revision_config.image_uri' must not be empty")


def check_move(current: str, wanted: str) -> None:
    """Refuse a status report that would move a revision backwards, or out of a final status."""
    if wanted not in STATUSES:
        raise Refusal(400, f"Unknown revision status '{wanted}'.")
    if wanted == current:
        return
    if current in FINAL:
        raise Refusal(409, f"The revision is {current}, which is final; it cannot become {wanted}.")
    if wanted in WAITING and current in WAITING and WAITING.index(wanted) < WAITING.index(current):
        raise Refusal(409, f"The revision is {current}; it cannot go back to {wanted}.")
