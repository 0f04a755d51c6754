/**
 * Puts the parts of the space that change alike together to few classes, each a product of atoms, less some smaller
 * products. Such exceptions say in one line what without them takes many: policies begin with rules that leave a few
 * requests out of what a later rule records.
 */
import {TooMuch} from './atoms.ts';
import type {Bits} from './bits.ts';
import {type Leaf, type Node, OVERLAP} from './diagram.ts';
import {type Part, coarser, partsOf} from './parts.ts';
import {type Order, type Work, productsOf} from './products.ts';
import {Layout, type Row, boundingRow, commonRow, isRowWithin} from './rows.ts';
import {GROUPS, INSIDE, NAME, NAMESPACE, OUTSIDE, TARGET, USER, VERB} from './space.ts';

/** A class of requests that change alike: those of `row` that are in none of `exceptions`. */
export interface Cover {
  /** Its number. */
  readonly change: number;
  readonly atoms: readonly Bits[];
  /** Cut down to what lies within the class. */
  readonly exceptions: readonly (readonly Bits[])[];
  /** A product in the class that no exception meets. */
  readonly example: readonly Bits[];
}

/** Beyond this a person could not read the answer anyway. */
const MAX_CLASSES = 1000;
/** Comparisons of rows; about a second's work. */
const MAX_WORK = 200_000_000;
/** Beyond this no exceptions are looked for, which would make the answer shorter. */
const EXCEPTIONS_WORK = MAX_WORK / 10;

/** A class costs one; an exception from it is easier to read than a class of its own, unless it needs many words. */
const EXCEPTION_COST = 0.25;
const WORD_COST = 0.05;
/** "All but some" in an exception is a negation within a negation. */
const NEGATION_COST = 1;
/** More of them hide what the class is about. */
const MAX_EXCEPTIONS = 12;

export interface CoverOptions {
  /** The number of atoms by dimension. */
  readonly sizes: readonly number[];
  readonly changeOf: (leaf: Leaf) => number;
  /** By dimension, atoms that stand for everything that no rule names. */
  readonly fresh: readonly Bits[];
}

/** The classes for each change. Throws `TooMuch`. */
export function coverOf(root: Node, {sizes, changeOf, fresh}: CoverOptions): Cover[] {
  const layout = new Layout(sizes);
  const byChange = Map.groupBy(partsOf(root, layout), ({leaf}) => changeOf(leaf));
  // Where it does not matter which rules decide, there are fewer parts.
  const coarse = Map.groupBy(partsOf(coarser(root, changeOf), layout), ({leaf}) => changeOf(leaf));
  const work = {done: 0, most: MAX_WORK};
  const covers: Cover[] = [];
  for (const [change, own] of byChange) {
    if (change === 0) continue;
    const rowsOf = (isWanted: boolean): Row[] =>
      [...coarse].flatMap(([number, parts]) => ((number === change) === isWanted ? parts.map(({row}) => row) : []));
    const classes = new Chooser({layout, parts: own, rows: rowsOf(true), others: rowsOf(false), fresh, work}).classes();
    if (covers.length + classes.length > MAX_CLASSES) throw tooManyClasses();
    for (const {row, exceptions, held} of classes) {
      const atomsOf = (each: Row): Bits[] => sizes.map((_, dimension) => layout.atoms(each, dimension));
      const example = atomsOf(largestOf(held, layout));
      covers.push({change, atoms: atomsOf(row), exceptions: exceptions.map(atomsOf), example});
    }
  }
  return covers;
}

function tooManyClasses(): TooMuch {
  return new TooMuch(`the difference falls into more than ${MAX_CLASSES} classes of requests`);
}

function largestOf(parts: readonly Part[], layout: Layout): Row {
  const sizes = parts.map((part) => layout.sizeOf(part.row));
  const largest = parts[sizes.indexOf(Math.max(...sizes))];
  if (largest === undefined) throw new Error('a class that holds nothing');
  return largest.row;
}

interface Choice {
  readonly row: Row;
  readonly exceptions: readonly Row[];
  readonly cost: number;
  /** The parts that it holds as a whole. */
  readonly held: readonly Part[];
}

/** What there is to choose from for one change. */
interface Choosing {
  readonly layout: Layout;
  readonly parts: readonly Part[];
  /** The same in fewer rows. */
  readonly rows: readonly Row[];
  /** What does not change so. */
  readonly others: readonly Row[];
  readonly fresh: readonly Bits[];
  readonly work: Work;
}

/** Chooses the classes for one change. */
class Chooser {
  readonly #layout: Layout;
  readonly #choosing: Choosing;
  readonly #parts: readonly Part[];
  readonly #orders: readonly Order[];

