/** The space of resource requests. */
import {isAtLeast} from '../../model/kubernetes-version.ts';
import {STAGES} from '../../model/policy.ts';
import type {GroupResources, PolicyRule} from '../../model/policy.ts';
import type {ServedResource} from '../../model/served-resources.ts';
import {
  LONG_RUNNING_SUBRESOURCES,
  NAMESPACE_SUBRESOURCES,
  RESOURCE_VERBS,
  type ResourceTraits,
  canExist,
  wellKnownTraits,
} from '../request/request-classes.ts';
import {type Atoms, type Partition, TooMuch, partition} from './atoms.ts';
import {type Bits, addBit, bitsOf, emptyBits, hasBit, isEmpty, union} from './bits.ts';
import {type Traits, joinedTraits, traitsOf} from './recorded.ts';
import {
  type Context,
  Contexts,
  FRESH_VALUE,
  Items,
  NO_VALUE,
  type Policies,
  type SingleTarget,
  type Space,
  mergedTargets,
  traitsThatMatter,
} from './space.ts';

/** A resource or subresource; undefined stands for any that no rule names. */
export interface ResourceKey {
  readonly group: string | undefined;
  readonly resource: string | undefined;
  /** Empty is the resource itself. */
  readonly subresource: string | undefined;
  /** Where it is known what the cluster serves: what it says of this resource; undefined: it does not serve it. */
  readonly served: ServedResource | undefined;
  /** Whether a rule names the resource, and not only its group. */
  readonly isNamed: boolean;
}

/** Those that every request has which passes authentication. */
const PLAIN_STAGES = STAGES.filter((stage) => stage !== 'ResponseStarted');

/** Resources and subresources that are told apart by name. Policies in use come to some hundreds. */
const MAX_KEYS = 20_000;

/** The space of resource requests: for any resource, or for those that are served. Throws `TooMuch`. */
export function resourceSpaceOf(policies: Policies, served: readonly ServedResource[] | undefined): Space<ResourceKey> {
  const builder = new Builder(policies);
  return builder.space(served === undefined ? builder.namedKeys() : builder.servedKeys(servedByName(served).values()));
}

/** The space of requests for resources that a rule names and nobody serves. Throws `TooMuch`. */
export function notServedSpaceOf(policies: Policies, served: readonly ServedResource[]): Space<ResourceKey> {
  const builder = new Builder(policies);
  const known = servedByName(served);
  return builder.space([...builder.fullyNamedKeys()].filter((key) => !known.has(nameOf(key))));
}

function servedByName(served: readonly ServedResource[]): Map<string, ServedResource> {
  return new Map(served.map((each) => [nameOf(each), each]));
}

function nameOf({group, resource, subresource}: Pick<ResourceKey, 'group' | 'resource' | 'subresource'>): string {
  return `${group}/${resource}/${subresource}`;
}

/** The resources of the entries, each with its subresources; `*` is always there. */
function namedIn(entries: GroupEntries): Map<string, Set<string>> {
  const named = new Map<string, Set<string>>([['*', new Set()]]);
  for (const spec of entries.bySpec.keys()) {
    const [resource = '', subresource = '', ...rest] = spec.split('/');
    // No resource has such a name, so the entry matches nothing: `*/*`, `po*`, `a/b/c`.
    if (rest.length > 0 || resource === '' || (resource.includes('*') && resource !== '*')) continue;
    const own = named.get(resource) ?? new Set();
    if (subresource !== '' && !subresource.includes('*')) own.add(subresource);
    named.set(resource, own);
  }
  return named;
}

interface Entry extends GroupResources {
  readonly side: 0 | 1;
  readonly rule: number;
  /** Index into the list of all entries. */
  readonly index: number;
}

function entriesOf({policies}: Policies): Entry[] {
  const entries: Omit<Entry, 'index'>[] = [];
  for (const side of [0, 1] as const) {
    for (const [rule, {resources}] of policies[side].rules.entries()) {
      for (const entry of resources) entries.push({...entry, side, rule});
    }
  }
  return entries.map((entry, index) => ({...entry, index}));
}

