/** Reads a live cluster once into Facts, all that is independent at the same time. */
import {CannotFindOut} from '../model/errors.ts';
import {type Fact, absent, seen, valueOf} from '../model/fact.ts';
import type {ClusterFacts, NodeFacts, ServerFacts} from '../model/facts.ts';
import type {Pod} from '../model/pod.ts';
import type {ApiClient} from './client.ts';
import {openshiftServer} from './openshift.ts';
import {collectPlatform} from './platform.ts';
import {askProcesses} from './process.ts';
import {type ReadOptions, readServerFiles} from './server-files.ts';
import {isOpenShiftServer, sortServers} from './servers.ts';

interface List<T> {
  readonly items: readonly T[];
}

interface NodeObject {
  readonly metadata: {
    readonly name: string;
    readonly labels?: Record<string, string>;
    readonly annotations?: Record<string, string>;
  };
  readonly spec?: {readonly providerID?: string};
  readonly status?: {
    readonly addresses?: readonly {readonly type: string; readonly address: string}[];
    readonly conditions?: readonly {readonly type: string; readonly status: string}[];
    readonly nodeInfo?: {readonly osImage?: string};
  };
}

interface LeaseObject {
  readonly metadata: {readonly labels?: Record<string, string>};
}

interface EndpointSliceObject {
  readonly endpoints?: readonly {readonly addresses: readonly string[]}[];
}

const SYSTEM = 'kube-system';
/** Labels that installers give to API servers; see the selectors of kubeadm, kOps, OpenShift, HyperShift, Kamaji. */
const SERVER_SELECTORS: readonly string[] = [
  'component=kube-apiserver',
  'k8s-app=kube-apiserver',
  'app in (kube-apiserver,openshift-kube-apiserver)',
];

/**
 * Collects everything that `status` judges.
 * @throws CannotFindOut when the API server does not answer at all or does not accept the login
 */
export async function collectCluster(client: ApiClient, options: ReadOptions): Promise<ClusterFacts> {
  const [version, systemPods, labelled, nodes, identities, endpoints, kubeadmConfig] = await Promise.all([
    readVersion(client),
    client.json<List<Pod>>(`/api/v1/namespaces/${SYSTEM}/pods`, 'list pods -n kube-system'),
    Promise.all(
      SERVER_SELECTORS.map((selector) =>
        client.json<List<Pod>>(
          `/api/v1/pods?labelSelector=${encodeURIComponent(selector)}`,
          'list pods --all-namespaces',
        ),
      ),
    ),
    client.json<List<NodeObject>>('/api/v1/nodes', 'list nodes').then(nodeFacts),
    client
      .json<List<LeaseObject>>(
        `/apis/coordination.k8s.io/v1/namespaces/${SYSTEM}/leases?labelSelector=apiserver.kubernetes.io%2Fidentity%3Dkube-apiserver`,
        'list leases -n kube-system',
      )
      .then((fact) =>
        mapFact(fact, (list) => list.items.flatMap((lease) => lease.metadata.labels?.['kubernetes.io/hostname'] ?? [])),
      ),
    client
      .json<List<EndpointSliceObject>>(
        '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices?labelSelector=kubernetes.io%2Fservice-name%3Dkubernetes',
        'list endpointslices -n default',
      )
      .then((fact) =>
        mapFact(fact, (list) =>
          list.items.flatMap((slice) => (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses)),
        ),
      ),
    client
      .json<{data?: Record<string, string>}>(
        `/api/v1/namespaces/${SYSTEM}/configmaps/kubeadm-config`,
        'get configmaps -n kube-system',
      )
      .then((fact) => mapFact(fact, (map) => map.data?.['ClusterConfiguration'] ?? '')),
  ]);
  const candidates = [systemPods, ...labelled].flatMap((fact) => valueOf(fact)?.items ?? []);
  const nodeNames = nodes.state === 'seen' ? new Set(nodes.value.map((node) => node.name)) : undefined;
  const sorted = sortServers(candidates, nodeNames);
  const [platform, servers] = await Promise.all([
    collectPlatform(client, {gitVersion: version, nodes, ownMirrorPod: sorted.own.length > 0}),
    collectServers(client, sorted.own, options, version),
  ]);
  return {
    servers,
    foreign: sorted.foreign,
    pods: mapFact(systemPods, (list) => list.items.length),
    nodes,
    identities,
    endpoints,
    kubeadmConfig,
    platform,
    version,
    offline: false,
  };
}

