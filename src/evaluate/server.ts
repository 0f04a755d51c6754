/** Judges one API server: what its flags, mounts, policy and process together record. */
import type {Failure, RequirementCoverage} from '../model/coverage.ts';
import {findServerCommand} from '../model/command-line.ts';
import type {ServerFacts} from '../model/facts.ts';
import {type Finding, type Where, finding} from '../model/finding.ts';
import {type Fact, valueOf} from '../model/fact.ts';
import {type KubernetesVersion, isAtLeast, parseKubernetesVersion} from '../model/kubernetes-version.ts';
import type {Pod} from '../model/pod.ts';
import type {AuditPolicy} from '../model/policy.ts';
import type {
  CoverageReport,
  PolicyReport,
  RuntimeReport,
  ServerReport,
  SettingReport,
  Verdict,
} from '../model/report.ts';
import {worst} from '../model/report.ts';
import type {Preset, Requirement} from '../model/requirement.ts';
import {type AuditSettings, type ServerFlags, auditSettings, parseServerFlags} from '../model/server-flags.ts';
import {coverage, recordsNothing} from './coverage.ts';
import {judgeFlags} from './flags.ts';
import {loadPolicy} from './load-policy.ts';
import {judgeMounts} from './mounts.ts';
import {judgeRotation} from './rotation.ts';
import {judgeWebhookConfig} from './webhook-backend.ts';

export interface ServerJudgement {
  readonly report: ServerReport;
  readonly findings: readonly Finding[];
  readonly settings: AuditSettings | undefined;
  readonly flags: ServerFlags | undefined;
}

/** What a judgement needs besides the facts of the server. */
export interface JudgementContext {
  readonly preset: Preset;
  /** The release to judge by where the server does not tell its own; undefined: the newest known. */
  readonly fallbackVersion: string | undefined;
  readonly offline: boolean;
}

/**
 * A started process may be this many seconds older than its container's own start time before the mirror pod is thought to
 * show an earlier run: container start and process start lie within two seconds of each other.
 */
const START_TOLERANCE_SECONDS = 5;

export function judgeServer(facts: ServerFacts, context: JudgementContext): ServerJudgement {
  const where = whereOf(facts);
  const versionText = valueOf(facts.process)?.version ?? versionOfImage(facts.pod) ?? context.fallbackVersion;
  const version = versionText === undefined ? undefined : parseKubernetesVersion(versionText);
  const command = findServerCommand(facts.pod);
  if (command.kind === 'none') {
    return unreadable(facts, versionText, finding('command-not-understood', {reason: command.reason}, where));
  }
  const flags = parseServerFlags(command.argv, version);
  const settings = auditSettings(flags, version);
  const policy = judgePolicy(facts, settings, version, context.preset, where);
  const stale = staleness(facts, settings);
  const believed = [
    ...judgeHealth(facts, where),
    ...judgeFlags(flags, settings, version, where),
    ...judgeFlagz(facts, flags, where),
    ...judgeCombination(settings, where),
    ...judgeMounts(facts.pod.spec, command.container, settings, where),
    ...policy.findings,
    ...judgeLogPath(settings, context.preset, where),
    ...judgeProcess(facts, settings, context.offline, where),
    ...judgeLosses(facts, where),
    ...judgeWebhook(facts, settings, context.offline, where),
    ...judgeRotation(settings, version, context.preset.rotation, where),
    ...strayManifests(facts, where),
  ];
  // What a stale copy shows is not what runs: nothing is concluded from it.
  const findings =
    stale === undefined ? believed : [finding('mirror-stale', {reason: stale}, where), ...judgeLosses(facts, where)];
  const verdict = verdictOf({facts, flags, settings, policy, findings, version, stale, offline: context.offline});
  return {
    findings,
    settings,
    flags,
    report: {
      node: facts.node,
      pod: facts.file === undefined ? facts.pod.metadata.name : undefined,
      file: facts.file,
      version: versionText,
      flagsFrom: facts.flagsFrom,
      settings: settingsReport(settings),
      policy: policy.report,
      coverage: policy.coverage,
      runtime: runtimeReport(facts),
      verdict,
    },
  };
}

