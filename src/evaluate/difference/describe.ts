/** From a product of atoms to a class of requests as people read it, with an example. */
import type {GroupCondition, PathSet, RequestClass, ResourceSet, Values} from '../../model/difference.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {ANONYMOUS, AUTHENTICATED, RESOURCE_VERBS, UNAUTHENTICATED, freshValue} from '../request/request-classes.ts';
import type {Atoms} from './atoms.ts';
import {
  type Bits,
  addBit,
  allBits,
  bitsOf,
  emptyBits,
  hasBit,
  intersection,
  intersects,
  isEmpty,
  membersOf,
  without,
} from './bits.ts';
import type {PathKey} from './path-space.ts';
import {FAILED_TRAITS, NO_TRAITS, type Traits, joinedTraits} from './recorded.ts';
import {pathSetOf} from './path-set.ts';
import {type Membership, resourceSetOf} from './resource-set.ts';
import type {ResourceKey} from './resource-space.ts';
import {
  ANONYMOUS_USER,
  type Context,
  FAILED_AUTHENTICATION,
  FRESH_USER,
  FRESH_VALUE,
  GROUPS,
  INSIDE,
  NAME,
  NAMESPACE,
  NO_VALUE,
  OUTSIDE,
  type Space,
  TARGET,
  USER,
  VERB,
} from './space.ts';

/** The number of atoms in each dimension of a space. */
export function sizesOf<Key>({targets, verbs, namespaces, names, policies}: Space<Key>): number[] {
  return [
    targets.length,
    verbs.length,
    namespaces.values.length,
    names.values.length,
    policies.users.values.length,
    ...policies.groups.values.map(() => 2),
  ];
}

/**
 * A product of atoms as it is told: in each dimension what is in it, and what else could be there. What cannot exist
 * together with the other dimensions is in neither; and where nothing that could be there is missing, it is "any".
 */
export interface Scene<Key> {
  readonly space: Space<Key>;
  readonly atoms: readonly Bits[];
  readonly possible: readonly Bits[];
}

/**
 * The scene for a product of atoms; `limits` is a product that it is a part of, if nothing outside that counts.
 *
 * One dimension is told after the other. "Any", and "any but some", take in what cannot exist, and from then on what
 * can exist in the others is judged with that: else two dimensions could take in what only together exists.
 */
export function sceneOf<Key>(space: Space<Key>, product: readonly Bits[], limits?: readonly Bits[]): Scene<Key> {
  const full = limits ?? sizesOf(space).map(allBits);
  const told = product.map((atoms, dimension) => intersection(atoms, possibleIn(space, product, dimension)));
  const atoms = [...told];
  const possible = [...told];
  const groups = [...full.keys()].filter((dimension) => dimension >= GROUPS);
  for (const dimension of [USER, ...groups, NAME, NAMESPACE, VERB, TARGET]) {
    const all = at(full, dimension);
    const could = intersection(possibleIn(space, told, dimension), all);
    const own = intersection(at(atoms, dimension), could);
    const missing = without(could, own);
    possible[dimension] = could;
    atoms[dimension] = own;
    told[dimension] = isTellingExceptions(dimension, own, missing) ? without(all, missing) : own;
  }
  return {space, atoms, possible};
}

/** Whether a dimension is told as all but what is missing. */
function isTellingExceptions(dimension: number, own: Bits, missing: Bits): boolean {
  if (isEmpty(missing)) return true;
  switch (dimension) {
    case USER:
      return hasBit(own, FRESH_USER);
    case NAME:
    case NAMESPACE:
      return hasBit(own, FRESH_VALUE);
    case VERB:
      return isTellingOtherVerbs([...membersOf(own)], [...membersOf(missing)]);
    default:
      return false;
  }
}

/** Also where as many are missing, if the verb is in it that has no name. */
function isTellingOtherVerbs(own: readonly number[], missing: readonly number[]): boolean {
  return own.includes(RESOURCE_VERBS.indexOf('')) ? missing.length <= own.length : missing.length * 2 < own.length;
}

/** The atoms of a dimension that some request has which is in the product in all other dimensions. */
function possibleIn<Key>(space: Space<Key>, product: readonly Bits[], dimension: number): Bits {
  switch (dimension) {
    case TARGET:
      return possibleTargets(space, product);
    case VERB:
      return possibleVerbs(space, product);
    case NAMESPACE:
    case NAME:
      return possibleValues(space, product, dimension);
    case USER: {
      // Without groups of their own nobody is inside one.
      const isInside = product.slice(GROUPS).some((bits) => bits[0] === INSIDE);
      return isInside ? without(space.policies.users.all, GROUPLESS) : space.policies.users.all;
    }
    default:
      return isEmpty(without(at(product, USER), GROUPLESS)) ? bitsOf(2, [0]) : allBits(2);
  }
}

