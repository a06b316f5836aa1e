{{/*
Copyright: Contributors to langgraph.selfhosted
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- define "cloud.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "cloud.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $qualified := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ default $qualified .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "cloud.namespace" -}}
{{ default .Release.Namespace .Values.namespace }}
{{- end }}

{{/* Name of a part's objects. Takes (list root part). */}}
{{- define "cloud.part" -}}
{{ include "cloud.fullname" (first .) }}-{{ (last .).name }}
{{- end }}

{{/* Where a part's Service answers, without its port. Takes (list root part). */}}
{{- define "cloud.host" -}}
{{- $root := first . -}}
{{ include "cloud.part" . }}.{{ include "cloud.namespace" $root }}.svc.{{ $root.Values.clusterDomain }}
{{- end }}

{{- define "cloud.identity" -}}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/name: {{ include "cloud.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{- define "cloud.labels" -}}
{{ toYaml (merge (include "cloud.identity" . | fromYaml) .Values.commonLabels) }}
{{- end }}

{{/* Selector of a part's pods. Takes (list root part). */}}
{{- define "cloud.selector" -}}
app.kubernetes.io/name: {{ include "cloud.name" (first .) }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
app.kubernetes.io/component: {{ include "cloud.part" . }}
{{- end }}

{{/* metadata of an object. Takes a dict: root, name; optional labels, annotations, bare (no annotations at all). */}}
{{- define "cloud.metadata" -}}
name: {{ .name }}
namespace: {{ include "cloud.namespace" .root | quote }}
labels: {{- toYaml (merge (dict) (.labels | default dict) (include "cloud.labels" .root | fromYaml)) | nindent 2 }}
{{- if not .bare }}
{{- $identity := include "cloud.identity" .root | fromYaml }}
annotations: {{- toYaml (merge (dict) (.annotations | default dict) $identity .root.Values.commonAnnotations) | nindent 2 }}
{{- end }}
{{- end }}

{{/* Those fields of a map that are set. Takes (list map key...). */}}
{{- define "cloud.fields" -}}
{{- $map := first . -}}
{{- range $key := rest . }}
{{- with get $map $key }}
{{ $key }}: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}
{{- end }}

{{/* image and imagePullPolicy. Takes (list root key), the key being one under .Values.images. */}}
{{- define "cloud.image" -}}
{{- $images := (first .).Values.images -}}
{{- $image := get $images (last .) -}}
{{- $prefix := "" -}}
{{- with $images.registry }}{{ $prefix = printf "%s/" . }}{{ end -}}
image: {{ printf "%s%s:%s" $prefix $image.repository ($image.tag | default (first .).Chart.AppVersion) | quote }}
imagePullPolicy: {{ $image.pullPolicy }}
{{- end }}

{{/* Name of a part's ServiceAccount. Takes (list root part). */}}
{{- define "cloud.account" -}}
{{- $part := last . -}}
{{ default (ternary (include "cloud.part" .) "default" $part.serviceAccount.create) $part.serviceAccount.name }}
{{- end }}

{{- define "cloud.secret" -}}
{{ default (printf "%s-secrets" (include "cloud.fullname" .)) .Values.config.existingSecretName }}
{{- end }}

{{/* The Secret of a datastore. Takes (list root key). */}}
{{- define "cloud.storeSecret" -}}
{{- $root := first . -}}
{{ default (printf "%s-%s" (include "cloud.fullname" $root) (last .)) (get $root.Values (last .)).external.existingSecretName }}
{{- end }}

{{/* An environment variable out of a Secret. Takes (list variable secret key optional). */}}
{{- define "cloud.fromSecret" -}}
- name: {{ index . 0 }}
  valueFrom:
    secretKeyRef:
      name: {{ index . 1 }}
      key: {{ index . 2 }}
      {{- if index . 3 }}
      optional: true
      {{- end }}
{{- end }}

{{/* Pod fields that every part has. Takes (list root part workload). */}}
{{- define "cloud.pod" -}}
{{- $root := first . -}}
{{- $workload := last . -}}
serviceAccountName: {{ include "cloud.account" (list $root (index . 1)) }}
securityContext: {{- toYaml $workload.podSecurityContext | nindent 2 }}
terminationGracePeriodSeconds: {{ $workload.terminationGracePeriodSeconds }}
{{- with $root.Values.commonDnsConfig }}
dnsConfig: {{- toYaml . | nindent 2 }}
{{- end }}
{{- include "cloud.fields" (list $root.Values.images "imagePullSecrets") }}
{{- include "cloud.fields" (list $workload "priorityClassName" "initContainers" "nodeSelector" "affinity" "tolerations") }}
{{- with concat $root.Values.commonVolumes $workload.volumes }}
volumes: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Metadata of a workload's pods. Takes (list root part workload). */}}
{{- define "cloud.podMetadata" -}}
{{- $component := dict "app.kubernetes.io/component" (include "cloud.part" (list (first .) (index . 1))) -}}
labels: {{- toYaml (merge $component (last .).labels (include "cloud.labels" (first .) | fromYaml)) | nindent 2 }}
{{- include "cloud.fields" (list (last .) "annotations") }}
{{- end }}
