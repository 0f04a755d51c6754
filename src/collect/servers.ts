/**
 * Tells the API servers of this cluster from those of other clusters that it hosts.
 */
import type {ForeignServer} from '../model/facts.ts';
import {findServerCommand} from '../model/command-line.ts';
import type {Pod} from '../model/pod.ts';

export interface SortedServers {
  readonly own: readonly Pod[];
  readonly foreign: readonly ForeignServer[];
}

const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror';
/** Where static pods of API servers live: kubeadm and its kin, and OpenShift. */
const OWN_NAMESPACES: readonly string[] = ['kube-system', 'openshift-kube-apiserver'];

/**
 * @param pods candidates from all selectors, repeats allowed
 * @param nodeNames names of this cluster's nodes; undefined when they may not be read: then the pod's own word is taken
 */
export function sortServers(pods: readonly Pod[], nodeNames: ReadonlySet<string> | undefined): SortedServers {
  const own: Pod[] = [];
  const foreign: ForeignServer[] = [];
  const met = new Set<string>();
  for (const pod of pods) {
    const key = `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
    if (met.has(key)) continue;
    met.add(key);
    if (findServerCommand(pod).kind === 'none' && !isOpenShiftServer(pod)) continue;
    const reason = whyForeign(pod, nodeNames);
    if (reason === undefined) own.push(pod);
    else foreign.push({namespace: pod.metadata.namespace ?? '', name: pod.metadata.name, reason});
  }
  own.sort((a, b) => a.metadata.name.localeCompare(b.metadata.name));
  return {own, foreign};
}

/** OpenShift's container runs a start script; its flags lie in a ConfigMap. */
export function isOpenShiftServer(pod: Pod): boolean {
  return pod.metadata.namespace === 'openshift-kube-apiserver' && pod.metadata.labels?.['apiserver'] === 'true';
}

/**
 * The reason why a pod is not an API server of this cluster, or undefined when it is one. A mirror pod counts only when
 * the node it names owns it and its name ends in that node's name: that is how the kubelet makes them.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/pod/mirror_client.go
 */
function whyForeign(pod: Pod, nodeNames: ReadonlySet<string> | undefined): string | undefined {
  const node = pod.spec.nodeName ?? '';
  if (!OWN_NAMESPACES.includes(pod.metadata.namespace ?? ''))
    return `it runs in namespace ${pod.metadata.namespace ?? ''}`;
  if (pod.metadata.annotations?.[MIRROR_ANNOTATION] === undefined) return 'it is not the mirror of a static pod';
  if (node === '' || !pod.metadata.name.endsWith(`-${node}`))
    return `its name does not end in its node's name ${JSON.stringify(node)}`;
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.kind === 'Node');
  if (owner?.name !== node) return `node ${node} does not own it`;
  if (nodeNames !== undefined && !nodeNames.has(node)) return `node ${node} is not a node of this cluster`;
  return undefined;
}
