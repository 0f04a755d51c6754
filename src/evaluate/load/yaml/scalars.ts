/**
 * Reads scalars: plain, quoted and block ones.
 */
import {
  BACKSLASH,
  COLON,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  HASH,
  PLUS,
  SINGLE_QUOTE,
  SPACE,
  TAB,
  ZERO,
  codesOf,
  isBlank,
  isBlankOrBreakOrEnd,
  isBreak,
  isBreakOrEnd,
  isDigit,
  isHexadecimal,
} from './characters.ts';
import {scannerError} from './mark.ts';
import type {Mark} from './mark.ts';
import type {Reader} from './reader.ts';
import type {ScalarToken} from './token.ts';

/** What the scanner knows of the place where a scalar begins. */
export interface Surroundings {
  readonly isFlow: boolean;
  /** The column of the block around it, -1 outside of all. */
  readonly indent: number;
}

/** A scalar, and whether it is followed by a line break that was read with it. */
export interface PlainScalar {
  readonly token: ScalarToken;
  readonly endsLine: boolean;
}

/** Three dashes or dots that begin a line, alone: not even a quoted scalar may hold them. */
export function isAtDocumentIndicator(reader: Reader): boolean {
  if (reader.column !== 0) return false;
  const code = reader.code();
  return (
    (code === DASH || code === DOT) &&
    reader.code(1) === code &&
    reader.code(2) === code &&
    isBlankOrBreakOrEnd(reader.code(3))
  );
}

/** The characters `,?[]{}`, which end a plain scalar in flow collections. */
const FLOW_INDICATORS: ReadonlySet<number> = codesOf(',?[]{}');

/** The line breaks between two lines of a scalar, and what they are folded to. */
class Fold {
  #first = '';
  #more = '';

  add(lineBreak: string, isFirst: boolean): void {
    if (isFirst) this.#first = lineBreak;
    else this.#more += lineBreak;
  }

