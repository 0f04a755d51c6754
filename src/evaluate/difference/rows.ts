/** Many products of atoms in one array: each is a row of words, some words for each dimension. */
import {type Bits, allBits} from './bits.ts';

/** For each dimension a set of atoms, one after the other. */
export type Row = Uint32Array;

/** Where the words of each dimension are. */
export class Layout {
  /** By dimension, the number of atoms. */
  readonly sizes: readonly number[];
  /** By dimension, the first word; one more at the end. */
  readonly starts: readonly number[];
  readonly width: number;
  /** The row of everything. */
  readonly full: Row;

  constructor(sizes: readonly number[]) {
    const all = sizes.map(allBits);
    const starts = [0];
    for (const bits of all) starts.push((starts.at(-1) ?? 0) + bits.length);
    this.sizes = sizes;
    this.starts = starts;
    this.width = starts.at(-1) ?? 0;
    this.full = Uint32Array.from(all.flatMap((bits) => [...bits]));
  }

  /** A copy of the atoms in one dimension. */
  atoms(row: Row, dimension: number): Bits {
    return row.slice(this.starts[dimension], this.starts[dimension + 1]);
  }

  /** Whether the rows have no atom in common in a dimension. */
  isApart(one: Row, other: Row, dimension: number): boolean {
    const end = this.starts[dimension + 1] ?? 0;
    for (let word = this.starts[dimension] ?? 0; word < end; word += 1) {
      if (((one[word] ?? 0) & (other[word] ?? 0)) !== 0) return false;
    }
    return true;
  }

  /** Whether some request is in both. */
  meets(one: Row, other: Row): boolean {
    for (let dimension = 0; dimension < this.sizes.length; dimension += 1) {
      if (this.isApart(one, other, dimension)) return false;
    }
    return true;
  }

  /** How many atoms must be told to tell the row from `all`: those that are in it, or those that are not. */
  wordsFor(row: Row, all: Row): number {
    let words = 0;
    for (const dimension of this.sizes.keys()) {
      let inside = 0;
      let missing = 0;
      for (let word = this.starts[dimension] ?? 0; word < (this.starts[dimension + 1] ?? 0); word += 1) {
        inside += bitCount(row[word] ?? 0);
        missing += bitCount((all[word] ?? 0) & ~(row[word] ?? 0));
      }
      words += Math.min(inside, missing);
    }
    return words;
  }

  /** How much of all there is a row holds, as a logarithm. */
  sizeOf(row: Row): number {
    let size = 0;
    for (const [dimension, atoms] of this.sizes.entries()) {
      let count = 0;
      for (let word = this.starts[dimension] ?? 0; word < (this.starts[dimension + 1] ?? 0); word += 1) {
        count += bitCount(row[word] ?? 0);
      }
      size += Math.log(count / atoms);
    }
    return size;
  }
}

/** Whether the row lies within the other. */
export function isRowWithin(row: Row, other: Row): boolean {
  for (let word = 0; word < row.length; word += 1) if (((row[word] ?? 0) & ~(other[word] ?? 0)) !== 0) return false;
  return true;
}

export function commonRow(one: Row, other: Row): Row {
  return one.map((word, index) => word & (other[index] ?? 0));
}

/** The smallest product that holds all rows. */
export function boundingRow(rows: readonly Row[], width: number): Row {
  const bound = new Uint32Array(width);
  for (const row of rows)
    for (let word = 0; word < width; word += 1) bound[word] = (bound[word] ?? 0) | (row[word] ?? 0);
  return bound;
}

function bitCount(word: number): number {
  let count = 0;
  for (let rest = word; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