const GROUPLESS = bitsOf(3, [FAILED_AUTHENTICATION, ANONYMOUS_USER]);

function at(product: readonly Bits[], dimension: number): Bits {
  return product[dimension] ?? emptyBits(0);
}

function possibleTargets<Key>({targets, contexts}: Space<Key>, product: readonly Bits[]): Bits {
  const isPossible = contexts.map((context) => hasPair(context, product));
  const verbs = [...membersOf(at(product, VERB))];
  const possible = emptyBits(targets.length);
  for (const [index, target] of targets.entries()) {
    if (verbs.some((verb) => isPossible[target.contexts[verb] ?? -1])) addBit(possible, index);
  }
  return possible;
}

function possibleVerbs<Key>({targets, contexts, verbs}: Space<Key>, product: readonly Bits[]): Bits {
  const isPossible = contexts.map((context) => hasPair(context, product));
  const own = [...membersOf(at(product, TARGET))];
  const possible = emptyBits(verbs.length);
  for (const verb of verbs.keys()) {
    if (own.some((target) => isPossible[targets[target]?.contexts[verb] ?? -1])) addBit(possible, verb);
  }
  return possible;
}

function possibleValues<Key>({targets, contexts}: Space<Key>, product: readonly Bits[], dimension: number): Bits {
  const verbs = [...membersOf(at(product, VERB))];
  const indexes = new Set<number | undefined>();
  for (const target of membersOf(at(product, TARGET))) {
    for (const verb of verbs) indexes.add(targets[target]?.contexts[verb]);
  }
  const possible = at(product, dimension).slice().fill(0);
  for (const index of indexes) {
    const context = contexts[index ?? -1];
    if (context === undefined) continue;
    for (const namespace of membersOf(context.namespaces)) {
      const names = context.names[namespace] ?? emptyBits(0);
      if (dimension === NAMESPACE) {
        if (intersects(names, at(product, NAME))) addBit(possible, namespace);
      } else if (hasBit(at(product, NAMESPACE), namespace)) {
        for (const [word, bits] of names.entries()) possible[word] = (possible[word] ?? 0) | bits;
      }
    }
  }
  return possible;
}

function hasPair(context: Context, product: readonly Bits[]): boolean {
  for (const namespace of membersOf(intersection(context.namespaces, at(product, NAMESPACE)))) {
    if (intersects(context.names[namespace] ?? emptyBits(0), at(product, NAME))) return true;
  }
  return false;
}

/** By dimension, the atoms that stand for whatever no rule names. */
export function freshAtomsOf<Key>(space: Space<Key>, isFresh: (key: Key) => boolean): Bits[] {
  const {targets, namespaces, names, policies} = space;
  const freshTargets = [...targets.keys()].filter((target) => targets[target]?.keys.some(isFresh));
  return [
    bitsOf(targets.length, freshTargets),
    bitsOf(space.verbs.length, [space.verbs.length - 1]),
    bitsOf(namespaces.values.length, [FRESH_VALUE]),
    bitsOf(names.values.length, [FRESH_VALUE]),
    bitsOf(policies.users.values.length, [FRESH_USER]),
    ...policies.groups.values.map(() => emptyBits(2)),
  ];
}

/** What can be recorded of some request of the scene, also where it makes no difference. */
export function traitsOfScene<Key>({space, atoms}: Scene<Key>): Traits {
  const users = at(atoms, USER);
  let traits: Traits = hasBit(users, FAILED_AUTHENTICATION) ? FAILED_TRAITS : NO_TRAITS;
  if (isEmpty(without(users, bitsOf(1, [FAILED_AUTHENTICATION])))) return traits;
  for (const target of membersOf(at(atoms, TARGET))) {
    for (const verb of membersOf(at(atoms, VERB))) {
      const shown = space.targets[target]?.shows[verb];
      if (shown !== undefined) traits = joinedTraits(traits, shown);
    }
  }
  return traits;
}

function missingFrom<Key>({atoms, possible}: Scene<Key>, dimension: number): Bits {
  return without(at(possible, dimension), at(atoms, dimension));
}

/** The class for a scene of resource requests. */
export function resourceClassOf(scene: Scene<ResourceKey>): RequestClass {
  return {...commonOf(scene), resources: resourcesOf(scene), paths: undefined};
}