  /** One break is a space, more are themselves without the first, and separators of Unicode stay. */
  take(): string {
    const folded = this.#first === '\n' ? this.#more || ' ' : this.#first + this.#more;
    this.#first = '';
    this.#more = '';
    return folded;
  }
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2570 */
export function scanPlainScalar(reader: Reader, {isFlow, indent}: Surroundings): PlainScalar {
  const start = reader.mark();
  const parts: string[] = [];
  const fold = new Fold();
  let endsLine = false;
  let blanks = '';
  for (;;) {
    reader.ensure(4);
    if (isAtDocumentIndicator(reader) || reader.code() === HASH) break;

    const offset = reader.offset;
    while (!isEndOfPlain(reader, isFlow)) {
      reader.skip();
      reader.ensure(2);
    }
    if (reader.offset > offset) {
      parts.push(endsLine ? fold.take() : blanks, reader.textFrom(offset));
      endsLine = false;
      blanks = '';
    }
    if (!isBlank(reader.code()) && !isBreak(reader.code())) break;

    reader.ensure(1);
    const blanksOffset = reader.offset;
    while (isBlank(reader.code()) || isBreak(reader.code())) {
      if (isBlank(reader.code())) {
        if (endsLine && reader.column <= indent && reader.code() === TAB) {
          const context = {what: 'while scanning a plain scalar', start};
          throw scannerError('found a tab character that violates indentation', reader.mark(), context);
        }
        reader.skip();
      } else {
        reader.ensure(2);
        fold.add(reader.readBreak(), !endsLine);
        endsLine = true;
      }
      reader.ensure(1);
    }
    if (!endsLine) blanks = reader.textFrom(blanksOffset);
    if (!isFlow && reader.column <= indent) break;
  }
  return {token: {kind: 'scalar', start, value: parts.join(''), isPlain: true}, endsLine};
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2601 */
function isEndOfPlain(reader: Reader, isFlow: boolean): boolean {
  const code = reader.code();
  if (isBlankOrBreakOrEnd(code)) return true;
  if (code === COLON) return isBlankOrBreakOrEnd(reader.code(1));
  return isFlow && FLOW_INDICATORS.has(code);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2314 */
export function scanQuotedScalar(reader: Reader): ScalarToken {
  const start = reader.mark();
  const quote = reader.code();
  const isSingle = quote === SINGLE_QUOTE;
  const parts: string[] = [];
  const fold = new Fold();
  reader.skip();
  for (;;) {
    refuseEndInQuotes(reader, start);
    let endsLine = scanWord(reader, isSingle, start, parts);
    reader.ensure(1);
    if (reader.code() === quote) break;

    const blanksOffset = reader.offset;
    while (isBlank(reader.code()) || isBreak(reader.code())) {
      if (isBlank(reader.code())) {
        reader.skip();
      } else {
        reader.ensure(2);
        fold.add(reader.readBreak(), !endsLine);
        endsLine = true;
      }
      reader.ensure(1);
    }
    parts.push(endsLine ? fold.take() : reader.textFrom(blanksOffset));
  }
  reader.skip();
  return {kind: 'scalar', start, value: parts.join(''), isPlain: false};
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2322 */
function refuseEndInQuotes(reader: Reader, start: Mark): void {
  const context = {what: 'while scanning a quoted scalar', start};
  reader.ensure(4);
  if (isAtDocumentIndicator(reader)) {
    throw scannerError('found unexpected document indicator', reader.mark(), context);
  }
  if (reader.code() === 0) throw scannerError('found unexpected end of stream', reader.mark(), context);
}

/**
 * Reads up to a blank, a line break or the closing quote. True after an escaped line break, which nothing is folded to.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2347
 */
function scanWord(reader: Reader, isSingle: boolean, start: Mark, parts: string[]): boolean {
  let offset = reader.offset;
  for (;;) {
    const code = reader.code();
    const isEscape = isSingle ? code === SINGLE_QUOTE && reader.code(1) === SINGLE_QUOTE : code === BACKSLASH;
    if (isEscape) {
      parts.push(reader.textFrom(offset));
      if (!isSingle && isBreak(reader.code(1))) {
        reader.ensure(3);
        reader.skip();
        reader.skipBreak();
        return true;
      }
      parts.push(isSingle ? scanDoubledQuote(reader) : scanEscape(reader, start));
      offset = reader.offset;
    } else if (isBlankOrBreakOrEnd(code) || code === (isSingle ? SINGLE_QUOTE : DOUBLE_QUOTE)) {
      parts.push(reader.textFrom(offset));
      return false;
    } else {
      reader.skip();
    }
    reader.ensure(2);
  }
}

function scanDoubledQuote(reader: Reader): string {
  reader.skip();
  reader.skip();
  return "'";
}

/** What one character after a backslash means. */
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['0', '\0'],
  ['a', '\u0007'],
  ['b', '\b'],
  ['t', '\t'],
  ['\t', '\t'],
  ['n', '\n'],
  ['v', '\v'],
  ['f', '\f'],
  ['r', '\r'],
  ['e', '\u001b'],
  [' ', ' '],
  ['"', '"'],
  ["'", "'"],
  ['\\', '\\'],
  ['N', '\u0085'],
  ['_', '\u00a0'],
  ['L', '\u2028'],
  ['P', '\u2029'],
]);

/** How many digits follow the letter of an escape. */
const ESCAPE_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
]);

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2375 */
function scanEscape(reader: Reader, start: Mark): string {
  const letter = String.fromCharCode(reader.code(1));
  const simple = ESCAPES.get(letter);
  const length = ESCAPE_LENGTHS.get(letter);
  if (simple === undefined && length === undefined) {
    const context = {what: 'while parsing a quoted scalar', start};
    throw scannerError('found unknown escape character', reader.mark(), context);
  }
  reader.skip();
  reader.skip();
  return simple ?? scanCodePoint(reader, length ?? 0, start);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2434 */
function scanCodePoint(reader: Reader, length: number, start: Mark): string {
  const context = {what: 'while parsing a quoted scalar', start};
  reader.ensure(length);
  let digits = '';
  for (let ahead = 0; ahead < length; ahead += 1) {
    const code = reader.code(ahead);
    if (!isHexadecimal(code)) {
      throw scannerError('did not find expected hexdecimal number', reader.mark(), context);
    }
    digits += String.fromCharCode(code);
  }
  const value = Number.parseInt(digits, 16);
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    throw scannerError('found invalid Unicode character escape code', reader.mark(), context);
  }
  for (let count = 0; count < length; count += 1) reader.skip();
  return String.fromCodePoint(value);
}

/**
 * `|` is literal, `>` is not.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2072
 */
export function scanBlockScalar(reader: Reader, isLiteral: boolean, indent: number): ScalarToken {
  return new BlockScalarScanner(reader, indent).scan(isLiteral);
}

/** What to do with the line breaks at the end: `-`, nothing, or `+`. */
type Chomping = 'strip' | 'clip' | 'keep';

interface BlockHeader {
  readonly chomping: Chomping;
  /** How many columns the text is to the right of the block around it; 0 when that is not said. */
  readonly increment: number;
}

