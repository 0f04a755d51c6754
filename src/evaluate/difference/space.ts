/**
 * All requests, in the terms in which rules speak of them. Resource requests and the others are two spaces, each with
 * the same dimensions: the target (a resource or a path), the verb, the namespace, the name, the user, and for each
 * atom of groups whether the user is in one of its groups.
 *
 * Groups. A user may be in any set of groups, and a rule asks whether one of them is in its list. So the whole set is
 * told by one yes or no for each atom of groups, and every combination of answers is some set: nothing is lost, for
 * any number of policies. For one request on which two policies differ, two groups beside the common one suffice: say
 * rule i decides in one policy and rule k in the other, for a user with the set H. Leave one group of H that makes
 * rule i match (none if it needs none, or if the common group does), one likewise for rule k, and the common one.
 * Rules i and k still match, and no earlier rule does, since fewer groups match fewer rules; where no rule decides,
 * none does with fewer groups. The common group is system:authenticated for every user but the anonymous one, who is
 * in system:unauthenticated and in nothing else; requests that fail authentication have neither user nor groups.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/group/authenticated_group_adder.go#L39
 */
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {AuditPolicy, PolicyRule} from '../../model/policy.ts';
import {ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED} from '../request/request-classes.ts';
import {type Atoms, type Partition, partition} from './atoms.ts';
import {type Bits, bitsOf, emptyBits, keyOf, membersOf} from './bits.ts';
import type {Effect, Traits} from './recorded.ts';
import {effectOf, joinedTraits} from './recorded.ts';

export const TARGET = 0;
export const VERB = 1;
export const NAMESPACE = 2;
export const NAME = 3;
export const USER = 4;
/** The first dimension of groups; there is one for each atom. */
export const GROUPS = 5;

/** What is told in such a dimension, as the word of a set of two: in none of the groups, in one of them. */
export const OUTSIDE = 1;
export const INSIDE = 2;

/** The atoms of users that are there in any case. */
export const FAILED_AUTHENTICATION = 0;
export const ANONYMOUS_USER = 1;
/** A user whom no rule names. */
export const FRESH_USER = 2;

/** The atoms of namespaces and of names that are there in any case. */
export const NO_VALUE = 0;
export const FRESH_VALUE = 1;

/** The rules of both policies, and the answers that do not depend on the target. */
export interface Policies {
  readonly policies: readonly [AuditPolicy, AuditPolicy];
  readonly serverVersion: KubernetesVersion | undefined;
  /** By policy and rule; the last of each is the effect of no rule. */
  readonly effects: readonly [readonly Effect[], readonly Effect[]];
  readonly namespaces: Partition;
  readonly users: Atoms;
  /** Users that match the users and userGroups of a rule, groups of their own left aside; undefined: any. */
  readonly userConditions: readonly [readonly (Bits | undefined)[], readonly (Bits | undefined)[]];
  /** Atoms of groups of which an authenticated user must be in one; undefined: no matter. */
  readonly groupConditions: readonly [
    readonly (readonly number[] | undefined)[],
    readonly (readonly number[] | undefined)[],
  ];
  readonly groups: Atoms;
}

/** A rule as a target sees it: what is left to ask of a request for that target. */
export interface Item {
  readonly side: 0 | 1;
  /** Index into the rules of the policy. */
  readonly rule: number;
  /** By dimension, TARGET to USER: the atoms that match; undefined: all. */
  readonly conditions: readonly (Bits | undefined)[];
  /** Atoms of groups of which an authenticated user must be in one; undefined: no matter. */
  readonly groups: readonly number[] | undefined;
  /** The last dimension with a condition; TARGET where there is none. */
  readonly last: number;
}

/** Which namespaces and names go together, and what is recorded of such requests. */
export interface Context {
  readonly namespaces: Bits;
  /** The names that a request in a namespace can have, by atom of namespaces. */
  readonly names: readonly Bits[];
  readonly traits: Traits;
}

