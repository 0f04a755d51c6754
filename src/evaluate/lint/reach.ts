/**
 * Whether any request reaches a rule, decided over all requests.
 *
 * A rule is a product of conditions, each of them "any" or membership in a finite set of constants. So for the question
 * whether some request matches rule k and no earlier one, only the constants of rule k itself have to be tried, and,
 * where it sets no condition, one fresh value that no rule names: an earlier rule that matches the fresh value has no
 * condition there and matches every value. For one request, the earlier rules that match it are the intersection over
 * all dimensions of those that match its value there; each is a set of bits.
 */
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {AuditPolicy, GroupResources, PolicyRule} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {evaluate, pathMatches} from '../match.ts';
import {
  ANONYMOUS,
  AUTHENTICATED,
  NON_RESOURCE_VERBS,
  RESOURCE_VERBS,
  UNAUTHENTICATED,
  canExist,
  freshValue,
  isNonResourcePath,
} from '../request/request-classes.ts';
import type {ResourceTraits} from '../request/request-classes.ts';

type User = RequestAttributes['user'];
type Target = RequestAttributes['target'];
type ResourceTarget = Extract<Target, {kind: 'resource'}>;

/** A resource or subresource, without the namespace and the name of a request for it. */
export type ResourceClass = Pick<ResourceTarget, 'group' | 'resource' | 'subresource'>;

/** What is known of a resource: it decides which requests for it can be. */
type TraitsOf = (resource: ResourceClass) => Partial<ResourceTraits>;

/** Bit i stands for rule i. */
type Rules = bigint;

/** What becomes of a rule. */
export type Reach =
  | {readonly kind: 'reached'; readonly example: RequestAttributes}
  | {readonly kind: 'matches-nothing'}
  | {
      readonly kind: 'covered';
      /** The earliest rule that takes every request, else the few that do so together. */
      readonly by: readonly number[];
      /** Every rule that decides one of the requests. */
      readonly deciding: readonly number[];
    }
  /** There are too many combinations to try. */
  | {readonly kind: 'undecided'};

/** Narrows the requests that are asked for. */
export interface ReachOptions {
  /** Only requests for these. */
  readonly resources?: readonly ResourceClass[];
  readonly verbs?: readonly string[];
  /** Leaves out requests that fail authentication: they have no body and change nothing. */
  readonly authenticated?: boolean;
  /** Leaves out requests for paths. */
  readonly resourcesOnly?: boolean;
  /** Believes that every service account holds its groups, which holds unless somebody issues certificates of such names. */
  readonly serviceAccountsHoldTheirGroups?: boolean;
}

/** Combinations tried in all questions about one policy: about half a second's work. Policies in use need some thousands. */
const MAX_COMBINATIONS = 300_000;

/** The requests of a policy, ready to be asked about. */
export class RequestSpace {
  readonly #policy: AuditPolicy;
  readonly #serverVersion: KubernetesVersion | undefined;
  readonly #traitsOf: TraitsOf;
  readonly #fresh: FreshValues;
  readonly #users: Dimension;
  readonly #groups: Dimension;
  readonly #verbs: Dimension;
  readonly #namespaces: Dimension;
  /** Rules for resources, or for everything, that name none. */
  readonly #anyResource: Rules;
  readonly #byGroup: ReadonlyMap<string, readonly number[]>;
  /** Rules that can match a request for a path. */
  readonly #pathRules: readonly {readonly index: number; readonly urls: readonly string[]}[];
  readonly #paths = new Map<string, Rules>();
  #combinations = 0;
  readonly #resources = new Map<string, {readonly any: Rules; readonly byName: ReadonlyMap<string, Rules>}>();

