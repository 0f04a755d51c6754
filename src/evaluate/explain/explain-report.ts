/** Explains requests under each policy that is in force somewhere. */
import {UsageError} from '../../model/errors.ts';
import type {ExplainedPolicy, ExplainedRequest} from '../../model/explanation.ts';
import type {FileFact} from '../../model/facts.ts';
import {finding} from '../../model/finding.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {AuditPolicy} from '../../model/policy.ts';
import type {ServerPolicy} from '../../model/server-policy.ts';
import {explain} from './explain.ts';
import {loadPolicy} from '../load/load-policy.ts';

/**
 * The answers of a policy that was given as a file.
 * @throws UsageError for a policy that the API server would refuse
 */
export function explainFile(
  requests: readonly ExplainedRequest[],
  file: FileFact,
  version: KubernetesVersion | undefined,
): ExplainedPolicy {
  const {policy, warnings} = loadGivenPolicy(file, version);
  return {
    file: nameOf(file),
    servers: [],
    version: version?.text,
    outcome: {
      kind: 'decided',
      sha256: file.sha256,
      warnings,
      problems: [],
      answers: requests.map(({asked}) => explain(policy, asked, version)),
    },
  };
}

/**
 * Loads a policy that was given as a file, with what the API server warns about.
 * @throws UsageError for a policy that the API server would refuse
 */
export function loadGivenPolicy(
  file: FileFact,
  version: KubernetesVersion | undefined,
): {readonly policy: AuditPolicy; readonly warnings: readonly string[]} {
  const loaded = loadPolicy(file.text, {serverVersion: version});
  if (loaded.kind === 'refused') throw refusedPolicy(nameOf(file), loaded, version);
  return loaded;
}

function nameOf(file: FileFact): string {
  return file.name ?? 'the policy';
}

/** What a command says of a policy file that no API server of the release would start with. */
function refusedPolicy(
  name: string,
  {message, line}: {readonly message: string; readonly line?: number},
  version: KubernetesVersion | undefined,
): UsageError {
  const place = line === undefined ? name : `${name}:${line}`;
  const release = version === undefined ? 'the newest API server' : `an API server of ${version.text}`;
  const isOld = message.includes('audit.k8s.io/v1beta1') || message.includes('audit.k8s.io/v1alpha1');
  return new UsageError(
    `${place}: ${release} would refuse this policy: ${message}`,
    isOld
      ? `kubectl audit policy convert ${name}, or judge it for an old release with --server-version 1.23`
      : 'correct the policy, or name another release with --server-version',
  );
}

/** The answers of what the API servers run with; those that cannot differ are told once, with all servers. */
export function explainServers(
  requests: readonly ExplainedRequest[],
  servers: readonly ServerPolicy[],
): ExplainedPolicy[] {
  const merged = new Map<string, ExplainedPolicy>();
  for (const server of servers) {
    const policy = explainServer(requests, server);
    const key = JSON.stringify([policy.file, policy.version, policy.outcome], (name, value: unknown) =>
      name === 'where' ? undefined : value,
    );
    const before = merged.get(key);
    merged.set(key, before === undefined ? policy : {...before, servers: [...before.servers, server.server]});
  }
  return [...merged.values()];
}

function explainServer(
  requests: readonly ExplainedRequest[],
  {server, version, policy}: ServerPolicy,
): ExplainedPolicy {
  const base = {servers: [server], version: version?.text};
  switch (policy.kind) {
    case 'none':
      return {...base, file: undefined, outcome: {kind: 'off', because: policy.because}};
    case 'unknown':
      return {...base, file: policy.because.where.file, outcome: {kind: 'unknown', because: policy.because}};
    case 'read':
      break;
  }
  const loaded = loadPolicy(policy.text, {serverVersion: version});
  if (loaded.kind === 'refused') {
    // The process runs: with an earlier file, then.
    const where = {node: server, file: policy.path, ...(loaded.line === undefined ? {} : {line: loaded.line})};
    const because = finding('policy-refused', {message: loaded.message}, where);
    return {...base, file: policy.path, outcome: {kind: 'unknown', because}};
  }
  return {
    ...base,
    file: policy.path,
    outcome: {
      kind: 'decided',
      sha256: policy.sha256,
      warnings: loaded.warnings,
      problems: policy.problems,
      answers: requests.map(({asked}) => explain(loaded.policy, asked, version)),
    },
  };
}
