/** Judges the policy that a server was started with, as far as it could be read. */
import type {Failure, RequirementCoverage} from '../../model/coverage.ts';
import type {ServerFacts} from '../../model/facts.ts';
import {type Finding, type Where, finding} from '../../model/finding.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {AuditPolicy} from '../../model/policy.ts';
import type {CoverageReport, PolicyReport} from '../../model/report.ts';
import type {Preset, Requirement} from '../../model/requirement.ts';
import type {AuditSettings} from '../../model/server-flags.ts';
import {coverage, recordsNothing} from '../coverage/coverage.ts';
import {loadPolicy} from '../load/load-policy.ts';
import {startOf, timestamp} from './process.ts';

/** `outcome` is what the policy alone would do, before flags and process are looked at. */
export interface PolicyJudgement {
  readonly report: PolicyReport | undefined;
  readonly findings: readonly Finding[];
  readonly coverage: readonly CoverageReport[];
  readonly outcome: 'none' | 'unread' | 'missing' | 'refused' | 'silent' | 'partial' | 'complete';
}

export function judgePolicy(
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
