/**
 * Which rules a policy lacks for a demand, and where they have to stand. A rule that is put directly before another one and
 * matches some of its requests takes them from that rule alone: so nothing else changes, and with the higher of both levels
 * nothing is lowered.
 */
import {type Demand, type Origin, type Region, VERBS} from '../evaluate/coverage/demands.ts';
import {coverage} from '../evaluate/coverage/coverage.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {ANY_RULE, LEVELS, atLeast} from '../model/policy.ts';
import type {AuditPolicy, Level, PolicyRule, Stage} from '../model/policy.ts';
import type {RequestSet} from '../model/requirement.ts';
import {narrowRule, ruleFor} from './narrow-rule.ts';
import {losesYaml} from './policy-cells.ts';

/** A rule to add. */
export interface AddedRule {
  readonly rule: PolicyRule;
  /** Index of the rule before which it goes; the number of rules: after the last. */
  readonly before: number;
  /** What it is for: to record more, or to keep requests from a wider rule that is added with it. */
  readonly purpose: 'record' | 'keep';
  readonly origins: readonly Origin[];
}

interface Placement extends AddedRule {
  /** Whether its rule may leave out the verbs once it has all: the rule that it goes before has none either. */
  readonly mayLeaveOutVerbs: boolean;
}

/**
 * The rules that `policy` lacks for `demands`, which must be about different requests.
 * @param kept regions that no added rule may take along, as a wider one would
 */
export function lackingRules(
  policy: AuditPolicy,
  demands: readonly Demand[],
  kept: readonly Region[],
  serverVersion: KubernetesVersion | undefined,
): AddedRule[] {
  const search = new Search(policy, serverVersion);
  return together(demands.flatMap((demand) => search.placementsFor(demand, kept)));
}

/** A rule of the policy as far as it matches the region of a demand. */
interface Box {
  readonly index: number;
  readonly narrow: PolicyRule;
}

class Search {
  readonly #policy: AuditPolicy;
  readonly #serverVersion: KubernetesVersion | undefined;

  constructor(policy: AuditPolicy, serverVersion: KubernetesVersion | undefined) {
    this.#policy = policy;
    this.#serverVersion = serverVersion;
  }

