/**
 * Which rule of each policy decides which requests, as a decision diagram: each node parts the requests that reach it
 * by their value in one dimension, in the order of the dimensions. A node is known by the rules that are left, so parts
 * of the space that the same rules are left for are looked at once.
 */
import {TooMuch} from './atoms.ts';
import {
  type Bits,
  addBit,
  bitsOf,
  emptyBits,
  intersection,
  isEmpty,
  isWithin,
  keyOf,
  membersOf,
  union,
  without,
} from './bits.ts';
import {FAILED_TRAITS, type Traits} from './recorded.ts';
import {
  ANONYMOUS_USER,
  FAILED_AUTHENTICATION,
  GROUPS,
  type Item,
  NAME,
  NAMESPACE,
  type Space,
  TARGET,
  USER,
  VERB,
} from './space.ts';

/** All requests that reach a leaf are decided by the same two rules, and have the same traits. */
export interface Leaf {
  readonly kind: 'leaf';
  /** Indexes into the rules of each policy; the number of rules where none matches. */
  readonly rules: readonly [number, number];
  readonly traits: Traits;
}

export interface Branch {
  readonly kind: 'branch';
  /** TARGET to USER. */
  readonly dimension: number;
  /** Their atoms do not overlap. Atoms that no edge has cannot exist here. */
  readonly edges: readonly Edge[];
}

export interface Edge {
  readonly atoms: Bits;
  readonly node: Node;
}

/** Where the groups of the user decide. */
export interface GroupBranch {
  readonly kind: 'groups';
  /** Together they are for all sets of groups. Those for different leaves do not overlap. */
  readonly options: readonly GroupOption[];
}

/** Atoms of groups: the user is in some group of each of `inside`, and in none of those of `outside`. */
export interface GroupOption {
  readonly inside: readonly number[];
  readonly outside: readonly number[];
  readonly node: Leaf;
}

export type Node = Leaf | Branch | GroupBranch;

/** More than any policies in use need, by far: nodes, and rules looked at; each about a second's work. */
const MAX_NODES = 200_000;
const MAX_STEPS = 10_000_000;

/** Rules that are left, in order, of each policy. Only the last of a list can match whatever else the request is. */
type Lists = readonly [readonly number[], readonly number[]];

interface Block {
  readonly atoms: Bits;
  readonly lists: Lists;
}

/** The diagram of all requests of `space`. Throws `TooMuch`. */
export function diagramOf<Key>(space: Space<Key>): Branch {
  return new Builder(space).root();
}

/** Why a comparison is given up when no single thing in the policies is too many. */
export const OVERLAP = 'the rules of the two policies overlap in too many ways';

class Builder<Key> {
  readonly #space: Space<Key>;
  readonly #known = new Map<string, Node>();
  readonly #listIds = new Map<string, number>();
  readonly #nameSets = new Map<string, Bits>();
  readonly #leaves = new Map<string, Leaf>();
  #steps = 0;

  constructor(space: Space<Key>) {
    this.#space = space;
  }

  root(): Branch {
    const {targets} = this.#space;
    const edges = targets.map((target, index) => ({
      atoms: bitsOf(targets.length, [index]),
      node: this.#byVerb(target.contexts, target.lists),
    }));
    return branch(TARGET, edges);
  }