  constructor(choosing: Choosing) {
    const {layout, parts} = choosing;
    this.#layout = layout;
    this.#choosing = choosing;
    this.#parts = parts;
    const who = [USER, ...[...layout.sizes.keys()].filter((dimension) => dimension >= GROUPS)];
    this.#orders = [
      [...who, NAME, NAMESPACE, VERB, TARGET],
      [...who, NAME, NAMESPACE, TARGET, VERB],
      [TARGET, VERB, NAME, NAMESPACE, ...who],
    ];
  }

  classes(): Choice[] {
    const {rows, others, work} = this.#choosing;
    const products = productsOf(this.#layout, rows, others, {orders: this.#orders, most: MAX_CLASSES, work});
    if (products === undefined) {
      throw work.done > work.most ? new TooMuch(OVERLAP) : tooManyClasses();
    }
    const plain = withoutNeedless(products.map((row) => this.#choice(row, [])));
    const chosen = plain.length === 1 ? plain : this.#shortened(plain);
    const tidied = this.#tidied(
      chosen.map((choice) => choice.row),
      this.#parts.map((part) => part.row),
    );
    return chosen.map(({exceptions}, index) => {
      const row = tidied[index] ?? this.#layout.full;
      const left = exceptions.filter((each) => this.#layout.meets(each, row)).map((each) => commonRow(each, row));
      return this.#choice(left.length === 0 ? this.#opened(row) : row, left);
    });
  }

  /** "Any" instead of "any but some", where those change alike and have only been taken for another class. */
  #opened(product: Row): Row {
    const {others, work} = this.#choosing;
    const {starts, full, sizes} = this.#layout;
    let row = product;
    for (const dimension of sizes.keys()) {
      if (dimension === TARGET || !this.#isGeneral(row, dimension) || this.#isFull(row, dimension)) continue;
      if (work.done > EXCEPTIONS_WORK) return row;
      work.done += others.length * sizes.length;
      const open = row.slice();
      open.set(full.subarray(starts[dimension], starts[dimension + 1]), starts[dimension]);
      if (!others.some((other) => this.#layout.meets(other, open))) row = open;
    }
    return row;
  }

  /** Takes a product with exceptions wherever it makes so many others needless that the whole becomes shorter. */
  #shortened(plain: readonly Choice[]): readonly Choice[] {
    let best = plain;
    const excepting = this.#withExceptions(plain.length);
    for (const choice of excepting.toSorted((one, other) => other.held.length - one.held.length)) {
      for (const others of [best, [...new Set([...best, ...plain])]]) {
        const shorter = withoutNeedless([choice, ...others.filter((other) => other !== choice)], choice);
        if (this.#costOf(shorter) < this.#costOf(best)) best = shorter;
      }
    }
    return best;
  }

  #choice(row: Row, exceptions: readonly Row[]): Choice {
    const costs = exceptions.map((each) => EXCEPTION_COST + this.#wordCost(each, row) + this.#negationCost(each, row));
    return {
      row,
      exceptions,
      cost: costs.reduce((sum, cost) => sum + cost, 1 + this.#wordCost(row, this.#layout.full)),
      held: this.#parts.filter((part) => isRowWithin(part.row, row)),
    };
  }

  /** Classes that are the same but for the group that users are in are told as one: in one of these groups. */
  #costOf(choices: readonly Choice[]): number {
    const withoutGroup = new Set<string>();
    let sum = 0;
    for (const {row, exceptions, cost} of choices) {
      const key = exceptions.length > 0 ? undefined : this.#keyWithoutGroup(row);
      sum += key !== undefined && withoutGroup.has(key) ? WORD_COST : cost;
      if (key !== undefined) withoutGroup.add(key);
    }
    return sum;
  }

  /** What the row is but for its one group; undefined where it is not for one group. */
  #keyWithoutGroup(row: Row): string | undefined {
    const groups = row.subarray(this.#layout.starts[GROUPS] ?? row.length);
    const inside = groups.filter((word) => word === INSIDE).length;
    if (inside !== 1 || groups.includes(OUTSIDE)) return undefined;
    return row.subarray(0, row.length - groups.length).join();
  }

  #wordCost(row: Row, all: Row): number {
    return WORD_COST * this.#layout.wordsFor(row, all);
  }

  #negationCost(row: Row, all: Row): number {
    const negations = this.#narrowerIn(row, all).filter((dimension) => this.#isGeneral(row, dimension));
    return NEGATION_COST * negations.length;
  }

  /** What rules decide together, as one product with exceptions, if there are fewer than `limit` costs. */
  #withExceptions(limit: number): Choice[] {
    const groupings: ((leaf: Leaf) => string)[] = [
      () => '',
      ({rules}) => `${rules[0]}`,
      ({rules}) => `${rules[1]}`,
      ({rules}) => rules.join(),
    ];
    const known = new Map<string, Choice | undefined>();
    for (const grouping of groupings) {
      for (const group of Map.groupBy(this.#parts, (part) => grouping(part.leaf)).values()) {
        const bound = boundingRow(
          group.map((part) => part.row),
          this.#layout.width,
        );
        const key = bound.join();
        if (!known.has(key)) known.set(key, this.#excepting(bound, limit));
      }
    }
    return [...known.values()].filter((choice) => choice !== undefined);
  }

  #excepting(bound: Row, limit: number): Choice | undefined {
    const {work} = this.#choosing;
    if (work.done > EXCEPTIONS_WORK) return undefined;
    const meets = (row: Row): boolean => this.#layout.meets(row, bound);
    const within = (row: Row): Row => commonRow(row, bound);
    const unwanted = this.#choosing.others.filter(meets).map(within);
    const wanted = this.#choosing.rows.filter(meets).map(within);
    const most = Math.min(MAX_EXCEPTIONS, Math.floor(limit / EXCEPTION_COST));
    const exceptions = productsOf(this.#layout, unwanted, wanted, {orders: this.#orders, most, work});
    if (exceptions === undefined) return undefined;
    return this.#choice(bound, this.#tidied(exceptions.map(within), unwanted));
  }

  /** The dimensions in which one row lacks something that the other has. */
  #narrowerIn(exception: Row, row: Row): number[] {
    return [...this.#layout.sizes.keys()].filter((dimension) => {
      const {starts} = this.#layout;
      for (let word = starts[dimension] ?? 0; word < (starts[dimension + 1] ?? 0); word += 1) {
        if (((row[word] ?? 0) & ~(exception[word] ?? 0)) !== 0) return true;
      }
      return false;
    });
  }

  /**
   * Cuts products down to those of the parts that only they hold, as overlaps are tiring to read; but not where this
   * would take more words: what is any, or any but some, stays so.
   */
  #tidied(products: readonly Row[], parts: readonly Row[]): Row[] {
    const tidied = [...products];
    const holders = new Map(
      parts.map((part) => [part, products.filter((product) => isRowWithin(part, product)).length]),
    );
    const heldBy = (product: Row): number => parts.filter((part) => isRowWithin(part, product)).length;
    const sizes = products.map(heldBy);
    for (const index of [...products.keys()].toSorted((one, other) => (sizes[one] ?? 0) - (sizes[other] ?? 0))) {
      const product = tidied[index] ?? this.#layout.full;
      const own = parts.filter((part) => {
        const elsewhere = (holders.get(part) ?? 0) - (isRowWithin(part, product) ? 1 : 0);
        return elsewhere === 0 && this.#layout.meets(part, product);
      });
      const cut = this.#cutDown(product, commonRow(boundingRow(own, this.#layout.width), product));
      tidied[index] = cut;
      for (const part of parts) {
        if (isRowWithin(part, product) && !isRowWithin(part, cut)) holders.set(part, (holders.get(part) ?? 0) - 1);
      }
    }
    return tidied;
  }

  #cutDown(product: Row, bound: Row): Row {
    const row = product.slice();
    for (const dimension of this.#layout.sizes.keys()) {
      const [start = 0, end = 0] = [this.#layout.starts[dimension], this.#layout.starts[dimension + 1]];
      const isAny = (dimension === VERB || dimension >= GROUPS) && this.#isFull(product, dimension);
      if (!isAny && !this.#isGeneral(bound, dimension)) row.set(bound.subarray(start, end), start);
    }
    return row;
  }

  /** Whether the row takes in what no rule names. */
  #isGeneral(row: Row, dimension: number): boolean {
    const start = this.#layout.starts[dimension] ?? 0;
    return this.#choosing.fresh[dimension]?.some((word, index) => (word & (row[start + index] ?? 0)) !== 0) ?? false;
  }

  #isFull(row: Row, dimension: number): boolean {
    return this.#narrowerIn(row, this.#layout.full).every((narrower) => narrower !== dimension);
  }
}

/** Leaves out what the others hold, the most costly first; `kept` stays. */
function withoutNeedless(choices: readonly Choice[], kept?: Choice): readonly Choice[] {
  const holders = new Map<Part, number>();
  const count = ({held}: Choice, step: number): void => {
    for (const part of held) holders.set(part, (holders.get(part) ?? 0) + step);
  };
  for (const choice of choices) count(choice, 1);
  const left = new Set(choices);
  for (const choice of choices.toSorted((one, other) => other.cost - one.cost)) {
    if (choice === kept || choice.held.some((part) => (holders.get(part) ?? 0) < 2)) continue;
    left.delete(choice);
    count(choice, -1);
  }
  return [...left];
}
