# Copyright: Contributors to langgraph.selfhosted
# SPDX-License-Identifier: GPL-3.0-or-later

"""The bodies that clients send, as types: the union of all generations of the schema.

Only names, types and bounds are checked here; what takes more than one field to judge is in ``rules``. Unknown keys are
ignored, as the real service does.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

# The maxima are a rule that can be lifted (`uncapped_resources`), so they are not part of the type.
Cpu = Annotated[float, Field(ge=0.1)]
Text = Annotated[str, Field(min_length=1)]
SourceName = Literal["github", "external_docker", "internal_docker", "internal_source", "internal_template"]
Tier = Literal["SERVERLESS_S", "SERVERLESS_M", "SERVERLESS_L", "DEDICATED_S", "DEDICATED_M", "DEDICATED_L"]
DeploymentType = Literal["dev_free", "dev", "prod", "dev_zero", "dev_free_zero"]
Object = dict[str, Any]


class Body(BaseModel):
    """A JSON object of a request: typed strictly (no "1" for 1), unknown keys dropped."""

    model_config = ConfigDict(strict=True, extra="ignore", ser_json_inf_nan="null", allow_inf_nan=False)


class LocalObjectReference(Body):
    """The name of a Kubernetes object in the deployment's namespace."""

    name: str


class EnvVar(Body):
    """An environment variable of a side container."""

    name: str
    value: str | None = None
    valueFrom: Object | None = None


class VolumeMount(Body):
    """Where a volume appears in a container."""

    name: str = ""
    mountPath: str = ""
    subPath: str | None = None
    subPathExpr: str | None = None
    mountPropagation: str | None = None
    readOnly: bool | None = None


class Volume(Body):
    """A volume of the agent's pods."""

    name: str = ""
    configMap: Object | None = None
    secret: Object | None = None
    emptyDir: Object | None = None
    persistentVolumeClaim: Object | None = None
    nfs: Object | None = None
    projected: Object | None = None
    downwardAPI: Object | None = None
    csi: Object | None = None


class ResourceRequirements(Body):
    """What a container asks for and may use."""

    limits: dict[str, str] | None = None
    requests: dict[str, str] | None = None


class Container(Body):
    """A container beside the agent's."""

    name: str
    image: str
    imagePullPolicy: str | None = None
    command: list[str] | None = None
    args: list[str] | None = None
    workingDir: str | None = None
    env: list[EnvVar] | None = None
    envFrom: list[Object] | None = None
    resources: ResourceRequirements | None = None
    volumeMounts: list[VolumeMount] | None = None
    securityContext: Object | None = None
    restartPolicy: str | None = None


class ResourceSpec(Body):
    """Size, scale and pod settings of an agent (``external_docker`` only)."""

    min_scale: int | None = None
    max_scale: int | None = None
    cpu: Cpu | None = None
    cpu_limit: Cpu | None = None
    memory_mb: int | None = None
    memory_limit_mb: int | None = None
    queue_min_scale: int | None = None
    queue_max_scale: int | None = None
    queue_cpu: Cpu | None = None
    queue_cpu_limit: Cpu | None = None
    queue_memory_mb: int | None = None
    queue_memory_limit_mb: int | None = None
    redis_cpu: Cpu | None = None
    redis_cpu_limit: Cpu | None = None
    redis_memory_mb: int | None = None
    redis_memory_limit_mb: int | None = None
    core_cpu: Cpu | None = None
    core_cpu_limit: Cpu | None = None
    core_memory_mb: int | None = None
    core_memory_limit_mb: int | None = None
    orchestrator_cpu: float | None = None
    orchestrator_cpu_limit: float | None = None
    orchestrator_memory_mb: int | None = None
    orchestrator_memory_limit_mb: int | None = None
    orchestrator_min_scale: int | None = None
    orchestrator_max_scale: int | None = None
    executor_cpu: float | None = None
    executor_cpu_limit: float | None = None
    executor_memory_mb: int | None = None
    executor_memory_limit_mb: int | None = None
    db_cpu: float | None = None
    db_cpu_limit: float | None = None
    db_memory_mb: int | None = None
    db_memory_limit_mb: int | None = None
    db_storage_gi: int | None = None
    db_max_connections: int | None = None
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    service_account_name: str | None = None
    image_pull_secrets: list[LocalObjectReference] | None = None
    volumes: list[Volume] | None = None
    volume_mounts: list[VolumeMount] | None = None
    init_containers: list[Container] | None = None
    sidecars: list[Container] | None = None


