/**
 * Reads files on control-plane nodes by a short-lived Job, only with the user's consent: pinned to the node, read-only, only
 * the directories needed, no service-account token, gone afterwards also when this program is interrupted. Should this
 * program itself be killed, the Job's own deadline and time to live end it, and the next run removes what is left.
 */
import {createHash, randomBytes} from 'node:crypto';
import {posix} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {parseAllDocuments} from 'yaml';
import {type Fact, absent, seen, unknown} from '../model/fact.ts';
import type {FileFact} from '../model/facts.ts';
import type {ApiClient} from './client.ts';

/** A file to read on a node. */
export interface WantedFile {
  readonly node: string;
  readonly path: string;
  /**
   * `webhook`: credentials are masked on the node, before anything is printed to the pod's log, and a connection to its
   * server is tried from there, with the node's own network and names.
   */
  readonly kind: 'plain' | 'webhook';
}

interface NodeFiles {
  /** By `nodeFileKey`. */
  readonly files: ReadonlyMap<string, Fact<FileFact>>;
  /** By node: files of the static pod directory, besides the first, that run an API server too. */
  readonly strayManifests: ReadonlyMap<string, Fact<readonly string[]>>;
  /** By `nodeFileKey` of a webhook configuration: why its server cannot be reached from the node; empty when it can. */
  readonly unreachable: ReadonlyMap<string, Fact<string>>;
}

/** Reads the files, or returns undefined when the user does not consent. */
export type NodeReader = (wanted: readonly WantedFile[]) => Promise<NodeFiles | undefined>;

export interface NodeReaderOptions {
  readonly image: string;
  /** Asks the user; told what would be done. */
  readonly consent: (question: string) => Promise<boolean>;
  /** Aborted on Ctrl-C: the reader cleans up and ends. */
  readonly signal: AbortSignal;
}

const NAMESPACE = 'kubectl-audit';
const OWN_LABELS = {'app.kubernetes.io/managed-by': 'kubectl-audit'};
const STATIC_POD_DIRECTORY = '/etc/kubernetes/manifests';
const DEADLINE_SECONDS = 45;
/** A finished Job that nobody removed removes itself after this. */
const TIME_TO_LIVE_SECONDS = 30;
/** A policy is some kilobytes; more than this is not printed. */
const MAX_FILE_BYTES = 1024 * 1024;

/**
 * Prints each file as `@@file PATH MTIME`, base64 lines, `@@end`. Values of credential keys are masked first: a pod's log
 * stays on the node and may be collected.
 */
const SCRIPT = `
mask() { sed -E 's/^([[:space:]-]*"?(token|password|client-key-data|client-certificate-data|access-token|id-token|refresh-token|client-secret)"?[[:space:]]*:).*/\\1 "masked"/'; }
emit() {
  if [ ! -e "/host$2" ]; then echo "@@absent $2"; return; fi
  if [ ! -f "/host$2" ]; then echo "@@not-a-file $2"; return; fi
  if [ "$(stat -L -c %s "/host$2")" -gt ${MAX_FILE_BYTES} ]; then echo "@@too-large $2"; return; fi
  echo "@@file $2 $(stat -L -c %Y "/host$2")"
  if [ "$1" = plain ]; then base64 "/host$2"; else mask < "/host$2" | base64; fi
  echo "@@end"
}
reach() {
  server=$(sed -nE 's/^[[:space:]"-]*server"?:[[:space:]]*"?([^"]*).*/\\1/p' "/host$1" | head -n 1)
  address=\${server#*://}; address=\${address%%/*}
  port=\${address##*:}; [ "$port" = "$address" ] && case $server in https:*) port=443 ;; *) port=80 ;; esac
  host=\${address%:*}
  # Not every nc knows -z: a connection that stays open is ended from outside, and only what nc complains of is a failure.
  reason=$(timeout 4 nc -w 3 "$host" "$port" < /dev/null 2>&1 > /dev/null)
  case $reason in
    nc:*) echo "@@unreached $1 \${reason#nc: }" ;;
    *) echo "@@reached $1" ;;
  esac
}
for file in "/host${STATIC_POD_DIRECTORY}"/*; do
  [ -f "$file" ] && grep -q kube-apiserver "$file" && emit masked "\${file#/host}"
done
while [ $# -gt 1 ]; do
  emit "$1" "$2"
  [ "$1" = webhook ] && [ -f "/host$2" ] && reach "$2"
  shift 2
done
`;

