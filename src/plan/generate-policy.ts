/**
 * Makes the policy that presets ask for, and proves it before anyone sees it: every request that a requirement names is
 * recorded as asked, and nothing else is recorded that a policy can leave out.
 */
import {type Demand, type Region, VERBS, demandsOf} from '../evaluate/coverage/demands.ts';
import {coverage} from '../evaluate/coverage/coverage.ts';
import {loadPolicy} from '../evaluate/load/load-policy.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import type {AuditPolicy, PolicyRule, Stage} from '../model/policy.ts';
import type {GeneratedPolicy, PresetRequirement} from '../model/preset-policy.ts';
import type {Preset} from '../model/requirement.ts';
import {type Cell, cellOf, fallsThroughTo} from './policy-cells.ts';
import {type Grid, gridsOf} from './policy-grids.ts';
import {isSamePolicy} from './same-policy.ts';
import {policyText} from './policy-text.ts';
import {describePolicy} from './policy-comments.ts';
import {exposuresOf, guardsOf} from './sensitive.ts';

/** How to generate. */
export interface GenerateOptions {
  /** The release that is to load it; undefined: the newest known. */
  readonly serverVersion: KubernetesVersion | undefined;
  /** The preset that counts where musts contradict each other. */
  readonly prefer?: string | undefined;
}

/**
 * The policy for `presets`, proven to meet every requirement, but for what the result names. Musts that contradict each
 * other are a conflict, unless one of their presets is preferred. Throws where the proof fails, which is a defect of this
 * program.
 */
export function generatePolicy(presets: readonly Preset[], options: GenerateOptions): GeneratedPolicy {
  const {demands, conflicts, unsettled} = demandsOf(presets, options.prefer);
  if (unsettled.length > 0) return {kind: 'conflict', conflicts: unsettled};

  const grids = gridsFor(demands);
  const rules = grids.map(ruleOf);
  const policy = withCommonStages({omitStages: [], omitManagedFields: false, rules});
  if (rules.length === 0) throw new NotProven('no requirement asks for anything to be recorded');
  const unmet = prove(policy, presets, demands, options.serverVersion);
  const exposures = exposuresOf(policy, demands, options.serverVersion);
  const unasked = exposures.find(({askedBy}) => askedBy.length === 0);
  if (unasked !== undefined) throw new NotProven(`nobody asks for bodies of ${unasked.resource}`);
  const text = policyText(policy, describePolicy(presets, grids, {unmet, exposures}));
  proveText(text, policy, options.serverVersion);
  return {kind: 'generated', policy, text, conflicts, unmet, exposures};
}

/** The generated policy is not what it should be. */
class NotProven extends Error {
  constructor(reason: string) {
    super(`the policy was not made, as it could not be proven: ${reason}`);
  }
}

/** Narrow regions first: the first rule that matches decides. What a wider rule does anyhow needs no rule. */
function gridsFor(demands: readonly Demand[]): Grid[] {
  const cells = demands.map(cellOf);
  const all = [...cells, ...guardsOf(cells)];
  const needed = all.filter((cell) => !isServedBy(cell, fallsThroughTo(cell, all)));
  const ofKinds = (...kinds: Region['kind'][]): Cell[] => needed.filter(({region}) => kinds.includes(region.kind));
  return [ofKinds('resource', 'path'), ofKinds('group'), ofKinds('everything')].flatMap(gridsOf);
}

/** Whether the wider rule records the same; a stage more than needed is no reason for a rule. */
function isServedBy(cell: Cell, wider: Cell | undefined): boolean {
  if (cell.level === 'None') return wider === undefined || wider.level === 'None';
  return cell.level === wider?.level && wider.omitStages.every((stage) => cell.omitStages.includes(stage));
}

function ruleOf({level, omitStages, verbs, targets}: Grid): PolicyRule {
  return {
    level,
    omitStages,
    omitManagedFields: undefined,
    users: [],
    userGroups: [],
    namespaces: [],
    verbs: VERBS.every((verb) => verbs.includes(verb)) ? [] : verbs,
    resources: [...Map.groupBy(targets.resources, ({group}) => group)].map(([group, entries]) => ({
      group,
      resources: entries.map(({resource}) => resource),
      resourceNames: [],
    })),
    nonResourceURLs: targets.paths,
    line: undefined,
  };
}

/** Stages that every rule omits are omitted by the policy. */
function withCommonStages(policy: AuditPolicy): AuditPolicy {
  const recording = policy.rules.filter(({level}) => level !== 'None');
  const [first] = recording;
  const common = (first?.omitStages ?? []).filter((stage) =>
    recording.every(({omitStages}) => omitStages.includes(stage)),
  );
  const own = (stages: readonly Stage[]): Stage[] => stages.filter((stage) => !common.includes(stage));
  return {
    ...policy,
    omitStages: common,
    rules: policy.rules.map((rule) => ({...rule, omitStages: own(rule.omitStages)})),
  };
}

/** The requirements that are not met and need not be; throws when another is not. */
function prove(
  policy: AuditPolicy,
  presets: readonly Preset[],
  demands: readonly Demand[],
  serverVersion: KubernetesVersion | undefined,
): PresetRequirement[] {
  const excused = new Set(
    demands.flatMap(({unsatisfied}) => unsatisfied.map(({preset, requirement}) => keyOf(preset, requirement.id))),
  );
  return presets.flatMap((preset) =>
    coverage(policy, preset.requirements, serverVersion)
      .filter(({met}) => !met)
      .map(({requirement, failures}) => {
        if (!excused.has(keyOf(preset.name, requirement.id))) {
          throw new NotProven(`${preset.name} ${requirement.id} is not met: ${failures[0]?.text ?? ''}`);
        }
        return {preset: preset.name, requirement};
      }),
  );
}

function keyOf(preset: string, requirement: string): string {
  return JSON.stringify([preset, requirement]);
}

function proveText(text: string, policy: AuditPolicy, serverVersion: KubernetesVersion | undefined): void {
  const loaded = loadPolicy(text, {serverVersion});
  if (loaded.kind === 'refused') throw new NotProven(loaded.message);
  if (loaded.warnings.length > 0) throw new NotProven(loaded.warnings.join(', '));
  if (!isSamePolicy(loaded.policy, policy)) throw new NotProven('its text is read as another policy');
}