async function readVersion(client: ApiClient): Promise<string> {
  const fact = await client.json<{gitVersion?: string}>('/version', 'get /version');
  if (fact.state === 'seen' && fact.value.gitVersion !== undefined) return fact.value.gitVersion;
  const reason =
    fact.state !== 'unknown'
      ? 'there is no /version'
      : fact.obstacle.kind === 'forbidden'
        ? `it forbids ${fact.obstacle.right}`
        : fact.obstacle.reason;
  throw new CannotFindOut(
    `ask the API server ${client.server.origin} for its version: ${reason}`,
    'check --context, --server and the network; --insecure-skip-tls-verify only for a test cluster',
  );
}

function nodeFacts(fact: Fact<List<NodeObject>>): Fact<NodeFacts[]> {
  return mapFact(fact, (list) =>
    list.items.map((node) => ({
      name: node.metadata.name,
      labels: node.metadata.labels ?? {},
      annotations: node.metadata.annotations ?? {},
      addresses: (node.status?.addresses ?? []).map((entry) => entry.address),
      providerID: node.spec?.providerID ?? '',
      osImage: node.status?.nodeInfo?.osImage ?? '',
      ready:
        node.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ===
        true,
    })),
  );
}

/** Applies `change` to a value that was seen; absent and unknown stay as they are. */
function mapFact<T, U>(fact: Fact<T>, change: (value: T) => U): Fact<U> {
  return fact.state === 'seen' ? seen(change(fact.value), fact.source) : fact;
}

async function collectServers(
  client: ApiClient,
  pods: readonly Pod[],
  options: ReadOptions,
  version: string,
): Promise<ServerFacts[]> {
  const resolved = await Promise.all(
    pods.map(async (pod) => (isOpenShiftServer(pod) ? openshiftServer(client, pod) : {pod, policy: undefined})),
  );
  const effective = resolved.map((entry) => entry.pod);
  const [processes, hashes, files] = await Promise.all([
    askProcesses(client, effective),
    Promise.all(effective.map((pod) => kubeletHash(client, pod))),
    readServerFiles(client, effective, options, version),
  ]);
  return effective.map((pod, index) => {
    const file = files[index]!;
    const process = processes[index]!;
    return {
      flagsFrom: isOpenShiftServer(pod) ? 'configmap' : 'mirror-pod',
      node: pod.spec.nodeName,
      file: undefined,
      pod,
      kubeletHash: hashes[index]!,
      process: process.process,
      flagz: process.flagz,
      policy: options.policy === undefined ? (resolved[index]!.policy ?? file.policy) : file.policy,
      webhookConfig: file.webhookConfig,
      webhookUnreachable: file.webhookUnreachable,
      strayManifests: file.strayManifests,
    };
  });
}

/**
 * The kubelet's own word on the static pod it runs: a mirror pod is a copy that stays behind while the node's API server is
 * down. It needs `get nodes/proxy`, which is never asked for; without it the process' start time is what is left.
 */
async function kubeletHash(client: ApiClient, pod: Pod): Promise<Fact<string>> {
  const node = pod.spec.nodeName ?? '';
  const pods = await client.json<List<Pod>>(`/api/v1/nodes/${node}/proxy/pods`, 'get nodes/proxy');
  if (pods.state !== 'seen') return pods;
  const same = pods.value.items.find(
    (entry) => entry.metadata.name === pod.metadata.name && entry.metadata.namespace === pod.metadata.namespace,
  );
  const hash = same?.metadata.annotations?.['kubernetes.io/config.hash'];
  return hash === undefined ? absent(pods.source) : seen(hash, pods.source);
}
