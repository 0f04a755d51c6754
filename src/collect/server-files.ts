/** The ladder by which the files that an API server's flags name are read, without exec into its distroless container. */
import {createHash} from 'node:crypto';
import {readFile, stat} from 'node:fs/promises';
import {hostname} from 'node:os';
import {findServerCommand} from '../model/command-line.ts';
import {type Fact, absent, seen, unknown} from '../model/fact.ts';
import type {FileFact} from '../model/facts.ts';
import {parseKubernetesVersion} from '../model/kubernetes-version.ts';
import {type ResolvedPath, resolvePath} from '../model/mounts.ts';
import type {Container, Pod} from '../model/pod.ts';
import {auditSettings, parseServerFlags} from '../model/server-flags.ts';
import type {ApiClient} from './client.ts';
import {type NodeReader, type WantedFile, nodeFileKey} from './node-job.ts';

/** What the caller allows and gives. */
export interface ReadOptions {
  /** The policy in force, given by hand: not read from the nodes. */
  readonly policy: FileFact | undefined;
  /** Reads files on nodes by a short-lived pod, if the user consents; undefined where that is not wanted. */
  readonly nodeReader: NodeReader | undefined;
}

/** The files that one API server's flags name, as far as they could be read. */
export interface ServerFiles {
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

/**
 * Reads the files of all servers by the ladder: the node itself, the kubelet's log endpoint, ConfigMaps and Secrets, and, for
 * what is left and with consent, a read-only pod on the node.
 */
export async function readServerFiles(
  client: ApiClient,
  pods: readonly Pod[],
  options: ReadOptions,
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
  const base = {node: pod.spec.nodeName ?? '', namespace: pod.metadata.namespace ?? 'kube-system'};
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
      'get nodes/proxy',
      {accept: '*/*'},
    );
    // This right is root on the node: it is used where it is there, and never asked for.
    if (answer.state === 'unknown' && answer.obstacle.kind === 'forbidden') {
      return notTried(
        'the kubelet serves it only to users who may get nodes/proxy; --read-node reads it with a short-lived read-only pod, --policy FILE takes a copy',
      );
    }
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
