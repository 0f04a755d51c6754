/**
 * Reads JSON as Go does, keeping what JSON.parse drops: repeated keys and lines.
 * @see https://github.com/golang/go/blob/go1.24.0/src/encoding/json/scanner.go
 */
import {RefusedText} from './decoded-value.ts';
import type {DecodedValue} from './decoded-value.ts';

/** @see https://github.com/golang/go/blob/go1.24.0/src/encoding/json/scanner.go#L143 */
const MAX_DEPTH = 10_000;

/** The one value in `text`. Throws `RefusedText` with Go's words where Go finds an error. */
export function decodeJson(text: string): DecodedValue {
  const reader = new JsonReader(text);
  const value = reader.readValue();
  reader.readEnd();
  return value;
}

class JsonReader {
  readonly #text: string;
  #offset = 0;
  #line = 1;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  readValue(): DecodedValue {
    this.#skipSpace();
    const line = this.#line;
    const character = this.#text[this.#offset];
    if (character === '{') return this.#readObject(line);
    if (character === '[') return this.#readArray(line);
    if (character === '"') return {kind: 'string', line, value: this.#readString()};
    if (character === 't') return this.#readWord('true', {kind: 'bool', line, value: true});
    if (character === 'f') return this.#readWord('false', {kind: 'bool', line, value: false});
    if (character === 'n') return this.#readWord('null', {kind: 'null', line});
    if (character !== undefined && /[-0-9]/.test(character)) return {kind: 'number', line, text: this.#readNumber()};
    throw this.#invalid('looking for beginning of value');
  }

  readEnd(): void {
    this.#skipSpace();
    if (this.#offset < this.#text.length) throw this.#invalid('after top-level value');
  }

  #readObject(line: number): DecodedValue {
    const entries: [string, DecodedValue][] = [];
    this.#enter();
    this.#skipSpace();
    if (this.#take('}')) return this.#leave({kind: 'object', line, entries});
    for (;;) {
      this.#skipSpace();
      if (this.#text[this.#offset] !== '"') throw this.#invalid('looking for beginning of object key string');
      const key = this.#readString();
      this.#skipSpace();
      if (!this.#take(':')) throw this.#invalid('after object key');
      entries.push([key, this.readValue()]);
      this.#skipSpace();
      if (this.#take('}')) return this.#leave({kind: 'object', line, entries});
      if (!this.#take(',')) throw this.#invalid('after object key:value pair');
    }
  }

  #readArray(line: number): DecodedValue {
    const items: DecodedValue[] = [];
    this.#enter();
    this.#skipSpace();
    if (this.#take(']')) return this.#leave({kind: 'array', line, items});
    for (;;) {
      items.push(this.readValue());
      this.#skipSpace();
      if (this.#take(']')) return this.#leave({kind: 'array', line, items});
      if (!this.#take(',')) throw this.#invalid('after array element');
    }
  }

  #enter(): void {
    this.#offset += 1;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) throw new RefusedText('exceeded max depth', this.#line);
  }

  #leave(value: DecodedValue): DecodedValue {
    this.#depth -= 1;
    return value;
  }

  #readString(): string {
    const parts: string[] = [];
    this.#offset += 1;
    for (;;) {
      const start = this.#offset;
      while (!isStringEnd(this.#text.charCodeAt(this.#offset))) this.#offset += 1;
      parts.push(this.#text.slice(start, this.#offset));
      const character = this.#text[this.#offset];
      if (character !== '"' && character !== '\\') throw this.#invalid('in string literal');
      this.#offset += 1;
      // A lone surrogate becomes U+FFFD, as in Go.
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
    if (character !== 'u') throw this.#invalid('in string escape code');
    const start = this.#offset + 1;
    for (this.#offset = start; this.#offset < start + 4; this.#offset += 1) {
      if (!/[0-9a-fA-F]/.test(this.#text[this.#offset] ?? '')) {
        throw this.#invalid('in \\u hexadecimal character escape');
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
    if (this.#offset === start) throw this.#invalid(context);
  }

  #readWord(word: string, value: DecodedValue): DecodedValue {
    for (const [index, letter] of Array.from(word).entries()) {
      if (!this.#take(letter)) throw this.#invalid(`in literal ${word} (expecting '${word[index]}')`);
    }
    return value;
  }

  #skipSpace(): void {
    for (;;) {
      const character = this.#text[this.#offset];
      if (character === '\n') this.#line += 1;
      else if (character !== ' ' && character !== '\t' && character !== '\r') return;
      this.#offset += 1;
    }
  }

  #take(character: string): boolean {
    if (this.#text[this.#offset] !== character) return false;
    this.#offset += 1;
    return true;
  }

  #invalid(context: string): RefusedText {
    const code = this.#text.codePointAt(this.#offset);
    if (code === undefined) return new RefusedText('unexpected end of JSON input', this.#line);
    return new RefusedText(`invalid character ${quoteByte(code)} ${context}`, this.#line);
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
  const byte = new TextEncoder().encode(String.fromCodePoint(code))[0] ?? 0;
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
