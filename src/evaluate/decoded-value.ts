/**
 * A policy text as plain data: what both decoders, JSON and YAML, hand to the reader of fields.
 */

/** One value with the line where it begins, counted from 1. */
export type DecodedValue =
  | {readonly kind: 'null'; readonly line: number}
  | {readonly kind: 'bool'; readonly line: number; readonly value: boolean}
  | {readonly kind: 'number'; readonly line: number; /** As JSON writes it. */ readonly text: string}
  | {readonly kind: 'string'; readonly line: number; readonly value: string}
  | {readonly kind: 'array'; readonly line: number; readonly items: readonly DecodedValue[]}
  | {
      readonly kind: 'object';
      readonly line: number;
      /** In the order in which the server reads them; a key may repeat (in JSON). */
      readonly entries: readonly (readonly [key: string, value: DecodedValue])[];
    };

/** A text that the server would refuse, in words as near to its own as can be. */
export class RefusedText extends Error {
  /** Counted from 1, where known. */
  readonly line: number | undefined;

  constructor(message: string, line?: number) {
    super(message);
    this.name = 'RefusedText';
    this.line = line;
  }
}