  constructor(policy: AuditPolicy, serverVersion: KubernetesVersion | undefined, traitsOf: TraitsOf) {
    this.#policy = policy;
    this.#serverVersion = serverVersion;
    this.#traitsOf = traitsOf;
    this.#fresh = freshValuesOf(policy);
    this.#users = new Dimension(policy.rules.map((rule) => rule.users));
    this.#groups = new Dimension(policy.rules.map((rule) => rule.userGroups));
    this.#verbs = new Dimension(policy.rules.map((rule) => rule.verbs));
    this.#namespaces = new Dimension(policy.rules.map((rule) => rule.namespaces));
    this.#anyResource = bitsWhere(
      policy.rules,
      (rule) => rule.resources.length === 0 && rule.nonResourceURLs.length === 0,
    );
    this.#byGroup = indexesByGroup(policy.rules);
    this.#pathRules = policy.rules.flatMap((rule, index) =>
      rule.resources.length > 0 || rule.namespaces.length > 0 ? [] : [{index, urls: rule.nonResourceURLs}],
    );
  }

  /** What becomes of rule `index`, or of another rule in its place. */
  reach(index: number, options: ReachOptions = {}, rule: PolicyRule | undefined = this.#policy.rules[index]): Reach {
    if (rule === undefined) return {kind: 'matches-nothing'};
    const earlier = (1n << BigInt(index)) - 1n;
    if (this.#combinations > MAX_COMBINATIONS) return {kind: 'undecided'};
    const found = new Collector();
    const users = this.#usersOf(rule, earlier, options);
    for (const {verb, target, rules} of this.#placesOf(rule, earlier, options)) {
      for (const [user, ofUser] of users) {
        const taken = rules & ofUser;
        if (taken === 0n) return {kind: 'reached', example: {user, verb, target}};
        this.#combinations += 1;
        if (this.#combinations > MAX_COMBINATIONS) return {kind: 'undecided'};
        found.add(taken);
      }
    }
    return found.result();
  }

  /**
   * How requests for a resource are decided that differ in their verb alone: one of each kind, with the rule for each of
   * `verbs`. The most general come first; where there are too many combinations, the rest is left out.
   */
  *decisions(resource: ResourceClass, verbs: readonly string[]): Generator<Decisions> {
    const {any, byName} = this.#rulesOfResource(resource);
    const possible = [...byName.values()].reduce((all, rules) => all | rules, any);
    const ofVerbs = verbs.map((verb) => this.#verbs.rulesFor(verb) & possible);
    const users = distinct(this.#allUsers(), ({user}) => this.#rulesOfUser(user) & possible);
    const namespaces = distinct([this.#fresh.value, ...this.#namespaces.values()], (namespace) =>
      namespace === '' ? undefined : this.#namespaces.rulesFor(namespace) & possible,
    );
    const names = distinct([this.#fresh.value, ...byName.keys()], (name) =>
      name === '' ? undefined : (byName.get(name) ?? any),
    );
    for (const [{user, isNamed, group}, ofUser] of users) {
      for (const [namespace, ofNamespace] of namespaces) {
        for (const [name, ofName] of names) {
          this.#combinations += 1;
          if (this.#combinations > MAX_COMBINATIONS) return;
          const matching = ofUser & ofNamespace & ofName;
          yield {
            user: isNamed ? user.name : undefined,
            group,
            namespace: namespace === this.#fresh.value ? undefined : namespace,
            name: name === this.#fresh.value ? undefined : name,
            rules: ofVerbs.map((ofVerb) => ((ofVerb & matching) === 0n ? undefined : lowestBit(ofVerb & matching))),
          };
        }
      }
    }
  }

  /** A user may hold any groups; one beside the common one is enough, as fewer groups match fewer rules. */
  *#allUsers(): Generator<{user: NonNullable<User>; isNamed: boolean; group: string | undefined}> {
    const groups = this.#groups.values().filter((group) => group !== AUTHENTICATED && group !== UNAUTHENTICATED);
    for (const name of [this.#fresh.value, ...this.#users.values()]) {
      if (name === ANONYMOUS) continue;
      const isNamed = name !== this.#fresh.value;
      yield {user: {name, groups: [AUTHENTICATED]}, isNamed, group: undefined};
      for (const group of groups) yield {user: {name, groups: [group, AUTHENTICATED]}, isNamed, group};
    }
  }

  #rulesOfUser(user: User): Rules {
    const ofName = user === undefined ? this.#users.any : this.#users.rulesFor(user.name);
    return (
      ofName & (user?.groups ?? []).reduce((rules, group) => rules | this.#groups.rulesFor(group), this.#groups.any)
    );
  }

  /** The users that `rule` matches, those left out for which another one is matched by fewer earlier rules. */
  #usersOf(rule: PolicyRule, earlier: Rules, options: ReachOptions): (readonly [User, Rules])[] {
    const all = candidateUsers(rule, this.#fresh, options).map((user): readonly [User, Rules] => [
      user,
      this.#rulesOfUser(user) & earlier,
    ]);
    return leastRules(all);
  }

  /** Every verb with every place that `rule` matches, and the earlier rules that match both. */
  *#placesOf(rule: PolicyRule, earlier: Rules, options: ReachOptions): Generator<Place> {
    if (rule.nonResourceURLs.length === 0) yield* this.#resourcePlaces(rule, earlier, options);
    const isForPaths = rule.resources.length === 0 && rule.namespaces.length === 0;
    if (isForPaths && options.resources === undefined && options.resourcesOnly !== true) {
      yield* this.#pathPlaces(rule, earlier, options);
    }
  }

  *#resourcePlaces(rule: PolicyRule, earlier: Rules, options: ReachOptions): Generator<Place> {
    const verbs = intersection([RESOURCE_VERBS, rule.verbs, options.verbs ?? []]);
    for (const {resource, names} of this.#resourcesOf(rule, options)) {
      const {any, byName} = this.#rulesOfResource(resource);
      for (const verb of verbs) {
        const ofVerb = this.#verbs.rulesFor(verb) & earlier;
        for (const [namespace, name] of this.#namesOf(rule, resource, names, verb)) {
          const rules = ofVerb & this.#namespaces.rulesFor(namespace) & (byName.get(name) ?? any);
          yield {verb, target: {kind: 'resource', ...resource, namespace, name}, rules};
        }
      }
    }
  }

  *#pathPlaces(rule: PolicyRule, earlier: Rules, options: ReachOptions): Generator<Place> {
    const verbs = intersection([NON_RESOURCE_VERBS, rule.verbs, options.verbs ?? []]);
    const specs = rule.nonResourceURLs.length === 0 ? ['*'] : rule.nonResourceURLs;
    const paths = specs.flatMap((spec) => pathsOf(spec, this.#fresh)).filter(isNonResourcePath);
    for (const path of paths) {
      const target: Target = {kind: 'nonResource', path};
      const ofPath = this.#rulesOfPath(path) & earlier;
      for (const verb of verbs) yield {verb, target, rules: ofPath & this.#verbs.rulesFor(verb)};
    }
  }

  /** The resources that `rule` matches, each with the names that it asks for. */
  #resourcesOf(rule: PolicyRule, options: ReachOptions): MatchedResource[] {
    if (options.resources !== undefined) {
      return options.resources.flatMap((resource) => {
        const names = namesAskedFor(rule, resource, this.#serverVersion);
        return names === 'no-match' ? [] : [{resource, names}];
      });
    }
    const entries = rule.resources.length === 0 ? [EVERYTHING] : rule.resources;
    return entries.flatMap((entry) =>
      resourcesOfEntry(entry, this.#fresh).map((resource) => ({
        resource,
        names: entry.resources.length === 0 || entry.resourceNames.length === 0 ? undefined : entry.resourceNames,
      })),
    );
  }

  /** The namespaces and names that requests of `rule` with this verb can have, given what the API server routes. */
  *#namesOf(
    rule: PolicyRule,
    resource: ResourceClass,
    asked: readonly string[] | undefined,
    verb: string,
  ): Generator<readonly [namespace: string, name: string]> {
    // The namespace of a request for the Namespace x is x: then a constant of the one can be wanted for the other.
    const isNamespace = resource.resource === 'namespaces';
    const any = [this.#fresh.value, ''];
    const names = new Set(asked ?? [...any, ...(isNamespace ? rule.namespaces : [])]);
    const namespaces = new Set(
      rule.namespaces.length > 0 ? rule.namespaces : [...any, ...(isNamespace ? (asked ?? []) : [])],
    );
    const traits = this.#traitsOf(resource);
    for (const namespace of namespaces) {
      for (const name of names) {
        if (canExist(verb, {...resource, namespace, name}, traits)) yield [namespace, name];
      }
    }
  }

  #rulesOfResource(resource: ResourceClass): {readonly any: Rules; readonly byName: ReadonlyMap<string, Rules>} {
    const key = JSON.stringify([resource.group, resource.resource, resource.subresource]);
    const known = this.#resources.get(key);
    if (known !== undefined) return known;
    let any = this.#anyResource;
    const byName = new Map<string, Rules>();
    for (const index of this.#rulesOfGroup(resource.group)) {
      const rule = this.#policy.rules[index];
      const names = rule === undefined ? 'no-match' : namesAskedFor(rule, resource, this.#serverVersion);
      if (names === undefined) any |= 1n << BigInt(index);
      if (!Array.isArray(names)) continue;
      for (const name of names) byName.set(name, (byName.get(name) ?? 0n) | (1n << BigInt(index)));
    }
    for (const [name, rules] of byName) byName.set(name, rules | any);
    const result = {any, byName};
    this.#resources.set(key, result);
    return result;
  }

  /** The rules that name the group, or every group; those without resources are `anyResource`. */
  #rulesOfGroup(group: string): readonly number[] {
    const own = this.#byGroup.get(group) ?? [];
    const wildcard = group === '*' ? [] : (this.#byGroup.get('*') ?? []);
    return wildcard.length === 0 ? own : [...new Set([...own, ...wildcard])];
  }

  #rulesOfPath(path: string): Rules {
    const known = this.#paths.get(path);
    if (known !== undefined) return known;
    const rules = this.#pathRules.reduce((bits, {index, urls}) => {
      const isMatch = urls.length === 0 || urls.some((url) => pathMatches(path, url));
      return isMatch ? bits | (1n << BigInt(index)) : bits;
    }, 0n);
    this.#paths.set(path, rules);
    return rules;
  }
}