/** The class for a scene of requests for paths. */
export function pathClassOf(scene: Scene<PathKey>): RequestClass {
  return {...commonOf(scene), resources: undefined, paths: pathsOf(scene)};
}

function commonOf<Key>(scene: Scene<Key>): Omit<RequestClass, 'resources' | 'paths'> {
  const {space, atoms} = scene;
  return {
    verbs: verbsOf(scene),
    namespaces: valuesOf(scene, NAMESPACE, space.namespaces),
    names: valuesOf(scene, NAME, space.names),
    users: usersOf(scene),
    groups: groupsOf(scene),
    failedAuthentication: hasBit(atoms[USER] ?? emptyBits(1), FAILED_AUTHENTICATION),
  };
}

function verbsOf<Key>(scene: Scene<Key>): Values {
  return toldAs(scene, VERB, (verb) => [scene.space.verbs[verb] ?? '']);
}

function valuesOf<Key>(scene: Scene<Key>, dimension: number, {values}: Atoms): Values {
  const told = toldAs(scene, dimension, (atom) => values[atom] ?? []);
  return told.kind === 'any' ? told : {...told, values: told.values.toSorted()};
}

function usersOf<Key>(scene: Scene<Key>): Values {
  // Failed authentication is told apart, as it has no user.
  const failed = bitsOf(scene.space.policies.users.values.length, [FAILED_AUTHENTICATION]);
  const of = (bits: readonly Bits[]): Bits[] => bits.map((own, index) => (index === USER ? without(own, failed) : own));
  return valuesOf({...scene, atoms: of(scene.atoms), possible: of(scene.possible)}, USER, scene.space.policies.users);
}

function toldAs<Key>(scene: Scene<Key>, dimension: number, namesOf: (atom: number) => readonly string[]): Values {
  const own = at(scene.atoms, dimension);
  const missing = missingFrom(scene, dimension);
  if (isEmpty(missing)) return {kind: 'any'};
  return isTellingExceptions(dimension, own, missing)
    ? {kind: 'except', values: [...membersOf(missing)].flatMap(namesOf)}
    : {kind: 'these', values: [...membersOf(own)].flatMap(namesOf)};
}

function groupsOf<Key>(scene: Scene<Key>): GroupCondition {
  const {space, atoms} = scene;
  const {values} = space.policies.groups;
  const possible = scene.possible;
  const inOneOfEach: string[][] = [];
  const inNoneOf: string[] = [];
  const users = atoms[USER] ?? emptyBits(0);
  if (![...membersOf(users)].some((user) => user >= FRESH_USER)) return {inOneOfEach, inNoneOf};
  for (const [index, groups] of values.entries()) {
    const [bits = 0] = atoms[GROUPS + index] ?? [];
    if (bits === possible[GROUPS + index]?.[0]) continue;
    if (bits === INSIDE) inOneOfEach.push(groups.toSorted());
    if (bits === OUTSIDE) inNoneOf.push(...groups);
  }
  return {inOneOfEach, inNoneOf: inNoneOf.toSorted()};
}

function resourcesOf(scene: Scene<ResourceKey>): ResourceSet {
  return resourceSetOf(
    scene.space.targets.flatMap(({keys}, index) => keys.map((key) => [key, membershipOf(scene, index)] as const)),
  );
}

function membershipOf<Key>({atoms, possible}: Scene<Key>, target: number): Membership {
  if (!hasBit(possible[TARGET] ?? emptyBits(0), target)) return 'free';
  return hasBit(atoms[TARGET] ?? emptyBits(0), target) ? 'in' : 'out';
}

function pathsOf(scene: Scene<PathKey>): PathSet {
  const memberships = new Map(
    scene.space.targets.flatMap(({keys}, index) =>
      keys.map(({region}) => [region, membershipOf(scene, index)] as const),
    ),
  );
  const [some] = memberships.keys();
  let root = some;
  while (root?.parent !== undefined) root = root.parent;
  return root === undefined ? [] : pathSetOf(root, (region) => memberships.get(region) ?? 'free');
}

/** One request of the scene of resource requests, for a resource that a rule names if there is one. */
export function resourceExampleOf(scene: Scene<ResourceKey>): RequestAttributes {
  const {space} = scene;
  const {target, verb, namespace, name} = firstRequest(scene);
  const key = resourceTargetOf(space, target);
  const isNamespace = key.resource === 'namespaces' && namespace !== NO_VALUE && name !== NO_VALUE;
  const shared = isNamespace ? sharedValue(space.namespaces, namespace, space.names, name) : undefined;
  return {
    user: userOf(scene),
    verb,
    target: {
      ...key,
      namespace: shared ?? valueOf(space.namespaces, namespace),
      name: shared ?? valueOf(space.names, name),
    },
  };
}

