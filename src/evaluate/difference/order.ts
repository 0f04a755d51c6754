/** Puts classes together that are one to a person, and the most important first. */
import type {
  Direction,
  GroupCondition,
  Recording,
  RequestClass,
  RequestClassChange,
  ResourceSet,
  RuleReference,
  Shadowing,
  Values,
} from '../../model/difference.ts';
import {LEVELS, STAGES} from '../../model/policy.ts';

/** Merges classes of resource requests with each other and with those of requests for paths. */
export function mergedClasses(
  ofResources: readonly RequestClassChange[],
  ofPaths: readonly RequestClassChange[],
): RequestClassChange[] {
  const resources = withMergedGroups(ofResources);
  const paths = withMergedGroups(ofPaths);
  const merged: RequestClassChange[] = [];
  for (const one of resources) {
    const index = paths.findIndex((other) => isSameButForTarget(one, other));
    const [other] = index === -1 ? [] : paths.splice(index, 1);
    if (other === undefined) merged.push(one);
    else {
      const any = joined(one, other, {...one.requests, paths: other.requests.paths});
      merged.push({...any, except: [...one.except, ...other.except]});
    }
  }
  return [...merged, ...paths];
}

/** Whether both are for any target, so that together they are any request of these users. */
function isSameButForTarget(one: RequestClassChange, other: RequestClassChange): boolean {
  const {resources, namespaces, names} = one.requests;
  const isAnyResource =
    resources !== undefined && isAny(resources) && namespaces.kind === 'any' && names.kind === 'any';
  const [path] = other.requests.paths ?? [];
  const isAnyPath = path?.pattern === '*' && path.except.length === 0;
  return isAnyResource && isAnyPath && keyOf(one, WITHOUT_TARGET) === keyOf(other, WITHOUT_TARGET);
}

const WITHOUT_TARGET = {resources: undefined, paths: undefined};

/** What makes two classes one, but for the parts of their description that are given. */
function keyOf({requests, direction, before, after}: RequestClassChange, instead: Partial<RequestClass>): string {
  return JSON.stringify([direction, recorded(before), recorded(after), {...requests, ...instead}]);
}

function recorded({level, stages, omitManagedFields}: Recording): unknown[] {
  // Without the stage that only some requests have.
  return [level, stages.filter((stage) => stage !== 'ResponseStarted'), omitManagedFields ?? false];
}

/** Members of one group and members of another are the members of one of the two. */
function withMergedGroups(classes: readonly RequestClassChange[]): RequestClassChange[] {
  const merged: RequestClassChange[] = [];
  const byKey = new Map<string, number[]>();
  for (const each of classes) {
    const {inOneOfEach, inNoneOf} = each.requests.groups;
    if (inOneOfEach.length === 0) {
      merged.push(each);
      continue;
    }
    const key = JSON.stringify([keyOf(each, {groups: NO_GROUPS}), inNoneOf, each.except]);
    const alike = byKey.get(key) ?? [];
    byKey.set(key, alike);
    const index = alike.find((other) => commonLists(merged[other], inOneOfEach) !== undefined);
    const other = index === undefined ? undefined : merged[index];
    const lists = commonLists(other, inOneOfEach);
    if (index === undefined || other === undefined || lists === undefined) {
      alike.push(merged.length);
      merged.push(each);
      continue;
    }
    merged[index] = joined(other, each, {...other.requests, groups: {inOneOfEach: lists, inNoneOf}});
  }
  return merged;
}

/** The lists of groups for both, if they differ in one list only. */
function commonLists(
  other: RequestClassChange | undefined,
  lists: GroupCondition['inOneOfEach'],
): string[][] | undefined {
  const otherLists = other?.requests.groups.inOneOfEach ?? [];
  if (lists.length !== otherLists.length) return undefined;
  const own = lists.filter((list) => !otherLists.some((each) => each.join() === list.join()));
  const others = otherLists.filter((list) => !lists.some((each) => each.join() === list.join()));
  if (own.length !== 1 || others.length !== 1) return undefined;
  const common = lists.filter((list) => !own.includes(list)).map((list) => [...list]);
  return [...common, [...new Set([...own.flat(), ...others.flat()])].toSorted()];
}

const NO_GROUPS = {inOneOfEach: [], inNoneOf: []};

function joined(one: RequestClassChange, other: RequestClassChange, requests: RequestClass): RequestClassChange {
  return {
    ...one,
    requests,
    before: joinedRecording(one.before, other.before),
    after: joinedRecording(one.after, other.after),
    shadowed: joinedShadowings(one.shadowed, other.shadowed),
  };
}

function joinedRecording(one: Recording, other: Recording): Recording {
  const rules = new Map([...one.rules, ...other.rules].map((rule) => [rule.index, rule]));
  return {
    ...one,
    stages: STAGES.filter((stage) => one.stages.includes(stage) || other.stages.includes(stage)),
    omitManagedFields: one.omitManagedFields ?? other.omitManagedFields,
    rules: [...rules.values()].toSorted((first, second) => first.index - second.index),
    noRule: one.noRule || other.noRule,
  };
}

function joinedShadowings(one: readonly Shadowing[], other: readonly Shadowing[]): Shadowing[] {
  const keyed = new Map(
    [...one, ...other].map((each) => [`${each.policy} ${each.rule.index} ${each.by.index}`, each] as const),
  );
  return [...keyed.values()];
}

const DIRECTIONS: readonly Direction[] = ['loses', 'changes', 'gains'];

/** What is lost first; then what is most general, the largest step of levels, and the order of the rules. */
export function inOrder(classes: readonly RequestClassChange[]): RequestClassChange[] {
  const keys = new Map(classes.map((each) => [each, sortKeyOf(each)]));
  return classes.toSorted((one, other) => compare(keys.get(one) ?? [], keys.get(other) ?? []));
}

function sortKeyOf({direction, requests, before, after}: RequestClassChange): number[] {
  const step = Math.abs(LEVELS.indexOf(before.level) - LEVELS.indexOf(after.level));
  return [
    DIRECTIONS.indexOf(direction),
    narrownessOfTarget(requests),
    narrownessOf(requests.users) + Math.sign(requests.groups.inOneOfEach.length),
    -step,
    firstOf(before.rules),
    firstOf(after.rules),
  ];
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [index, value] of one.entries()) {
    const difference = value - (other[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

function narrownessOfTarget({resources, paths}: RequestClass): number {
  if (resources === undefined) return paths?.some(({pattern}) => pattern === '*') === true ? 4 : 5;
  if (isAny(resources)) return paths === undefined ? 1 : 0;
  if (resources.these.some((term) => term.groups.kind !== 'these')) return 2;
  return resources.these.some((term) => term.resources.kind !== 'these') ? 3 : 4;
}

function isAny({these: [term], except}: ResourceSet): boolean {
  return (
    except.length === 0 && term !== undefined && Object.values<Values>({...term}).every(({kind}) => kind === 'any')
  );
}

function narrownessOf(values: Values): number {
  return values.kind === 'any' ? 0 : values.kind === 'except' ? 1 : 2;
}

function firstOf([rule]: readonly RuleReference[]): number {
  return rule?.index ?? Number.MAX_SAFE_INTEGER;
}
