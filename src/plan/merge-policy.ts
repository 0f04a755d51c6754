/**
 * Adds to a policy what presets need and it lacks, and nothing else: its text stays as it is, byte for byte, with rules put in
 * between. No request is recorded less than before.
 */
import {coverage} from '../evaluate/coverage/coverage.ts';
import {type Demand, type Origin, type Region, demandsOf} from '../evaluate/coverage/demands.ts';
import {neverLess} from '../evaluate/difference.ts';
import {loadPolicy} from '../evaluate/load/load-policy.ts';
import type {Failure} from '../model/coverage.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {atLeast} from '../model/policy.ts';
import type {AuditPolicy, PolicyRule} from '../model/policy.ts';
import type {MergedPolicy, MergedRule, UnmetByMerge} from '../model/preset-policy.ts';
import type {Preset, Requirement} from '../model/requirement.ts';
import {type AddedRule, lackingRules} from './added-rules.ts';
import {KEPT_RECEIVED, ruleComments} from './policy-comments.ts';
import {losesYaml} from './policy-cells.ts';
import {isSamePolicy} from './same-policy.ts';
import {exposuresOf, hiddenSubresources} from './sensitive.ts';
import {type Insertion, spliceRules} from './splice-rules.ts';
import type {GenerateOptions} from './generate-policy.ts';

/** Added rules beyond this number are not looked at for being needless. */
const MAX_REVIEWED = 40;

/**
 * The policy of `text` with the rules that `presets` lack in it. Throws where the proof fails, which is a defect of this
 * program.
 */
export function mergePolicy(text: string, presets: readonly Preset[], options: GenerateOptions): MergedPolicy {
  const {serverVersion} = options;
  const loaded = loadPolicy(text, {serverVersion});
  if (loaded.kind === 'refused') return {kind: 'invalid', message: loaded.message, line: loaded.line};
  const {demands, conflicts, unsettled} = demandsOf(presets, options.prefer);
  if (unsettled.length > 0) return {kind: 'conflict', conflicts: unsettled};

  const before = loaded.policy;
  const items = withoutNeedless(widened(before, demands, serverVersion), before, serverVersion);
  const policy = policyOf(items, before);
  const unmet = prove(before, policy, presets, demands, serverVersion);
  const spliced = spliceRules(text, insertionsOf(items, before, presets));
  if (spliced.kind === 'refused') return {kind: 'not-editable', reason: spliced.reason};
  proveText(spliced.text, policy, serverVersion);
  const exposedBefore = exposuresOf(before, demands, serverVersion).map(({resource}) => resource);
  const ofItem = (item: Item): MergedRule[] => (item.kind === 'own' ? [] : [mergedRule(item, items, before)]);
  return {
    kind: 'merged',
    text: spliced.text,
    policy,
    added: items.flatMap(ofItem),
    unmet,
    conflicts,
    exposures: exposuresOf(policy, demands, serverVersion).filter(({resource}) => !exposedBefore.includes(resource)),
    losesYamlApply:
      before.omitStages.includes('RequestReceived') && demands.some(({region, level}) => losesYaml(region, level)),
  };
}

/** A rule of the merged policy: one of the user's, by its index, or an added one. */
type Item =
  | {readonly kind: 'own'; readonly rule: PolicyRule; readonly index: number}
  | {readonly kind: 'added'; readonly rule: PolicyRule; readonly added: AddedRule};

function policyOf(items: readonly Item[], before: AuditPolicy): AuditPolicy {
  return {...before, rules: items.map(({rule}) => rule)};
}

/** Wide regions first, then those within them: each step sees what the one before has added, and never lowers it. */
function widened(
  before: AuditPolicy,
  demands: readonly Demand[],
  serverVersion: KubernetesVersion | undefined,
): Item[] {
  const ofKinds = (...kinds: Region['kind'][]): Demand[] => demands.filter(({region}) => kinds.includes(region.kind));
  const steps = [ofKinds('everything'), ofKinds('group'), ofKinds('resource', 'path')];
  let items = before.rules.map((rule, index): Item => ({kind: 'own', rule, index}));
  for (const step of steps) {
    const added = lackingRules(policyOf(items, before), step, keptFrom(step, demands), serverVersion);
    items = inserted(items, added);
  }
  return items;
}

/** What a rule for the regions of `step` would take along although it may not be recorded so, or nobody asks for it. */
function keptFrom(step: readonly Demand[], demands: readonly Demand[]): Region[] {
  const wide = step.filter(({region}) => region.kind === 'everything' || region.kind === 'group');
  if (wide.length === 0) return [];
  const bounded = demands.filter(({atMost}) => wide.some(({level}) => !atLeast(atMost, level)));
  const hidden = wide.flatMap(({region, level}) =>
    region.kind === 'group' && atLeast(level, 'Request') ? hiddenSubresources(region) : [],
  );
  return [...bounded.map(({region}) => region), ...hidden];
}

function inserted(items: readonly Item[], added: readonly AddedRule[]): Item[] {
  const at = (index: number): Item[] =>
    added.filter(({before}) => before === index).map((each): Item => ({kind: 'added', rule: each.rule, added: each}));
  return [...items.flatMap((item, index) => [...at(index), item]), ...at(items.length)];
}

