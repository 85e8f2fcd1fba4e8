{{- define "cluster-autoscaler.name" -}}
{{- printf "%s-%s" .Values.cloudProvider (default .Chart.Name .Values.nameOverride) | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{- define "cluster-autoscaler.fullname" -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 63 | trimSuffix "-" -}}
{{- else if contains (include "cluster-autoscaler.name" .) .Release.Name -}}
{{- .Release.Name | trunc 63 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name (include "cluster-autoscaler.name" .) | trunc 63 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "cluster-autoscaler.selectorLabels" -}}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/name: {{ include "cluster-autoscaler.name" . | quote }}
{{- end -}}

{{- define "cluster-autoscaler.labels" -}}
{{ include "cluster-autoscaler.selectorLabels" . }}
app.kubernetes.io/managed-by: {{ .Release.Service | quote }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | quote }}
{{- end -}}

{{- define "cluster-autoscaler.serviceAccountName" -}}
{{- default (ternary (include "cluster-autoscaler.fullname" .) "default" .Values.rbac.serviceAccount.create) .Values.rbac.serviceAccount.name -}}
{{- end -}}

{{- define "cluster-autoscaler.discovery" -}}
{{- $parts := list (printf "clusterName=%s" .Values.autoDiscovery.clusterName) -}}
{{- with .Values.autoDiscovery.namespace -}}
{{- $parts = append $parts (printf "namespace=%s" .) -}}
{{- end -}}
{{- range .Values.autoDiscovery.labels -}}
{{- range $key, $value := . -}}
{{- $parts = append $parts (printf "%s=%s" $key $value) -}}
{{- end -}}
{{- end -}}
clusterapi:{{ join "," $parts }}
{{- end -}}

{{- define "cluster-autoscaler.rules" -}}
- apiGroups: [""]
  resources: [events, endpoints]
  verbs: [create, patch]
- apiGroups: [""]
  resources: [pods, services, replicationcontrollers, persistentvolumeclaims, persistentvolumes, nodes, namespaces]
  verbs: [get, list, watch]
- apiGroups: [coordination.k8s.io]
  resources: [leases]
  verbs: [create, get, update, patch]
- apiGroups: [cluster.x-k8s.io]
  resources: [machinedeployments, machinepools, machines, machinesets]
  verbs: [get, list, update, watch]
- apiGroups: [cluster.x-k8s.io]
  resources: [machinedeployments/scale, machinepools/scale]
  verbs: [get, patch, update]
{{- with .Values.rbac.additionalRules }}
{{ toYaml . }}
{{- end }}
{{- end -}}
