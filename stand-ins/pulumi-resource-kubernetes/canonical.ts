// One form for inputs of Kubernetes' own kinds that mean the same. The real plugin passes them through Kubernetes' Go
// types, which leave out members that hold their zero value, unless a pointer or a missing `omitempty` keeps them.
// Here that is a table of names, made from the types of k8s.io/api v0.36. Custom resources stay as they are.

import { isPropertyMap, type PropertyMap, type PropertyValue } from "../pulumi-plugin/values";
import { kindOf, type KubeObject, without } from "./kube-object";
import { isBuiltIn, isCrd } from "./scope";

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

/** Members whose keys are the user's: an empty text in there is a value. */
const freeForm = words(`
  annotations attributes binaryData capacity data default defaultRequest hard labels limits matchLabels max
  maxLimitRequestRatio min options overhead parameters requests stringData volumeAttributes
`);
const mapsLeftOut = words(`
  annotations attributes binaryData data default defaultRequest extra hard labels limits matchLabels max
  maxLimitRequestRatio min nodeSelector options requests stringData volumeAttributes
`);
const listsKept = words(`
  addresses admissionReviewVersions audiences containers endpoints names nodeSelectorTerms paths
  rules sources topologyKeys values verbs
`);
const falseLeftOut = words(`
  chapAuthDiscovery chapAuthSession globalDefault hostIPC hostNetwork hostPID paused publishNotReadyAddresses
  readOnly sslEnabled stdin stdinOnce tty unschedulable
`);
const zeroLeftOut = words(`
  failureThreshold healthCheckNodePort hostPort initialDelaySeconds minReadySeconds nodePort periodSeconds
  successThreshold
`);
const emptyLeftOut = words(`
  clusterIP concurrencyPolicy containerName dnsPolicy externalName externalTrafficPolicy fsType generateName host
  hostIP hostname image imagePullPolicy loadBalancerIP medium namespace nodeName persistentVolumeReclaimPolicy
  podCIDR podManagementPolicy priorityClassName providerID restartPolicy schedulerName serviceAccount
  serviceAccountName sessionAffinity subPath subPathExpr subdomain terminationMessagePath terminationMessagePolicy
  value volumeName workingDir
`);

/** The inputs without members that say nothing. */
export function canonical(inputs: KubeObject): KubeObject {
  if (isCrd(inputs)) return withoutCrdOutputs(inputs);
  if (!isBuiltIn(inputs) || kindOf(inputs) === "Secret") return inputs;
  return pruned(inputs);
}

/** A definition's status is never an input, and the server drops a false preserveUnknownFields. */
function withoutCrdOutputs(inputs: KubeObject): KubeObject {
  const { spec, ...rest } = without(inputs, "status");
  if (!isPropertyMap(spec)) return { ...rest, ...(spec !== undefined && { spec }) };
  const preserves = spec["preserveUnknownFields"] !== false;
  return { ...rest, spec: preserves ? spec : without(spec, "preserveUnknownFields") };
}

function pruned(map: PropertyMap): PropertyMap {
  const entries = Object.entries(map).filter(
    ([name, value]) => value !== undefined && !saysNothing(name, value),
  );
  return Object.fromEntries(
    entries.map(([name, value]) => [name, freeForm.has(name) ? value : inside(value ?? null)]),
  );
}

function inside(value: PropertyValue): PropertyValue {
  if (Array.isArray(value)) return value.map(inside);
  return isPropertyMap(value) ? pruned(value) : value;
}

function saysNothing(name: string, value: PropertyValue): boolean {
  if (value === null) return true;
  if (Array.isArray(value)) return value.length === 0 && !listsKept.has(name);
  if (isPropertyMap(value)) return Object.keys(value).length === 0 && mapsLeftOut.has(name);
  if (value === false) return falseLeftOut.has(name);
  if (value === 0) return zeroLeftOut.has(name);
  return value === "" && emptyLeftOut.has(name);
}
