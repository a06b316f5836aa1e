{{/*
Copyright: Contributors to langgraph.selfhosted
SPDX-License-Identifier: GPL-3.0-or-later

Variables of the pods. Those that all programs of the backend's image share come first, then each part's own.
*/ -}}
{{/* Variables from keys of a Secret. Takes (list root secret "NAME=key"...). */}}
{{- define "langsmith.fromSecret" -}}
{{- $root := first . }}{{ $secret := index . 1 }}
{{- range slice . 2 }}
{{- $pair := splitList "=" . }}
- name: {{ first $pair }}
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: {{ last $pair }}, optional: {{ $root.Values.config.disableSecretCreation }}}
{{- end }}
{{- end }}

{{- define "langsmith.optionalFromSecret" -}}
{{- $secret := first . }}
{{- range rest . }}
{{- $pair := splitList "=" . }}
- name: {{ first $pair }}
  valueFrom:
    secretKeyRef: {name: {{ $secret }}, key: {{ last $pair }}, optional: true}
{{- end }}
{{- end }}

{{- define "langsmith.commonEnv" -}}
{{- $config := .Values.config }}
{{- $secret := include "langsmith.secret" . }}
{{- $postgres := .Values.postgres.external }}
{{- $redis := .Values.redis.external }}
{{- $clickhouse := .Values.clickhouse.external }}
{{- include "langsmith.fromSecret" (list . (include "langsmith.storeSecret" (list . "postgres"))
    (printf "POSTGRES_DATABASE_URI=%s" $postgres.connectionUrlSecretKey)) }}
{{- if $postgres.enabled }}
- {name: POSTGRES_SCHEMA, value: {{ $postgres.schema | quote }}}
- {name: POSTGRES_TLS, value: "false"}
{{- end }}
{{- include "langsmith.fromSecret" (list . (include "langsmith.storeSecret" (list . "redis"))
    (printf "REDIS_DATABASE_URI=%s" $redis.connectionUrlSecretKey)) }}
- {name: REDIS_CLUSTER_ENABLED, value: "false"}
- {name: REDIS_CLUSTER_SAFE_MODE, value: "false"}
{{- include "langsmith.fromSecret" (list . (include "langsmith.storeSecret" (list . "clickhouse"))
    (printf "CLICKHOUSE_DB=%s" $clickhouse.databaseSecretKey) (printf "CLICKHOUSE_HOST=%s" $clickhouse.hostSecretKey)
    (printf "CLICKHOUSE_PORT=%s" $clickhouse.portSecretKey) (printf "CLICKHOUSE_NATIVE_PORT=%s" $clickhouse.nativePortSecretKey)
    (printf "CLICKHOUSE_USER=%s" $clickhouse.userSecretKey) (printf "CLICKHOUSE_PASSWORD=%s" $clickhouse.passwordSecretKey)
    (printf "CLICKHOUSE_TLS=%s" $clickhouse.tlsSecretKey)) }}
