/**
 * A policy text as plain data: what both decoders, JSON and YAML, hand to the reader of fields.
 */

/** A place in a text. Both are counted from 1, columns in characters. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

/** One value, and where it begins. */
export type DecodedValue = Position &
  (
    | {readonly kind: 'null'}
    | {readonly kind: 'bool'; readonly value: boolean}
    | {readonly kind: 'number'; /** As JSON writes it. */ readonly text: string}
    | {readonly kind: 'string'; readonly value: string}
    | {readonly kind: 'array'; readonly items: readonly DecodedValue[]}
    | DecodedObject
  );

/** The kind of a `DecodedValue` that has keys. */
export interface DecodedObject {
  readonly kind: 'object';
  /** In the order in which the server reads them: that of the text in JSON, where a key may repeat; sorted in YAML. */
  readonly entries: readonly DecodedEntry[];
  /** Each key that is set once more, in the order of the text, for JSON and YAML alike. */
  readonly repeated: readonly RepeatedKey[];
}

/** A key and its value. The position is that of the key. */
export interface DecodedEntry extends Position {
  readonly key: string;
  readonly value: DecodedValue;
}

/** A key that its object has already. The position is that of the repetition, which wins. */
export interface RepeatedKey extends Position {
  readonly key: string;
  /** Where the key stood before. */
  readonly earlier: Position;
}

/** What was being read where something is wrong, such as `while scanning a quoted scalar`, and where it began. */
export interface ReadingContext {
  readonly what: string;
  readonly start: Position;
}

/** A text that the server would refuse, in its words. */
export class RefusedText extends Error {
  /** Undefined where it is not known. */
  readonly position: Position | undefined;
  /** Undefined where there is nothing to say. The server does not tell it. */
  readonly context: ReadingContext | undefined;

  constructor(message: string, position?: Position, context?: ReadingContext) {
    super(message);
    this.name = 'RefusedText';
    this.position = position && {line: position.line, column: position.column};
    this.context = context;
  }
}

/** One step from a value to a value in it: the key of an object, or the index of an array. */
export type PathStep = string | number;

/** Where the value at `path` begins; where it is not there, the innermost value on the way to it. */
export function positionAt(root: DecodedValue, path: readonly PathStep[]): Position {
  let value = root;
  for (const step of path) {
    const next = childAt(value, step);
    if (next === undefined) break;
    value = next;
  }
  return {line: value.line, column: value.column};
}

/** The value of a key, the last one where it repeats, or the item of an index. */
export function childAt(value: DecodedValue, step: PathStep): DecodedValue | undefined {
  if (value.kind === 'object') return value.entries.findLast(({key}) => key === step)?.value;
  return value.kind === 'array' && typeof step === 'number' ? value.items[step] : undefined;
}

/** The keys of `entries` that repeat, each repetition with the place before it. */
export function repeatedKeys(entries: readonly DecodedEntry[]): RepeatedKey[] {
  const earlier = new Map<string, Position>();
  const repeated: RepeatedKey[] = [];
  for (const {key, line, column} of entries) {
    const before = earlier.get(key);
    if (before !== undefined) repeated.push({key, line, column, earlier: before});
    earlier.set(key, {line, column});
  }
  return repeated;
}
