/** Which policy each API server runs with: what was read, unless something says that it is not what the process holds. */
import {findServerCommand} from '../../model/command-line.ts';
import {valueOf} from '../../model/fact.ts';
import type {ClusterFacts, FileFact, ServerFacts} from '../../model/facts.ts';
import {type Finding, type Where, finding} from '../../model/finding.ts';
import {type KubernetesVersion, parseKubernetesVersion} from '../../model/kubernetes-version.ts';
import {type AuditSettings, auditSettings, parseServerFlags} from '../../model/server-flags.ts';
import type {PolicyInForce, ServerPolicy} from '../../model/server-policy.ts';
import {judgeCombination} from './combination.ts';
import {judgeFlagz, judgeProcess, staleness, startOf, timestamp} from './process.ts';

/**
 * The policy in force of each API server in `facts`, in their order. A file that was changed after the process started is
 * not what the process holds, so it counts as unknown, and so does what a stale mirror pod shows.
 * @param fallback the release of servers that do not tell their own; undefined: the cluster's
 */
export function policiesInForce(facts: ClusterFacts, fallback?: KubernetesVersion): ServerPolicy[] {
  return facts.servers.map((server) => serverPolicy(server, fallback ?? parsed(facts.version)));
}

function serverPolicy(facts: ServerFacts, fallback: KubernetesVersion | undefined): ServerPolicy {
  const name = facts.node ?? facts.pod.metadata.name;
  const version = parsed(valueOf(facts.process)?.version) ?? fallback;
  const where: Where = {...(facts.node === undefined ? {} : {node: facts.node}), pod: name};
  return {server: name, version, policy: policyInForce(facts, version, where)};
}

function policyInForce(facts: ServerFacts, version: KubernetesVersion | undefined, where: Where): PolicyInForce {
  const command = findServerCommand(facts.pod);
  if (command.kind === 'none') return unknown(finding('command-not-understood', {reason: command.reason}, where));
  const flags = parseServerFlags(command.argv, version);
  const settings = auditSettings(flags, version);

  const stale = staleness(facts, settings);
  if (stale !== undefined) return unknown(finding('mirror-stale', {reason: stale}, where));
  const contradiction = judgeFlagz(facts, flags, where).find((item) => isAboutPolicy(item));
  if (contradiction !== undefined) return unknown(contradiction);

  const path = settings.policyFile.value;
  const [missing] = judgeCombination(settings, where);
  if (path === '') return {kind: 'none', because: missing ?? finding('auditing-off', {}, where)};
  const place: Where = {...where, file: path};
  switch (facts.policy.state) {
    case 'unknown':
      return unknown(finding('policy-unread', {path, obstacle: facts.policy.obstacle}, place));
    case 'absent':
      return unknown(finding('policy-missing', {path}, place));
    case 'seen':
      return readPolicy(facts, facts.policy.value, settings, place);
  }
}

function isAboutPolicy(item: Finding): boolean {
  return item.code === 'flagz-differs' && item.args.flag === 'audit-policy-file';
}

/** The process reads the file once, at its start. */
function readPolicy(facts: ServerFacts, file: FileFact, settings: AuditSettings, place: Where): PolicyInForce {
  const path = settings.policyFile.value;
  const started = startOf(facts);
  if (file.modified !== undefined && started !== undefined && file.modified > started + 1) {
    const args = {path, modified: timestamp(file.modified), started: timestamp(started)};
    return unknown(finding('policy-stale', args, place));
  }
  const off = judgeProcess(facts, settings, false, place).filter((item) => item.code === 'runtime-off');
  return {
    kind: 'read',
    text: file.text,
    path,
    from: file.from,
    sha256: file.sha256,
    problems: [...judgeCombination(settings, place), ...off],
  };
}

function unknown(because: Finding): PolicyInForce {
  return {kind: 'unknown', because};
}

function parsed(version: string | undefined): KubernetesVersion | undefined {
  return version === undefined ? undefined : parseKubernetesVersion(version);
}
