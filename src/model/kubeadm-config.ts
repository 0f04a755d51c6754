/**
 * Reads what kubeadm's ClusterConfiguration declares for the API server.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/cmd/kubeadm/app/apis/kubeadm/v1beta4/types.go
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/cmd/kubeadm/app/apis/kubeadm/v1beta3/types.go
 */
import {parseAllDocuments} from 'yaml';

/** One host path that kubeadm mounts into the API server's pod. */
export interface ExtraVolume {
  readonly name: string;
  readonly hostPath: string;
  readonly mountPath: string;
  readonly readOnly: boolean;
  /** Empty when it gives none. */
  readonly pathType: string;
}

/** The part of a ClusterConfiguration that speaks of the API server, or why there is none. */
export type KubeadmApiServer =
  | {
      readonly kind: 'read';
      /** By flag name without dashes; the list of v1beta4 can give a name more than once, the last one counts. */
      readonly extraArgs: ReadonlyMap<string, readonly string[]>;
      readonly extraVolumes: readonly ExtraVolume[];
    }
  | {readonly kind: 'unreadable'; readonly reason: string};

const GROUP = 'kubeadm.k8s.io/';
const MAP_VERSIONS: ReadonlySet<string> = new Set(['v1beta1', 'v1beta2', 'v1beta3']);

/**
 * Takes the text of a kubeadm configuration, of one or more documents; returns the API server's part of its
 * ClusterConfiguration. Documents of other kinds are passed over.
 */
export function parseKubeadmApiServer(text: string): KubeadmApiServer {
  const documents = parseAllDocuments(text, {logLevel: 'silent'});
  const parsed = Array.isArray(documents) ? documents : [];
  const broken = parsed.flatMap((document) => document.errors)[0];
  if (broken !== undefined) return unreadable(firstLine(broken.message));
  for (const document of parsed) {
    const value = toRecord(() => document.toJS());
    if (value?.['kind'] === 'ClusterConfiguration') return readClusterConfiguration(value);
  }
  return unreadable('no ClusterConfiguration among its documents');
}

const unreadable = (reason: string): KubeadmApiServer => ({kind: 'unreadable', reason});

function firstLine(message: string): string {
  return (message.split('\n')[0] ?? '').replace(/:$/, '');
}

/** Anchors that grow without bound make `toJS` throw. */
function toRecord(read: () => unknown): Readonly<Record<string, unknown>> | undefined {
  try {
    const value = read();
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readClusterConfiguration(document: Readonly<Record<string, unknown>>): KubeadmApiServer {
  const apiVersion = textOf(document['apiVersion']);
  const version = apiVersion.startsWith(GROUP) ? apiVersion.slice(GROUP.length) : '';
  if (!MAP_VERSIONS.has(version) && version !== 'v1beta4') {
    return unreadable(`apiVersion ${JSON.stringify(apiVersion)} is not supported`);
  }
  const apiServer = document['apiServer'] ?? {};
  if (!isRecord(apiServer)) return unreadable('apiServer is not a mapping');
  const extraArgs = apiServer['extraArgs'] ?? (version === 'v1beta4' ? [] : {});
  if (version === 'v1beta4' && !Array.isArray(extraArgs))
    return unreadable('apiServer.extraArgs is not a list, as v1beta4 has it');
  if (version !== 'v1beta4' && !isRecord(extraArgs))
    return unreadable(`apiServer.extraArgs is not a mapping, as ${version} has it`);
  return {
    kind: 'read',
    extraArgs: Array.isArray(extraArgs) ? listedArguments(extraArgs) : mappedArguments(extraArgs),
    extraVolumes: volumesOf(apiServer['extraVolumes']),
  };
}

function mappedArguments(extraArgs: unknown): ReadonlyMap<string, readonly string[]> {
  if (!isRecord(extraArgs)) return new Map();
  return new Map(Object.entries(extraArgs).map(([name, value]) => [name, [textOf(value)]]));
}

function listedArguments(extraArgs: readonly unknown[]): ReadonlyMap<string, readonly string[]> {
  const byName = new Map<string, string[]>();
  for (const entry of extraArgs) {
    if (!isRecord(entry) || typeof entry['name'] !== 'string') continue;
    byName.set(entry['name'], [...(byName.get(entry['name']) ?? []), textOf(entry['value'])]);
  }
  return byName;
}

function volumesOf(extraVolumes: unknown): readonly ExtraVolume[] {
  if (!Array.isArray(extraVolumes)) return [];
  return extraVolumes.filter(isRecord).map((volume) => ({
    name: textOf(volume['name']),
    hostPath: textOf(volume['hostPath']),
    mountPath: textOf(volume['mountPath']),
    readOnly: volume['readOnly'] === true,
    pathType: textOf(volume['pathType']),
  }));
}

/** kubeadm wants strings; what YAML reads as a number or boolean is shown as it would be written. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}
