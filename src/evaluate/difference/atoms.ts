/**
 * Values that no rule can tell apart, taken together. Each condition of a rule on users, groups, namespaces or names is
 * membership in a list, so two values that are in the same lists are alike, and all that are in no list are alike.
 */
import type {RequestAttributes} from '../../model/request.ts';
import {freshValue} from '../request/request-classes.ts';
import {type Bits, allBits, bitsOf} from './bits.ts';

/** The comparison is given up; the message says what was too much, as a fragment. */
export class TooMuch extends Error {
  /** What was found out before. */
  readonly found: {readonly example?: RequestAttributes};

  constructor(message: string, example?: RequestAttributes) {
    super(message);
    this.found = example === undefined ? {} : {example};
  }
}

/** Beyond any policy in use, but not beyond memory. */
const MAX_ATOMS = 2000;

/** One dimension of requests, parted into atoms: sets of values that no rule of either policy can tell apart. */
export interface Atoms {
  /** The values of each atom; empty for an atom of values that no list has. */
  readonly values: readonly (readonly string[])[];
  /** The atom of each value that some list has. */
  readonly atomOf: ReadonlyMap<string, number>;
  readonly all: Bits;
  /** A value that is in no list. */
  readonly fresh: string;
}

export interface Partition {
  readonly atoms: Atoms;
  /** The atoms of each list, in the order of the lists. */
  readonly ofList: readonly Bits[];
}

export interface PartitionOptions {
  /** Plural, for the message when there are too many: `users`. */
  readonly what: string;
  /** What to call a value that is in no list. */
  readonly freshBase: string;
  /** Atoms that are there in any case, each of one value; undefined for an atom that no list has. They come first. */
  readonly reserved: readonly (string | undefined)[];
  /** Values in lists that no request has. */
  readonly ignored?: (value: string) => boolean;
}

/** Parts the values of `lists`. */
export function partition(lists: readonly (readonly string[])[], options: PartitionOptions): Partition {
  const {reserved, ignored = () => false} = options;
  const listsOf = new Map<string, number[]>();
  for (const [index, list] of lists.entries()) {
    for (const value of new Set(list)) {
      if (ignored(value)) continue;
      const known = listsOf.get(value);
      if (known === undefined) listsOf.set(value, [index]);
      else known.push(index);
    }
  }

  const values: string[][] = reserved.map((value) => (value === undefined ? [] : [value]));
  const members: number[][] = lists.map(() => []);
  const atomOf = new Map<string, number>();
  const atomOfLists = new Map<string, number>();
  for (const [value, indexes] of listsOf) {
    const reservedAtom = reserved.indexOf(value);
    const known = reservedAtom === -1 ? atomOfLists.get(indexes.join()) : reservedAtom;
    const atom = known ?? values.length;
    atomOf.set(value, atom);
    if (known === undefined) {
      atomOfLists.set(indexes.join(), atom);
      values.push([]);
      if (values.length > MAX_ATOMS) throw new TooMuch(`the rules tell more than ${MAX_ATOMS} ${options.what} apart`);
    }
    if (reservedAtom === -1) values[atom]?.push(value);
    if (reservedAtom !== -1 || known === undefined) for (const index of indexes) members[index]?.push(atom);
  }
  return {
    atoms: {values, atomOf, all: allBits(values.length), fresh: freshValue(options.freshBase, new Set(listsOf.keys()))},
    ofList: members.map((atoms) => bitsOf(values.length, atoms)),
  };
}
