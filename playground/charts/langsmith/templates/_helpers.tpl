{{/*
Copyright: Contributors to langgraph.selfhosted
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- define "langsmith.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "langsmith.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $qualified := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ default $qualified .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "langsmith.namespace" -}}
{{ default .Release.Namespace .Values.namespace }}
{{- end }}

{{/* Name of a part's objects. Takes (list root part). */}}
{{- define "langsmith.part" -}}
{{ include "langsmith.fullname" (first .) }}-{{ (last .).name }}
{{- end }}

{{/* Where a part's Service answers, without its port. Takes (list root part). */}}
{{- define "langsmith.host" -}}
{{- $root := first . -}}
{{ include "langsmith.part" . }}.{{ include "langsmith.namespace" $root }}.svc.{{ $root.Values.clusterDomain }}
{{- end }}

{{- define "langsmith.hostname" -}}
{{ regexReplaceAll "^[a-zA-Z][a-zA-Z0-9+.-]*://" .Values.config.hostname "" }}
{{- end }}

{{/* The address of the API from outside; relative where no hostname is set. */}}
{{- define "langsmith.publicApi" -}}
{{- $name := .Values.config.hostname -}}
{{- $scheme := ternary "" (ternary "http://" "https://" (regexMatch "^(localhost|127\\.0\\.0\\.1|\\[::1\\])" $name)) (contains "://" $name) -}}
{{ with $name }}{{ $scheme }}{{ . }}{{ end }}{{ with .Values.config.basePath }}/{{ . }}{{ end }}/api
{{- end }}

{{- define "langsmith.agentsBasePath" -}}
{{ default .Values.config.basePath .Values.config.deployment.basePath }}
{{- end }}

{{- define "langsmith.identity" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "langsmith.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "langsmith.labels" -}}
{{ toYaml (merge (include "langsmith.identity" . | fromYaml) .Values.commonLabels) }}
{{- end }}

{{/* Selector of a part's pods. Takes (list root component). */}}
{{- define "langsmith.selector" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ include "langsmith.name" $root }}
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ last . }}
{{- end }}

{{/*
metadata of an object. Takes a dict: root, name; optional namespace (false: none is written), annotations, labels,
wave (the Argo CD sync wave).
*/}}
{{- define "langsmith.metadata" -}}
name: {{ .name }}
{{- if ne (toString .namespace) "false" }}
namespace: {{ default (include "langsmith.namespace" .root) .namespace }}
{{- end }}
labels: {{- toYaml (merge (dict) (.labels | default dict) (include "langsmith.labels" .root | fromYaml)) | nindent 2 }}
annotations:
  {{- $wave := dict }}
  {{- with .wave }}{{ $wave = dict "argocd.argoproj.io/sync-wave" . }}{{ end }}
  {{- $identity := include "langsmith.identity" .root | fromYaml }}
  {{- toYaml (merge (dict) (.annotations | default dict) $wave $identity .root.Values.commonAnnotations) | nindent 2 }}
{{- end }}

{{/* Those fields of a map that are set. Takes (list map key...). */}}
{{- define "langsmith.fields" -}}
{{- $map := first . -}}
{{- range $key := rest . }}
{{- with get $map $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* image and imagePullPolicy. Takes (list root key), the key being one under .Values.images. */}}
{{- define "langsmith.image" -}}
{{- $images := (first .).Values.images -}}
{{- $image := get $images (last .) -}}
{{- $prefix := "" -}}
{{- with $images.registry }}{{ $prefix = printf "%s/" . }}{{ end -}}
image: {{ printf "%s%s:%s" $prefix $image.repository ($image.tag | default (first .).Chart.AppVersion) | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
{{- end }}

{{/* Name of a part's ServiceAccount. Takes (list root part). */}}
{{- define "langsmith.account" -}}
{{- $part := last . -}}
{{ default (ternary (include "langsmith.part" .) "default" $part.serviceAccount.create) $part.serviceAccount.name }}
{{- end }}

{{- define "langsmith.secret" -}}
{{ default (printf "%s-secrets" (include "langsmith.fullname" .)) .Values.config.existingSecretName }}
{{- end }}

{{/* The Secret of a datastore. Takes (list root key). */}}
{{- define "langsmith.storeSecret" -}}
{{- $root := first . -}}
{{ default (printf "%s-%s" (include "langsmith.fullname" $root) (last .)) (get $root.Values (last .)).external.existingSecretName }}
{{- end }}

{{/* Pod fields that every part has. Takes (list root account workload). */}}
{{- define "langsmith.pod" -}}
{{- $root := first . -}}
serviceAccountName: {{ index . 1 }}
securityContext: {}
{{- include "langsmith.fields" (list $root.Values.images "imagePullSecrets") }}
{{- include "langsmith.fields" (list (last .) "nodeSelector" "tolerations") }}
{{- end }}

{{- define "langsmith.dns" -}}
{{- with .Values.commonDnsConfig }}
dnsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* An env list, refused when a name occurs twice. */}}
{{- define "langsmith.env" -}}
{{- $seen := dict -}}
{{- range . }}
{{- if hasKey $seen .name }}{{ fail (printf "environment variable %s is set twice" .name) }}{{ end -}}
{{- $_ := set $seen .name true -}}
{{- end -}}
{{ toYaml . }}
{{- end }}

{{/* Whether a new configuration makes new pods: what they are configured by, hashed. */}}
{{- define "langsmith.checksums" -}}
checksum/config: {{ include (print .Template.BasePath "/config-map.yaml") . | sha256sum }}
{{- if .Values.frontend.enabled }}
checksum/frontend-config: {{ include (print .Template.BasePath "/frontend-config.yaml") . | sha256sum }}
{{- end }}
{{- if not .Values.config.existingSecretName }}
checksum/secrets: {{ include "langsmith.secretData" . | sha256sum }}
{{- end }}
{{- range $store := list "redis" "postgres" "clickhouse" }}
{{- if not (get $.Values $store).external.existingSecretName }}
checksum/{{ $store }}: {{ include (printf "langsmith.%sData" $store) $ | sha256sum }}
{{- end }}
{{- end }}
{{- end }}
