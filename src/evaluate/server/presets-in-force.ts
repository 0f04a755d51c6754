/** Judges one server by each preset: the policy it was started with, its flags, and the verdict of each preset alone. */
import type {ServerFacts} from '../../model/facts.ts';
import {type Finding, type Where, finding} from '../../model/finding.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {CoverageReport, PresetCoverageReport} from '../../model/report.ts';
import type {Preset, Requirement, SettingFlag, SettingRequirement} from '../../model/requirement.ts';
import type {AuditSettings} from '../../model/server-flags.ts';
import {type PolicyJudgement, judgePolicy} from './policy-in-force.ts';

/** The judgement of the policy by one preset; `coverage` tells requirements on requests and on flags. */
export interface PresetJudgement {
  readonly preset: Preset;
  readonly policy: PolicyJudgement;
  readonly coverage: readonly PresetCoverageReport[];
}

/** One judgement for each preset, in their order. Where there are several, findings name the preset they come from. */
export function judgePresets(
  facts: ServerFacts,
  settings: AuditSettings,
  version: KubernetesVersion | undefined,
  presets: readonly Preset[],
  where: Where,
): PresetJudgement[] {
  return presets.map((preset) => {
    const judged = withUnknown(judgePolicy(facts, settings, version, preset, where), preset);
    const flags = (preset.settings ?? []).map((setting) => settingCoverage(setting, preset, settings));
    const policy = withFlags(judged, flags);
    const requests = policy.coverage.map((item) => ({preset: preset.name, ...item}));
    return {
      preset,
      policy: presets.length === 1 ? policy : {...policy, findings: policy.findings.map((item) => named(item, preset))},
      coverage: [...requests, ...flags],
    };
  });
}

/** What is not recorded here may be recorded by someone else, whose log is not read: then nobody knows. */
function withUnknown(judged: PolicyJudgement, preset: Preset): PolicyJudgement {
  if (judged.outcome !== 'partial' && judged.outcome !== 'complete') return judged;
  const unknown = new Map(
    preset.requirements
      .filter(({id, elsewhere}) => elsewhere !== undefined && isUnmet(judged.coverage, id))
      .map((requirement) => [requirement.id, requirement]),
  );
  if (unknown.size === 0) return judged;
  const coverage = judged.coverage.map((item): CoverageReport =>
    unknown.has(item.requirement) ? {...item, met: 'unknown', failing: []} : item,
  );
  return {
    ...judged,
    coverage,
    findings: judged.findings.map((item) => asUnknown(item, unknown)),
    outcome: outcomeOf(coverage),
  };
}

function isUnmet(coverage: readonly CoverageReport[], id: string): boolean {
  return coverage.some(({requirement, met}) => requirement === id && met === false);
}

function outcomeOf(coverage: readonly CoverageReport[]): PolicyJudgement['outcome'] {
  const musts = coverage.filter(({level}) => level === 'must');
  if (musts.some(({met}) => met === false)) return 'partial';
  return musts.some(({met}) => met === 'unknown') ? 'unread' : 'complete';
}

function asUnknown(item: Finding, unknown: ReadonlyMap<string, Requirement>): Finding {
  const requirement = item.code === 'requirement-unmet' ? unknown.get(item.args.requirement) : undefined;
  if (requirement?.elsewhere === undefined) return item;
  return finding(
    'not-found-out',
    {
      what: requirement.elsewhere,
      obstacle: {kind: 'not-tried', reason: 'it is not read here'},
      cost: `it is unknown whether ${requirement.title} are recorded (${requirement.level}); by this policy they are not`,
    },
    item.where,
  );
}

/** A must about a flag counts as one about requests. */
function withFlags(judged: PolicyJudgement, flags: readonly PresetCoverageReport[]): PolicyJudgement {
  const isUnmetMust = flags.some(({level, met}) => level === 'must' && met === false);
  return judged.outcome === 'complete' && isUnmetMust ? {...judged, outcome: 'partial'} : judged;
}

function named(item: Finding, preset: Preset): Finding {
  if (item.code !== 'requirement-unmet') return item;
  const {requirement, title} = item.args;
  return {
    ...item,
    args: {...item.args, requirement: `${preset.name}/${requirement}`, title: `${preset.name}: ${title}`},
  };
}

const ROTATION: Readonly<
  Record<
    Exclude<SettingFlag, 'audit-policy-file' | 'audit-log-path'>,
    {readonly setting: 'logMaxAge' | 'logMaxBackup' | 'logMaxSize'; readonly least: 'maxAge' | 'maxBackup' | 'maxSize'}
  >
> = {
  'audit-log-maxage': {setting: 'logMaxAge', least: 'maxAge'},
  'audit-log-maxbackup': {setting: 'logMaxBackup', least: 'maxBackup'},
  'audit-log-maxsize': {setting: 'logMaxSize', least: 'maxSize'},
};

function settingCoverage(
  {id, title, level, flag}: SettingRequirement,
  preset: Preset,
  settings: AuditSettings,
): PresetCoverageReport {
  const problem = settingProblem(flag, preset, settings);
  return {
    preset: preset.name,
    requirement: id,
    title,
    level,
    met: problem === undefined,
    failing: problem === undefined ? [] : [problem],
    flag,
  };
}

/** Why the flag is not as the preset asks; undefined where it is. */
function settingProblem(flag: SettingFlag, preset: Preset, settings: AuditSettings): string | undefined {
  switch (flag) {
    case 'audit-policy-file':
      return settings.policyFile.value === '' ? `--${flag} is not set` : undefined;
    case 'audit-log-path':
      if (settings.logPath.value === '') return `--${flag} is not set`;
      return settings.logPath.value === '-' ? `--${flag} is standard output, wanted a file` : undefined;
    case 'audit-log-maxage':
    case 'audit-log-maxbackup':
    case 'audit-log-maxsize':
      return rotationProblem(flag, preset, settings);
  }
}

function rotationProblem(flag: keyof typeof ROTATION, preset: Preset, settings: AuditSettings): string | undefined {
  const least = preset.rotation?.[ROTATION[flag].least] ?? 0;
  const {value, from} = settings[ROTATION[flag].setting];
  const mustBeSet = preset.rotation?.mustBeSet === true;
  if (settings.logPath.value === '' || settings.logPath.value === '-') return `--${flag}: no log file is written`;
  if (mustBeSet && from === 'default') return `--${flag} is not set, wanted at least ${least}`;
  const isEnough = value >= least || (value === 0 && !mustBeSet);
  return isEnough ? undefined : `--${flag} is ${value}, wanted at least ${least}`;
}

/** Rotation flags that the preset wants given and that are not, or are 0; the rest is told by `judgeRotation`. */
export function judgeSettings(
  {settings: asked = [], rotation}: Preset,
  settings: AuditSettings,
  where: Where,
): Finding[] {
  if (rotation?.mustBeSet !== true || settings.logPath.value === '' || settings.logPath.value === '-') return [];
  return asked.flatMap(({flag}) => {
    if (flag === 'audit-policy-file' || flag === 'audit-log-path') return [];
    const wanted = rotation[ROTATION[flag].least];
    const {value, from} = settings[ROTATION[flag].setting];
    if (from === 'flag' && value !== 0) return [];
    return [finding('rotation-below-preset', {flag, value: from === 'default' ? 'not set' : '0', wanted}, where)];
  });
}