function whereOf(facts: ServerFacts): Where {
  return {
    ...(facts.node === undefined ? {} : {node: facts.node}),
    ...(facts.file === undefined ? {pod: facts.pod.metadata.name} : {file: facts.file}),
  };
}

/** `v1.34.4` of `…/kube-apiserver:v1.34.4`; undefined for an image without a version as its tag. */
function versionOfImage(pod: Pod): string | undefined {
  const command = findServerCommand(pod);
  const image = command.kind === 'none' ? undefined : command.container.image;
  const tag = /:(v\d+\.\d+\.\d+[^@]*)(?:@.*)?$/.exec(image ?? '')?.[1];
  return tag?.replaceAll('_', '+');
}

function unreadable(facts: ServerFacts, version: string | undefined, problem: Finding): ServerJudgement {
  return {
    findings: [problem],
    settings: undefined,
    flags: undefined,
    report: {
      node: facts.node,
      pod: facts.pod.metadata.name,
      file: facts.file,
      version,
      flagsFrom: facts.flagsFrom,
      settings: {},
      policy: undefined,
      coverage: [],
      runtime: runtimeReport(facts),
      verdict: 'unknown',
    },
  };
}

interface PolicyJudgement {
  readonly report: PolicyReport | undefined;
  readonly findings: readonly Finding[];
  readonly coverage: readonly CoverageReport[];
  readonly outcome: 'none' | 'unread' | 'missing' | 'refused' | 'silent' | 'partial' | 'complete';
}

function judgePolicy(
  facts: ServerFacts,
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
  preset: Preset,
  where: Where,
): PolicyJudgement {
  const path = settings.policyFile.value;
  if (path === '')
    return {
      report: undefined,
      findings: [],
      coverage: preset.requirements.map((item) => coverageReport(item, false)),
      outcome: 'none',
    };
  const place: Where = {...(where.node === undefined ? {} : {node: where.node}), file: path};
  const unread = (outcome: 'unread' | 'missing', problem: Finding): PolicyJudgement => ({
    report: {
      path,
      from: undefined,
      sha256: undefined,
      inForce: 'unknown',
      obstacle: facts.policy.state === 'unknown' ? facts.policy.obstacle : undefined,
    },
    findings: [problem],
    coverage: preset.requirements.map((item) => coverageReport(item, 'unknown')),
    outcome,
  });
  switch (facts.policy.state) {
    case 'unknown':
      return unread('unread', finding('policy-unread', {path, obstacle: facts.policy.obstacle}, place));
    case 'absent':
      return unread('missing', finding('policy-missing', {path}, place));
    case 'seen':
      break;
  }
  const file = facts.policy.value;
  const named: Where = file.name === undefined ? place : {file: file.name};
  const started = startOf(facts);
  const stale = file.modified !== undefined && started !== undefined && file.modified > started + 1;
  const report: PolicyReport = {
    path,
    from: file.from,
    sha256: file.sha256,
    inForce: stale ? false : file.modified !== undefined && started !== undefined ? true : 'unknown',
    obstacle: undefined,
  };
  const staleFindings = stale
    ? [finding('policy-stale', {path, modified: timestamp(file.modified), started: timestamp(started)}, place)]
    : [];
  const loaded = loadPolicy(file.text, {serverVersion: version});
  if (loaded.kind === 'refused') {
    const line = loaded.line === undefined ? {} : {line: loaded.line};
    return {
      report,
      findings: [finding('policy-refused', {message: loaded.message}, {...named, ...line}), ...staleFindings],
      coverage: preset.requirements.map((item) => coverageReport(item, 'unknown')),
      outcome: 'refused',
    };
  }
  const warnings = loaded.warnings.map((message) => finding('policy-warning', {message}, named));
  return {report, ...judgeLoaded(loaded.policy, preset, version, named, [...staleFindings, ...warnings])};
}

