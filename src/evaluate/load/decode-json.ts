/**
 * Reads JSON as Go does, keeping what JSON.parse drops: repeated keys and lines.
 * @see https://github.com/golang/go/blob/go1.26.8/src/encoding/json/scanner.go
 */
import {RefusedText} from './decoded-value.ts';
import type {DecodedEntry, DecodedValue, Position} from './decoded-value.ts';
import {repeatedKeys} from './decoded-value.ts';

/** @see https://github.com/golang/go/blob/go1.26.8/src/encoding/json/scanner.go#L148 */
const MAX_DEPTH = 10_000;

/**
 * The one value in `text`, where bytes that are no UTF-8 are halves of pairs, as `decodeUtf8` leaves them. Throws
 * `RefusedText` with Go's words where Go finds an error.
 */
export function decodeJson(text: string): DecodedValue {
  return new JsonReader(text).read();
}

/** An object or array that is not at its end. */
type OpenCollection =
  | {readonly kind: 'object'; readonly at: Position; readonly entries: DecodedEntry[]; key: KeyToken}
  | {readonly kind: 'array'; readonly at: Position; readonly items: DecodedValue[]};

interface KeyToken extends Position {
  readonly key: string;
}

class JsonReader {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #column = 1;
  #counted = 0;
  /** Collections can be nested too deep for the stack. */
  readonly #open: OpenCollection[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  read(): DecodedValue {
    for (;;) {
      let value = this.#beginValue();
      while (value !== undefined) {
        const collection = this.#open.at(-1);
        if (collection === undefined) {
          this.#readEnd();
          return value;
        }
        value = this.#addTo(collection, value);
      }
    }
  }

  #readEnd(): void {
    this.#skipSpace();
    if (this.#offset < this.#text.length) throw this.#invalid('after top-level value');
  }

  /** The value, if it is complete at once; otherwise a collection is open then, and the reader is at a value in it. */
  #beginValue(): DecodedValue | undefined {
    this.#skipSpace();
    const at = this.#position();
    const character = this.#text[this.#offset];
    if (character === '{') return this.#beginObject(at);
    if (character === '[') return this.#beginArray(at);
    if (character === '"') return {kind: 'string', ...at, value: this.#readString()};
    if (character === 't') return this.#readWord('true', {kind: 'bool', ...at, value: true});
    if (character === 'f') return this.#readWord('false', {kind: 'bool', ...at, value: false});
    if (character === 'n') return this.#readWord('null', {kind: 'null', ...at});
    if (character !== undefined && /[-0-9]/.test(character)) return {kind: 'number', ...at, text: this.#readNumber()};
    throw this.#invalid('looking for beginning of value');
  }

  #beginObject(at: Position): DecodedValue | undefined {
    this.#enter();
    if (this.#take('}')) return {kind: 'object', ...at, entries: [], repeated: []};
    this.#open.push({kind: 'object', at, entries: [], key: this.#readKey()});
    return undefined;
  }

  #beginArray(at: Position): DecodedValue | undefined {
    this.#enter();
    if (this.#take(']')) return {kind: 'array', ...at, items: []};
    this.#open.push({kind: 'array', at, items: []});
    return undefined;
  }

  #enter(): void {
    if (this.#open.length >= MAX_DEPTH) throw this.#invalid('exceeded max depth');
    this.#offset += 1;
    this.#skipSpace();
  }

  /** The collection, if `value` is its last; otherwise the reader is at the next value in it then. */
  #addTo(collection: OpenCollection, value: DecodedValue): DecodedValue | undefined {
    this.#skipSpace();
    if (collection.kind === 'array') {
      collection.items.push(value);
      if (this.#take(']')) return this.#leave({kind: 'array', ...collection.at, items: collection.items});
      if (!this.#take(',')) throw this.#invalid('after array element');
      return undefined;
    }
    const {at, entries} = collection;
    entries.push({...collection.key, value});
    if (this.#take('}')) return this.#leave({kind: 'object', ...at, entries, repeated: repeatedKeys(entries)});
    if (!this.#take(',')) throw this.#invalid('after object key:value pair');
    this.#skipSpace();
    collection.key = this.#readKey();
    return undefined;
  }

  #leave(value: DecodedValue): DecodedValue {
    this.#open.pop();
    return value;
  }

  /** With the colon behind it. */
  #readKey(): KeyToken {
    const at = this.#position();
    if (this.#text[this.#offset] !== '"') throw this.#invalid('looking for beginning of object key string');
    const key = this.#readString();
    this.#skipSpace();
    if (!this.#take(':')) throw this.#invalid('after object key');
    return {key, ...at};
  }

  #readString(): string {
    const parts: string[] = [];
    this.#offset += 1;
    for (;;) {
      const start = this.#offset;
      while (!isStringEnd(this.#text.charCodeAt(this.#offset))) this.#offset += 1;
      // Before the escapes come in between: a half of a pair stands for a byte that is no UTF-8.
      parts.push(this.#text.slice(start, this.#offset).toWellFormed());
      const character = this.#text[this.#offset];
      if (character !== '"' && character !== '\\') throw this.#invalid('in string literal');
      this.#offset += 1;
      // The escape of half a pair becomes U+FFFD, as in Go.
      if (character === '"') return parts.join('').toWellFormed();
      parts.push(this.#readEscape());
    }
  }

  #readEscape(): string {
    const character = this.#text[this.#offset];
    const simple = character === undefined ? undefined : ESCAPES[character];
    if (simple !== undefined) {
      this.#offset += 1;
      return simple;
    }
    if (character !== 'u') throw this.#invalidInside('in string escape code');
    const start = this.#offset + 1;
    for (this.#offset = start; this.#offset < start + 4; this.#offset += 1) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#offset] ?? '')) {
        throw this.#invalidInside('in \\u hexadecimal character escape');
      }
    }
    return String.fromCharCode(Number.parseInt(this.#text.slice(start, this.#offset), 16));
  }

  #readNumber(): string {
    const start = this.#offset;
    this.#take('-');
    if (!this.#take('0')) this.#readDigits('in numeric literal');
    if (this.#take('.')) this.#readDigits('after decimal point in numeric literal');
    if (this.#take('e') || this.#take('E')) {
      if (!this.#take('+')) this.#take('-');
      this.#readDigits('in exponent of numeric literal');
    }
    return this.#text.slice(start, this.#offset);
  }

  #readDigits(context: string): void {
    const start = this.#offset;
    while (isDigit(this.#text.charCodeAt(this.#offset))) this.#offset += 1;
    if (this.#offset === start) throw this.#invalidInside(context);
  }

  #readWord(word: string, value: DecodedValue): DecodedValue {
    for (const [index, letter] of Array.from(word).entries()) {
      if (!this.#take(letter)) throw this.#invalidInside(`in literal ${word} (expecting '${word[index]}')`);
    }
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text[this.#offset];
      if (character !== ' ' && character !== '\n' && character !== '\t' && character !== '\r') return;
      this.#offset += 1;
    }
  }

  /** Counts on from where it was asked last, so that the whole text is counted once. */
  #position(): Position {
    for (; this.#counted < this.#offset; this.#counted += 1) {
      const code = this.#text.charCodeAt(this.#counted);
      if (code === 0x0a) {
        this.#line += 1;
        this.#column = 1;
        // The second half of a pair is no character of its own.
      } else if (code < 0xdc00 || code > 0xdfff) {
        this.#column += 1;
      }
    }
    return {line: this.#line, column: this.#column};
  }

  #take(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  /** The text ends, or goes on with a character that cannot stand there though a space could. */
  #invalid(context: string): RefusedText {
    if (this.#offset < this.#text.length) return this.#invalidInside(context);
    return new RefusedText('unexpected end of JSON input', this.#position());
  }

  /**
   * A character stands where not even a space could. The end of the text counts as one.
   * @see https://github.com/golang/go/blob/go1.26.8/src/encoding/json/scanner.go#L161
   */
  #invalidInside(context: string): RefusedText {
    const code = this.#text.codePointAt(this.#offset) ?? 0x20;
    return new RefusedText(`invalid character ${quoteByte(code)} ${context}`, this.#position());
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

/** NaN, the end of the text, ends a string too. */
function isStringEnd(code: number): boolean {
  return !(code >= 0x20) || code === 0x22 || code === 0x5c;
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** Go's scanner sees bytes, so a character beyond ASCII is shown as its first byte read as Latin-1. */
function quoteByte(code: number): string {
  const isHalfPair = code >= 0xdc80 && code <= 0xdcff;
  const byte = isHalfPair ? code & 0xff : (new TextEncoder().encode(String.fromCodePoint(code))[0] ?? 0);
  if (byte === 0x27) return "'\\''";
  if (byte === 0x22) return "'\"'";
  const character = String.fromCharCode(byte);
  if (byte >= 0x20 && byte < 0x7f) return byte === 0x5c ? "'\\\\'" : `'${character}'`;
  const named: Readonly<Record<number, string>> = {7: 'a', 8: 'b', 9: 't', 10: 'n', 11: 'v', 12: 'f', 13: 'r'};
  const name = named[byte];
  if (name !== undefined) return `'\\${name}'`;
  if (byte > 0xa0 && byte !== 0xad) return `'${character}'`;
  const hex = byte.toString(16);
  return byte < 0x80 ? `'\\x${hex.padStart(2, '0')}'` : `'\\u${hex.padStart(4, '0')}'`;
}