- {name: CLICKHOUSE_HYBRID, value: {{ $clickhouse.hybrid | quote }}}
- {name: CLICKHOUSE_CLUSTER, value: ""}
{{- if $config.hostname }}
- {name: LANGSMITH_URL, value: {{ include "langsmith.hostname" . }}{{ with $config.basePath }}/{{ . }}{{ end }}}
- {name: HOST_BACKEND_ENDPOINT_PUBLIC, value: {{ $config.hostname }}/api-host}
{{- end }}
- {name: FLEET_FEATURE_ENABLED, value: "false"}
- {name: LOG_LEVEL, value: {{ $config.logLevel | quote }}}
{{- if $config.oauth.enabled }}
{{- include "langsmith.fromSecret" (list . $secret "OAUTH_CLIENT_ID=oauth_client_id" "OAUTH_ISSUER_URL=oauth_issuer_url") }}
{{- if eq $config.authType "mixed" }}
{{- include "langsmith.fromSecret" (list . $secret "OAUTH_CLIENT_SECRET=oauth_client_secret") }}
{{- end }}
{{- end }}
{{- include "langsmith.fromSecret" (list . $secret "LANGSMITH_LICENSE_KEY=langsmith_license_key"
    "LANGGRAPH_CLOUD_LICENSE_KEY=langsmith_license_key" "API_KEY_SALT=api_key_salt") }}
{{- if not (has "X_SERVICE_AUTH_JWT_SECRET" (include "langsmith.names" .Values.commonEnv | splitList ",")) }}
{{- include "langsmith.fromSecret" (list . $secret "X_SERVICE_AUTH_JWT_SECRET=api_key_salt") }}
{{- end }}
- {name: BASIC_AUTH_ENABLED, value: {{ $config.basicAuth.enabled | quote }}}
{{- if $config.basicAuth.enabled }}
{{- include "langsmith.fromSecret" (list . $secret "BASIC_AUTH_JWT_SECRET=jwt_secret") }}
{{- end }}
- {name: FF_ORG_CREATION_DISABLED, value: {{ $config.userOrgCreationDisabled | quote }}}
- {name: FF_PERSONAL_ORGS_DISABLED, value: {{ $config.personalOrgsDisabled | quote }}}
{{- with $config.ttl }}
{{- if .enabled }}
{{- $seconds := .ttl_period_seconds }}
- {name: FF_TRACE_TIERS_ENABLED, value: "true"}
- {name: FF_UPGRADE_TRACE_TIER_ENABLED, value: "true"}
- name: TRACE_TIER_TTL_DURATION_SEC_MAP
  value: {{ printf "{ \"longlived\": %v, \"shortlived\": %v }" $seconds.longlived $seconds.shortlived | quote }}
{{- end }}
{{- end }}
{{- include "langsmith.blobStorageEnv" . }}
- {name: FF_CH_SEARCH_ENABLED, value: {{ and (not $clickhouse.hybrid) $config.blobStorage.chSearchEnabled | quote }}}
- {name: REDIS_RUNS_EXPIRY_SECONDS, value: {{ $config.settings.redisRunsExpirySeconds | quote }}}
{{- if $config.deployment.enabled }}
- {name: HOST_QUEUE, value: host}
- {name: HOST_WORKER_RECONCILIATION_CRON_ENABLED, value: "true"}
- {name: HOSTED_K8S_ROOT_DOMAIN, value: {{ include "langsmith.hostname" . | quote }}}
- {name: HOSTED_K8S_SHARED_INGRESS, value: "true"}
{{- end }}
- {name: ENABLE_LGP_DEPLOYMENT_HEALTH_CHECK, value: {{ $config.deployment.ingressHealthCheckEnabled | quote }}}
- {name: ENABLE_UNCAPPED_LGP_DEPLOYMENT_RESOURCES, value: {{ $config.deployment.uncappedResourcesEnabled | quote }}}
{{- if .Values.ingestQueue.enabled }}
- {name: GO_QUEUE_ENABLED_ALL, value: "true"}
- {name: GO_FEEDBACK_QUEUE_ENABLED_ALL, value: "true"}
- {name: FF_PERSIST_BATCHED_RUNS_SUCCESS_LOGGING, value: "true"}
{{- end }}
{{- end }}

{{- define "langsmith.names" -}}
{{- range . }}{{ .name }},{{ end -}}
{{- end }}

{{- define "langsmith.blobStorageEnv" -}}
{{- $storage := .Values.config.blobStorage }}
{{- $secret := include "langsmith.secret" . }}
{{- if $storage.enabled }}
- {name: FF_S3_STORAGE_ENABLED, value: "true"}
- {name: FF_BLOB_STORAGE_ENABLED, value: "true"}
- {name: BLOB_STORAGE_ENGINE, value: {{ $storage.engine | quote }}}
- {name: MIN_BLOB_STORAGE_SIZE_KB, value: {{ ternary 0 $storage.minBlobStorageSizeKb .Values.clickhouse.external.hybrid | quote }}}
{{- if eq (lower $storage.engine) "azure" }}
- {name: AZURE_STORAGE_ACCOUNT_NAME, value: {{ $storage.azureStorageAccountName | quote }}}
- {name: AZURE_STORAGE_CONTAINER_NAME, value: {{ $storage.azureStorageContainerName | quote }}}
- {name: AZURE_STORAGE_SERVICE_URL_OVERRIDE, value: {{ $storage.azureStorageServiceUrlOverride | quote }}}
{{- include "langsmith.optionalFromSecret" (list $secret "AZURE_STORAGE_ACCOUNT_KEY=azure_storage_account_key"
    "AZURE_STORAGE_CONNECTION_STRING=azure_storage_connection_string") }}
{{- else }}
- {name: S3_BUCKET_NAME, value: {{ $storage.bucketName | quote }}}
- {name: S3_RUN_MANIFEST_BUCKET_NAME, value: {{ $storage.bucketName | quote }}}
- {name: S3_API_URL, value: {{ $storage.apiURL | quote }}}
- {name: S3_USE_PATH_STYLE, value: {{ $storage.s3UsePathStyle | quote }}}
{{- if $storage.kmsEncryptionEnabled }}
- {name: S3_KMS_ENCRYPTION_ENABLED, value: "true"}
{{- with $storage.kmsKeyArn }}
- {name: S3_KMS_KEY_ARN, value: {{ . | quote }}}
{{- end }}
{{- end }}
{{- include "langsmith.optionalFromSecret" (list $secret "S3_ACCESS_KEY=blob_storage_access_key"
    "S3_ACCESS_KEY_SECRET=blob_storage_access_key_secret") }}
{{- end }}
{{- end }}
{{- end }}

