/**
 * Which known word a wrong one means.
 */

/** The one of `words` that is nearest to `word`, in any case; undefined where none is near, or two are alike near. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const most = word.length < 5 ? 1 : 2;
  const ranked = [...new Set(words)]
    .map((known) => ({known, distance: distanceOf(word.toLowerCase(), known.toLowerCase(), most)}))
    .filter(({distance}) => distance <= most)
    .sort((a, b) => a.distance - b.distance);
  const [first, second] = ranked;
  return first === undefined || first.distance === second?.distance ? undefined : first.known;
}

/**
 * How many letters have to be added, removed, replaced or swapped with their neighbour; more than `most` counts as
 * `most + 1`.
 */
function distanceOf(from: string, to: string, most: number): number {
  if (Math.abs(from.length - to.length) > most) return most + 1;
  let beforeLast: number[] = [];
  let last = Array.from({length: to.length + 1}, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(
        Math.min(
          (last[column] ?? 0) + 1,
          (current[column - 1] ?? 0) + 1,
          (last[column - 1] ?? 0) + (isSame ? 0 : 1),
          isSwapped ? (beforeLast[column - 2] ?? 0) + 1 : Infinity,
        ),
      );
    }
    [beforeLast, last] = [last, current];
  }
  return Math.min(last[to.length] ?? most + 1, most + 1);
}
