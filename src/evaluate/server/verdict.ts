/** What is recorded, in one word. */
import {valueOf} from '../../model/fact.ts';
import type {ServerFacts} from '../../model/facts.ts';
import type {Finding} from '../../model/finding.ts';
import {type KubernetesVersion, isAtLeast} from '../../model/kubernetes-version.ts';
import {type Verdict, worst} from '../../model/report.ts';
import type {AuditSettings, ServerFlags} from '../../model/server-flags.ts';
import {hasBackend} from './combination.ts';
import type {PolicyJudgement} from './policy-in-force.ts';

interface VerdictInput {
  readonly facts: ServerFacts;
  readonly flags: ServerFlags;
  readonly settings: AuditSettings;
  readonly policy: PolicyJudgement;
  readonly findings: readonly Finding[];
  readonly version: KubernetesVersion | undefined;
  readonly stale: string | undefined;
  readonly offline: boolean;
}

/** What is recorded, worst first; a flag or a file is an intention, only the process is the proof. */
export function verdictOf(input: VerdictInput): Verdict {
  // Neither the flags nor the files that a stale copy names are those of the process.
  if (input.stale !== undefined) return 'unknown';
  const process = valueOf(input.facts.process);
  const auditing = process === undefined ? undefined : process.metrics.levelTotal !== undefined;
  const intended = intendedVerdict(input);
  // The process is up: whatever a file would do to the next start, this one audits or it does not.
  if (auditing === false && intended !== 'silent') return 'off';
  if (input.policy.report?.inForce === false) return worst([intended === 'on' ? 'unknown' : intended, 'unknown']);
  if (intended === 'off' || intended === 'silent' || intended === 'broken') return intended;
  if (auditing === undefined && !input.offline) return intended === 'partial' ? 'partial' : 'unknown';
  return losesEvents(input) ? worst([intended, 'partial']) : intended;
}

/** What the webhook loses is still in the log, where there is one. */
function losesEvents({findings, settings}: VerdictInput): boolean {
  const onlyCopy = (plugin: string) => plugin !== 'webhook' || settings.logPath.value === '';
  return findings.some((item) => item.code === 'events-lost' && onlyCopy(item.args.plugin));
}

/** What the flags and files would do. */
function intendedVerdict({flags, settings, policy, findings, version}: VerdictInput): Verdict {
  const configured: Verdict[] = [];
  if (flags.refused.length > 0 || wouldNotStart(findings, settings, version)) configured.push('broken');
  if (policy.outcome === 'refused' || policy.outcome === 'missing') configured.push('broken');
  if (configured.length > 0) return 'broken';
  if (settings.policyFile.value === '' && !hasBackend(settings)) return 'off';
  if (settings.policyFile.value === '' || !hasBackend(settings)) return 'silent';
  if (has(findings, 'flagz-differs')) configured.push('unknown');
  if (has(findings, 'log-single-file-mount') || logIsUnmounted(findings)) configured.push('partial');
  // Events that are sent to where nobody can be found are recorded nowhere, unless the log has them too.
  const undeliverable = has(findings, 'webhook-cluster-dns') || has(findings, 'webhook-unreachable');
  if (settings.logPath.value === '' && undeliverable) configured.push('partial');
  switch (policy.outcome) {
    case 'silent':
    case 'none':
      return 'silent';
    case 'unread':
      return worst([...configured, 'unknown']);
    case 'partial':
      return 'partial';
    case 'complete':
      return worst([...configured, 'on']);
    case 'refused':
    case 'missing':
      return 'broken';
  }
}

/** Defects of mounts that end the start: the policy's path, and from 1.22 a log that cannot be opened. */
function wouldNotStart(
  findings: readonly Finding[],
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
): boolean {
  return findings.some((item) => {
    switch (item.code) {
      case 'path-not-mounted':
        return (
          item.args.flag === 'audit-policy-file' ||
          (item.args.flag === 'audit-webhook-config-file' && settings.policyFile.value !== '')
        );
      case 'policy-on-empty-dir':
      case 'host-path-type':
        return true;
      case 'log-read-only':
        return version === undefined || isAtLeast(version, 22);
      case 'webhook-config-refused':
        return settings.policyFile.value !== '';
      default:
        return false;
    }
  });
}

function logIsUnmounted(findings: readonly Finding[]): boolean {
  return findings.some((item) => item.code === 'path-not-mounted' && item.args.flag === 'audit-log-path');
}

function has(findings: readonly Finding[], code: Finding['code']): boolean {
  return findings.some((item) => item.code === code);
}