function judgeLoaded(
  policy: AuditPolicy,
  preset: Preset,
  version: KubernetesVersion | undefined,
  place: Where,
  before: readonly Finding[],
): Omit<PolicyJudgement, 'report'> {
  const results = coverage(policy, preset.requirements, version);
  const reports = results.map((result) => coverageReport(result.requirement, result.met, result));
  const silence = recordsNothing(policy, version);
  if (silence !== undefined) {
    return {
      findings: [...before, finding('policy-records-nothing', {reason: silence}, place)],
      coverage: reports,
      outcome: 'silent',
    };
  }
  const unmet = results.filter((result) => !result.met).map((result) => unmetFinding(result, place));
  const complete = results.every((result) => result.met || result.requirement.level === 'should');
  return {findings: [...before, ...unmet], coverage: reports, outcome: complete ? 'complete' : 'partial'};
}

function unmetFinding(result: RequirementCoverage, place: Where): Finding {
  const first = result.failures[0];
  const line = first?.ruleLine === undefined ? {} : {line: first.ruleLine};
  return finding(
    'requirement-unmet',
    {
      requirement: result.requirement.id,
      title: result.requirement.title,
      strength: result.requirement.level,
      example: first?.text ?? result.requirement.title,
      wanted: first === undefined ? result.requirement.atLeast : wantedText(first),
      got: first === undefined ? 'None' : gotText(first),
      ruleLine: first?.ruleLine,
    },
    {...place, ...line},
  );
}

function gotText(failure: Failure): string {
  return failure.kind === 'stage-omitted'
    ? `${failure.gotLevel} without ${failure.wanted.stages.join(' or ')}`
    : failure.gotLevel;
}

function wantedText(failure: Failure): string {
  switch (failure.kind) {
    case 'too-little':
      return failure.wanted.atLeast;
    case 'too-much':
      return `at most ${failure.wanted.atMost ?? failure.wanted.atLeast}`;
    case 'stage-omitted':
      return `an event at ${failure.wanted.stages.join(' or ')}`;
  }
}

function coverageReport(
  requirement: Requirement,
  met: boolean | 'unknown',
  result?: RequirementCoverage,
): CoverageReport {
  return {
    requirement: requirement.id,
    title: requirement.title,
    level: requirement.level,
    met,
    failing: (result?.failures ?? []).map(
      (failure) => `${failure.text}: ${gotText(failure)}, wanted ${wantedText(failure)}`,
    ),
  };
}

/** Start of the running process in seconds since 1970, by its own word, else by its container's. */
function startOf(facts: ServerFacts): number | undefined {
  return valueOf(facts.process)?.metrics.processStartTimeSeconds ?? containerStart(facts.pod);
}

function containerStart(pod: Pod): number | undefined {
  const text = serverStatus(pod)?.state?.running?.startedAt;
  return text === undefined ? undefined : Date.parse(text) / 1000;
}

function serverStatus(pod: Pod) {
  const command = findServerCommand(pod);
  const name = command.kind === 'none' ? 'kube-apiserver' : command.container.name;
  return pod.status?.containerStatuses?.find((status) => status.name === name);
}

