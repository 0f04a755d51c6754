/**
 * Hands out the characters of a text one by one, with their places: go-yaml's reader.
 *
 * go-yaml reads a file in pieces of 512 bytes, and looks at a piece only when the scanner asks for a character of it. So
 * a fault is found only when its piece is reached: a control character far behind the first document never is.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go
 */
import {RefusedText} from '../decoded-value.ts';
import type {Position} from '../decoded-value.ts';
import {BYTE_ORDER_MARK, CARRIAGE_RETURN, LINE_FEED, isAllowed, isBreak, textOfBreak} from './characters.ts';
import type {Mark} from './mark.ts';
import {decodeSource} from './source.ts';
import type {SourceText} from './source.ts';

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L5 */
const PIECE_LENGTH = 512;

/** More than the scanner ever looks ahead. */
const END = '\0'.repeat(16);

/** Where the scanner is in a text. Before it looks at characters it has to call `ensure`. */
export class Reader {
  readonly #source: SourceText;
  /** With the end behind it, so that looking ahead needs no bounds. */
  readonly #text: string;
  /** Of the next character, in UTF-16 code units. */
  #offset = 0;
  /** How many of the characters before it take two code units. */
  #pairs = 0;
  #line = 0;
  /** The index of the first character of the line. */
  #lineStart = 0;
  /** The offset behind the pieces read so far, and how many characters they have, the ends handed out included. */
  #readOffset = 0;
  #readCount = 0;
  /** The offset of the first character in go-yaml's buffer. */
  #bufferStart = 0;

  constructor(content: string | Uint8Array) {
    this.#source = decodeSource(content);
    this.#text = this.#source.text + END;
  }

  /** The offset of the next character, for `textFrom`. */
  get offset(): number {
    return this.#offset;
  }

  /** How many characters stand before the next one. */
  get index(): number {
    return this.#offset - this.#pairs;
  }

  get line(): number {
    return this.#line;
  }

  get column(): number {
    return this.#offset - this.#pairs - this.#lineStart;
  }

  mark(): Mark {
    return {index: this.index, line: this.#line, column: this.column};
  }

  /** The code unit of the next character, or of one not far behind it; 0 is the end of the text. */
  code(ahead = 0): number {
    return this.#text.charCodeAt(this.#offset + ahead);
  }

  /** What was read since `offset`. */
  textFrom(offset: number): string {
    return this.#text.slice(offset, this.#offset);
  }

  /**
   * To be called before that many characters are looked at: reads on where they are not there yet, and throws
   * `RefusedText` where that text is none.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go#L91
   */
  ensure(count: number): void {
    if (this.#readCount - this.#offset + this.#pairs < count) this.#readOn(count);
  }

  #readOn(count: number): void {
    this.#bufferStart = this.#offset;
    while (this.#readCount - this.#offset + this.#pairs < count) {
      if (this.#readPiece()) continue;
      this.#readCount += 1;
      return;
    }
  }

  /** False at the end of the text. */
  #readPiece(): boolean {
    const {text, fault, markLength} = this.#source;
    const start = this.#readOffset;
    let room = start === 0 ? PIECE_LENGTH - markLength : PIECE_LENGTH;
    while (this.#readOffset < text.length) {
      const code = text.codePointAt(this.#readOffset) ?? 0;
      room -= this.#byteLengthOf(code);
      if (room < 0) return true;
      if (!isAllowed(code)) throw this.#fault('control characters are not allowed');
      this.#readOffset += code > 0xffff ? 2 : 1;
      this.#readCount += 1;
    }
    const isAtEnd = this.#readOffset === start;
    if (fault !== undefined && (isAtEnd || (fault.byteLength ?? PIECE_LENGTH) <= room))
      throw this.#fault(fault.problem);
    return !isAtEnd;
  }

  #byteLengthOf(code: number): number {
    if (code > 0xffff) return 4;
    if (this.#source.encoding === 'UTF-16') return 2;
    if (code < 0x80) return 1;
    return code < 0x800 ? 2 : 3;
  }

  /** The message has no line. */
  #fault(problem: string): RefusedText {
    return new RefusedText(`yaml: ${problem}`, placeBehind(this.#source.text.slice(0, this.#readOffset)));
  }

  /**
   * Goes one character on.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L491
   */
  skip(): void {
    if (isHighSurrogate(this.code())) {
      this.#offset += 1;
      this.#pairs += 1;
    }
    this.#offset += 1;
  }

  /**
   * Goes over a line break, if there is one.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L498
   */
  skipBreak(): void {
    if (this.code() === CARRIAGE_RETURN && this.code(1) === LINE_FEED) this.#offset += 2;
    else if (isBreak(this.code())) this.#offset += 1;
    else return;
    this.#startLine();
  }

  /**
   * As `skipBreak`; what the break is in a scalar.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L538
   */
  readBreak(): string {
    const code = this.code();
    if (!isBreak(code)) return '';
    this.skipBreak();
    return textOfBreak(code);
  }

  /**
   * At the end of the text the line counts as ended.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1023
   */
  endLine(): void {
    if (this.column !== 0) this.#startLine();
  }

  #startLine(): void {
    this.#line += 1;
    this.#lineStart = this.index;
  }

  /**
   * Whether go-yaml takes the next character for a byte order mark. It looks at the first character of its buffer instead
   * of the next one.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L81
   */
  isAtByteOrderMark(): boolean {
    return this.#text.charCodeAt(this.#bufferStart) === BYTE_ORDER_MARK;
  }
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

/** The place of what follows `text`. */
function placeBehind(text: string): Position {
  const lines = text.split(/\r\n|[\n\r\x85\u2028\u2029]/);
  return {line: lines.length, column: Array.from(lines.at(-1) ?? '').length + 1};
}
