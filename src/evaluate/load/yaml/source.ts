/**
 * The text of a YAML file as go-yaml decodes it: UTF-8, or UTF-16 where a byte order mark says so.
 */
import {widthOf} from './characters.ts';

/** A text, as far as it could be decoded. */
export interface SourceText {
  /** Without the byte order mark that go-yaml drops. */
  readonly text: string;
  readonly encoding: 'UTF-8' | 'UTF-16';
  /** How many bytes the byte order mark took. */
  readonly markLength: number;
  /** Why the text ends where it does; undefined when it ends with the file. */
  readonly fault: SourceFault | undefined;
}

/** Bytes that are no character, in go-yaml's words. */
export interface SourceFault {
  readonly problem: string;
  /** How many bytes have to be there before it is noticed; undefined when only the end of the file shows it. */
  readonly byteLength: number | undefined;
}

/**
 * `content` decoded; a string stands for its UTF-8. An empty file is a line break.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go#L25
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L44
 */
export function decodeSource(content: string | Uint8Array): SourceText {
  if (content.length === 0) return {text: '\n', encoding: 'UTF-8', markLength: 0, fault: undefined};
  if (typeof content === 'string') return withoutMark(content.toWellFormed(), undefined);
  if (content[0] === 0xff && content[1] === 0xfe) return decodeUtf16(content.subarray(2), true);
  if (content[0] === 0xfe && content[1] === 0xff) return decodeUtf16(content.subarray(2), false);
  const fault = findUtf8Fault(content);
  const valid = fault === undefined ? content : content.subarray(0, fault.offset);
  return withoutMark(UTF8.decode(valid), fault);
}

const UTF8 = new TextDecoder('utf-8', {ignoreBOM: true});

function withoutMark(text: string, fault: SourceFault | undefined): SourceText {
  const hasMark = text.startsWith('\ufeff');
  return {text: hasMark ? text.slice(1) : text, encoding: 'UTF-8', markLength: hasMark ? 3 : 0, fault};
}

interface Utf8Fault extends SourceFault {
  readonly offset: number;
}

/** The first bytes that are no UTF-8, as RFC 3629 has it. */
function findUtf8Fault(bytes: Uint8Array): Utf8Fault | undefined {
  if (isUtf8(bytes)) return undefined;
  let offset = 0;
  for (;;) {
    while ((bytes[offset] ?? 0xff) < 0x80) offset += 1;
    const width = widthOf(bytes[offset] ?? 0);
    const fault = faultOfCharacter(bytes.subarray(offset, offset + width), width);
    if (fault !== undefined) return {...fault, offset};
    offset += width;
  }
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', {fatal: true}).decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go#L178 */
function faultOfCharacter(bytes: Uint8Array, width: number): SourceFault | undefined {
  if (width === 0) return {problem: 'invalid leading UTF-8 octet', byteLength: 1};
  if (bytes.length < width) return {problem: 'incomplete UTF-8 octet sequence', byteLength: undefined};
  const [leading = 0, ...trailing] = bytes;
  if (trailing.some((octet) => (octet & 0xc0) !== 0x80)) {
    return {problem: 'invalid trailing UTF-8 octet', byteLength: width};
  }
  const value = trailing.reduce((sum, octet) => (sum << 6) + (octet & 0x3f), leading & (0x7f >> width));
  if (value < (LEAST_VALUE[width] ?? 0)) return {problem: 'invalid length of a UTF-8 sequence', byteLength: width};
  if ((value >= 0xd800 && value <= 0xdfff) || value > 0x10ffff) {
    return {problem: 'invalid Unicode character', byteLength: width};
  }
  return undefined;
}

/** The least character that needs so many bytes. */
const LEAST_VALUE: readonly number[] = [0, 0, 0x80, 0x800, 0x10000];

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go#L254 */
function decodeUtf16(bytes: Uint8Array, isLittleEndian: boolean): SourceText {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const whole = bytes.length - (bytes.length % 2);
  const parts: string[] = [];
  let fault: SourceFault | undefined;
  let offset = 0;
  while (offset < whole && fault === undefined) {
    const unit = view.getUint16(offset, isLittleEndian);
    const isHigh = (unit & 0xfc00) === 0xd800;
    fault = faultOfUnit(unit, isHigh && offset + 4 <= whole ? view.getUint16(offset + 2, isLittleEndian) : undefined);
    if (fault !== undefined) break;
    parts.push(String.fromCharCode(unit));
    if (isHigh) parts.push(String.fromCharCode(view.getUint16(offset + 2, isLittleEndian)));
    offset += isHigh ? 4 : 2;
  }
  if (whole < bytes.length) fault ??= {problem: 'incomplete UTF-16 character', byteLength: undefined};
  return {text: parts.join(''), encoding: 'UTF-16', markLength: 2, fault};
}

function faultOfUnit(unit: number, next: number | undefined): SourceFault | undefined {
  if ((unit & 0xfc00) === 0xdc00) return {problem: 'unexpected low surrogate area', byteLength: 2};
  if ((unit & 0xfc00) !== 0xd800) return undefined;
  if (next === undefined) return {problem: 'incomplete UTF-16 surrogate pair', byteLength: undefined};
  return (next & 0xfc00) === 0xdc00 ? undefined : {problem: 'expected low surrogate area', byteLength: 4};
}