/** The entries that speak of one API group, by what they say of resources. */
interface GroupEntries {
  /** Entries by each text in their `resources`. */
  readonly bySpec: ReadonlyMap<string, readonly Entry[]>;
  /** Entries for the group as a whole. */
  readonly whole: readonly Entry[];
}

class Builder {
  readonly #items: Items;
  readonly #contexts = new Contexts();
  readonly #policies: Policies;
  readonly #names: Partition;
  readonly #byGroup: ReadonlyMap<string, GroupEntries>;
  /** For a group that no entry names. */
  readonly #others: GroupEntries;
  readonly #matter: {readonly stages: boolean; readonly objects: boolean};
  /** Rules that can match resource requests and do not ask for resources. */
  readonly #anyResource: readonly [readonly number[], readonly number[]];

  constructor(policies: Policies) {
    const {serverVersion} = policies;
    const entries = entriesOf(policies);
    this.#policies = policies;
    this.#names = partition(
      entries.map(({resourceNames}) => resourceNames),
      {what: 'names', freshBase: 'something', reserved: ['', undefined], ignored: (value) => value.includes('/')},
    );
    this.#matter = traitsThatMatter(policies);
    this.#items = new Items(policies, RESOURCE_VERBS);
    const hasWildcard = serverVersion === undefined || isAtLeast(serverVersion, 36);
    const forAll = hasWildcard ? entries.filter((entry) => entry.group === '*') : [];
    const groups = new Set(entries.map((entry) => entry.group).filter((group) => group !== '*'));
    const own = Map.groupBy(entries, (entry) => entry.group);
    this.#byGroup = new Map([...groups].map((group) => [group, indexed([...(own.get(group) ?? []), ...forAll])]));
    this.#others = indexed(forAll);
    const [before, after] = policies.policies;
    this.#anyResource = [rulesForAny(before.rules), rulesForAny(after.rules)];
  }

  space(keys: Iterable<ResourceKey>): Space<ResourceKey> {
    const targets = mergedTargets(this.#targetsOf(keys), this.#items.all);
    return {
      policies: this.#policies,
      targets,
      items: this.#items.all,
      contexts: this.#contexts.all,
      verbs: RESOURCE_VERBS,
      namespaces: this.#policies.namespaces.atoms,
      names: this.#names.atoms,
    };
  }

  /** The resources that rules name, in each group that they name, and one for each way to be named by none. */
  *namedKeys(): Generator<ResourceKey> {
    for (const [group, entries] of [...this.#byGroup, [undefined, this.#others] as const]) {
      const named = namedIn(entries);
      const anywhere = new Set([
        ...(named.get('*') ?? []),
        ...(this.#hasStreamsApart() ? LONG_RUNNING_SUBRESOURCES : []),
      ]);
      for (const [resource, own] of named) {
        // Of other resources any subresource may be there.
        const ofNamespaces = resource === 'namespaces' ? NAMESPACE_SUBRESOURCES : [];
        for (const subresource of new Set(['', undefined, ...own, ...anywhere, ...ofNamespaces])) {
          const isNamed = resource !== '*' && group !== undefined;
          yield {group, resource: resource === '*' ? undefined : resource, subresource, served: undefined, isNamed};
        }
      }
    }
  }

  *servedKeys(served: Iterable<ServedResource>): Generator<ResourceKey> {
    const named = new Map([...this.#byGroup].map(([group, entries]) => [group, namedIn(entries)]));
    for (const each of served) {
      const {group, resource, subresource} = each;
      yield {group, resource, subresource, served: each, isNamed: named.get(group)?.has(resource) ?? false};
    }
  }

  /** Those of them that a rule names in full, wildcards aside. */
  *fullyNamedKeys(): Generator<ResourceKey> {
    for (const [group, entries] of this.#byGroup) {
      for (const [resource, own] of namedIn(entries)) {
        if (resource === '*') continue;
        for (const subresource of ['', ...own]) yield {group, resource, subresource, served: undefined, isNamed: true};
      }
    }
  }

  *#targetsOf(keys: Iterable<ResourceKey>): Generator<SingleTarget<ResourceKey>> {
    let count = 0;
    for (const key of keys) {
      count += 1;
      if (count > MAX_KEYS) throw new TooMuch(`the rules tell more than ${MAX_KEYS} resources apart`);
      const shows = RESOURCE_VERBS.map((verb) => showsOf(verb, key, this.#hasStreamsApart()));
      const contexts = this.#contextsOf(key, shows);
      if (contexts.every((context) => context === undefined)) continue;
      yield {key, matching: [this.#matching(key, 0), this.#matching(key, 1)], contexts, shows};
    }
  }

  /** The rules of a policy that can match a request for this resource. */
  #matching(key: ResourceKey, side: 0 | 1): number[] {
    const matched = new Map<number, Bits | undefined>(this.#anyResource[side].map((rule) => [rule, undefined]));
    for (const entry of this.#entriesFor(key)) {
      if (entry.side !== side) continue;
      const isAny = entry.resourceNames.length === 0 || entry.resources.length === 0;
      const names = isAny ? undefined : (this.#names.ofList[entry.index] ?? emptyBits(0));
      const known = matched.get(entry.rule);
      if (matched.has(entry.rule) && known === undefined) continue;
      matched.set(entry.rule, names === undefined || known === undefined ? names : union(known, names));
    }
    return [...matched]
      .toSorted(([one], [other]) => one - other)
      .map(([rule, names]) => this.#items.indexOf(side, rule, names));
  }

  /** Whether subresources with streams are told apart from others. */
  #hasStreamsApart(): boolean {
    return this.#matter.stages || this.#matter.objects;
  }

  #groupEntries({group}: ResourceKey): GroupEntries {
    return (group === undefined ? undefined : this.#byGroup.get(group)) ?? this.#others;
  }

  /** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L198 */
  *#entriesFor(key: ResourceKey): Generator<Entry> {
    const {bySpec, whole} = this.#groupEntries(key);
    const {resource, subresource} = key;
    yield* whole;
    yield* bySpec.get('*') ?? [];
    if (subresource !== undefined && subresource !== '') yield* bySpec.get(`*/${subresource}`) ?? [];
    if (resource === undefined) return;
    yield* bySpec.get(`${resource}/*`) ?? [];
    if (subresource !== undefined)
      yield* bySpec.get(subresource === '' ? resource : `${resource}/${subresource}`) ?? [];
  }

  #contextsOf(key: ResourceKey, shows: readonly Traits[]): (number | undefined)[] {
    const {group = '', resource = '', subresource = 'other'} = key;
    const known = knownTraits(key);
    return RESOURCE_VERBS.map((verb, index) => {
      const combinations = combinationsOf(verb, {group, resource, subresource}, known);
      if (!combinations.some(Boolean)) return undefined;
      // Traits that make no difference are those of a request for nothing in particular.
      const traits = {
        stages: this.#matter.stages ? (shows[index]?.stages ?? PLAIN_STAGES) : PLAIN_STAGES,
        objectLevels: this.#matter.objects ? (shows[index]?.objectLevels ?? []) : [],
      };
      const contextKey = `${combinations.join()} ${traits.stages.join()} ${traits.objectLevels.join()}`;
      return this.#contexts.indexOf(contextKey, () => this.#contextOf(combinations, traits));
    });
  }

  #contextOf(combinations: readonly boolean[], traits: Traits): Context {
    const [neither, nameAlone, namespaceAlone, same, different] = combinations;
    const {atoms: namespaces} = this.#policies.namespaces;
    const {atoms: names} = this.#names;
    const sharing = same === different ? undefined : sharingAtoms(namespaces, names);
    const isAllowed = (namespace: number, name: number): boolean | undefined => {
      if (namespace === NO_VALUE) return name === NO_VALUE ? neither : nameAlone;
      if (name === NO_VALUE) return namespaceAlone;
      return sharing === undefined ? same : hasBit(sharing[namespace] ?? emptyBits(0), name);
    };
    const allowedNames = namespaces.values.map((_, namespace) =>
      bitsOf(
        names.values.length,
        [...names.values.keys()].filter((name) => isAllowed(namespace, name)),
      ),
    );
    const possible = [...allowedNames.keys()].filter((namespace) => !isEmpty(allowedNames[namespace] ?? emptyBits(0)));
    return {namespaces: bitsOf(namespaces.values.length, possible), names: allowedNames, traits};
  }
}

function indexed(entries: readonly Entry[]): GroupEntries {
  const bySpec = new Map<string, Entry[]>();
  for (const entry of entries) {
    for (const spec of new Set(entry.resources)) {
      const known = bySpec.get(spec);
      if (known === undefined) bySpec.set(spec, [entry]);
      else known.push(entry);
    }
  }
  return {bySpec, whole: entries.filter((entry) => entry.resources.length === 0)};
}

function rulesForAny(rules: readonly PolicyRule[]): number[] {
  return rules.flatMap((rule, index) => {
    const isForPaths = rule.nonResourceURLs.length > 0 && rule.namespaces.length === 0;
    return rule.resources.length === 0 && !isForPaths ? [index] : [];
  });
}

/** What can be recorded of a request for the resource. */
function showsOf(verb: string, {subresource, served}: ResourceKey, hasStreamsApart: boolean): Traits {
  const target = {kind: 'resource', group: '', resource: '', namespace: '', name: ''} as const;
  const of = (each: string): Traits => traitsOf({user: NOBODY, verb, target: {...target, subresource: each}});
  // Where the streams need not be told apart, any other subresource may be one of them.
  const traits =
    subresource === undefined && !hasStreamsApart ? joinedTraits(of('other'), of('exec')) : of(subresource ?? 'other');
  // An aggregated API server gets the request as it is; its objects are never seen.
  return served?.aggregated === true ? {...traits, objectLevels: []} : traits;
}

const NOBODY = {name: '', groups: []};

function knownTraits({group, resource, subresource, served}: ResourceKey): Partial<ResourceTraits> {
  if (served !== undefined) return {...served, scope: served.namespaced ? 'namespaced' : 'cluster'};
  if (group === undefined || resource === undefined) return {};
  return wellKnownTraits({group, resource, subresource: subresource ?? 'other'});
}

/**
 * Whether a request can have neither namespace nor name, a name alone, a namespace alone, both the same, and both.
 */
function combinationsOf(
  verb: string,
  target: {readonly group: string; readonly resource: string; readonly subresource: string},
  traits: Partial<ResourceTraits>,
): boolean[] {
  const pairs = [
    ['', ''],
    ['', 'a'],
    ['a', ''],
    ['a', 'a'],
    ['a', 'b'],
  ] as const;
  return pairs.map(([namespace, name]) => canExist(verb, {...target, namespace, name}, traits));
}

/** For each atom of `one` the atoms of `other` that share a value with it; the value that is in no list is shared. */
function sharingAtoms(one: Atoms, other: Atoms): Bits[] {
  const size = other.values.length;
  const sharing = one.values.map(() => emptyBits(size));
  const add = (atom: number, otherAtom: number): void => addBit(sharing[atom] ?? emptyBits(size), otherAtom);
  add(FRESH_VALUE, FRESH_VALUE);
  for (const [value, atom] of one.atomOf) if (atom !== NO_VALUE) add(atom, other.atomOf.get(value) ?? FRESH_VALUE);
  for (const [value, atom] of other.atomOf) if (atom !== NO_VALUE) add(one.atomOf.get(value) ?? FRESH_VALUE, atom);
  return sharing;
}