{{/* What the parts have beyond that. Takes the root. */}}
{{- define "langsmith.aceBackendEnv" }}
- {name: PORT, value: {{ .Values.aceBackend.containerPort | quote }}}
- {name: BIND_ADDRESS, value: {{ .Values.aceBackend.bindAddress | quote }}}
{{- end }}
{{- define "langsmith.docsPrefix" }}
{{- with .Values.config.basePath }}
- {name: DOCS_PREFIX, value: /{{ . }}/api}
{{- end }}
{{- end }}
{{- define "langsmith.backendEnv" }}
- {name: PORT, value: {{ .Values.backend.containerPort | quote }}}
{{- include "langsmith.docsPrefix" . }}
{{- end }}
{{- define "langsmith.platformBackendEnv" }}
- {name: PORT, value: {{ .Values.platformBackend.containerPort | quote }}}
{{- include "langsmith.docsPrefix" . }}
{{- include "langsmith.optionalFromSecret" (list (include "langsmith.secret" .) "LANGSMITH_SIGNING_JWKS=langsmith_signing_jwks") }}
{{- end }}
{{- define "langsmith.playgroundEnv" }}
- {name: PORT, value: {{ .Values.playground.containerPort | quote }}}
- {name: LOG_LEVEL, value: {{ .Values.config.logLevel | quote }}}
{{- end }}
{{- define "langsmith.queueEnv" }}
- {name: REDIS_MAX_CONNECTIONS, value: "250"}
- {name: ASYNCPG_POOL_MAX_SIZE, value: "3"}
- {name: PORT, value: {{ .Values.queue.containerPort | quote }}}
{{- end }}
{{- define "langsmith.ingestQueueEnv" }}
- {name: ASYNCPG_POOL_MAX_SIZE, value: "3"}
- {name: QUEUE_PORT, value: {{ .Values.ingestQueue.containerPort | quote }}}
{{- end }}
{{- define "langsmith.hostedEnv" }}
- {name: HOSTED_K8S_BASE_PATH, value: {{ include "langsmith.agentsBasePath" . | quote }}}
- {name: HOSTED_K8S_CLUSTER_DOMAIN, value: {{ .Values.clusterDomain | quote }}}
{{- end }}
{{- define "langsmith.hostBackendEnv" }}
- {name: PORT, value: {{ .Values.hostBackend.containerPort | quote }}}
{{- include "langsmith.hostedEnv" . }}
{{- with include "langsmith.agentsBasePath" . }}
- {name: HOST_DOCS_PREFIX, value: /{{ . }}/api-host}
{{- end }}
{{- end }}
{{- define "langsmith.listenerEnv" }}
- {name: REDIS_MAX_CONNECTIONS, value: "250"}
- {name: ASYNCPG_POOL_MAX_SIZE, value: "3"}
- {name: PORT, value: {{ .Values.listener.containerPort | quote }}}
{{- include "langsmith.hostedEnv" . }}
{{- end }}
{{- define "langsmith.frontendEnv" }}
- {name: VITE_SELF_HOSTED_CLIO_ENABLED, value: "false"}
- {name: VITE_SELF_HOSTED_POLLY_ENABLED, value: "false"}
{{- if .Values.config.oauth.enabled }}
{{- include "langsmith.fromSecret" (list . (include "langsmith.secret" .) "VITE_OAUTH_CLIENT_ID=oauth_client_id"
    "VITE_OAUTH_ISSUER_URL=oauth_issuer_url") }}
{{- end }}
{{- with .Values.config.basePath }}
- {name: VITE_SUBDOMAIN, value: {{ . }}}
{{- end }}
{{- if .Values.config.deployment.enabled }}
- {name: VITE_HOST_ENABLED, value: "1"}
{{- end }}
{{- end }}