/** Drops added rules without which all is recorded the same: those that later steps have put others before. */
function withoutNeedless(
  items: readonly Item[],
  before: AuditPolicy,
  serverVersion: KubernetesVersion | undefined,
): readonly Item[] {
  if (items.length - before.rules.length > MAX_REVIEWED) return items;
  const isNeverLess = (one: readonly Item[], other: readonly Item[]): boolean =>
    neverLess(policyOf(one, before), policyOf(other, before), {serverVersion}).kind === 'holds';
  let left = items;
  for (const item of items.filter(({kind}) => kind === 'added').toReversed()) {
    const without = left.filter((other) => other !== item);
    if (isNeverLess(left, without) && isNeverLess(without, left)) left = without;
  }
  return left;
}

/** The merged policy is not what it should be. */
class NotProven extends Error {
  constructor(reason: string) {
    super(`the policy was not merged, as it could not be proven: ${reason}`);
  }
}

/** That nothing is recorded less, and all that can be met is met; returns what is not. */
function prove(
  before: AuditPolicy,
  after: AuditPolicy,
  presets: readonly Preset[],
  demands: readonly Demand[],
  serverVersion: KubernetesVersion | undefined,
): UnmetByMerge[] {
  const never = neverLess(before, after, {serverVersion});
  if (never.kind === 'fails') throw new NotProven(`less would be recorded of ${JSON.stringify(never.example)}`);
  if (never.kind === 'undecided') throw new NotProven(never.tooMuch);
  const isInConflict = (preset: string, {id}: Requirement): boolean =>
    demands.some(({unsatisfied}) =>
      unsatisfied.some((origin) => origin.preset === preset && origin.requirement.id === id),
    );
  return presets.flatMap((preset) =>
    coverage(after, preset.requirements, serverVersion).flatMap(({requirement, failures}) => {
      const [failure] = failures;
      if (failure === undefined) return [];
      const because = isInConflict(preset.name, requirement) ? 'conflict' : reasonFor(failures, after);
      if (because === undefined) throw new NotProven(`${preset.name}/${requirement.id} is not met: ${failure.text}`);
      return [{preset: preset.name, requirement, because, failure, ruleLine: failure.ruleLine}];
    }),
  );
}

/** Why rules that are only added cannot mend these; undefined where they could. */
function reasonFor(failures: readonly Failure[], after: AuditPolicy): UnmetByMerge['because'] | undefined {
  const isHopeless = ({kind, wanted}: Failure): boolean =>
    kind === 'too-much' || wanted.stages.every((stage) => after.omitStages.includes(stage));
  if (!failures.every(isHopeless)) return undefined;
  return failures.some(({kind}) => kind === 'too-much') ? 'records-more' : 'stage-omitted';
}

function proveText(text: string, policy: AuditPolicy, serverVersion: KubernetesVersion | undefined): void {
  const loaded = loadPolicy(text, {serverVersion});
  if (loaded.kind === 'refused') throw new NotProven(`the new text would be refused: ${loaded.message}`);
  if (!isSamePolicy(loaded.policy, policy)) throw new NotProven('the new text is read as another policy');
}

function namesOf(origins: readonly Origin[]): string[] {
  return [...new Set(origins.map(({preset, requirement}) => `${preset}/${requirement.id}`))];
}

/** The first of the user's own rules after an added one. */
function ownAfter(items: readonly Item[], item: Item): number | undefined {
  const own = items.slice(items.indexOf(item)).find((other) => other.kind === 'own');
  return own?.kind === 'own' ? own.index : undefined;
}

function mergedRule(item: Extract<Item, {kind: 'added'}>, items: readonly Item[], before: AuditPolicy): MergedRule {
  const own = ownAfter(items, item);
  return {
    rule: item.rule,
    index: items.indexOf(item),
    beforeLine: own === undefined ? undefined : before.rules[own]?.line,
    requirements: namesOf(item.added.origins),
  };
}

function insertionsOf(items: readonly Item[], before: AuditPolicy, presets: readonly Preset[]): Insertion[] {
  const added = items.filter((item) => item.kind === 'added');
  const texts = ruleComments(
    added.map((item) => item.added.origins),
    presets.length > 1,
  );
  const rules = added.map((item, index) => ({
    before: ownAfter(items, item) ?? before.rules.length,
    rule: item.rule,
    comments: commentsFor(item.added, texts[index] ?? [], before),
  }));
  return [...Map.groupBy(rules, (each) => each.before)].map(([index, group]) => ({
    before: index,
    rules: group.map(({rule, comments}) => ({rule, comments})),
  }));
}

function commentsFor(
  {rule, purpose}: AddedRule,
  [text = '', ...texts]: readonly string[],
  before: AuditPolicy,
): string[] {
  if (purpose === 'keep') return ['Added: as before, kept out of the wider rule below.'];
  const keeps =
    atLeast(rule.level, 'Request') &&
    (rule.verbs.length === 0 || rule.verbs.includes('patch')) &&
    !rule.omitStages.includes('RequestReceived') &&
    !before.omitStages.includes('RequestReceived');
  return [`Added for ${text}`, ...texts, ...(keeps ? [KEPT_RECEIVED] : [])];
}
