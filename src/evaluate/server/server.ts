/** Judges one API server: what its flags, mounts, policy and process together record. */
import {findServerCommand} from '../../model/command-line.ts';
import type {ServerFacts} from '../../model/facts.ts';
import {type Finding, type Where, finding} from '../../model/finding.ts';
import {valueOf} from '../../model/fact.ts';
import {parseKubernetesVersion} from '../../model/kubernetes-version.ts';
import type {Pod} from '../../model/pod.ts';
import {type ServerReport, type SettingReport, worst} from '../../model/report.ts';
import type {Preset} from '../../model/requirement.ts';
import {type AuditSettings, type ServerFlags, auditSettings, parseServerFlags} from '../../model/server-flags.ts';
import {judgeCombination} from './combination.ts';
import {judgeFlags} from './flags.ts';
import {judgeMounts} from './mounts.ts';
import {judgePresets, judgeSettings} from './presets-in-force.ts';
import {judgeFlagz, judgeHealth, judgeLosses, judgeProcess, runtimeReport, staleness} from './process.ts';
import {judgeRotation} from './rotation.ts';
import {verdictOf} from './verdict.ts';
import {judgeWebhook} from './webhook-backend.ts';

export interface ServerJudgement {
  readonly report: ServerReport;
  readonly findings: readonly Finding[];
  readonly settings: AuditSettings | undefined;
  readonly flags: ServerFlags | undefined;
}

/** What a judgement needs besides the facts of the server. */
export interface JudgementContext {
  readonly presets: readonly Preset[];
  /** The release to judge by where the server does not tell its own; undefined: the newest known. */
  readonly fallbackVersion: string | undefined;
  readonly offline: boolean;
}

export function judgeServer(facts: ServerFacts, context: JudgementContext): ServerJudgement {
  const where = whereOf(facts);
  const versionText = valueOf(facts.process)?.version ?? versionOfImage(facts.pod) ?? context.fallbackVersion;
  const version = versionText === undefined ? undefined : parseKubernetesVersion(versionText);
  const command = findServerCommand(facts.pod);
  if (command.kind === 'none') {
    return unreadable(facts, versionText, finding('command-not-understood', {reason: command.reason}, where), context);
  }
  const flags = parseServerFlags(command.argv, version);
  const settings = auditSettings(flags, version);
  const presets = judgePresets(facts, settings, version, context.presets, where);
  const stale = staleness(facts, settings);
  const believed = [
    ...judgeHealth(facts, where),
    ...judgeFlags(flags, settings, version, where),
    ...judgeFlagz(facts, flags, where),
    ...judgeCombination(settings, where),
    ...judgeMounts(facts.pod.spec, command.container, settings, where),
    ...presets.flatMap(({policy}) => policy.findings),
    ...context.presets.flatMap((preset) => judgeLogPath(settings, preset, where)),
    ...judgeProcess(facts, settings, context.offline, where),
    ...judgeLosses(facts, where),
    ...judgeWebhook(facts, settings, context.offline, where),
    ...context.presets.flatMap(({rotation}) => judgeRotation(settings, version, rotation, where)),
    ...context.presets.flatMap((preset) => judgeSettings(preset, settings, where)),
    ...strayManifests(facts, where),
  ];
  // What a stale copy shows is not what runs: nothing is concluded from it.
  const findings = withoutRepeats(
    stale === undefined ? believed : [finding('mirror-stale', {reason: stale}, where), ...judgeLosses(facts, where)],
  );
  const verdicts = presets.map(({preset, policy}) => ({
    name: preset.name,
    verdict: verdictOf({facts, flags, settings, policy, findings, version, stale, offline: context.offline}),
  }));
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
      policy: presets[0]?.policy.report,
      coverage: presets.flatMap(({coverage}) => coverage),
      runtime: runtimeReport(facts),
      verdict: worst(verdicts.map(({verdict}) => verdict)),
      presets: verdicts,
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

/** Several presets find the same of what is not their own. */
function withoutRepeats(findings: readonly Finding[]): Finding[] {
  return [...new Map(findings.map((item) => [JSON.stringify(item), item])).values()];
}

function unreadable(
  facts: ServerFacts,
  version: string | undefined,
  problem: Finding,
  {presets}: JudgementContext,
): ServerJudgement {
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
      presets: presets.map(({name}) => ({name, verdict: 'unknown'})),
    },
  };
}

function judgeLogPath(settings: AuditSettings, preset: Preset, where: Where): Finding[] {
  const path = settings.logPath.value;
  if (preset.logPath === undefined || path === '' || path === preset.logPath) return [];
  return [finding('log-path-unlike-preset', {path, expected: preset.logPath, preset: preset.name}, where)];
}

function strayManifests(facts: ServerFacts, where: Where): Finding[] {
  return (valueOf(facts.strayManifests) ?? []).map((file) => finding('stray-manifest', {file}, {...where, file}));
}

function settingsReport(settings: AuditSettings): Record<string, SettingReport> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, setting]: [string, SettingReport]) => [name, setting]),
  );
}
