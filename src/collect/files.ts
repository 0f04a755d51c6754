/** Reads manifests and policies from files or standard input, for `status` without a cluster. */
import {LineCounter, parseAllDocuments} from 'yaml';
import {findServerCommand} from '../model/command-line.ts';
import {UsageError} from '../model/errors.ts';
import {type Fact, absent, seen, unknown} from '../model/fact.ts';
import type {ClusterFacts, FileFact, ServerFacts} from '../model/facts.ts';
import type {Pod} from '../model/pod.ts';
import {readTextFile} from './input-file.ts';
import {firstLine} from './kubeconfig.ts';
import {fileFact} from './server-files.ts';

const OFFLINE = 'no cluster was asked: only files were given';

/** Nobody was asked. */
function offline<T>(): Fact<T> {
  return unknown({kind: 'not-tried', reason: OFFLINE});
}

/** @throws UsageError for a file that cannot be read, is no YAML or JSON, or holds no API server */
export async function collectFiles(
  manifests: readonly string[],
  policyFile: string | undefined,
): Promise<ClusterFacts> {
  if (manifests.includes('-') && policyFile === '-')
    throw new UsageError('--manifest - and --policy - both read standard input', 'give one of them as a file');
  const policy = policyFile === undefined ? undefined : await readPolicyFile(policyFile);
  const servers = (
    await Promise.all(manifests.map(async (file) => serversOf(file, await readManifest(file), policy)))
  ).flat();
  return {
    servers,
    foreign: [],
    pods: offline(),
    nodes: offline(),
    identities: offline(),
    endpoints: offline(),
    kubeadmConfig: offline(),
    platform: {
      serverHost: undefined,
      context: undefined,
      gitVersion: undefined,
      apiGroups: offline(),
      openshiftKinds: offline(),
      namespaces: offline(),
      nodes: offline(),
      configMaps: [],
      ownMirrorPod: false,
    },
    version: undefined,
    offline: true,
  };
}

/** The policy in force, given by hand. */
export async function readPolicyFile(file: string): Promise<FileFact> {
  const {name, text} = await readTextFile(file, {flag: '--policy', expected: 'an audit policy'});
  return {...fileFact(text, 'file', undefined), name};
}

async function readManifest(file: string): Promise<string> {
  const {text} = await readTextFile(file, {flag: '--manifest', expected: 'a static pod manifest'});
  return text;
}

function serversOf(file: string, text: string, policy: FileFact | undefined): ServerFacts[] {
  const pods = podsOf(file, text).filter((pod) => findServerCommand(pod).kind === 'found');
  if (pods.length === 0) {
    throw new UsageError(
      `--manifest ${file}: it holds no Pod that runs kube-apiserver`,
      'give the static pod manifest, usually /etc/kubernetes/manifests/kube-apiserver.yaml',
    );
  }
  return pods.map((pod) => ({
    flagsFrom: 'manifest',
    node: pod.spec.nodeName,
    file: file === '-' ? 'standard input' : file,
    pod,
    kubeletHash: absent('a manifest file'),
    process: offline(),
    flagz: offline(),
    policy:
      policy === undefined
        ? unknown({kind: 'not-tried', reason: 'no policy was given: pass it with --policy FILE'})
        : seen(policy, 'given by --policy'),
    webhookConfig: offline(),
    webhookUnreachable: offline(),
    strayManifests: offline(),
  }));
}

/** Every Pod of a YAML or JSON text: several documents, and lists of pods as `kubectl get -o json` prints them. */
function podsOf(file: string, text: string): Pod[] {
  const lineCounter = new LineCounter();
  return parseAllDocuments(text, {lineCounter, uniqueKeys: false}).flatMap((document) => {
    const error = document.errors[0];
    if (error !== undefined) {
      const line = error.linePos?.[0].line;
      throw new UsageError(
        `--manifest ${file}${line === undefined ? '' : `:${line}`}: ${firstLine(error).replace(/:$/, '')}`,
        'correct the YAML: the kubelet would not run it either',
      );
    }
    return podsIn(document.toJS({maxAliasCount: 100}));
  });
}

function podsIn(value: unknown): Pod[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('items' in value && Array.isArray(value.items)) return value.items.flatMap(podsIn);
  return isPod(value) ? [value] : [];
}

function isPod(value: object): value is Pod {
  return (
    'spec' in value &&
    typeof value.spec === 'object' &&
    value.spec !== null &&
    'containers' in value.spec &&
    Array.isArray(value.spec.containers) &&
    'metadata' in value &&
    typeof value.metadata === 'object' &&
    value.metadata !== null
  );
}