  placementsFor(demand: Demand, kept: readonly Region[]): Placement[] {
    if (demand.level === 'None' || !this.#canWriteStages(demand)) return [];
    const boxes = this.#boxesOf(demand.region);
    const lacking = boxes.filter(
      ({index, narrow}) => this.#isLacking(narrow, demand) && this.#decides(index, demand.region),
    );
    if (lacking.length === 0) return [];
    const inTheWay = kept.filter((region) => region !== demand.region);
    const keeps = lacking.flatMap((box) => this.#keepsBefore(box, inTheWay));
    const one = keeps.length > 0 || lacking.length === 1 ? undefined : this.#forAll(boxes, lacking, demand);
    return one === undefined ? [...keeps, ...lacking.map((box) => this.#before(box, demand))] : [one];
  }

  /** Stages that the policy itself omits are not written, whatever its rules say. */
  #canWriteStages({stages}: Demand): boolean {
    return stages.every((some) => some.some((stage) => !this.#policy.omitStages.includes(stage)));
  }

  /** The rules that match some of the region, in order, and after the last the case that none does. */
  #boxesOf(region: Region): Box[] {
    const boxes: Box[] = [];
    for (const [index, rule] of this.#policy.rules.entries()) {
      const narrow = narrowRule(rule, region, this.#serverVersion);
      if (narrow === undefined) continue;
      boxes.push({index, narrow});
      if (isWhole(narrow, region)) return boxes;
    }
    return [...boxes, {index: this.#policy.rules.length, narrow: ruleFor(region)}];
  }

  #isLacking({level, omitStages}: PolicyRule, demand: Demand): boolean {
    const isWritten = (stage: Stage): boolean =>
      !omitStages.includes(stage) && !this.#policy.omitStages.includes(stage);
    return !atLeast(level, demand.level) || !demand.stages.every((some) => some.some(isWritten));
  }

  /** Whether the rule of that index decides some request of the region: then that one is missed when it records nothing. */
  #decides(index: number, region: Region): boolean {
    const rules = this.#policy.rules.map((rule, each): PolicyRule => ({
      ...rule,
      level: each === index ? 'None' : 'RequestResponse',
      omitStages: [],
    }));
    const [result] = coverage(
      {omitStages: [], omitManagedFields: false, rules},
      [{id: '', level: 'must', title: '', requests: [setOf(region)], atLeast: 'Metadata', reason: ''}],
      this.#serverVersion,
    );
    return result?.met === false;
  }

  /** The rule that takes just the lacking requests from the rule of `box`. */
  #before({index, narrow}: Box, demand: Demand): Placement {
    const level = higher(narrow.level, demand.level);
    return {
      rule: {
        ...narrow,
        level,
        omitStages: this.#omitStages(demand, level, narrow.level === 'None' ? undefined : narrow.omitStages),
        omitManagedFields: atLeast(narrow.level, 'Request') ? narrow.omitManagedFields : undefined,
        line: undefined,
      },
      before: index,
      purpose: 'record',
      origins: demand.origins,
      mayLeaveOutVerbs: (this.#policy.rules[index] ?? ANY_RULE).verbs.length === 0,
    };
  }

  /** One rule for all of the region, where none of the rules that it takes requests from records more. */
  #forAll(boxes: readonly Box[], lacking: readonly Box[], demand: Demand): Placement | undefined {
    const before = lacking[0]?.index ?? 0;
    const taken = boxes
      .filter(({index, narrow}) => index >= before && narrow.level !== 'None')
      .map(({narrow}) => narrow);
    if (taken.some(({level}) => !atLeast(demand.level, level))) return undefined;
    const common = taken
      .slice(1)
      .reduce<readonly Stage[] | undefined>(
        (stages, {omitStages}) => stages?.filter((stage) => omitStages.includes(stage)),
        taken[0]?.omitStages,
      );
    const keepsManagedFields = taken.some(
      ({level, omitManagedFields}) =>
        atLeast(level, 'Request') && !(omitManagedFields ?? this.#policy.omitManagedFields),
    );
    return {
      rule: {
        ...ruleFor(demand.region),
        level: demand.level,
        omitStages: this.#omitStages(demand, demand.level, common),
        omitManagedFields: keepsManagedFields && this.#policy.omitManagedFields ? false : undefined,
      },
      before,
      purpose: 'record',
      origins: demand.origins,
      mayLeaveOutVerbs: false,
    };
  }

  /**
   * The stages that an added rule omits: none that were written before and none that are asked for.
   * @param before what is omitted now; undefined where nothing is recorded now
   */
  #omitStages({region, stages}: Demand, level: Level, before: readonly Stage[] | undefined): Stage[] {
    const omitted = (before ?? ['RequestReceived']).filter((stage) => !this.#policy.omitStages.includes(stage));
    const spared = losesYaml(region, level) ? omitted.filter((stage) => stage !== 'RequestReceived') : omitted;
    const isOmitted = (stage: Stage): boolean => spared.includes(stage) || this.#policy.omitStages.includes(stage);
    const missed = stages.filter((some) => some.every(isOmitted));
    const wanted = missed.map((some) => some.find((stage) => !this.#policy.omitStages.includes(stage)));
    return spared.filter((stage) => !wanted.includes(stage));
  }

  /** Rules that leave requests as they are, where a wider rule that is added would take them along. */
  #keepsBefore({index}: Box, regions: readonly Region[]): Placement[] {
    const rule = this.#policy.rules[index] ?? ANY_RULE;
    return regions.flatMap((region) => {
      const narrow = narrowRule(rule, region, this.#serverVersion);
      if (narrow === undefined) return [];
      return [
        {
          rule: {...narrow, line: undefined},
          before: index,
          purpose: 'keep' as const,
          origins: [],
          mayLeaveOutVerbs: rule.verbs.length === 0,
        },
      ];
    });
  }
}

/** Whether the rule, narrowed to the region, matches all of it: then no later rule decides any. */
function isWhole(narrow: PolicyRule, region: Region): boolean {
  return conditionsOf(narrow) === conditionsOf(ruleFor(region));
}

function conditionsOf({users, userGroups, namespaces, verbs, resources, nonResourceURLs}: PolicyRule): string {
  return JSON.stringify([users, userGroups, namespaces, verbs, resources, nonResourceURLs]);
}

function higher(one: Level, other: Level): Level {
  return LEVELS.findLast((level) => level === one || level === other) ?? one;
}

function setOf(region: Region): RequestSet {
  switch (region.kind) {
    case 'everything':
      return {kind: 'everything'};
    case 'path':
      return {kind: 'nonResource', verbs: [region.verb], paths: [region.path]};
    case 'group':
      return {kind: 'resources', verbs: [region.verb], group: region.group, resources: ['*']};
    case 'resource':
      return {kind: 'resources', verbs: [region.verb], group: region.group, resources: [region.resource]};
  }
}

/** Rules of one place that differ in their verbs alone become one, then those that differ in their resources alone. */
function together(placements: readonly Placement[]): AddedRule[] {
  const byVerbs = joined(placements, ({verbs: _verbs, ...rest}) => rest, joinVerbs);
  return joined(byVerbs, ({resources: _resources, nonResourceURLs: _paths, ...rest}) => rest, joinTargets).map(
    ({mayLeaveOutVerbs: _may, ...added}) => added,
  );
}

function joined(
  placements: readonly Placement[],
  rest: (rule: PolicyRule) => object,
  join: (group: readonly Placement[]) => PolicyRule,
): Placement[] {
  const groups = Map.groupBy(placements, ({rule, before, purpose}) =>
    JSON.stringify([before, purpose, rule.nonResourceURLs.length > 0, rule.resources.length > 0, rest(rule)]),
  );
  return [...groups.values()].map((group) => ({
    ...firstOf(group),
    rule: join(group),
    origins: group.flatMap(({origins}) => origins),
    mayLeaveOutVerbs: group.every(({mayLeaveOutVerbs}) => mayLeaveOutVerbs),
  }));
}

function joinVerbs(group: readonly Placement[]): PolicyRule {
  const {rule, mayLeaveOutVerbs} = firstOf(group);
  const verbs = new Set(group.flatMap((placement) => placement.rule.verbs));
  const isEveryVerb = mayLeaveOutVerbs && VERBS.every((verb) => verbs.has(verb));
  const known = VERBS.filter((verb) => verbs.has(verb));
  return {...rule, verbs: isEveryVerb ? [] : [...known, ...[...verbs].filter((verb) => !VERBS.includes(verb))]};
}

function joinTargets(group: readonly Placement[]): PolicyRule {
  const {rule} = firstOf(group);
  const entries = group.flatMap((placement) => placement.rule.resources);
  // An entry without resources means the whole group.
  const alike = Map.groupBy(entries, ({group: name, resources, resourceNames}) =>
    JSON.stringify([name, resourceNames, resources.length === 0]),
  );
  return {
    ...rule,
    resources: [...alike.values()].flatMap(([entry, ...more]) =>
      entry === undefined
        ? []
        : [{...entry, resources: [...new Set([entry, ...more].flatMap(({resources}) => resources))]}],
    ),
    nonResourceURLs: [...new Set(group.flatMap((placement) => placement.rule.nonResourceURLs))],
  };
}

function firstOf(group: readonly Placement[]): Placement {
  const [placement] = group;
  if (placement === undefined) throw new Error('a group is never empty');
  return placement;
}
