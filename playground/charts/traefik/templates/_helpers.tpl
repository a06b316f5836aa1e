{{/*
Copyright: Contributors to langgraph.selfhosted
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{- define "traefik.name" -}}
{{ default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "traefik.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- $qualified := ternary .Release.Name (printf "%s-%s" .Release.Name $name) (contains $name .Release.Name) -}}
{{ default $qualified .Values.fullnameOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "traefik.namespace" -}}
{{ default .Release.Namespace .Values.namespaceOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Cluster-wide names carry the namespace, as several releases of one name can exist. */}}
{{- define "traefik.clusterName" -}}
{{ printf "%s-%s" (include "traefik.fullname" .) (include "traefik.namespace" .) | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "traefik.selector" -}}
{{- $instance := printf "%s-%s" .Release.Name (include "traefik.namespace" .) -}}
app.kubernetes.io/name: {{ include "traefik.name" . }}
app.kubernetes.io/instance: {{ default $instance .Values.instanceLabelOverride | trunc 63 | trimSuffix "-" }}
{{- end }}

{{- define "traefik.labels" -}}
{{ include "traefik.selector" . }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-" }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- with .Values.commonLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* metadata of an object. Takes a dict: root, name; optional clusterWide, namespace, labels, annotations. */}}
{{- define "traefik.metadata" -}}
name: {{ .name }}
{{- if not .clusterWide }}
namespace: {{ default (include "traefik.namespace" .root) .namespace }}
{{- end }}
labels:
  {{- include "traefik.labels" .root | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if hasKey . "annotations" }}
annotations: {{- include "traefik.orNull" .annotations | nindent 2 }}
{{- end }}
{{- end }}

{{/* A map; null where it is empty, as in the official chart: what an upgrade does to live objects depends on it. */}}
{{- define "traefik.orNull" -}}
{{ if . }}{{ toYaml . }}{{ else }}null{{ end }}
{{- end }}

{{- define "traefik.account" -}}
{{ default (include "traefik.fullname" .) .Values.serviceAccount.name }}
{{- end }}

{{- define "traefik.image" -}}
{{- $image := .Values.image -}}
{{ default "docker.io" $image.registry }}/{{ default "traefik" $image.repository }}:{{ default .Chart.AppVersion $image.tag }}
{{- end }}

{{- define "traefik.probe" -}}
httpGet: {path: /ping, port: {{ .root.Values.ports.traefik.port }}, scheme: HTTP}
{{ toYaml .probe }}
{{- end }}

{{- define "traefik.arguments" -}}
{{- if not .Values.global.checkNewVersion }}
- --global.checkNewVersion=false
{{- end }}
{{- if .Values.global.sendAnonymousUsage }}
- --global.sendAnonymousUsage
{{- end }}
{{- range $name, $port := .Values.ports }}
- --entryPoints.{{ $name }}.address=:{{ $port.port }}/{{ lower $port.protocol }}
{{- end }}
- --api.dashboard={{ .Values.api.dashboard }}
- --ping=true
{{- with .Values.metrics.prometheus }}
- --metrics.prometheus=true
- --metrics.prometheus.entrypoint={{ .entryPoint }}
{{- end }}
{{- with .Values.providers.kubernetesCRD }}
{{- if .enabled }}
- --providers.kubernetescrd
- --providers.kubernetescrd.allowEmptyServices={{ .allowEmptyServices }}
{{- end }}
{{- end }}
{{- with .Values.providers.kubernetesIngress }}
{{- if .enabled }}
- --providers.kubernetesingress
- --providers.kubernetesingress.allowEmptyServices={{ .allowEmptyServices }}
{{- if and .publishedService.enabled (or $.Values.service.enabled .publishedService.pathOverride) }}
{{- $service := printf "%s/%s" (include "traefik.namespace" $) (include "traefik.fullname" $) }}
- --providers.kubernetesingress.ingressendpoint.publishedservice={{ default $service .publishedService.pathOverride }}
{{- end }}
{{- end }}
{{- end }}
{{- with .Values.providers.kubernetesGateway }}
{{- if .enabled }}
- --providers.kubernetesgateway
{{- if and .statusAddress.service.enabled $.Values.service.enabled }}
{{- $address := "--providers.kubernetesgateway.statusaddress.service" }}
- {{ $address }}.name={{ default (include "traefik.fullname" $) .statusAddress.service.name }}
- {{ $address }}.namespace={{ default (include "traefik.namespace" $) .statusAddress.service.namespace }}
{{- end }}
{{- end }}
{{- end }}
{{- range $name, $port := .Values.ports }}
{{- if (($port.http).tls).enabled }}
- --entryPoints.{{ $name }}.http.tls=true
{{- end }}
{{- end }}
- --log.level={{ .Values.log.level }}
{{- range .Values.additionalArguments }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{/* Nine tenths of a memory quantity in MiB, so that Go collects its garbage before the kernel kills it. */}}
{{- define "traefik.goMemoryLimit" -}}
{{- $powers := dict "Ki" 1024 "Mi" 1048576 "Gi" 1073741824 "k" 1000 "M" 1000000 "G" 1000000000 -}}
{{- $factor := default 1 (get $powers (regexFind "[A-Za-z]*$" (toString .))) -}}
{{- $number := regexFind "^[0-9.]+" (toString .) | float64 -}}
{{ divf (mulf 0.9 $number $factor) 1048576 | floor | int64 }}MiB
{{- end }}
