/**
 * Whether the files that the audit flags name can be there, stay there and be written, as the pod mounts them.
 */
import {finding, type Finding, type Where} from '../../model/finding.ts';
import {resolvePath, type ResolvedPath} from '../../model/mounts.ts';
import type {Container, PodSpec} from '../../model/pod.ts';
import type {AuditSettings} from '../../model/server-flags.ts';

interface NamedFile {
  readonly flag: 'audit-policy-file' | 'audit-log-path' | 'audit-webhook-config-file';
  readonly path: string;
}

/**
 * Takes the pod's spec, the container that runs the server, and its settings; returns what is wrong with the mounts of the
 * policy, the log and the webhook's configuration. Nothing is said of a flag that is not set, nor of standard output.
 */
export function judgeMounts(spec: PodSpec, container: Container, settings: AuditSettings, where: Where): Finding[] {
  const files: readonly NamedFile[] = [
    {flag: 'audit-policy-file', path: settings.policyFile.value},
    {flag: 'audit-log-path', path: settings.logPath.value},
    {flag: 'audit-webhook-config-file', path: settings.webhookConfigFile.value},
  ];
  return files
    .filter(({path}) => path !== '')
    .flatMap((file) => judgeFile(file, resolvePath(spec, container, file.path), where));
}

function judgeFile(file: NamedFile, resolved: ResolvedPath, where: Where): Finding[] {
  switch (resolved.kind) {
    case 'stdout':
      return [];
    case 'image':
      return [finding('path-not-mounted', {flag: file.flag, path: file.path}, where)];
    case 'host':
      return judgeHostPath(file, resolved, where);
    case 'emptyDir':
      return [...judgeEmptyDir(file, resolved.volume, where), ...judgeWritable(file, resolved, where)];
    case 'configMap':
    case 'secret':
    case 'other':
      return judgeWritable(file, resolved, where);
  }
}

type HostPath = Extract<ResolvedPath, {kind: 'host'}>;

function judgeHostPath(file: NamedFile, resolved: HostPath, where: Where): Finding[] {
  const findings = judgeWritable(file, resolved, where);
  const expected = expectedType(resolved);
  if (expected !== undefined) {
    const {type} = resolved;
    findings.push(finding('host-path-type', {flag: file.flag, path: resolved.hostPath, type, expected}, where));
    return findings;
  }
  if (!resolved.mountIsFile) return findings;
  // The mount holds on to one inode: rotation cannot rename it, and a file renamed into its place is not seen.
  if (file.flag === 'audit-log-path') findings.push(finding('log-single-file-mount', {path: file.path}, where));
  if (file.flag === 'audit-policy-file') findings.push(finding('policy-single-file-mount', {path: file.path}, where));
  return findings;
}

/**
 * The type that the hostPath should have, undefined when it may stay as it is. With another type the kubelet refuses to
 * start the pod, or makes a directory where the server wants a file.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/volume/hostpath/host_path.go#L358
 */
function expectedType({type, volumeIsFile}: HostPath): 'File' | 'Directory' | undefined {
  if (type === '') return undefined;
  if (volumeIsFile) return type === 'File' || type === 'FileOrCreate' ? undefined : 'File';
  return type === 'Directory' || type === 'DirectoryOrCreate' ? undefined : 'Directory';
}

function judgeEmptyDir(file: NamedFile, volume: string, where: Where): Finding[] {
  if (file.flag === 'audit-policy-file') return [finding('policy-on-empty-dir', {path: file.path, volume}, where)];
  if (file.flag === 'audit-log-path') return [finding('log-on-empty-dir', {path: file.path, volume}, where)];
  return [];
}

/** The kubelet mounts ConfigMaps, Secrets and projected volumes read-only whatever the mount says. */
function judgeWritable(
  file: NamedFile,
  resolved: Exclude<ResolvedPath, {kind: 'image' | 'stdout'}>,
  where: Where,
): Finding[] {
  if (file.flag !== 'audit-log-path') return [];
  const alwaysReadOnly =
    resolved.kind === 'configMap' ||
    resolved.kind === 'secret' ||
    (resolved.kind === 'other' && (resolved.description === 'projected' || resolved.description === 'downwardAPI'));
  if (!resolved.readOnly && !alwaysReadOnly) return [];
  return [finding('log-read-only', {path: file.path, mount: resolved.mountPath}, where)];
}
