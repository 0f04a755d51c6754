/** Reads a live cluster once into Facts, all that is independent at the same time. */
import {hostname} from 'node:os';
import {createHash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {findServerCommand} from '../model/command-line.ts';
import {CannotFindOut} from '../model/errors.ts';
import {type Fact, absent, seen, unknown, valueOf} from '../model/fact.ts';
import type {ClusterFacts, FileFact, NodeFacts, ServerFacts} from '../model/facts.ts';
import {parseKubernetesVersion} from '../model/kubernetes-version.ts';
import {type ResolvedPath, resolvePath} from '../model/mounts.ts';
import type {Container, Pod} from '../model/pod.ts';
import {auditSettings, parseServerFlags} from '../model/server-flags.ts';
import type {ApiClient} from './client.ts';
import {type NodeReader, type WantedFile, nodeFileKey} from './node-job.ts';
import {askProcesses} from './process.ts';
import {collectPlatform} from './platform.ts';
import {isOpenShiftServer, sortServers} from './servers.ts';
import {openshiftServer} from './openshift.ts';

/** What the caller of `collectCluster` allows and gives. */
export interface CollectOptions {
  /** The policy in force, given by hand: not read from the nodes. */
  readonly policy: FileFact | undefined;
  /** Reads files on nodes by a short-lived pod, if the user consents; undefined where that is not wanted. */
  readonly nodeReader: NodeReader | undefined;
}

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
export async function collectCluster(client: ApiClient, options: CollectOptions): Promise<ClusterFacts> {
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
  options: CollectOptions,
  version: string,
): Promise<ServerFacts[]> {
  const resolved = await Promise.all(
    pods.map(async (pod) => (isOpenShiftServer(pod) ? openshiftServer(client, pod) : {pod, policy: undefined})),
  );
  const effective = resolved.map((entry) => entry.pod);
  const [processes, hashes, files] = await Promise.all([
    askProcesses(client, effective),
    Promise.all(effective.map((pod) => kubeletHash(client, pod))),
    readFiles(client, effective, options, version),
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

interface ServerFiles {
  readonly policy: Fact<FileFact>;
  readonly webhookConfig: Fact<FileFact>;
  readonly webhookUnreachable: Fact<string>;
  readonly strayManifests: Fact<readonly string[]>;
}

interface ServerPaths {
  readonly node: string;
  readonly policy: ResolvedPath | undefined;
  readonly webhookConfig: ResolvedPath | undefined;
  readonly namespace: string;
}

/** The ladder: the node itself, the kubelet's log endpoint, ConfigMaps and Secrets, and with consent a read-only pod. */
async function readFiles(
  client: ApiClient,
  pods: readonly Pod[],
  options: CollectOptions,
  version: string,
): Promise<ServerFiles[]> {
  const paths = pods.map((pod) => pathsOf(pod, version));
  const direct = await Promise.all(
    paths.map(async (path): Promise<DirectlyRead> => ({
      policy:
        options.policy === undefined
          ? await readDirectly(client, path, path.policy)
          : seen(options.policy, 'given by --policy'),
      webhookConfig: await readDirectly(client, path, path.webhookConfig),
    })),
  );
  const wanted = paths.flatMap((path, index) => wantedFromNode(path, direct[index]!));
  const fromNodes = options.nodeReader === undefined ? undefined : await options.nodeReader(wanted);
  return paths.map((path, index) => {
    const here = direct[index]!;
    const later = (resolved: ResolvedPath | undefined, first: Fact<FileFact>) =>
      resolved?.kind === 'host' && first.state === 'unknown'
        ? (fromNodes?.files.get(nodeFileKey(path.node, resolved.hostPath)) ?? first)
        : first;
    return {
      policy: later(path.policy, here.policy),
      webhookConfig: later(path.webhookConfig, here.webhookConfig),
      webhookUnreachable:
        (path.webhookConfig?.kind === 'host'
          ? fromNodes?.unreachable.get(nodeFileKey(path.node, path.webhookConfig.hostPath))
          : undefined) ?? notTried('it can be tried from the node only: --read-node'),
      strayManifests: fromNodes?.strayManifests.get(path.node) ?? notTried('the static pod directory was not read'),
    };
  });
}

type DirectlyRead = Pick<ServerFiles, 'policy' | 'webhookConfig'>;

function wantedFromNode(path: ServerPaths, direct: DirectlyRead): WantedFile[] {
  const wanted: WantedFile[] = [];
  if (path.policy?.kind === 'host' && direct.policy.state === 'unknown')
    wanted.push({node: path.node, path: path.policy.hostPath, kind: 'plain'});
  if (path.webhookConfig?.kind === 'host' && direct.webhookConfig.state === 'unknown')
    wanted.push({node: path.node, path: path.webhookConfig.hostPath, kind: 'webhook'});
  return wanted;
}

function pathsOf(pod: Pod, version: string): ServerPaths {
  const command = findServerCommand(pod);
  const base = {node: pod.spec.nodeName ?? '', namespace: pod.metadata.namespace ?? SYSTEM};
  if (command.kind === 'none') return {...base, policy: undefined, webhookConfig: undefined};
  const release = parseKubernetesVersion(version);
  const settings = auditSettings(parseServerFlags(command.argv, release), release);
  const resolve = (path: string, container: Container) =>
    path === '' ? undefined : resolvePath(pod.spec, container, path);
  return {
    ...base,
    policy: resolve(settings.policyFile.value, command.container),
    webhookConfig: resolve(settings.webhookConfigFile.value, command.container),
  };
}

async function readDirectly(
  client: ApiClient,
  paths: ServerPaths,
  path: ResolvedPath | undefined,
): Promise<Fact<FileFact>> {
  if (path === undefined) return absent('the flag is not set');
  switch (path.kind) {
    case 'configMap':
      return readObjectKey(
        client,
        `/api/v1/namespaces/${paths.namespace}/configmaps/${path.name}`,
        `get configmaps -n ${paths.namespace}`,
        path.key,
        'configmap',
      );
    case 'secret':
      return readObjectKey(
        client,
        `/api/v1/namespaces/${paths.namespace}/secrets/${path.name}`,
        `get secrets -n ${paths.namespace}`,
        path.key,
        'secret',
      );
    case 'host':
      return readHostPath(client, paths.node, path.hostPath);
    case 'image':
      return absent('no volume carries the path');
    case 'emptyDir':
    case 'other':
    case 'stdout':
      return unknown({
        kind: 'unreadable',
        attempt: `read it on node ${paths.node}`,
        reason: 'its volume cannot be read from outside',
      });
  }
}

async function readObjectKey(
  client: ApiClient,
  url: string,
  right: string,
  key: string | undefined,
  from: 'configmap' | 'secret',
): Promise<Fact<FileFact>> {
  if (key === undefined) return absent('the volume does not select a key for this path');
  const object = await client.json<{data?: Record<string, string>}>(url, right);
  if (object.state !== 'seen') return object;
  const value = object.value.data?.[key];
  if (value === undefined) return absent(object.source);
  return seen(
    fileFact(from === 'secret' ? Buffer.from(value, 'base64').toString('utf8') : value, from, undefined),
    object.source,
  );
}

async function readHostPath(client: ApiClient, node: string, path: string): Promise<Fact<FileFact>> {
  if (hostname() === node) {
    const local = await readLocally(path);
    if (local !== undefined) return local;
  }
  if (path.startsWith('/var/log/')) {
    // The kubelet serves /var/log of its node; see `kubectl get --raw /api/v1/nodes/NAME/proxy/logs/`.
    const answer = await client.text(
      `/api/v1/nodes/${node}/proxy/logs/${path.slice('/var/log/'.length)}`,
      'get nodes/log',
      {accept: '*/*'},
    );
    if (answer.state !== 'seen') return answer;
    const modified = Date.parse(String(answer.value.headers['last-modified'] ?? '')) / 1000;
    return seen(
      fileFact(answer.value.body, 'kubelet-log-endpoint', Number.isNaN(modified) ? undefined : modified),
      answer.source,
    );
  }
  return notTried(
    `it lies on the node, outside of /var/log; --read-node reads it with a short-lived read-only pod, --policy FILE takes a copy`,
  );
}

async function readLocally(path: string): Promise<Fact<FileFact> | undefined> {
  try {
    const [text, information] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return seen(fileFact(text, 'node', information.mtimeMs / 1000), `read ${path}`);
  } catch {
    return undefined;
  }
}

/** A file with its checksum. */
export function fileFact(text: string, from: string, modified: number | undefined): FileFact {
  return {text, from, modified, sha256: createHash('sha256').update(text).digest('hex')};
}

function notTried<T>(reason: string): Fact<T> {
  return unknown({kind: 'not-tried', reason});
}
