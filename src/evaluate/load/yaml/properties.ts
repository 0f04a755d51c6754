/**
 * Reads what may stand before a node: anchors and tags; and aliases, which stand for one.
 */
import {
  EXCLAMATION_MARK,
  GREATER_THAN,
  LESS_THAN,
  PERCENT,
  codesOf,
  isAlphanumeric,
  isBlankOrBreakOrEnd,
  isHexadecimal,
  widthOf,
} from './characters.ts';
import {scannerError} from './mark.ts';
import type {Mark} from './mark.ts';
import type {Reader} from './reader.ts';
import type {NameToken, TagToken} from './token.ts';

/** Which of two things a tag is read for; their messages differ. */
export type TagUse = 'tag' | 'directive';

/** What may follow a name at once. */
const NAME_ENDS = codesOf('?:,]}%@`');

/** What may stand in a tag besides letters and digits. */
const URI_CHARACTERS = codesOf(";/?:@&=+$,.!~*'()[]%");

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1780 */
export function scanName(reader: Reader, kind: 'alias' | 'anchor'): NameToken {
  const start = reader.mark();
  reader.skip();
  reader.ensure(1);
  const name = scanAlphanumerics(reader);
  if (name === '' || !(isBlankOrBreakOrEnd(reader.code()) || NAME_ENDS.has(reader.code()))) {
    const context = {what: kind === 'anchor' ? 'while scanning an anchor' : 'while scanning an alias', start};
    throw scannerError('did not find expected alphabetic or numeric character', reader.mark(), context);
  }
  return {kind, start, name};
}

/** Letters, digits, `_` and `-`. */
export function scanAlphanumerics(reader: Reader): string {
  const {offset} = reader;
  while (isAlphanumeric(reader.code())) {
    reader.skip();
    reader.ensure(1);
  }
  return reader.textFrom(offset);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1838 */
export function scanTag(reader: Reader): TagToken {
  const start = reader.mark();
  reader.ensure(2);
  const token = reader.code(1) === LESS_THAN ? scanVerbatimTag(reader, start) : scanShorthandTag(reader, start);
  reader.ensure(1);
  if (!isBlankOrBreakOrEnd(reader.code())) {
    const context = {what: 'while scanning a tag', start};
    throw scannerError('did not find expected whitespace or line break', reader.mark(), context);
  }
  return token;
}

/** `!<suffix>` */
function scanVerbatimTag(reader: Reader, start: Mark): TagToken {
  reader.skip();
  reader.skip();
  const suffix = scanTagUri(reader, 'tag', '', start);
  if (reader.code() !== GREATER_THAN) {
    const context = {what: 'while scanning a tag', start};
    throw scannerError("did not find the expected '>'", reader.mark(), context);
  }
  reader.skip();
  return {kind: 'tag', start, handle: '', suffix};
}

/** `!suffix`, `!handle!suffix`, or `!` alone, which is a suffix without a handle. */
function scanShorthandTag(reader: Reader, start: Mark): TagToken {
  const handle = scanTagHandle(reader, 'tag', start);
  if (handle.length > 1 && handle.endsWith('!')) {
    return {kind: 'tag', start, handle, suffix: scanTagUri(reader, 'tag', '', start)};
  }
  const suffix = scanTagUri(reader, 'tag', handle, start);
  return suffix === '' ? {kind: 'tag', start, handle: '', suffix: '!'} : {kind: 'tag', start, handle: '!', suffix};
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1923 */
export function scanTagHandle(reader: Reader, use: TagUse, start: Mark): string {
  reader.ensure(1);
  if (reader.code() !== EXCLAMATION_MARK) throw tagError(reader, use, start, "did not find expected '!'");
  const {offset} = reader;
  reader.skip();
  reader.ensure(1);
  const name = scanAlphanumerics(reader);
  if (reader.code() === EXCLAMATION_MARK) reader.skip();
  else if (use === 'directive' && name !== '') throw tagError(reader, use, start, "did not find expected '!'");
  return reader.textFrom(offset);
}

/**
 * `head` is what was read of the tag already.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1968
 */
export function scanTagUri(reader: Reader, use: TagUse, head: string, start: Mark): string {
  const parts = [head.slice(1)];
  let isEmpty = head === '';
  reader.ensure(1);
  while (isAlphanumeric(reader.code()) || URI_CHARACTERS.has(reader.code())) {
    if (reader.code() === PERCENT) {
      parts.push(scanUriEscapes(reader, use, start));
    } else {
      parts.push(String.fromCharCode(reader.code()));
      reader.skip();
    }
    reader.ensure(1);
    isEmpty = false;
  }
  if (isEmpty) throw tagError(reader, use, start, 'did not find expected tag URI');
  return parts.join('');
}

/**
 * One character, as the escapes of its bytes in UTF-8. Beyond ASCII the bytes are left apart: no tag that means anything
 * has such a character.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L2026
 */
function scanUriEscapes(reader: Reader, use: TagUse, start: Mark): string {
  const leading = scanUriEscape(reader, use, start);
  const width = widthOf(leading);
  if (width === 0) throw tagError(reader, use, start, 'found an incorrect leading UTF-8 octet');
  skipUriEscape(reader);
  let text = String.fromCharCode(leading);
  for (let count = 1; count < width; count += 1) {
    const octet = scanUriEscape(reader, use, start);
    if ((octet & 0xc0) !== 0x80) throw tagError(reader, use, start, 'found an incorrect trailing UTF-8 octet');
    skipUriEscape(reader);
    text += String.fromCharCode(octet);
  }
  return text;
}

/** The octet of the escape that comes next. */
function scanUriEscape(reader: Reader, use: TagUse, start: Mark): number {
  reader.ensure(3);
  if (reader.code() !== PERCENT || !isHexadecimal(reader.code(1)) || !isHexadecimal(reader.code(2))) {
    throw tagError(reader, use, start, 'did not find URI escaped octet');
  }
  return Number.parseInt(String.fromCharCode(reader.code(1), reader.code(2)), 16);
}

function skipUriEscape(reader: Reader): void {
  for (let count = 0; count < 3; count += 1) reader.skip();
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L609 */
function tagError(reader: Reader, use: TagUse, start: Mark, problem: string): Error {
  const what = use === 'directive' ? 'while parsing a %TAG directive' : 'while parsing a tag';
  return scannerError(problem, reader.mark(), {what, start});
}