function timestamp(seconds: number | undefined): string {
  return seconds === undefined ? '' : new Date(seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
}

/**
 * Why the mirror pod cannot be believed, or undefined. It is a copy that the kubelet writes through the API: while its own API
 * server is down it keeps the old flags and Ready, for about a minute after a failed change.
 */
function staleness(facts: ServerFacts, settings: AuditSettings): string | undefined {
  if (facts.flagsFrom !== 'mirror-pod') return undefined;
  const mirrored =
    facts.pod.metadata.annotations?.['kubernetes.io/config.mirror'] ??
    facts.pod.metadata.annotations?.['kubernetes.io/config.hash'];
  if (facts.kubeletHash.state === 'seen' && mirrored !== undefined && facts.kubeletHash.value !== mirrored) {
    return `the kubelet runs config ${facts.kubeletHash.value}, the mirror pod shows ${mirrored}`;
  }
  if (facts.kubeletHash.state === 'absent') return 'the kubelet does not run this static pod';
  const running = containerStart(facts.pod);
  const process = valueOf(facts.process);
  const started = process?.metrics.processStartTimeSeconds;
  if (running !== undefined && started !== undefined && Math.abs(started - running) > START_TOLERANCE_SECONDS) {
    return `the process started at ${timestamp(started)}, the mirror pod's container at ${timestamp(running)}`;
  }
  if (process === undefined && claimsReady(facts.pod) && refusesConnection(facts.process))
    return 'the mirror pod is Ready, but nobody answers at its address';
  if (process?.metrics.levelTotal !== undefined && !isConfigured(settings))
    return 'the process audits, the mirror pod shows no audit flags';
  return undefined;
}

function claimsReady(pod: Pod): boolean {
  return (
    pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') === true
  );
}

function refusesConnection(fact: Fact<unknown>): boolean {
  return (
    fact.state === 'unknown' &&
    fact.obstacle.kind === 'unreachable' &&
    fact.obstacle.reason.includes('refused the connection')
  );
}

function isConfigured(settings: AuditSettings): boolean {
  return settings.policyFile.value !== '' && hasBackend(settings);
}

function hasBackend(settings: AuditSettings): boolean {
  return settings.logPath.value !== '' || settings.webhookConfigFile.value !== '';
}

function judgeHealth(facts: ServerFacts, where: Where): Finding[] {
  if (facts.flagsFrom === 'manifest') return [];
  const status = serverStatus(facts.pod);
  const waiting = status?.state?.waiting;
  if (waiting !== undefined)
    return [
      finding('server-unhealthy', {reason: `its container is waiting: ${waiting.reason ?? 'no reason given'}`}, where),
    ];
  const terminated = status?.state?.terminated;
  if (terminated !== undefined)
    return [
      finding('server-unhealthy', {reason: `its container ended: ${terminated.reason ?? 'no reason given'}`}, where),
    ];
  return claimsReady(facts.pod) || status === undefined
    ? []
    : [finding('server-unhealthy', {reason: 'its pod is not Ready'}, where)];
}

function judgeFlagz(facts: ServerFacts, flags: ServerFlags, where: Where): Finding[] {
  const flagz = valueOf(facts.flagz);
  if (flagz === undefined) return [];
  const names = [
    'audit-policy-file',
    'audit-log-path',
    'audit-webhook-config-file',
    'audit-log-mode',
    'audit-log-maxage',
    'audit-log-maxbackup',
    'audit-log-maxsize',
  ];
  return names.flatMap((flag) => {
    const given = flags.given.get(flag)?.value;
    const process = flagz.get(flag);
    // A flag that is not given has the process' default: only what the pod claims can be contradicted, and a path it hides.
    if (process === undefined || (given === undefined && !(flag.endsWith('file') || flag.endsWith('path')))) return [];
    if ((given ?? '') === process || Number(given) === Number(process || Number.NaN)) return [];
    return [finding('flagz-differs', {flag, pod: given ?? '', process}, where)];
  });
}

function judgeCombination(settings: AuditSettings, where: Where): Finding[] {
  const policy = settings.policyFile.value;
  const log = settings.logPath.value;
  const webhook = settings.webhookConfigFile.value;
  if (policy === '' && log === '' && webhook === '') return [finding('auditing-off', {}, where)];
  if (policy !== '') return hasBackend(settings) ? [] : [finding('policy-without-backend', {path: policy}, where)];
  return [
    ...(log === '' ? [] : [finding('log-without-policy', {path: log}, where)]),
    ...(webhook === '' ? [] : [finding('webhook-without-policy', {path: webhook}, where)]),
  ];
}

function judgeLogPath(settings: AuditSettings, preset: Preset, where: Where): Finding[] {
  const path = settings.logPath.value;
  if (preset.logPath === undefined || path === '' || path === preset.logPath) return [];
  return [finding('log-path-unlike-preset', {path, expected: preset.logPath, preset: preset.name}, where)];
}

function judgeProcess(facts: ServerFacts, settings: AuditSettings, offline: boolean, where: Where): Finding[] {
  if (offline) return [];
  if (facts.process.state === 'unknown')
    return [finding('runtime-unproven', {obstacle: facts.process.obstacle}, where)];
  if (facts.process.state === 'absent')
    return [
      finding(
        'runtime-unproven',
        {obstacle: {kind: 'unreachable', attempt: facts.process.source, reason: 'it has no /metrics'}},
        where,
      ),
    ];
  const {metrics} = facts.process.value;
  const runs = metrics.levelTotal !== undefined;
  return !runs && isConfigured(settings)
    ? [finding('runtime-off', {reason: 'its metrics have no apiserver_audit_level_total'}, where)]
    : [];
}

function judgeLosses(facts: ServerFacts, where: Where): Finding[] {
  const metrics = valueOf(facts.process)?.metrics;
  if (metrics === undefined) return [];
  const lost = Object.entries(metrics.errorTotal).filter(([, count]) => count > 0);
  const rejected = metrics.requestsRejectedTotal ?? 0;
  return [
    ...lost.map(([plugin, count]) => finding('events-lost', {plugin, count}, where)),
    ...(rejected > 0 ? [finding('requests-rejected', {count: rejected}, where)] : []),
  ];
}

function judgeWebhook(facts: ServerFacts, settings: AuditSettings, offline: boolean, where: Where): Finding[] {
  const path = settings.webhookConfigFile.value;
  if (path === '' || offline) return [];
  const place: Where = {...(where.node === undefined ? {} : {node: where.node}), file: path};
  switch (facts.webhookConfig.state) {
    case 'seen':
      return [...judgeWebhookConfig(facts.webhookConfig.value.text, place), ...judgeReach(facts, path, place)];
    case 'absent':
      return [
        finding(
          'webhook-config-unread',
          {path, obstacle: {kind: 'unreadable', attempt: `read ${path}`, reason: 'it does not exist'}},
          place,
        ),
      ];
    case 'unknown':
      return [finding('webhook-config-unread', {path, obstacle: facts.webhookConfig.obstacle}, place)];
  }
}

function judgeReach(facts: ServerFacts, path: string, place: Where): Finding[] {
  const reason = valueOf(facts.webhookUnreachable) ?? '';
  return reason === '' ? [] : [finding('webhook-unreachable', {server: path, reason}, place)];
}

function strayManifests(facts: ServerFacts, where: Where): Finding[] {
  return (valueOf(facts.strayManifests) ?? []).map((file) => finding('stray-manifest', {file}, {...where, file}));
}

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
function verdictOf(input: VerdictInput): Verdict {
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
  return has(input.findings, 'events-lost') ? worst([intended, 'partial']) : intended;
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

function settingsReport(settings: AuditSettings): Record<string, SettingReport> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]: [string, SettingReport]) => [name, setting]),
  );
}

function runtimeReport(facts: ServerFacts): RuntimeReport {
  const process = valueOf(facts.process);
  if (process === undefined) {
    return {
      auditing: 'unknown',
      via: undefined,
      startedAt: undefined,
      levelTotal: {},
      eventTotal: undefined,
      errorTotal: {},
      requestsRejectedTotal: undefined,
    };
  }
  const {metrics} = process;
  return {
    auditing: metrics.levelTotal === undefined ? 'off' : 'on',
    via: process.via,
    startedAt: metrics.processStartTimeSeconds === undefined ? undefined : timestamp(metrics.processStartTimeSeconds),
    levelTotal: metrics.levelTotal ?? {},
    eventTotal: metrics.eventTotal,
    errorTotal: metrics.errorTotal,
    requestsRejectedTotal: metrics.requestsRejectedTotal,
  };
}