export function nodeFileKey(node: string, path: string): string {
  return `${node}:${path}`;
}

/** Makes a reader; nothing happens until it is called with at least one file. */
export function nodeReader(client: ApiClient, options: NodeReaderOptions): NodeReader {
  return async (wanted) => {
    if (wanted.length === 0) return undefined;
    const nodes = [...new Set(wanted.map((file) => file.node))];
    const paths = [...new Set(wanted.map((file) => file.path))];
    const question = `read ${paths.join(', ')} and ${STATIC_POD_DIRECTORY} on ${nodes.join(', ')} with a short-lived read-only pod (image ${options.image}, namespace ${NAMESPACE})?`;
    if (!(await options.consent(question))) return undefined;
    return readOnNodes(client, options, nodes, wanted);
  };
}

async function readOnNodes(
  client: ApiClient,
  options: NodeReaderOptions,
  nodes: readonly string[],
  wanted: readonly WantedFile[],
): Promise<NodeFiles> {
  const files = new Map<string, Fact<FileFact>>();
  const strayManifests = new Map<string, Fact<readonly string[]>>();
  const unreachable = new Map<string, Fact<string>>();
  const failAll = (reason: string): NodeFiles => {
    for (const file of wanted) files.set(nodeFileKey(file.node, file.path), failed(file, reason));
    return {files, strayManifests, unreachable};
  };
  const refusal = await ensureNamespace(client);
  if (refusal !== undefined) return failAll(refusal);
  try {
    await Promise.all(
      nodes.map(async (node) => {
        const here = wanted.filter((file) => file.node === node);
        const log = await runJob(client, options, node, here);
        for (const file of here)
          files.set(nodeFileKey(node, file.path), log.ok ? fileFrom(log.text, file) : failed(file, log.reason));
        for (const file of here.filter((item) => item.kind === 'webhook' && log.ok)) {
          unreachable.set(nodeFileKey(node, file.path), reachedFrom(log.ok ? log.text : '', file));
        }
        if (log.ok)
          strayManifests.set(node, seen(strayManifestsIn(log.text), `read ${STATIC_POD_DIRECTORY} on node ${node}`));
      }),
    );
  } finally {
    // The namespace takes its Jobs and pods with it.
    await client.call(`/api/v1/namespaces/${NAMESPACE}`, {method: 'DELETE'}).catch(() => undefined);
  }
  return {files, strayManifests, unreachable};
}

function failed(file: WantedFile, reason: string): Fact<FileFact> {
  return unknown({kind: 'unreadable', attempt: `read ${file.path} on node ${file.node}`, reason});
}

/** Creates our namespace; one that a killed run left behind is ours by its label and used again. Returns a refusal. */
async function ensureNamespace(client: ApiClient): Promise<string | undefined> {
  for (let attempt = 0; attempt < 60; attempt += 1) {
    const created = await client.call('/api/v1/namespaces', {
      method: 'POST',
      body: {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: {name: NAMESPACE, labels: {...OWN_LABELS, 'pod-security.kubernetes.io/enforce': 'privileged'}},
      },
    });
    if (created.status === 201) return undefined;
    if (created.status !== 409) return `create namespace ${NAMESPACE}: ${statusMessage(created.body, created.status)}`;
    const existing = await client.json<{metadata: {labels?: Record<string, string>; deletionTimestamp?: string}}>(
      `/api/v1/namespaces/${NAMESPACE}`,
      'get namespaces',
    );
    if (existing.state === 'seen') {
      if (existing.value.metadata.labels?.['app.kubernetes.io/managed-by'] !== 'kubectl-audit')
        return `namespace ${NAMESPACE} exists and is not this tool's`;
      if (existing.value.metadata.deletionTimestamp === undefined) return undefined;
    }
    // An earlier run's namespace is still going away.
    await sleep(500);
  }
  return `namespace ${NAMESPACE} of an earlier run is still being deleted`;
}