  #byVerb(contexts: readonly (number | undefined)[], lists: Lists): Node {
    return this.#once(`${VERB} ${contexts.join()}`, lists, () => {
      const possible = [...contexts.keys()].filter((verb) => contexts[verb] !== undefined);
      const edges: Edge[] = [];
      for (const block of this.#split(bitsOf(contexts.length, possible), lists, VERB)) {
        for (const [context = 0, atoms] of grouped(block.atoms, (verb) => contexts[verb])) {
          edges.push({atoms, node: this.#byNamespace(context, block.lists)});
        }
      }
      return branch(VERB, edges);
    });
  }

  #byNamespace(contextIndex: number, lists: Lists): Node {
    return this.#once(`${NAMESPACE} ${contextIndex}`, lists, () => {
      const context = this.#space.contexts[contextIndex];
      if (context === undefined) throw new Error(`no context ${contextIndex}`);
      const edges: Edge[] = [];
      for (const block of this.#split(context.namespaces, lists, NAMESPACE)) {
        for (const [names, atoms] of grouped(block.atoms, (namespace) => this.#nameSet(context.names[namespace]))) {
          edges.push({atoms, node: this.#byName(names, context.traits, block.lists)});
        }
      }
      return branch(NAMESPACE, edges);
    });
  }

  /** The key of a set of names, by which it is found again. */
  #nameSet(names: Bits | undefined): string {
    const key = keyOf(names ?? emptyBits(0));
    if (names !== undefined) this.#nameSets.set(key, names);
    return key;
  }

  #byName(names: string, traits: Traits, lists: Lists): Node {
    return this.#once(`${NAME} ${names} ${traitsKey(traits)}`, lists, () => {
      const possible = this.#nameSets.get(names) ?? emptyBits(0);
      const edges = this.#split(possible, lists, NAME).map((block) => ({
        atoms: block.atoms,
        node: this.#byUser(traits, block.lists),
      }));
      return branch(NAME, edges);
    });
  }

  #byUser(traits: Traits, lists: Lists): Node {
    return this.#once(`${USER} ${traitsKey(traits)}`, lists, () => {
      const {all, values} = this.#space.policies.users;
      const failed = bitsOf(values.length, [FAILED_AUTHENTICATION]);
      const anonymous = bitsOf(values.length, [ANONYMOUS_USER]);
      const edges: Edge[] = [];
      // Without a user, and for the anonymous one, nothing is left to ask about groups.
      for (const block of this.#split(failed, lists, USER)) {
        edges.push({atoms: block.atoms, node: this.#leaf(FAILED_TRAITS, this.#firstOfEach(block.lists))});
      }
      for (const block of this.#split(anonymous, lists, USER)) {
        edges.push({atoms: block.atoms, node: this.#leaf(traits, this.#firstOfEach(block.lists))});
      }
      for (const block of this.#split(without(without(all, failed), anonymous), lists, USER)) {
        edges.push({atoms: block.atoms, node: this.#byGroups(traits, block.lists)});
      }
      return branch(USER, edges);
    });
  }

  /**
   * For a rule of each policy to decide, the user must be in some group that it asks for, and in none that an earlier
   * rule asks for. One group for each of the two rules makes an option.
   */
  #byGroups(traits: Traits, lists: Lists): Node {
    if (lists.every(([first]) => first === undefined || this.#item(first).groups === undefined)) {
      return this.#leaf(traits, this.#firstOfEach(lists));
    }
    return this.#once(`${GROUPS} ${traitsKey(traits)}`, lists, () => {
      const [ofBefore, ofAfter] = [this.#alternatives(lists, 0), this.#alternatives(lists, 1)];
      const options: GroupOption[] = [];
      for (const before of ofBefore) {
        for (const after of ofAfter) {
          const outside = new Set([...before.noneOf, ...after.noneOf]);
          const node = this.#leaf(traits, [before.rule, after.rule]);
          for (const inside of insideOf(before, after, outside)) options.push({inside, outside: [...outside], node});
        }
        this.#steps += options.length;
      }
      return {kind: 'groups', options};
    });
  }

  /** The rules that can decide, each with what it asks of the groups of the user. */
  #alternatives(lists: Lists, side: 0 | 1): Alternative[] {
    const alternatives: Alternative[] = [];
    const noneOf = new Set<number>();
    for (const index of lists[side]) {
      const {rule, groups} = this.#item(index);
      const anyOf = groups?.filter((group) => !noneOf.has(group));
      if (anyOf === undefined || anyOf.length > 0) alternatives.push({rule, anyOf, noneOf: [...noneOf]});
      if (groups === undefined) return alternatives;
      for (const group of groups) noneOf.add(group);
    }
    const noRule = this.#space.policies.policies[side].rules.length;
    return [...alternatives, {rule: noRule, anyOf: undefined, noneOf: [...noneOf]}];
  }

  #item(index: number): Item {
    const item = this.#space.items[index];
    if (item === undefined) throw new Error(`no item ${index}`);
    return item;
  }

  #firstOfEach(lists: Lists): [number, number] {
    const {policies} = this.#space.policies;
    const ruleOf = (side: 0 | 1): number => {
      const first = lists[side][0];
      return first === undefined ? policies[side].rules.length : this.#item(first).rule;
    };
    return [ruleOf(0), ruleOf(1)];
  }

  #leaf(traits: Traits, rules: [number, number]): Leaf {
    const key = `${rules.join()} ${traitsKey(traits)}`;
    const leaf = this.#leaves.get(key) ?? {kind: 'leaf', rules, traits};
    this.#leaves.set(key, leaf);
    return leaf;
  }

  /** Parts `atoms` by the rules that match in `dimension`. */
  #split(atoms: Bits, lists: Lists, dimension: number): Block[] {
    interface Part {
      atoms: Bits;
      lists: [number[], number[]];
      closed: [boolean, boolean];
    }
    if (isEmpty(atoms)) return [];
    const parts: Part[] = [{atoms, lists: [[], []], closed: [false, false]}];
    const add = (part: Part, side: 0 | 1, index: number): void => {
      part.lists[side].push(index);
      part.closed[side] = this.#item(index).last <= dimension;
    };
    for (const side of [0, 1] as const) {
      for (const index of lists[side]) {
        const condition = this.#item(index).conditions[dimension];
        this.#steps += parts.length;
        // Parts that are split off below have been seen to.
        for (const part of parts.slice()) {
          if (part.closed[side]) continue;
          if (condition === undefined || isWithin(part.atoms, condition)) {
            add(part, side, index);
            continue;
          }
          const matched = intersection(part.atoms, condition);
          if (isEmpty(matched)) continue;
          const {closed} = part;
          const split: Part = {
            atoms: matched,
            lists: [[...part.lists[0]], [...part.lists[1]]],
            closed: [closed[0], closed[1]],
          };
          part.atoms = without(part.atoms, condition);
          add(split, side, index);
          parts.push(split);
        }
      }
    }
    return parts;
  }

  #once(about: string, lists: Lists, make: () => Node): Node {
    const key = `${about} ${this.#listId(lists[0])} ${this.#listId(lists[1])}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MAX_NODES || this.#steps > MAX_STEPS) throw new TooMuch(OVERLAP);
    const node = make();
    this.#known.set(key, node);
    return node;
  }

  #listId(list: readonly number[]): number {
    const key = list.join();
    const known = this.#listIds.get(key);
    if (known !== undefined) return known;
    this.#listIds.set(key, this.#listIds.size);
    return this.#listIds.size - 1;
  }
}

/** A branch with one edge to each node. */
export function branch(dimension: number, edges: readonly Edge[]): Branch {
  const byNode = new Map<Node, Bits>();
  for (const {atoms, node} of edges) {
    const known = byNode.get(node);
    byNode.set(node, known === undefined ? atoms : union(known, atoms));
  }
  return {kind: 'branch', dimension, edges: [...byNode].map(([node, atoms]) => ({atoms, node}))};
}

/** A rule that can decide if the user is in one group of `anyOf` (undefined: no matter) and in none of `noneOf`. */
interface Alternative {
  /** The number of rules where none decides. */
  readonly rule: number;
  readonly anyOf: readonly number[] | undefined;
  readonly noneOf: readonly number[];
}

/** The groups of which the user must be in each, in all ways that are needed. */
function insideOf(one: Alternative, other: Alternative, outside: ReadonlySet<number>): number[][] {
  const allowed = (groups: readonly number[]): number[] => groups.filter((group) => !outside.has(group));
  if (one.anyOf === undefined || other.anyOf === undefined) {
    const groups = one.anyOf ?? other.anyOf;
    return groups === undefined ? [[]] : allowed(groups).map((group) => [group]);
  }
  const [own, others] = [allowed(one.anyOf), allowed(other.anyOf)];
  const common = own.filter((group) => others.includes(group));
  const pairs = own
    .filter((group) => !common.includes(group))
    .flatMap((group) => others.filter((each) => !common.includes(each)).map((each) => [group, each]));
  return [...common.map((group) => [group]), ...pairs];
}

function traitsKey({stages, objectLevels}: Traits): string {
  return `${stages.length} ${objectLevels.join()}`;
}

/** The members of `atoms` by what `of` says of them. */
function grouped<Value>(atoms: Bits, of: (atom: number) => Value): Map<Value, Bits> {
  const groups = new Map<Value, Bits>();
  for (const atom of membersOf(atoms)) {
    const value = of(atom);
    const known = groups.get(value) ?? new Uint32Array(atoms.length);
    addBit(known, atom);
    groups.set(value, known);
  }
  return groups;
}
