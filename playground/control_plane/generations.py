# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""What differs between the three published generations of the API's schema.

``0`` is the one of late 2025, ``A`` that of May 2026, ``B`` the newest. Everything that depends on the generation asks
the table here, so that no other module knows a generation by its name.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

_SPEC_0: Final = (
    *("min_scale", "max_scale", "cpu", "cpu_limit", "memory_mb", "memory_limit_mb"),
    *("queue_min_scale", "queue_max_scale", "queue_cpu", "queue_cpu_limit", "queue_memory_mb", "queue_memory_limit_mb"),
    "redis_memory_mb",
    *("labels", "annotations", "service_account_name", "image_pull_secrets", "volumes", "volume_mounts"),
    *("init_containers", "sidecars"),
    *("db_cpu", "db_cpu_limit", "db_memory_mb", "db_memory_limit_mb", "db_storage_gi", "db_max_connections"),
)
_SPEC_REDIS: Final = ("redis_cpu", "redis_cpu_limit", "redis_memory_limit_mb")
_SPEC_A: Final = (
    *_SPEC_0,
    *_SPEC_REDIS,
    *("orchestrator_cpu", "orchestrator_cpu_limit", "orchestrator_memory_mb", "orchestrator_memory_limit_mb"),
    *("orchestrator_min_scale", "orchestrator_max_scale"),
    *("executor_cpu", "executor_cpu_limit", "executor_memory_mb", "executor_memory_limit_mb"),
)
_SPEC_B: Final = (
    *_SPEC_0,
    *_SPEC_REDIS,
    *("core_cpu", "core_cpu_limit", "core_memory_mb", "core_memory_limit_mb"),
)
_SOURCE_CONFIG_0: Final = (
    *("integration_id", "repo_url", "deployment_type", "build_on_push", "custom_url"),
    *("resource_spec", "listener_id"),
)
_SOURCE_CONFIG_A: Final = (*_SOURCE_CONFIG_0, "listener_config", "install_command", "build_command")
_REVISION_CONFIG_0: Final = ("repo_ref", "langgraph_config_path", "image_uri", "repo_commit_sha")
_REVISION_CONFIG_A: Final = (*_REVISION_CONFIG_0, "source_tarball_path")
_DEPLOYMENT_0: Final = (
    *("id", "name", "source", "source_config", "source_revision_config", "secrets", "created_at", "updated_at"),
    *("status", "latest_revision_id", "active_revision_id", "image_version"),
)
_DEPLOYMENT_A: Final = (*_DEPLOYMENT_0, "tenant_id", "secret_references")
_DEPLOYMENT_B: Final = (
    *_DEPLOYMENT_A,
    *("display_name", "url", "tracer_session_id", "is_preview", "is_managed_deep_agent", "shareable"),
    *("route_through_gateway", "deployment_tier", "compute_tier", "database_tier"),
)


@dataclass(frozen=True)
class Generation:
    """The facts of one generation of the schema.

    The tuples hold the names of the fields that requests may carry and answers show; what is not named does not exist
    in that generation: ignored in a request, missing from an answer.
    """

    sources: tuple[str, ...]
    deployment_types: tuple[str, ...]
    deployment_fields: tuple[str, ...]
    source_config_fields: tuple[str, ...]
    revision_config_fields: tuple[str, ...]
    resource_spec_fields: tuple[str, ...]
    whole_cpus: bool = False
    bulk_delete: bool = True
    newest_routes: bool = False
    duplicate_name_status: int = 400
    final_delete: bool = False
    error_context: bool = False
    revision_messages: bool = False
    patch_fields: tuple[str, ...] = field(
        default=("revision_source", "source_config", "source_revision_config", "secrets", "secret_references")
    )


GENERATIONS: Final[dict[str, Generation]] = {
    "0": Generation(
        sources=("github", "external_docker"),
        deployment_types=("dev_free", "dev", "prod"),
        deployment_fields=_DEPLOYMENT_0,
        source_config_fields=_SOURCE_CONFIG_0,
        revision_config_fields=_REVISION_CONFIG_0,
        resource_spec_fields=_SPEC_0,
        whole_cpus=True,
        bulk_delete=False,
        patch_fields=("source_config", "source_revision_config", "secrets"),
    ),
    "A": Generation(
        sources=("github", "external_docker", "internal_docker", "internal_source"),
        deployment_types=("dev_free", "dev", "prod"),
        deployment_fields=_DEPLOYMENT_A,
        source_config_fields=_SOURCE_CONFIG_A,
        revision_config_fields=_REVISION_CONFIG_A,
        resource_spec_fields=_SPEC_A,
    ),
    "B": Generation(
        sources=("github", "external_docker", "internal_docker", "internal_source", "internal_template"),
        deployment_types=("dev_free", "dev", "prod", "dev_zero", "dev_free_zero"),
        deployment_fields=_DEPLOYMENT_B,
        source_config_fields=(*_SOURCE_CONFIG_A, "repo_branch"),
        revision_config_fields=_REVISION_CONFIG_A,
        resource_spec_fields=_SPEC_B,
        newest_routes=True,
        duplicate_name_status=409,
        final_delete=True,
        error_context=True,
        revision_messages=True,
        patch_fields=(
            *("revision_source", "source_config", "source_revision_config", "secrets", "secret_references"),
            *("display_name", "tracked_repo_ref", "deployment_tier", "route_through_gateway"),
        ),
    ),
}