/** How requests that differ in their verb alone are decided; what is undefined is any. */
export interface Decisions {
  readonly user: string | undefined;
  readonly group: string | undefined;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** For each verb; undefined where no rule matches. */
  readonly rules: readonly (number | undefined)[];
}

/** The first value of each kind: two for which the same rules hold cannot be told apart. */
function distinct<T>(values: Iterable<T>, rulesFor: (value: T) => Rules | undefined): (readonly [T, Rules])[] {
  const byRules = new Map<Rules, T>();
  for (const value of values) {
    const rules = rulesFor(value);
    if (rules !== undefined && !byRules.has(rules)) byRules.set(rules, value);
  }
  return [...byRules].map(([rules, value]) => [value, rules]);
}

interface Place {
  readonly verb: string;
  readonly target: Target;
  /** The earlier rules that match the verb and the target. */
  readonly rules: Rules;
}

interface MatchedResource {
  readonly resource: ResourceClass;
  /** Undefined: any. */
  readonly names: readonly string[] | undefined;
}

const EVERYTHING: GroupResources = {group: '*', resources: [], resourceNames: []};

/** Which rules hold for each constant of one selector. */
class Dimension {
  /** The rules without the selector. */
  readonly any: Rules;
  readonly #byValue = new Map<string, Rules>();

