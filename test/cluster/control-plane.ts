/** The real control plane of `test/cluster/cluster`, for tests: bring it up, change its static manifests, run the program on it. */
import {spawn, spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {setTimeout as sleep} from 'node:timers/promises';
import {parse, stringify} from 'yaml';

const TOOL = join(import.meta.dirname, 'cluster');
/** The built program. */
export const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'run.js');

export interface Run {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Why this machine cannot run a control plane, or undefined when it can. */
export function whyNot(): string | undefined {
  if (process.platform !== 'linux') return 'it needs Linux';
  const check = spawnSync(TOOL, ['check'], {encoding: 'utf8'});
  return check.status === 0 ? undefined : check.stdout.trim().replaceAll('\n', '; ') || check.stderr.trim();
}

/** @throws Error with the tool's own words when it fails */
export function cluster(args: readonly string[], input?: string): string {
  const run = spawnSync(TOOL, args, {
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    input: input ?? '',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (run.status !== 0)
    throw new Error(`cluster ${args.join(' ')} ended with ${run.status}: ${run.stderr.slice(-3000)}`);
  return run.stdout;
}

/** Runs the built program. */
export function kubectlAudit(args: readonly string[], kubeconfig: string): Promise<Run> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [PROGRAM, ...args], {
      env: {...process.env, KUBECONFIG: kubeconfig, NO_COLOR: '1'},
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    let stderr = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    child.on('close', (code) => resolve({exit: code ?? -1, stdout, stderr}));
  });
}

interface Manifest {
  readonly spec: {
    readonly containers: [{command: string[]; volumeMounts: {name: string; mountPath: string; readOnly?: boolean}[]}];
    readonly volumes: {name: string; hostPath: {path: string; type: string}}[];
  };
}

/** How auditing is set by hand on one node. Undefined: no audit flags at all. */
export interface HandMadeAudit {
  readonly policy: string;
  /** Part of the policy's file name: another name changes the manifest, and so restarts the server. */
  readonly name: string;
  readonly mountLog?: boolean;
  /** Address of a webhook, beside the log. */
  readonly webhook?: string;
}

const MANIFEST = '/etc/kubernetes/manifests/kube-apiserver.yaml';
const LOG_DIRECTORY = '/var/log/calico/audit';

/** Writes policy and manifest as an operator would, by rename from outside of the static pod directory. */
export function writeAudit(node: string, audit: HandMadeAudit | undefined): void {
  const manifest = parse(cluster(['node', node, 'cat', MANIFEST])) as Manifest;
  const container = manifest.spec.containers[0];
  container.command = container.command.filter((argument) => !argument.startsWith('--audit-'));
  container.volumeMounts = container.volumeMounts.filter((mount) => !mount.name.startsWith('audit-'));
  const volumes = manifest.spec.volumes.filter((volume) => !volume.name.startsWith('audit-'));
  if (audit !== undefined) {
    const file = `/etc/kubernetes/audit/policy-${audit.name}.yaml`;
    cluster(['node', node, 'sh', '-c', `mkdir -p /etc/kubernetes/audit && cat > ${file}`], audit.policy);
    container.command.push(
      `--audit-policy-file=${file}`,
      `--audit-log-path=${LOG_DIRECTORY}/kube-audit.log`,
      '--audit-log-maxage=30',
      '--audit-log-maxbackup=10',
      '--audit-log-maxsize=100',
    );
    container.volumeMounts.push({name: 'audit-policy', mountPath: '/etc/kubernetes/audit', readOnly: true});
    volumes.push({name: 'audit-policy', hostPath: {path: '/etc/kubernetes/audit', type: 'Directory'}});
    if (audit.webhook !== undefined) {
      cluster(
        ['node', node, 'sh', '-c', 'cat > /etc/kubernetes/audit/webhook.yaml'],
        stringify(webhookConfig(audit.webhook)),
      );
      container.command.push('--audit-webhook-config-file=/etc/kubernetes/audit/webhook.yaml');
    }
    if (audit.mountLog !== false) {
      container.volumeMounts.push({name: 'audit-log', mountPath: LOG_DIRECTORY});
      volumes.push({name: 'audit-log', hostPath: {path: LOG_DIRECTORY, type: 'DirectoryOrCreate'}});
    }
  }
  const text = stringify({...manifest, spec: {...manifest.spec, volumes}});
  cluster(
    [
      'node',
      node,
      'sh',
      '-c',
      `cat > /etc/kubernetes/new-manifest && chmod 600 /etc/kubernetes/new-manifest && mv /etc/kubernetes/new-manifest ${MANIFEST}`,
    ],
    text,
  );
}

function webhookConfig(server: string) {
  return {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{name: 'collector', cluster: {server}}],
    users: [{name: 'api-server', user: {token: 'secret-token'}}],
    contexts: [{name: 'default', context: {cluster: 'collector', user: 'api-server'}}],
    'current-context': 'default',
  };
}

interface MirrorPod {
  readonly metadata: {readonly annotations: Readonly<Record<string, string>>};
  readonly status: {readonly conditions: readonly {type: string; status: string}[]};
}

function mirrorHash(node: string): string {
  return mirrorPod(node).metadata.annotations['kubernetes.io/config.hash'] ?? '';
}

function mirrorPod(node: string): MirrorPod {
  return JSON.parse(
    cluster(['kubectl', 'get', 'pod', '-n', 'kube-system', `kube-apiserver-${node}`, '-o', 'json']),
  ) as MirrorPod;
}

/** Changes several nodes at once and waits until each shows a new, Ready mirror pod. */
export async function changeAudit(changes: Readonly<Record<string, HandMadeAudit | undefined>>): Promise<void> {
  const before = Object.fromEntries(Object.keys(changes).map((node) => [node, mirrorHash(node)]));
  for (const [node, audit] of Object.entries(changes)) writeAudit(node, audit);
  const end = Date.now() + 240_000;
  for (const node of Object.keys(changes)) {
    while (!isFresh(node, before[node])) {
      if (Date.now() > end) throw new Error(`the API server of ${node} did not come back within 240 s of the change`);
      await sleep(1000);
    }
  }
}

function isFresh(node: string, hashBefore: string | undefined): boolean {
  try {
    const pod = mirrorPod(node);
    const ready = pod.status.conditions.some((condition) => condition.type === 'Ready' && condition.status === 'True');
    return ready && pod.metadata.annotations['kubernetes.io/config.hash'] !== hashBefore;
  } catch {
    // The API itself may be away while servers restart.
    return false;
  }
}
