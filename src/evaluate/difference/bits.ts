/** Sets of small numbers, each below a bound that the maker of the set knows. Sets that meet have the same bound. */
export type Bits = Uint32Array;

/** The empty set for numbers below `size`. */
export function emptyBits(size: number): Bits {
  return new Uint32Array(Math.max(1, Math.ceil(size / 32)));
}

/** The set of all numbers below `size`. */
export function allBits(size: number): Bits {
  const bits = emptyBits(size);
  for (let index = 0; index < size; index += 1) addBit(bits, index);
  return bits;
}

/** The set of just these numbers. */
export function bitsOf(size: number, members: Iterable<number>): Bits {
  const bits = emptyBits(size);
  for (const member of members) addBit(bits, member);
  return bits;
}

/** Puts `index` into `bits`. */
export function addBit(bits: Bits, index: number): void {
  bits[index >>> 5] = (bits[index >>> 5] ?? 0) | (1 << (index & 31));
}

export function hasBit(bits: Bits, index: number): boolean {
  return ((bits[index >>> 5] ?? 0) & (1 << (index & 31))) !== 0;
}

/** The members, in ascending order. */
export function* membersOf(bits: Bits): Generator<number> {
  for (let word = 0; word < bits.length; word += 1) {
    let rest = bits[word] ?? 0;
    while (rest !== 0) {
      const lowest = 31 - Math.clz32(rest & -rest);
      yield word * 32 + lowest;
      rest &= rest - 1;
    }
  }
}

export function isEmpty(bits: Bits): boolean {
  return bits.every((word) => word === 0);
}

export function intersection(left: Bits, right: Bits): Bits {
  return left.map((word, index) => word & (right[index] ?? 0));
}

export function union(left: Bits, right: Bits): Bits {
  return left.map((word, index) => word | (right[index] ?? 0));
}

/** What is in `left` and not in `right`. */
export function without(left: Bits, right: Bits): Bits {
  return left.map((word, index) => word & ~(right[index] ?? 0));
}

export function intersects(left: Bits, right: Bits): boolean {
  return left.some((word, index) => (word & (right[index] ?? 0)) !== 0);
}

/** Whether every member of `left` is in `right`. */
export function isWithin(left: Bits, right: Bits): boolean {
  return left.every((word, index) => (word & ~(right[index] ?? 0)) === 0);
}

/** Equal sets have equal keys. */
export function keyOf(bits: Bits): string {
  return bits.join('.');
}