/** Resources, or paths, that no rule can tell apart and that can have the same requests. */
export interface Target<Key> {
  readonly keys: readonly Key[];
  /** Indexes of items: the rules of each policy that can match and be reached, in order. */
  readonly lists: readonly [readonly number[], readonly number[]];
  /** The same, also of rules that cannot be reached; those that can match each of the keys. */
  readonly matching: readonly [readonly number[], readonly number[]];
  /** By verb, index into `contexts`; undefined where no such request can exist. */
  readonly contexts: readonly (number | undefined)[];
  /** By verb, what can be recorded of such requests, also where it makes no difference for these policies. */
  readonly shows: readonly Traits[];
}

export interface Space<Key> {
  readonly policies: Policies;
  readonly targets: readonly Target<Key>[];
  readonly items: readonly Item[];
  readonly contexts: readonly Context[];
  readonly verbs: readonly string[];
  readonly namespaces: Atoms;
  readonly names: Atoms;
}

/** Prepares the comparison of two policies. Throws `TooMuch`. */
export function policiesOf(
  before: AuditPolicy,
  after: AuditPolicy,
  serverVersion: KubernetesVersion | undefined,
): Policies {
  const rules = [...before.rules, ...after.rules];
  const namespaces = partition(
    rules.map((rule) => rule.namespaces),
    {what: 'namespaces', freshBase: 'somewhere', reserved: ['', undefined], ignored: (value) => value.includes('/')},
  );
  const users = partition(
    rules.map((rule) => rule.users),
    {what: 'users', freshBase: 'someone', reserved: [undefined, ANONYMOUS, undefined]},
  );
  const groups = partition(
    rules.map((rule) => rule.userGroups),
    {
      what: 'groups',
      freshBase: 'group',
      reserved: [],
      ignored: (value) => value === AUTHENTICATED || value === UNAUTHENTICATED,
    },
  );
  const split = <Value>(values: readonly Value[]): [Value[], Value[]] => [
    values.slice(0, before.rules.length),
    values.slice(before.rules.length),
  ];
  return {
    policies: [before, after],
    serverVersion,
    effects: [effectsOf(before), effectsOf(after)],
    namespaces,
    users: users.atoms,
    userConditions: split(rules.map((rule, index) => usersOf(rule, users, index))),
    groupConditions: split(rules.map((rule, index) => groupsOf(rule, groups, index))),
    groups: groups.atoms,
  };
}

function effectsOf(policy: AuditPolicy): Effect[] {
  return [...policy.rules, undefined].map((rule) => effectOf(policy, rule));
}

function usersOf(rule: PolicyRule, users: Partition, index: number): Bits | undefined {
  if (rule.users.length === 0 && rule.userGroups.length === 0) return undefined;
  const size = users.atoms.values.length;
  const named = (rule.users.length === 0 ? users.atoms.all : users.ofList[index]) ?? emptyBits(size);
  if (rule.userGroups.length === 0) return named;
  const takesAnonymous = rule.userGroups.includes(UNAUTHENTICATED);
  const takesOthers = rule.userGroups.some((group) => group !== UNAUTHENTICATED);
  const matched = [...membersOf(named)].filter((atom) => {
    if (atom === FAILED_AUTHENTICATION) return false;
    return atom === ANONYMOUS_USER ? takesAnonymous : takesOthers;
  });
  return bitsOf(size, matched);
}

function groupsOf(rule: PolicyRule, groups: Partition, index: number): number[] | undefined {
  const isAsked = rule.userGroups.some((group) => group !== UNAUTHENTICATED);
  if (!isAsked || rule.userGroups.includes(AUTHENTICATED)) return undefined;
  return [...membersOf(groups.ofList[index] ?? emptyBits(0))];
}

/** Collects the items of a space, each once. */
export class Items {
  readonly all: Item[] = [];
  readonly #policies: Policies;
  readonly #verbs: readonly [readonly (Bits | undefined)[], readonly (Bits | undefined)[]];
  readonly #known = new Map<string, number>();

  constructor(policies: Policies, verbs: readonly string[]) {
    this.#policies = policies;
    const [before, after] = policies.policies;
    this.#verbs = [before.rules.map((rule) => verbsOf(rule, verbs)), after.rules.map((rule) => verbsOf(rule, verbs))];
  }