  constructor(selectors: readonly (readonly string[])[]) {
    this.any = bitsWhere(selectors, (values) => values.length === 0);
    for (const [index, values] of selectors.entries()) {
      for (const value of values) this.#byValue.set(value, this.rulesFor(value) | (1n << BigInt(index)));
    }
  }

  rulesFor(value: string): Rules {
    return this.#byValue.get(value) ?? this.any;
  }

  /** Every constant. */
  values(): string[] {
    return [...this.#byValue.keys()];
  }
}

function bitsWhere<T>(items: readonly T[], holds: (item: T) => boolean): Rules {
  return items.reduce((bits, item, index) => (holds(item) ? bits | (1n << BigInt(index)) : bits), 0n);
}

function indexesByGroup(rules: readonly PolicyRule[]): Map<string, number[]> {
  const byGroup = new Map<string, number[]>();
  for (const [index, rule] of rules.entries()) {
    for (const group of new Set(rule.resources.map((entry) => entry.group))) {
      byGroup.set(group, [...(byGroup.get(group) ?? []), index]);
    }
  }
  return byGroup;
}

/** Gathers which earlier rules match each combination. */
class Collector {
  #common: Rules | undefined;
  readonly #distinct = new Set<Rules>();

  add(rules: Rules): void {
    this.#common = this.#common === undefined ? rules : this.#common & rules;
    this.#distinct.add(rules);
  }

