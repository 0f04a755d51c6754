/**
 * A small number of products that hold all of some rows and nothing of others: what is done with two-valued functions to
 * make small circuits, with more values. A row is grown in one dimension after the other until it would meet one of the
 * others; what is in neither is nobody's, so it may take that in. Rows that the grown ones make needless are dropped.
 * Growing is greedy: nearly always the fewest products, and never wrong ones.
 */
import {type Layout, type Row, commonRow, isRowWithin} from './rows.ts';

/** Dimensions in the order in which a row grows: the first becomes the most general. */
export type Order = readonly number[];

/** Counts the work of growing, so that it can be stopped. */
export interface Work {
  /** Comparisons of two rows in one dimension. */
  done: number;
  readonly most: number;
}

export interface GrowingOptions {
  /** Each row is grown in each of these orders, and the one that holds most is taken. */
  readonly orders: readonly Order[];
  /** The number of products. */
  readonly most: number;
  readonly work: Work;
}

/**
 * Products that hold all rows of `wanted` and meet none of `others`. Undefined when there are more of them, or when they
 * take more work, than the options allow. No row of one list may meet one of the other.
 */
export function productsOf(
  layout: Layout,
  wanted: readonly Row[],
  others: readonly Row[],
  {orders, most, work}: GrowingOptions,
): Row[] | undefined {
  const grower = new Grower(layout, others, work);
  const sizes = new Map(wanted.map((row) => [row, layout.sizeOf(row)]));
  const open = new Set(wanted.toSorted((one, other) => (sizes.get(other) ?? 0) - (sizes.get(one) ?? 0)));
  const products: Row[] = [];
  for (const row of open) {
    if (products.length >= most || work.done > work.most) return undefined;
    const best = bestOf(grower.grown(row, orders), open);
    products.push(best.row);
    for (const each of best.held) open.delete(each);
  }
  return withoutNeedless(layout, products, wanted, work);
}

/** The one that holds the most of the open rows. */
function bestOf(rows: readonly Row[], open: ReadonlySet<Row>): {readonly row: Row; readonly held: readonly Row[]} {
  let best: {row: Row; held: Row[]} | undefined;
  for (const row of rows) {
    const held = [...open].filter((each) => isRowWithin(each, row));
    if (best === undefined || held.length > best.held.length) best = {row, held};
  }
  if (best === undefined) throw new Error('no order to grow in');
  return best;
}

class Grower {
  readonly #layout: Layout;
  readonly #work: Work;
  /** The rows that must not be met, one after the other. */
  readonly #others: Uint32Array;
  readonly #count: number;
  /** By other and dimension, 1 where it lies apart from the row that grows; and how often that is so, by other. */
  readonly #apart: Uint8Array;
  readonly #timesApart: Uint16Array;

  constructor(layout: Layout, others: readonly Row[], work: Work) {
    this.#layout = layout;
    this.#work = work;
    this.#count = others.length;
    this.#others = new Uint32Array(others.length * layout.width);
    for (const [index, other] of others.entries()) this.#others.set(other, index * layout.width);
    this.#apart = new Uint8Array(others.length * layout.sizes.length);
    this.#timesApart = new Uint16Array(others.length);
  }

  /** The row, grown in each of the orders. */
  grown(row: Row, orders: readonly Order[]): Row[] {
    const dimensions = this.#layout.sizes.length;
    this.#timesApart.fill(0);
    for (let other = 0; other < this.#count; other += 1) {
      for (let dimension = 0; dimension < dimensions; dimension += 1) {
        const isApart = this.#isApart(row, other, dimension);
        this.#apart[other * dimensions + dimension] = isApart ? 1 : 0;
        if (isApart) this.#timesApart[other] = (this.#timesApart[other] ?? 0) + 1;
      }
    }
    this.#work.done += this.#count * dimensions * (1 + orders.length);
    const [apart, timesApart] = [this.#apart.slice(), this.#timesApart.slice()];
    return orders.map((order) => {
      this.#apart.set(apart);
      this.#timesApart.set(timesApart);
      const grown = row.slice();
      for (const dimension of order) this.#grow(grown, dimension);
      return grown;
    });
  }

  /** Takes in all atoms of the dimension but those of others that nothing else keeps apart. */
  #grow(row: Row, dimension: number): void {
    const {starts, full, width, sizes} = this.#layout;
    const [start = 0, end = 0] = [starts[dimension], starts[dimension + 1]];
    for (let word = start; word < end; word += 1) row[word] = full[word] ?? 0;
    for (let other = 0; other < this.#count; other += 1) {
      if (this.#timesApart[other] !== 1 || this.#apart[other * sizes.length + dimension] !== 1) continue;
      const from = other * width;
      for (let word = start; word < end; word += 1) row[word] = (row[word] ?? 0) & ~(this.#others[from + word] ?? 0);
    }
    for (let other = 0; other < this.#count; other += 1) {
      if (this.#apart[other * sizes.length + dimension] !== 1 || this.#isApart(row, other, dimension)) continue;
      this.#apart[other * sizes.length + dimension] = 0;
      this.#timesApart[other] = (this.#timesApart[other] ?? 0) - 1;
    }
  }

  #isApart(row: Row, other: number, dimension: number): boolean {
    const {starts, width} = this.#layout;
    const from = other * width;
    const end = starts[dimension + 1] ?? 0;
    for (let word = starts[dimension] ?? 0; word < end; word += 1) {
      if (((row[word] ?? 0) & (this.#others[from + word] ?? 0)) !== 0) return false;
    }
    return true;
  }
}

/** Leaves out, the last first, what the others hold together; as far as the work allows. */
function withoutNeedless(layout: Layout, products: readonly Row[], wanted: readonly Row[], work: Work): Row[] {
  const left = new Set(products);
  for (const candidate of products.toReversed()) {
    if (work.done > work.most) break;
    left.delete(candidate);
    const met = wanted.filter((row) => layout.meets(row, candidate));
    work.done += wanted.length + met.length * left.size;
    if (!met.every((row) => isHeld(row, candidate, left))) left.add(candidate);
  }
  return [...left];
}

/** Whether one of the products holds all that the two rows have in common. */
function isHeld(one: Row, two: Row, products: ReadonlySet<Row>): boolean {
  const common = commonRow(one, two);
  for (const product of products) if (isRowWithin(common, product)) return true;
  return false;
}