type JobLog = {readonly ok: true; readonly text: string} | {readonly ok: false; readonly reason: string};

interface PodState {
  readonly metadata: {readonly name: string};
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly containerStatuses?: readonly {
      readonly state?: {readonly waiting?: {readonly reason?: string; readonly message?: string}};
    }[];
  };
}

async function runJob(
  client: ApiClient,
  options: NodeReaderOptions,
  node: string,
  files: readonly WantedFile[],
): Promise<JobLog> {
  const name = `read-${randomBytes(5).toString('hex')}`;
  const created = await client.call(`/apis/batch/v1/namespaces/${NAMESPACE}/jobs`, {
    method: 'POST',
    body: jobManifest(name, node, options.image, files),
  });
  if (created.status !== 201)
    return {ok: false, reason: `create a Job: ${statusMessage(created.body, created.status)}`};
  const end = Date.now() + DEADLINE_SECONDS * 1000;
  while (Date.now() < end) {
    if (options.signal.aborted) return {ok: false, reason: 'interrupted'};
    const list = await client.json<{items: readonly PodState[]}>(
      `/api/v1/namespaces/${NAMESPACE}/pods?labelSelector=job-name%3D${name}`,
      `list pods -n ${NAMESPACE}`,
    );
    const pod = list.state === 'seen' ? list.value.items[0] : undefined;
    if (pod?.status?.phase === 'Succeeded') return readLog(client, pod.metadata.name);
    const problem = problemOf(pod);
    if (problem !== undefined) return {ok: false, reason: problem};
    await sleep(250);
  }
  return {ok: false, reason: `the pod on node ${node} did not end within ${DEADLINE_SECONDS} s`};
}

const HOPELESS: readonly string[] = [
  'ErrImagePull',
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerError',
  'CreateContainerConfigError',
];

function problemOf(pod: PodState | undefined): string | undefined {
  if (pod?.status?.phase === 'Failed')
    return `the reading pod failed: ${pod.status.reason ?? pod.status.message ?? 'no reason given'}`;
  const waiting = pod?.status?.containerStatuses?.[0]?.state?.waiting;
  if (waiting?.reason !== undefined && HOPELESS.includes(waiting.reason)) {
    return `the reading pod cannot start: ${waiting.reason}; name an image that the nodes have or can pull with --read-image`;
  }
  return undefined;
}

async function readLog(client: ApiClient, pod: string): Promise<JobLog> {
  const log = await client.text(`/api/v1/namespaces/${NAMESPACE}/pods/${pod}/log`, `get pods/log -n ${NAMESPACE}`, {
    accept: '*/*',
  });
  if (log.state === 'seen') return {ok: true, text: log.value.body};
  if (log.state === 'absent') return {ok: false, reason: 'the log of the reading pod is gone'};
  return {
    ok: false,
    reason: log.obstacle.kind === 'forbidden' ? `the right to ${log.obstacle.right} is missing` : log.obstacle.reason,
  };
}

/** Volume names are short and take no slashes. */
function volumeName(directory: string): string {
  return `v-${createHash('sha256').update(directory).digest('hex').slice(0, 12)}`;
}