  result(): Reach {
    if (this.#common === undefined) return {kind: 'matches-nothing'};
    const deciding = [...new Set([...this.#distinct].map(lowestBit))].sort((a, b) => a - b);
    if (this.#common !== 0n) return {kind: 'covered', by: [lowestBit(this.#common)], deciding};
    return {kind: 'covered', by: this.#fewest(deciding), deciding};
  }

  /** None of them can be left out; the later ones are left out first. */
  #fewest(deciding: readonly number[]): number[] {
    return deciding.reduceRight<number[]>(
      (kept, index) => {
        const others = kept.filter((other) => other !== index);
        const bits = others.reduce((rules, other) => rules | (1n << BigInt(other)), 0n);
        return [...this.#distinct].every((rules) => (rules & bits) !== 0n) ? others : kept;
      },
      [...deciding],
    );
  }
}

function lowestBit(bits: Rules): number {
  let index = 0;
  for (let rest = bits; (rest & 1n) === 0n; rest >>= 1n) index += 1;
  return index;
}

/** Leaves out values whose rules are a superset of another value's: whatever gets past them gets past the other. */
function leastRules<T>(values: readonly (readonly [T, Rules])[]): (readonly [T, Rules])[] {
  const kept: (readonly [T, Rules])[] = [];
  for (const value of values) {
    if (kept.some(([, rules]) => (rules & value[1]) === rules)) continue;
    const rest = kept.filter(([, rules]) => (rules & value[1]) !== value[1]);
    kept.splice(0, kept.length, ...rest, value);
  }
  return kept;
}

interface FreshValues {
  /** A user, a namespace and a name: one value, since the namespace of a Namespace is its name. */
  readonly value: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly path: string;
}

function freshValuesOf({rules}: AuditPolicy): FreshValues {
  const entries = rules.flatMap((rule) => rule.resources);
  const words = new Set(entries.flatMap((entry) => entry.resources.flatMap((resource) => resource.split('/'))));
  const values = [
    ...rules.flatMap((rule) => [...rule.users, ...rule.namespaces]),
    ...entries.flatMap((entry) => entry.resourceNames),
  ];
  const longestPath = rules
    .flatMap((rule) => rule.nonResourceURLs)
    .reduce((most, url) => Math.max(most, url.length), 0);
  return {
    value: freshValue('something', new Set(values)),
    group: freshValue('group.example.com', new Set(entries.map((entry) => entry.group))),
    resource: freshValue('anything', words),
    subresource: freshValue('part', words),
    // Longer than every constant, so that none is this path or begins with it.
    path: 'x'.repeat(longestPath + 1),
  };
}

function candidateUsers(rule: PolicyRule, fresh: FreshValues, options: ReachOptions): User[] {
  const {users, userGroups} = rule;
  const candidates: User[] = [];
  if (users.length === 0 && userGroups.length === 0 && options.authenticated !== true) candidates.push(undefined);
  const own = userGroups.filter((group) => group !== UNAUTHENTICATED && group !== AUTHENTICATED);
  for (const name of users.length === 0 ? [fresh.value] : users) {
    if (name === ANONYMOUS) continue;
    const always = [
      AUTHENTICATED,
      ...(options.serviceAccountsHoldTheirGroups === true ? serviceAccountGroups(name) : []),
    ];
    if (userGroups.length === 0 || userGroups.some((group) => always.includes(group))) {
      candidates.push({name, groups: always});
    }
    for (const group of own) candidates.push({name, groups: [group, ...always]});
  }
  const isForAnonymous = users.length === 0 || users.includes(ANONYMOUS);
  if (isForAnonymous && (userGroups.length === 0 || userGroups.includes(UNAUTHENTICATED))) {
    candidates.push({name: ANONYMOUS, groups: [UNAUTHENTICATED]});
  }
  return candidates;
}

/**
 * The groups of a service account; none where the name is not one's.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/serviceaccount/util.go#L104
 */
export function serviceAccountGroups(user: string): string[] {
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user)?.[1];
  return namespace === undefined ? [] : ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
}

/** The values that are in every list that is not empty. */
function intersection(lists: readonly [readonly string[], ...(readonly string[])[]]): string[] {
  const [first, ...others] = lists;
  return first.filter((value) => others.every((list) => list.length === 0 || list.includes(value)));
}

/** The resources that an entry matches; where it matches many, those that the fewest other rules match. */
function resourcesOfEntry(entry: GroupResources, fresh: FreshValues): ResourceClass[] {
  const group = entry.group === '*' ? fresh.group : entry.group;
  return (entry.resources.length === 0 ? ['*'] : entry.resources).flatMap((spec) => {
    const [first = '', ...rest] = spec.split('/');
    const resource = first === '*' ? fresh.resource : first;
    const subresource = rest.join('/');
    if (spec === '*' || subresource === '*') {
      // `*/*` is no wildcard: it asks for a resource of the name `*`.
      if (spec === '*/*') return [];
      return ['', fresh.subresource].map((each) => ({group, resource, subresource: each}));
    }
    return isSegment(resource) && (subresource === '' || isSegment(subresource))
      ? [{group, resource, subresource}]
      : [];
  });
}

/** Whether a text can be a part of a resource's path. */
function isSegment(text: string): boolean {
  return text !== '' && !/[*/]/.test(text);
}

/** The names for which a rule's resources match; its other selectors are left aside. Undefined: any name. */
function namesAskedFor(
  rule: PolicyRule,
  resource: ResourceClass,
  serverVersion: KubernetesVersion | undefined,
): readonly string[] | undefined | 'no-match' {
  if (rule.resources.length === 0) return rule.nonResourceURLs.length === 0 ? undefined : 'no-match';
  const names: string[] = [];
  for (const entry of rule.resources) {
    if (entry.group !== resource.group && entry.group !== '*') continue;
    const target: Target = {kind: 'resource', ...resource, namespace: '', name: entry.resourceNames[0] ?? ''};
    if (evaluate(policyOfEntry(entry), request(target), serverVersion).rule === undefined) continue;
    if (entry.resources.length === 0 || entry.resourceNames.length === 0) return undefined;
    names.push(...entry.resourceNames);
  }
  return names.length === 0 ? 'no-match' : names;
}

/** One rule for one entry and nothing else; the same object each time, as `evaluate` prepares each policy once. */
function policyOfEntry(entry: GroupResources): AuditPolicy {
  const known = POLICIES_OF_ENTRIES.get(entry);
  if (known !== undefined) return known;
  const rule: PolicyRule = {
    level: 'Metadata',
    ...ANYONE_ANYHOW,
    resources: [entry],
    namespaces: [],
    nonResourceURLs: [],
    omitStages: [],
    omitManagedFields: undefined,
    line: undefined,
  };
  const policy: AuditPolicy = {omitStages: [], omitManagedFields: false, rules: [rule]};
  POLICIES_OF_ENTRIES.set(entry, policy);
  return policy;
}

const POLICIES_OF_ENTRIES = new WeakMap<GroupResources, AuditPolicy>();

const ANYONE_ANYHOW = {users: [], userGroups: [], verbs: []};

function request(target: Target): RequestAttributes {
  return {user: undefined, verb: '', target};
}

function pathsOf(spec: string, fresh: FreshValues): string[] {
  if (!spec.endsWith('*')) return [spec];
  const prefix = spec === '*' ? '/' : spec.replace(/\*+$/, '');
  // Slashes at the end do not count as parts of a path, so `/api/v1/*` still matches `/api/v1//`.
  return [prefix + fresh.path, prefix + '/'.repeat(fresh.path.length)];
}
