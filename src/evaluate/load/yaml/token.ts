/**
 * What the scanner makes of a text.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlh.go#L195
 */
import type {Mark} from './mark.ts';

/** One token, and where it begins. */
export type Token = IndicatorToken | VersionDirectiveToken | TagDirectiveToken | NameToken | TagToken | ScalarToken;

/** What stands for itself, or for the indentation. */
export interface IndicatorToken {
  readonly kind: IndicatorKind;
  readonly start: Mark;
  readonly end: Mark;
}

/** Those of blocks are found by indentation; a key may be found without `?`. */
export type IndicatorKind =
  | 'stream-start'
  | 'stream-end'
  | 'document-start'
  | 'document-end'
  | 'block-sequence-start'
  | 'block-mapping-start'
  | 'block-end'
  | 'flow-sequence-start'
  | 'flow-sequence-end'
  | 'flow-mapping-start'
  | 'flow-mapping-end'
  | 'block-entry'
  | 'flow-entry'
  | 'key'
  | 'value';

/** `%YAML 1.1` */
export interface VersionDirectiveToken {
  readonly kind: 'version-directive';
  readonly start: Mark;
  readonly major: number;
  readonly minor: number;
}

/** `%TAG handle prefix` */
export interface TagDirectiveToken {
  readonly kind: 'tag-directive';
  readonly start: Mark;
  readonly handle: string;
  readonly prefix: string;
}

/** `*name` or `&name` */
export interface NameToken {
  readonly kind: 'alias' | 'anchor';
  readonly start: Mark;
  readonly name: string;
}

/** `handle` is empty in `!<suffix>` and in `!`. */
export interface TagToken {
  readonly kind: 'tag';
  readonly start: Mark;
  readonly handle: string;
  readonly suffix: string;
}

/** A scalar with its escapes and folds resolved. */
export interface ScalarToken {
  readonly kind: 'scalar';
  readonly start: Mark;
  readonly value: string;
  /** Neither quoted nor a block. */
  readonly isPlain: boolean;
}