function jobManifest(name: string, node: string, image: string, files: readonly WantedFile[]): unknown {
  const directories = [...new Set([STATIC_POD_DIRECTORY, ...files.map((file) => posix.dirname(file.path))])];
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {name, labels: OWN_LABELS},
    spec: {
      backoffLimit: 0,
      activeDeadlineSeconds: DEADLINE_SECONDS,
      ttlSecondsAfterFinished: TIME_TO_LIVE_SECONDS,
      template: {
        metadata: {labels: OWN_LABELS},
        spec: {
          restartPolicy: 'Never',
          automountServiceAccountToken: false,
          // The API server runs in the node's network with the node's names: so does the try to reach its webhook.
          hostNetwork: true,
          dnsPolicy: 'Default',
          enableServiceLinks: false,
          terminationGracePeriodSeconds: 0,
          // Set directly: the node's hostname label may differ from its name, and the scheduler may be down.
          nodeName: node,
          tolerations: [{operator: 'Exists'}],
          containers: [
            {
              name: 'read',
              image,
              imagePullPolicy: 'IfNotPresent',
              command: ['/bin/sh', '-c', SCRIPT, 'read'],
              args: files.flatMap((file) => [file.kind, file.path]),
              securityContext: {
                runAsUser: 0,
                readOnlyRootFilesystem: true,
                allowPrivilegeEscalation: false,
                capabilities: {drop: ['ALL'], add: ['DAC_READ_SEARCH']},
              },
              volumeMounts: directories.map((directory) => ({
                name: volumeName(directory),
                mountPath: `/host${directory}`,
                readOnly: true,
              })),
            },
          ],
          volumes: directories.map((directory) => ({name: volumeName(directory), hostPath: {path: directory}})),
        },
      },
    },
  };
}

function fileFrom(log: string, file: WantedFile): Fact<FileFact> {
  const lines = log.split('\n');
  const attempt = `read ${file.path} on node ${file.node}`;
  const start = lines.findIndex(
    (line) => /^@@(file|absent|too-large|not-a-file) /.test(line) && line.split(' ')[1] === file.path,
  );
  const head = lines[start]?.split(' ') ?? [];
  switch (head[0]) {
    case '@@file': {
      const end = lines.indexOf('@@end', start);
      const text = Buffer.from(lines.slice(start + 1, end).join(''), 'base64').toString('utf8');
      const modified = Number(head[2]);
      return seen({text, from: 'node-job', modified, sha256: createHash('sha256').update(text).digest('hex')}, attempt);
    }
    case '@@absent':
      return absent(attempt);
    case '@@too-large':
      return unknown({kind: 'unreadable', attempt, reason: `it is larger than ${MAX_FILE_BYTES} bytes`});
    case '@@not-a-file':
      return unknown({kind: 'unreadable', attempt, reason: 'it is not a regular file'});
    case undefined:
    default:
      return unknown({kind: 'unreadable', attempt, reason: 'the reading pod did not print it'});
  }
}

function reachedFrom(log: string, file: WantedFile): Fact<string> {
  const source = `connect from node ${file.node}`;
  const line = log
    .split('\n')
    .find((text) => text.startsWith(`@@reached ${file.path}`) || text.startsWith(`@@unreached ${file.path}`));
  if (line === undefined) return absent(source);
  return seen(line.startsWith('@@reached') ? '' : line.slice(`@@unreached ${file.path} `.length), source);
}

/**
 * kubelet runs every file of the directory whose name does not begin with a dot: a backup left there is a second API server.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/config/file.go
 */
function strayManifestsIn(log: string): string[] {
  const manifests: string[] = [];
  const lines = log.split('\n');
  lines.forEach((line, index) => {
    const [mark, path] = line.split(' ');
    if (mark !== '@@file' || path === undefined || !path.startsWith(`${STATIC_POD_DIRECTORY}/`)) return;
    const text = Buffer.from(lines.slice(index + 1, lines.indexOf('@@end', index)).join(''), 'base64').toString('utf8');
    if (runsServer(text)) manifests.push(path);
  });
  return manifests.length > 1 ? manifests : [];
}

function runsServer(text: string): boolean {
  return parseAllDocuments(text, {uniqueKeys: false}).some(
    (document) => document.getIn(['metadata', 'name']) === 'kube-apiserver',
  );
}

/** The message of a Kubernetes Status, shortened to one line. */
function statusMessage(body: string, status: number): string {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed && typeof parsed.message === 'string') {
      return (parsed.message.split('\n')[0] ?? '').slice(0, 300);
    }
  } catch {
    // Not a Status: the code alone has to do.
  }
  return `the server answered ${status}`;
}