class BlockScalarScanner {
  readonly #reader: Reader;
  readonly #start: Mark;
  /** The column of the block around it. */
  readonly #outerIndent: number;
  /** The column of the text; 0 while it is not known. */
  #indent = 0;

  constructor(reader: Reader, outerIndent: number) {
    this.#reader = reader;
    this.#start = reader.mark();
    this.#outerIndent = outerIndent;
  }

  scan(isLiteral: boolean): ScalarToken {
    const {chomping, increment} = this.#scanHeader();
    if (increment > 0) this.#indent = Math.max(0, this.#outerIndent) + increment;
    const value = this.#scanLines(isLiteral, chomping);
    return {kind: 'scalar', start: this.#start, value, isPlain: false};
  }

  #scanHeader(): BlockHeader {
    const reader = this.#reader;
    reader.skip();
    reader.ensure(1);
    let chomping = this.#scanChomping();
    if (chomping !== undefined) reader.ensure(1);
    const increment = this.#scanIncrement();
    if (chomping === undefined && increment > 0) {
      reader.ensure(1);
      chomping = this.#scanChomping();
    }
    this.#scanEndOfHeader();
    return {chomping: chomping ?? 'clip', increment};
  }

  #scanChomping(): Chomping | undefined {
    const code = this.#reader.code();
    if (code !== PLUS && code !== DASH) return undefined;
    this.#reader.skip();
    return code === PLUS ? 'keep' : 'strip';
  }

  #scanIncrement(): number {
    const code = this.#reader.code();
    if (!isDigit(code)) return 0;
    if (code === ZERO) throw this.#error('found an indentation indicator equal to 0');
    this.#reader.skip();
    return code - ZERO;
  }

  #scanEndOfHeader(): void {
    const reader = this.#reader;
    reader.ensure(1);
    while (isBlank(reader.code())) {
      reader.skip();
      reader.ensure(1);
    }
    if (reader.code() === HASH) skipComment(reader);
    if (!isBreakOrEnd(reader.code())) throw this.#error('did not find expected comment or line break');
    if (!isBreak(reader.code())) return;
    reader.ensure(2);
    reader.skipBreak();
  }

  #scanLines(isLiteral: boolean, chomping: Chomping): string {
    const reader = this.#reader;
    const parts: string[] = [];
    let leadingBreak = '';
    let trailingBreaks = this.#scanBreaks();
    let wasIndented = false;
    reader.ensure(1);
    while (reader.column === this.#indent && reader.code() !== 0) {
      const isIndented = isBlank(reader.code());
      const isFolded = !isLiteral && !wasIndented && !isIndented && leadingBreak === '\n';
      if (!isFolded) parts.push(leadingBreak);
      else if (trailingBreaks === '') parts.push(' ');
      parts.push(trailingBreaks, this.#scanLine());
      wasIndented = isIndented;
      leadingBreak = reader.readBreak();
      trailingBreaks = this.#scanBreaks();
    }
    if (chomping !== 'strip') parts.push(leadingBreak);
    if (chomping === 'keep') parts.push(trailingBreaks);
    return parts.join('');
  }

  #scanLine(): string {
    const reader = this.#reader;
    const {offset} = reader;
    while (!isBreakOrEnd(reader.code())) {
      reader.skip();
      reader.ensure(1);
    }
    const line = reader.textFrom(offset);
    reader.ensure(2);
    return line;
  }

  /**
   * Reads empty lines and the indentation of the next one; the first indentation decides where none is given.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2260
   */
  #scanBreaks(): string {
    const reader = this.#reader;
    let breaks = '';
    let widest = 0;
    for (;;) {
      reader.ensure(1);
      while (this.#isBeforeText() && reader.code() === SPACE) {
        reader.skip();
        reader.ensure(1);
      }
      widest = Math.max(widest, reader.column);
      if (this.#isBeforeText() && reader.code() === TAB) {
        throw this.#error('found a tab character where an indentation space is expected');
      }
      if (!isBreak(reader.code())) break;
      reader.ensure(2);
      breaks += reader.readBreak();
    }
    if (this.#indent === 0) this.#indent = Math.max(widest, this.#outerIndent + 1, 1);
    return breaks;
  }

  #isBeforeText(): boolean {
    return this.#indent === 0 || this.#reader.column < this.#indent;
  }

  #error(problem: string): Error {
    const context = {what: 'while scanning a block scalar', start: this.#start};
    return scannerError(problem, this.#reader.mark(), context);
  }
}

/** Up to the end of the line. */
export function skipComment(reader: Reader): void {
  while (!isBreakOrEnd(reader.code())) {
    reader.skip();
    reader.ensure(1);
  }
}
