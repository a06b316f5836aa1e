# Copyright: Contributors to langgraph.selfhosted
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where a deployment's images come from, and which options belong to which of these sources.

Only ``external_docker`` runs on self-hosted and hybrid planes; what is built or kept by LangChain runs in its cloud.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ansible_collections.langgraph.selfhosted.plugins.module_utils.arguments import ArgumentSpec
from ansible_collections.langgraph.selfhosted.plugins.module_utils.control_plane.fields import Field
from ansible_collections.langgraph.selfhosted.plugins.module_utils.errors import Problem

EXTERNAL_DOCKER = "external_docker"
GITHUB = "github"
INTERNAL_DOCKER = "internal_docker"
INTERNAL_SOURCE = "internal_source"
INTERNAL_TEMPLATE = "internal_template"
CLOUD = (GITHUB, INTERNAL_DOCKER, INTERNAL_SOURCE, INTERNAL_TEMPLATE)
SOURCES = (EXTERNAL_DOCKER, *CLOUD)

_BUILT = (GITHUB, INTERNAL_SOURCE)
_SINCE = "the API of August 2026"
_TIERS = [f"{kind}_{size}" for kind in ("SERVERLESS", "DEDICATED") for size in ("S", "M", "L")]

# Reserved in LangChain's cloud only, on top of what is reserved everywhere.
RESERVED_IN_CLOUD = frozenset(
    {
        "LANGSMITH_API_KEY",
        "LANGSMITH_ENDPOINT",
        "LSD_DD_API_KEY",
        "LSD_DD_ENDPOINT",
        "LSD_DEPLOYMENT_TYPE",
        "LSD_ENV",
        "MOUNT_PREFIX",
        "PATH",
        "PORT",
        "POSTGRES_URI_CUSTOM",
        "REDIS_URI_CUSTOM",
    }
)

CLOUD_FIELDS = (
    Field("deployment_type", at="source_config.deployment_type", immutable=True, sources=CLOUD, needed_by=CLOUD),
    Field("integration_id", at="source_config.integration_id", immutable=True, sources=(GITHUB,), needed_by=(GITHUB,)),
    Field("repo_url", at="source_config.repo_url", immutable=True, sources=(GITHUB,), needed_by=(GITHUB,)),
    Field(
        "repo_ref",
        at="source_revision_config.repo_ref",
        makes_revision=True,
        clearable=False,
        sources=(GITHUB,),
        needed_by=(GITHUB,),
    ),
    Field("build_on_push", at="source_config.build_on_push", sources=(GITHUB,)),
    Field(
        "langgraph_config_path",
        at="source_revision_config.langgraph_config_path",
        makes_revision=True,
        clearable=False,
        sources=_BUILT,
        needed_by=_BUILT,
    ),
    Field(
        "install_command",
        at="source_config.install_command",
        makes_revision=True,
        clearable=False,
        sources=_BUILT,
    ),
    Field("build_command", at="source_config.build_command", makes_revision=True, clearable=False, sources=_BUILT),
    Field(
        "source_tarball_path",
        at="source_revision_config.source_tarball_path",
        makes_revision=True,
        clearable=False,
        sources=(INTERNAL_SOURCE,),
    ),
    Field(
        "template_id",
        at="source_config.template_id",
        immutable=True,
        sources=(INTERNAL_TEMPLATE,),
        needed_by=(INTERNAL_TEMPLATE,),
    ),
    Field("deployment_tier", at="deployment_tier", clearable=False, on_create=False, sources=CLOUD, since=_SINCE),
)

CLOUD_OPTIONS = ArgumentSpec(
    options={
        "deployment_type": {"type": "str", "choices": ["dev_free", "dev", "prod", "dev_zero", "dev_free_zero"]},
        "integration_id": {"type": "str"},
        "repo_url": {"type": "str"},
        "repo_ref": {"type": "str"},
        "build_on_push": {"type": "bool"},
        "langgraph_config_path": {"type": "str"},
        "install_command": {"type": "str"},
        "build_command": {"type": "str"},
        "source_tarball_path": {"type": "str"},
        "template_id": {"type": "str"},
        "deployment_tier": {"type": "str", "choices": _TIERS},
    },
)


def needed_at_creation(source: Any) -> dict[str, Any]:
    """Return what the API demands in ``source_config`` of a new deployment, also when the user does not care."""
    if source == EXTERNAL_DOCKER:
        return {"resource_spec": {}}
    return {"build_on_push": False} if source == GITHUB else {}


def source_problems(options: Mapping[str, Any], fields: Iterable[Field], path: str = "") -> Iterator[Problem]:
    """Yield the options that the source lacks or does not take."""
    source = options.get("source") or EXTERNAL_DOCKER
    for field in fields:
        # A listener is named by its compute_id or by its id.
        names = ("listener", "listener_id") if field.name == "listener_id" else (field.name,)
        given = [name for name in names if options.get(name) is not None]
        if field.sources and source not in field.sources:
            for name in given:
                why = f"it does not belong to source {source}, but to {' and '.join(field.sources)}."
                yield Problem(f"{path}{name}", why, "Leave it out, or choose another source.")
        elif source in field.needed_by and not any(options[name] for name in given):
            yield Problem(f"{path}{field.name}", f"it is missing, and source {source} needs it.")
    if source == GITHUB and options.get("build_on_push") and str(options.get("repo_ref")).startswith("refs/tags/"):
        why = "it is on, and repo_ref is a tag, to which nothing is pushed."
        yield Problem(f"{path}build_on_push", why, "Give a branch as repo_ref, or switch it off.")
