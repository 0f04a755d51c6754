/** Describes a set of resources in few words: the union of terms, or all but that. */
import type {ResourceSet, ResourceTerm, Values} from '../../model/difference.ts';
import type {ResourceKey} from './resource-space.ts';

/** Whether a resource is in the set; `free` where it does not matter, as no such request can exist. */
export type Membership = 'in' | 'out' | 'free';

const ANY: Values = {kind: 'any'};
const ANY_TERM: ResourceTerm = {groups: ANY, resources: ANY, subresources: ANY};

type KeyMembers = readonly (readonly [ResourceKey, Membership])[];

/** The shortest of three ways: what is in the set; everything but what is not; whole groups but what is not. */
export function resourceSetOf(members: KeyMembers): ResourceSet {
  if (members.every(([, membership]) => membership !== 'out')) return {these: [ANY_TERM], except: []};
  const ways: readonly ResourceSet[] = [
    {these: termsOf(members), except: []},
    wholeGroups(members),
    {these: [ANY_TERM], except: termsOf(complementOf(members))},
  ];
  const sizes = ways.map(({these, except}) => sizeOf(these) + sizeOf(except));
  return ways[sizes.indexOf(Math.min(...sizes))] ?? {these: [], except: []};
}

function complementOf(members: KeyMembers): KeyMembers {
  return members.map(([key, membership]) => {
    if (membership === 'free') return [key, 'free'];
    return [key, membership === 'in' ? 'out' : 'in'];
  });
}

/** Groups of which most is in the set as wholes, less what is not. */
function wholeGroups(members: KeyMembers): ResourceSet {
  const whole = [...Map.groupBy(members, ([key]) => key.group)]
    .filter(([, own]) => isMostlyIn(own))
    .map(([group]) => group);
  const isWhole = ([key]: KeyMembers[number]): boolean => whole.includes(key.group);
  return {
    these: termsOf(
      members.map((member) => (isWhole(member) ? [member[0], member[1] === 'out' ? 'in' : member[1]] : member)),
    ),
    except: termsOf(complementOf(members.filter(isWhole))),
  };
}

/** Whether what no rule names is in the set, or where everything is named, at least half of it. */
function isMostlyIn(members: KeyMembers): boolean {
  const general = members.filter(([key, membership]) => key.resource === undefined && membership !== 'free');
  if (general.length > 0) return general.every(([, membership]) => membership === 'in');
  const inside = members.filter(([, membership]) => membership === 'in').length;
  return inside > 0 && inside >= members.filter(([, membership]) => membership === 'out').length;
}

function count(values: Values): number {
  return values.kind === 'any' ? 0 : values.values.length;
}

/** Values that a person has to read. */
function sizeOf(terms: readonly ResourceTerm[]): number {
  return terms.reduce(
    (sum, {groups, resources, subresources}) =>
      sum + 1 + count(groups) + count(resources) + Math.max(0, count(subresources) - 1),
    0,
  );
}

/** What is in the set of one group or of one resource: nothing, all, or some, told by a text that is its key. */
interface Part<Detail> {
  readonly kind: 'nothing' | 'all' | 'some' | 'free';
  readonly key: string;
  readonly detail: Detail;
}

type Members<Coordinate> = readonly (readonly [Coordinate, Membership])[];

interface Row {
  readonly resource: string | undefined;
  readonly part: Part<Values>;
}

interface Pair {
  readonly resources: Values;
  readonly subresources: Values;
}

function termsOf(members: KeyMembers): ResourceTerm[] {
  const groups = [...Map.groupBy(members, ([key]) => key.group)].map(([group, own]) => ({
    group,
    part: partOfGroup(own),
  }));
  const terms: ResourceTerm[] = [];
  for (const [{detail}, values] of merged(groups.map(({group, part}) => [group, part]))) {
    for (const pair of detail) terms.push({groups: values, ...pair});
  }
  return terms;
}

/** Puts coordinates of equal parts together: those like the one that no rule names are told as "all except the rest". */
function merged<Detail>(
  parts: readonly (readonly [string | undefined, Part<Detail>])[],
): (readonly [Part<Detail>, Values])[] {
  const counted = parts.filter(([, part]) => part.kind !== 'free');
  const general = counted.find(([name]) => name === undefined)?.[1];
  const named = counted.flatMap(([name, part]) => (name === undefined ? [] : [[name, part] as const]));
  const result: (readonly [Part<Detail>, Values])[] = [];
  if (general !== undefined && general.kind !== 'nothing') {
    const others = named.filter(([, part]) => !isAlike(part, general)).map(([name]) => name);
    result.push([general, others.length === 0 ? ANY : {kind: 'except', values: others.toSorted()}]);
  }
  const rest = named.filter(
    ([, part]) => part.kind !== 'nothing' && (general === undefined || !isAlike(part, general)),
  );
  for (const same of Map.groupBy(rest, ([, part]) => `${part.kind} ${part.key}`).values()) {
    const [first] = same;
    if (first === undefined) continue;
    const names = same.map(([name]) => name).toSorted();
    const others = named.filter(([name]) => !names.includes(name)).map(([name]) => name);
    const isMost = general === undefined && names.length > 3 && others.length * 2 < names.length;
    const values: Values = isMost ? {kind: 'except', values: others.toSorted()} : {kind: 'these', values: names};
    result.push([first[1], isMost && others.length === 0 ? ANY : values]);
  }
  return result;
}

function isAlike<Detail>(one: Part<Detail>, other: Part<Detail>): boolean {
  return one.kind === other.kind && (one.kind === 'all' || one.key === other.key);
}

function partOfGroup(members: KeyMembers): Part<readonly Pair[]> {
  const kind = kindOf(members.map(([, membership]) => membership));
  if (kind !== 'some') return {kind, key: '', detail: [{resources: ANY, subresources: ANY}]};
  const rows: Row[] = [...Map.groupBy(members, ([key]) => key.resource)].map(([resource, own]) => ({
    resource,
    part: partOfResource(own.map(([key, membership]) => [key.subresource, membership])),
  }));
  const pairs = merged(rows.map(({resource, part}) => [resource, part])).map(([part, resources]) => ({
    resources,
    subresources: part.detail,
  }));
  return {kind, key: JSON.stringify(pairs), detail: pairs};
}

function partOfResource(members: Members<string | undefined>): Part<Values> {
  const kind = kindOf(members.map(([, membership]) => membership));
  const inside = members.filter(([, membership]) => membership === 'in').map(([name]) => name);
  if (kind === 'all') {
    const isItselfOnly = inside.every((name) => name === '');
    const detail: Values = isItselfOnly ? {kind: 'these', values: ['']} : ANY;
    return {kind, key: isItselfOnly ? 'itself' : '', detail};
  }
  if (kind !== 'some') return {kind, key: '', detail: ANY};
  const detail: Values = inside.includes(undefined)
    ? {kind: 'except', values: namesOf(members, 'out')}
    : {kind: 'these', values: namesOf(members, 'in')};
  return {kind, key: JSON.stringify(detail), detail};
}

function namesOf(members: Members<string | undefined>, wanted: Membership): string[] {
  return members
    .filter(([, membership]) => membership === wanted)
    .flatMap(([name]) => name ?? [])
    .toSorted();
}

function kindOf(memberships: readonly Membership[]): Part<unknown>['kind'] {
  const hasIn = memberships.includes('in');
  if (memberships.includes('out')) return hasIn ? 'some' : 'nothing';
  return hasIn ? 'all' : 'free';
}
