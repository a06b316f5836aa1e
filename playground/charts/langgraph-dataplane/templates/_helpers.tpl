{{/*
Copyright: Contributors to langgraph.selfhosted
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- define "dataplane.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "dataplane.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $qualified := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ default $qualified .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "dataplane.namespace" -}}
{{ default .Release.Namespace .Values.namespace }}
{{- end }}

{{/* Selector of a part's pods. Takes (list root component). */}}
{{- define "dataplane.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ include "dataplane.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{/* Labels that every object carries; the official chart repeats them as annotations. */}}
{{- define "dataplane.identity" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "dataplane.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* Takes (list root map...): the identity and commonLabels below the given maps, the first of which wins. */}}
{{- define "dataplane.labels" -}}
{{- $root := first . -}}
{{- $labels := dict -}}
{{- range rest . }}{{ $labels = merge $labels (. | default dict) }}{{ end -}}
{{ toYaml (merge $labels (include "dataplane.identity" $root | fromYaml) $root.Values.commonLabels) }}
{{- end }}

{{/*
metadata of an object. Takes a dict: root, name; optional namespace (false: cluster-wide), owner (values that have
labels and annotations), component, bare (true: no annotations).
*/}}
{{- define "dataplane.metadata" -}}
{{- $owner := .owner | default dict -}}
{{- $component := dict -}}
{{- with .component }}{{ $component = dict "app.kubernetes.io/component" . }}{{ end -}}
name: {{ .name }}
{{- if ne (toString .namespace) "false" }}
namespace: {{ default (include "dataplane.namespace" .root) .namespace }}
{{- end }}
labels: {{- include "dataplane.labels" (list .root $owner.labels $component) | nindent 2 }}
{{- if not .bare }}
annotations:
  {{- $identity := include "dataplane.identity" .root | fromYaml }}
  {{- toYaml (merge (dict) ($owner.annotations | default dict) $identity .root.Values.commonAnnotations) | nindent 2 }}
{{- end }}
{{- end }}

{{/* Those fields of a map that are set. Takes (list map key...). */}}
{{- define "dataplane.fields" -}}
{{- $map := first . -}}
{{- range $key := rest . }}
{{- with get $map $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{- define "dataplane.probes" -}}
{{ include "dataplane.fields" (list . "startupProbe" "readinessProbe" "livenessProbe") }}
{{- end }}

{{/* image and imagePullPolicy. Takes (list root key), the key being one under .Values.images. */}}
{{- define "dataplane.image" -}}
{{- $root := first . -}}
{{- $image := get $root.Values.images (last .) -}}
{{- $prefix := "" -}}
{{- with $root.Values.images.registry }}{{ $prefix = printf "%s/" . }}{{ end -}}
image: {{ printf "%s%s:%s" $prefix $image.repository ($image.tag | default $root.Chart.AppVersion) | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
{{- end }}

{{/* Pod fields that every part has. Takes (list root part-values workload-values). */}}
{{- define "dataplane.pod" -}}
{{- $root := first . }}{{ $workload := last . -}}
serviceAccountName: {{ include "dataplane.account" (list $root (index . 1)) }}
{{- include "dataplane.fields" (list $root.Values.images "imagePullSecrets") }}
{{- with $root.Values.commonDnsConfig }}
dnsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- with $workload.podSecurityContext }}
securityContext: {{- toYaml . | nindent 2 }}
{{- end }}
{{- include "dataplane.fields" (list $workload "priorityClassName" "nodeSelector" "affinity" "tolerations") }}
{{- end }}

{{/* Name of a part's ServiceAccount. Takes (list root part-values). */}}
{{- define "dataplane.account" -}}
{{- $part := last . -}}
{{- $made := printf "%s-%s" (include "dataplane.fullname" (first .)) $part.name -}}
{{ default (ternary $made "default" $part.serviceAccount.create) $part.serviceAccount.name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* An env list, refused when a name occurs twice. */}}
{{- define "dataplane.env" -}}
{{- $seen := dict -}}
{{- range . }}
{{- if hasKey $seen .name }}{{ fail (printf "environment variable %s is set twice" .name) }}{{ end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{ toYaml . }}
{{- end }}

{{- define "dataplane.apiKeySecret" -}}
{{ default (printf "%s-secrets" (include "dataplane.fullname" .)) .Values.config.existingSecretName }}
{{- end }}

{{- define "dataplane.redisSecret" -}}
{{ default (printf "%s-redis" (include "dataplane.fullname" .)) .Values.redis.external.existingSecretName }}
{{- end }}

{{- define "dataplane.basePath" -}}
{{ coalesce .Values.gateway.basePath .Values.ingress.basePath .Values.istioGateway.basePath | quote }}
{{- end }}
