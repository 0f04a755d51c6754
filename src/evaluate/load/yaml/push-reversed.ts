/** Makes the first of `items` the next to be taken from the end. There can be too many for the arguments of a call. */
export function pushReversed<T>(pending: T[], items: readonly T[]): void {
  for (let index = items.length - 1; index >= 0; index -= 1) pending.push(items[index] as T);
}