function valueOf({values, fresh}: Atoms, atom: number): string {
  return atom === FRESH_VALUE ? fresh : (values[atom]?.[0] ?? '');
}

/** A resource of a target, without namespace and name; a named one if there is one. */
export function resourceTargetOf({targets}: Space<ResourceKey>, index: number): ResourceTarget {
  const own = targets[index]?.keys ?? [];
  const key = own.find((each) => each.resource !== undefined && each.group !== undefined) ?? own[0];
  const freshFor = (base: string, part: 'group' | 'resource' | 'subresource'): string =>
    freshValue(base, new Set(targets.flatMap(({keys}) => keys.map((each) => each[part] ?? ''))));
  return {
    kind: 'resource',
    group: key?.group ?? freshFor('group.example.com', 'group'),
    resource: key?.resource ?? freshFor('anything', 'resource'),
    subresource: key?.subresource ?? freshFor('part', 'subresource'),
    namespace: '',
    name: '',
  };
}

type ResourceTarget = Extract<RequestAttributes['target'], {kind: 'resource'}>;

/** One request of the scene of requests for paths. */
export function pathExampleOf(scene: Scene<PathKey>): RequestAttributes {
  const {target, verb} = firstRequest(scene);
  return {user: userOf(scene), verb, target: pathTargetOf(scene.space, target)};
}

/** A path of a target. */
export function pathTargetOf({targets}: Space<PathKey>, index: number): RequestAttributes['target'] {
  return {kind: 'nonResource', path: targets[index]?.keys[0]?.path ?? ''};
}

interface Found {
  /** Index into the targets of the space. */
  readonly target: number;
  readonly verb: string;
  readonly namespace: number;
  readonly name: number;
}

function firstRequest<Key>({space, atoms}: Scene<Key>): Found {
  for (const targetIndex of membersOf(atoms[TARGET] ?? emptyBits(0))) {
    const target = space.targets[targetIndex];
    for (const verb of membersOf(atoms[VERB] ?? emptyBits(0))) {
      const context = space.contexts[target?.contexts[verb] ?? -1];
      if (target === undefined || context === undefined) continue;
      // A named namespace last: an example in just some namespace shows more.
      for (const namespace of general(intersection(context.namespaces, atoms[NAMESPACE] ?? emptyBits(0)))) {
        const names = intersection(context.names[namespace] ?? emptyBits(0), atoms[NAME] ?? emptyBits(0));
        const [name] = general(names);
        if (name !== undefined) return {target: targetIndex, verb: space.verbs[verb] ?? '', namespace, name};
      }
    }
  }
  throw new Error('a class without a request');
}

function general(atoms: Bits): number[] {
  return [...membersOf(atoms)].toSorted((one, other) => Number(other === FRESH_VALUE) - Number(one === FRESH_VALUE));
}

function userOf<Key>({space, atoms}: Scene<Key>): RequestAttributes['user'] {
  const {users, groups} = space.policies;
  const possible = [...membersOf(atoms[USER] ?? emptyBits(0))];
  const user = possible.includes(FRESH_USER) ? FRESH_USER : Math.max(...possible);
  if (user === FAILED_AUTHENTICATION) return undefined;
  if (user === ANONYMOUS_USER) return {name: ANONYMOUS, groups: [UNAUTHENTICATED]};
  const own = groups.values.flatMap((values, index) => {
    const [bits = 0] = atoms[GROUPS + index] ?? [];
    return bits === INSIDE ? values.slice(0, 1) : [];
  });
  return {name: users.values[user]?.[0] ?? users.fresh, groups: [...own, AUTHENTICATED]};
}

/** A value of both atoms, for a request whose namespace is its name. */
function sharedValue(one: Atoms, atom: number, other: Atoms, otherAtom: number): string | undefined {
  const values = one.values[atom] ?? [];
  const otherValues = other.values[otherAtom] ?? [];
  if (atom === FRESH_VALUE && otherAtom === FRESH_VALUE) {
    return freshValue(one.fresh, new Set([...one.atomOf.keys(), ...other.atomOf.keys()]));
  }
  if (atom === FRESH_VALUE) return otherValues.find((value) => !one.atomOf.has(value));
  if (otherAtom === FRESH_VALUE) return values.find((value) => !other.atomOf.has(value));
  const known = new Set(otherValues);
  return values.find((value) => known.has(value));
}