class ListenerConfig(Body):
    """Where on its listener's cluster a deployment lives."""

    k8s_namespace: str | None = None


class SourceConfig(Body):
    """What belongs to the deployment as a whole."""

    integration_id: UUID | None = None
    repo_url: str | None = None
    deployment_type: DeploymentType | None = None
    build_on_push: bool | None = None
    custom_url: str | None = None
    resource_spec: ResourceSpec | None = None
    listener_id: UUID | None = None
    listener_config: ListenerConfig | None = None
    install_command: str | None = None
    build_command: str | None = None


class SourceRevisionConfig(Body):
    """What belongs to one revision."""

    repo_ref: str | None = None
    langgraph_config_path: str | None = None
    image_uri: str | None = None
    source_tarball_path: str | None = None


class Secret(Body):
    """An environment variable whose value must not be seen."""

    name: str
    value: str


class SecretReference(Body):
    """An environment variable that is filled from a Kubernetes Secret."""

    name: str
    secret_name: str
    secret_key: str


class DeploymentCreateRequest(Body):
    """POST /v2/deployments."""

    name: str
    source: SourceName
    source_config: SourceConfig
    source_revision_config: SourceRevisionConfig
    secrets: list[Secret]
    secret_references: list[SecretReference] | None = None
    shareable: bool | None = None
    route_through_gateway: bool | None = None


class DeploymentPatchRequest(Body):
    """PATCH /v2/deployments/{deployment_id}: null and missing both mean "leave alone"."""

    revision_source: Literal["github", "internal_docker", "internal_source"] | None = None
    source_config: SourceConfig | None = None
    source_revision_config: SourceRevisionConfig | None = None
    secrets: list[Secret] | None = None
    secret_references: list[SecretReference] | None = None
    display_name: Text | None = None
    tracked_repo_ref: Text | None = None
    deployment_tier: Tier | None = None
    route_through_gateway: bool | None = None


class RevisionCreateRequest(Body):
    """POST /v2/deployments/{deployment_id}/revisions: like PATCH, but always makes a revision."""

    source_config: SourceConfig | None = None
    source_revision_config: SourceRevisionConfig | None = None
    secrets: list[Secret] | None = None
    secret_references: list[SecretReference] | None = None


class DeploymentTierRequest(Body):
    """PATCH /v2/deployments/{deployment_id}/deployment-tier."""

    deployment_tier: Tier


class ResourceTiersRequest(Body):
    """PATCH /v2/deployments/{deployment_id}/resource-tiers."""

    compute_tier: Tier | None = None
    database_tier: Tier | None = None


class ListenerComputeConfig(Body):
    """The namespaces that a listener serves."""

    k8s_namespaces: list[str] | None = None


class ListenerCreateRequest(Body):
    """POST /v2/listeners."""

    compute_type: Literal["k8s"]
    compute_id: str
    compute_config: ListenerComputeConfig
    version: str | None = None


class ListenerPatchRequest(Body):
    """PATCH /v2/listeners/{listener_id}."""

    compute_config: ListenerComputeConfig | None = None
    version: str | None = None


class LogsRequest(Body):
    """The body of the v1 log routes."""

    limit: int = Field(default=50, ge=1, le=1000)
    order: Literal["asc", "desc"] = "asc"
    offset: str | None = None
    level: Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"] | None = None
    query: str | None = None
    start_time: str | None = None
    end_time: str | None = None
