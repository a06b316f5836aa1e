{{/*
Copyright: Contributors to langgraph.selfhosted
SPDX-License-Identifier: GPL-3.0-or-later
*/ -}}
{{/* Labels of an object. Takes (list root name); name is the value of app.kubernetes.io/name. */}}
{{- define "keda.labels" -}}
{{- include "keda.crdLabels" . }}
app.kubernetes.io/instance: {{ (first .).Release.Name }}
{{- with (first .).Values.additionalLabels }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "keda.crdLabels" -}}
{{- $root := first . -}}
app.kubernetes.io/name: {{ last . }}
app.kubernetes.io/component: operator
app.kubernetes.io/managed-by: {{ default $root.Release.Service $root.Values.customManagedBy }}
app.kubernetes.io/part-of: {{ $root.Values.operator.name }}
app.kubernetes.io/version: {{ $root.Chart.AppVersion }}
helm.sh/chart: {{ $root.Chart.Name }}-{{ $root.Chart.Version }}
{{- end }}

{{/*
metadata of an object. Takes a dict: root, name; optional namespace (false: cluster-wide), label (app.kubernetes.io/name
where it is not the name), labels, annotations, bare (true: without additionalAnnotations).
*/}}
{{- define "keda.metadata" -}}
name: {{ .name }}
{{- if ne (toString .namespace) "false" }}
namespace: {{ default .root.Release.Namespace .namespace }}
{{- end }}
labels:
  {{- include "keda.labels" (list .root (default .name .label)) | nindent 2 }}
  {{- with .labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with merge (dict) (default dict .annotations) (ternary dict .root.Values.additionalAnnotations (default false .bare)) }}
annotations: {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Takes (list root key), the key being one under .Values.image. */}}
{{- define "keda.image" -}}
{{- $root := first . }}{{ $image := get $root.Values.image (last .) -}}
{{- $path := printf "%s:%s" $image.repository (default $root.Chart.AppVersion $image.tag) -}}
{{- with coalesce $root.Values.global.image.registry $image.registry }}{{ . }}/{{ end }}{{ $path }}
{{- end }}

{{/*
A Deployment and its PodDisruptionBudget. The chart names the same part differently in its values, hence a dict: root,
name, part (operator, metricsServer, webhooks), kind (operator, metricServer, webhooks), pods (keda, metricsAdapter,
webhooks), image (keda, metricsApiServer, webhooks), labels (above app), health (port), scheme; container and volume are
names of templates that give what is particular.
*/}}
{{- define "keda.deployment" -}}
{{- $values := .root.Values }}
{{- $part := get $values .part }}
{{- $account := get $values.serviceAccount .kind }}
{{- $labels := merge (dict "app" .name) (default dict .labels) -}}
apiVersion: apps/v1
kind: Deployment
metadata: {{- include "keda.metadata" (dict "root" .root "name" .name "labels" $labels) | nindent 2 }}
spec:
  replicas: {{ $part.replicaCount }}
  revisionHistoryLimit: {{ $part.revisionHistoryLimit }}
  selector:
    matchLabels: {app: {{ .name }}}
  template:
    metadata:
      labels:
        {{- include "keda.labels" (list .root .name) | nindent 8 }}
        {{- toYaml (merge $labels (get $values.podLabels .pods)) | nindent 8 }}
      {{- with merge (dict) (get $values.podAnnotations .pods) $values.additionalAnnotations }}
      annotations: {{- toYaml . | nindent 8 }}
      {{- end }}
    spec:
      serviceAccountName: {{ $account.name }}
      automountServiceAccountToken: {{ $account.automountServiceAccountToken }}
      enableServiceLinks: {{ $values.enableServiceLinks }}
      hostNetwork: {{ $part.useHostNetwork }}
      {{- with $part.dnsPolicy }}
      dnsPolicy: {{ . }}
      {{- end }}
      {{- range $key := list "imagePullSecrets" "priorityClassName" }}
      {{- with get $values $key }}
      {{ $key }}: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      nodeSelector:
        kubernetes.io/os: linux
        {{- with default $values.nodeSelector $part.nodeSelector }}
        {{- toYaml . | nindent 8 }}
        {{- end }}
      {{- range $key := list "affinity" "tolerations" }}
      {{- with default (get $values $key) (get $part $key) }}
      {{ $key }}: {{- toYaml . | nindent 8 }}
      {{- end }}
      {{- end }}
      {{- with get $values.topologySpreadConstraints .part }}
      topologySpreadConstraints: {{- toYaml . | nindent 8 }}
      {{- end }}
      securityContext: {{- toYaml (get $values.podSecurityContext .kind) | nindent 8 }}
      containers:
        - name: {{ .name }}
          image: {{ include "keda.image" (list .root .image) }}
          imagePullPolicy: {{ $values.image.pullPolicy }}
          securityContext: {{- toYaml (get $values.securityContext .kind) | nindent 12 }}
          resources: {{- toYaml (get $values.resources .kind) | nindent 12 }}
          {{- $check := dict "port" .health }}
          {{- with .scheme }}{{ $_ := set $check "scheme" . }}{{ end }}
          readinessProbe:
            httpGet: {{- toYaml (merge (dict "path" "/readyz") $check) | nindent 14 }}
            {{- toYaml $part.readinessProbe | nindent 12 }}
          livenessProbe:
            httpGet: {{- toYaml (merge (dict "path" "/healthz") $check) | nindent 14 }}
            {{- toYaml $part.livenessProbe | nindent 12 }}
          volumeMounts:
            - {name: certificates, mountPath: /certs, readOnly: true}
          {{- include .container .root | nindent 10 }}
      volumes:
        - name: certificates
          secret:
            secretName: kedaorg-certs
            defaultMode: 420
            {{- /* The operator makes the Secret, so it starts without it. */}}
            {{- if eq .part "operator" }}
            optional: true
            {{- end }}
{{- with get $values.podDisruptionBudget .kind }}
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: {{- include "keda.metadata" (dict "root" $.root "name" $.name) | nindent 2 }}
spec:
  {{- toYaml (pick . "minAvailable" "maxUnavailable") | nindent 2 }}
  selector:
    matchLabels: {app: {{ $.name }}}
{{- end }}
{{- end }}

{{/* env that every part has. */}}
{{- define "keda.env" -}}
- name: WATCH_NAMESPACE
  value: {{ .Values.watchNamespace | quote }}
- name: POD_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
{{- with .Values.env }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{- define "keda.tlsEnv" -}}
- name: KEDA_HTTP_DEFAULT_TIMEOUT
  value: {{ .Values.http.timeout | quote }}
- name: KEDA_HTTP_MIN_TLS_VERSION
  value: {{ .Values.http.minTlsVersion }}
- name: KEDA_HTTP_TLS_CIPHER_LIST
  value: {{ .Values.http.tlsCipherList | quote }}
- name: KEDA_SERVICE_MIN_TLS_VERSION
  value: {{ .Values.service.minTlsVersion }}
- name: KEDA_SERVICE_TLS_CIPHER_LIST
  value: {{ .Values.service.tlsCipherList | quote }}
{{- end }}
