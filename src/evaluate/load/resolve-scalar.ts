/**
 * Which value a YAML scalar means: go-yaml v2's reading of YAML 1.1, which every API server uses.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go
 */
import {decodeUtf8} from './decode-utf8.ts';
import {RefusedText} from './decoded-value.ts';
import type {Position} from './decoded-value.ts';

/** What a scalar means. Numbers keep the text that JSON would have, as integers exceed what a JavaScript number holds. */
export type ResolvedScalar =
  | {readonly kind: 'null'}
  | {readonly kind: 'bool'; readonly value: boolean}
  | {readonly kind: 'int'; readonly value: bigint}
  | {readonly kind: 'float'; readonly value: number}
  | {readonly kind: 'string'; readonly value: string};

const TAG_PREFIX = 'tag:yaml.org,2002:';
const RESOLVABLE_TAGS = new Set(
  ['', 'str', 'bool', 'int', 'float', 'null', 'timestamp'].map((tag) => tag && TAG_PREFIX + tag),
);

const WORDS = new Map<string, ResolvedScalar>();
for (const word of ['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON']) {
  WORDS.set(word, {kind: 'bool', value: true});
}
for (const word of ['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF']) {
  WORDS.set(word, {kind: 'bool', value: false});
}
for (const word of ['', '~', 'null', 'Null', 'NULL']) WORDS.set(word, {kind: 'null'});
for (const word of ['.nan', '.NaN', '.NAN']) WORDS.set(word, {kind: 'float', value: Number.NaN});
for (const word of ['.inf', '.Inf', '.INF']) {
  WORDS.set(word, {kind: 'float', value: Number.POSITIVE_INFINITY});
  WORDS.set(`+${word}`, {kind: 'float', value: Number.POSITIVE_INFINITY});
  WORDS.set(`-${word}`, {kind: 'float', value: Number.NEGATIVE_INFINITY});
}

/**
 * The value of a scalar whose tag is `tag` (empty for a plain scalar without one).
 * Throws `RefusedText` where text and tag do not go together.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go#L86
 */
export function resolveScalar(tag: string, text: string, at: Position): ResolvedScalar {
  if (tag === `${TAG_PREFIX}binary`) return {kind: 'string', value: decodeBase64(text, at)};
  if (!RESOLVABLE_TAGS.has(tag) || tag === `${TAG_PREFIX}str`) return {kind: 'string', value: text};

  const resolved = resolveUntagged(text, tag);
  const found = tagOf(resolved, text, tag);
  if (tag === '' || tag === found) return resolved;
  if (tag === `${TAG_PREFIX}float` && resolved.kind === 'int' && resolved.value < 2n ** 63n) {
    return {kind: 'float', value: Number(resolved.value)};
  }
  const [from, to] = [found, tag].map((name) => `!!${name.slice(TAG_PREFIX.length)}`);
  throw new RefusedText(`yaml: cannot decode ${from} \`${text}\` as a ${to}`, at);
}

function resolveUntagged(text: string, tag: string): ResolvedScalar {
  const word = WORDS.get(text);
  if (word !== undefined) return word;
  const first = text[0] ?? '';
  if (first === '.')
    return parseFloatLiteral(FRACTION, text, text.replaceAll('_', '')) ?? {kind: 'string', value: text};
  if (!/[-+0-9]/.test(first)) return {kind: 'string', value: text};
  // A timestamp stays text, unless it is tagged as something else.
  if (tag === '' && isTimestamp(text)) return {kind: 'string', value: text};

  const plain = text.replaceAll('_', '');
  return (
    parseInteger(plain) ??
    parseFloatLiteral(FLOAT, plain, plain) ??
    parseSignedBinary(plain) ?? {kind: 'string', value: text}
  );
}

/** Underscores between digits are Go's own, and only here. */
const FRACTION = /^\.\d+(?:_\d+)*(?:[eE][-+]?\d+(?:_\d+)*)?$/;

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go#L84 */
const FLOAT = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

function tagOf(resolved: ResolvedScalar, text: string, tag: string): string {
  if (resolved.kind !== 'string') return TAG_PREFIX + resolved.kind;
  return TAG_PREFIX + (tag === `${TAG_PREFIX}timestamp` && isTimestamp(text) ? 'timestamp' : 'str');
}

/** Go's strconv.ParseInt with base 0, then ParseUint: undefined outside of both ranges. */
function parseInteger(text: string): ResolvedScalar | undefined {
  const match = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  const [, sign = '', digits = ''] = match ?? [];
  // No number of 64 bits is longer than its binary form.
  if (digits === '' || digits.replace(/^0[xXoObB]?0*/, '').length > 64) return undefined;
  const magnitude = BigInt(/^0[0-7]+$/.test(digits) ? `0o${digits}` : digits);
  const value = sign === '-' ? -magnitude : magnitude;
  const limit = sign === '' ? 2n ** 64n : 2n ** 63n;
  return value >= -(2n ** 63n) && value < limit ? {kind: 'int', value} : undefined;
}

/** Behind `0b` a sign may stand. @see https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go#L169 */
function parseSignedBinary(text: string): ResolvedScalar | undefined {
  const [, sign, digits] = /^0b([-+])([01]+)$/.exec(text) ?? [];
  return digits === undefined ? undefined : parseInteger(`${sign}0b${digits}`);
}

function parseFloatLiteral(pattern: RegExp, text: string, digits: string): ResolvedScalar | undefined {
  if (!pattern.test(text)) return undefined;
  const value = Number(digits);
  return Number.isFinite(value) ? {kind: 'float', value} : undefined;
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/resolve.go#L238 */
function isTimestamp(text: string): boolean {
  const match =
    /^(\d{4})-(\d{1,2})-(\d{1,2})(?:[Tt](\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?(?:Z|[-+]\d{2}:\d{2})| (\d{1,2}):(\d{1,2}):(\d{1,2})(?:[.,]\d+)?)?$/.exec(
      text,
    );
  if (match === null) return false;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const [hour, minute, second] = match.slice(4, 7).map((part, index) => Number(part ?? match[7 + index] ?? 0));
  const inMonth = new Date(Date.UTC(2000 + (year % 400), month - 1, day));
  if (inMonth.getUTCMonth() !== month - 1 || inMonth.getUTCDate() !== day) return false;
  return (hour ?? 0) < 24 && (minute ?? 0) < 60 && (second ?? 0) < 60;
}

/** Go's base64.StdEncoding. Bytes that are no UTF-8 are kept as halves of pairs. */
function decodeBase64(text: string, at: Position): string {
  const packed = text.replace(/[\r\n]/g, '');
  if (packed.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(packed)) {
    throw new RefusedText('yaml: !!binary value contains invalid base64 data', at);
  }
  const bytes = Uint8Array.from(atob(packed), (character) => character.charCodeAt(0));
  return decodeUtf8(bytes);
}