  /** The item of a rule that asks for these names (undefined: none in particular) and, if it has any, for namespaces. */
  indexOf(side: 0 | 1, rule: number, names: Bits | undefined): number {
    const key = `${side} ${rule} ${names === undefined ? '' : keyOf(names)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const {policies, namespaces, userConditions, groupConditions} = this.#policies;
    const flatIndex = side === 0 ? rule : policies[0].rules.length + rule;
    const hasNamespaces = (policies[side].rules[rule]?.namespaces.length ?? 0) > 0;
    const conditions = [
      undefined,
      this.#verbs[side][rule],
      hasNamespaces ? namespaces.ofList[flatIndex] : undefined,
      names,
      userConditions[side][rule],
    ];
    const groups = groupConditions[side][rule];
    const last = groups === undefined ? conditions.findLastIndex((condition) => condition !== undefined) : GROUPS;
    const index = this.all.length;
    this.all.push({side, rule, conditions, groups, last: Math.max(TARGET, last)});
    this.#known.set(key, index);
    return index;
  }
}

function verbsOf(rule: PolicyRule, verbs: readonly string[]): Bits | undefined {
  if (rule.verbs.length === 0) return undefined;
  const named = new Set(rule.verbs);
  return bitsOf(
    verbs.length,
    [...verbs.keys()].filter((index) => named.has(verbs[index] ?? '')),
  );
}

/** Collects the contexts of a space, each once. */
export class Contexts {
  readonly all: Context[] = [];
  readonly #known = new Map<string, number>();

  /** The index of a context; `make` is called when there is none of that key yet. */
  indexOf(key: string, make: () => Context): number {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const index = this.all.length;
    this.all.push(make());
    this.#known.set(key, index);
    return index;
  }
}

/**
 * Which parts of a request's traits can make a difference at all; where they cannot, requests need not be told apart by
 * them. ResponseStarted can, unless every effect keeps it and another stage, or every effect omits it. Managed fields
 * can, if some effect keeps them and some does not.
 */
export function traitsThatMatter({effects}: Pick<Policies, 'effects'>): {stages: boolean; objects: boolean} {
  const recording = effects.flat().filter((effect) => effect.level !== 'None');
  const keepsAnother = recording.every((effect) => effect.stages.some((stage) => stage !== 'ResponseStarted'));
  const withObjects = recording.filter((effect) => effect.level !== 'Metadata');
  return {
    stages: !(recording.every(keepsResponseStarted) && keepsAnother) && recording.some(keepsResponseStarted),
    objects: new Set(withObjects.map((effect) => effect.omitManagedFields)).size > 1,
  };
}

function keepsResponseStarted({stages}: Effect): boolean {
  return stages.includes('ResponseStarted');
}

/** A target of one key, made of the rules of each policy that can match it. */
export interface SingleTarget<Key> {
  readonly key: Key;
  readonly matching: Target<Key>['matching'];
  readonly contexts: Target<Key>['contexts'];
  readonly shows: Target<Key>['shows'];
}

/** Merges targets that meet the same rules and can have the same requests. */
export function mergedTargets<Key>(targets: Iterable<SingleTarget<Key>>, items: readonly Item[]): Target<Key>[] {
  const merged = new Map<string, Target<Key> & {readonly keys: Key[]}>();
  for (const {key, matching, contexts, shows} of targets) {
    const lists = [reachable(matching[0], items), reachable(matching[1], items)] as const;
    const signature = `${lists[0].join()} ${lists[1].join()} ${contexts.join()}`;
    const known = merged.get(signature);
    const keys = known?.keys ?? [];
    keys.push(key);
    const common = (side: 0 | 1): readonly number[] =>
      known === undefined ? matching[side] : known.matching[side].filter((item) => matching[side].includes(item));
    merged.set(signature, {
      keys,
      lists,
      matching: [common(0), common(1)],
      contexts,
      shows: shows.map((traits, verb) => joinedTraits(known?.shows[verb] ?? traits, traits)),
    });
  }
  return [...merged.values()];
}

/** Up to the first that matches whatever else the request is. */
function reachable(matching: readonly number[], items: readonly Item[]): readonly number[] {
  const end = matching.findIndex((item) => items[item]?.last === TARGET);
  return end === -1 ? matching : matching.slice(0, end + 1);
}
