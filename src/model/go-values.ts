/**
 * Values as Go's `strconv` and `time` packages read them, with their own words when they refuse. pflag adds the flag's name.
 * @see https://github.com/golang/go/blob/go1.24.4/src/strconv/atoi.go
 * @see https://github.com/golang/go/blob/go1.24.4/src/time/format.go
 */

/** A value, or Go's own words why the text is none. */
export type GoValue<T> = {readonly ok: true; readonly value: T} | {readonly ok: false; readonly message: string};

const INVALID_SYNTAX = 'invalid syntax';
const OUT_OF_RANGE = 'value out of range';

function refuse(functionName: string, text: string, problem: string): {readonly ok: false; readonly message: string} {
  return {ok: false, message: `strconv.${functionName}: parsing ${goQuote(text)}: ${problem}`};
}

const SHORT_ESCAPES: ReadonlyMap<string, string> = new Map([
  ['"', '\\"'],
  ['\\', '\\\\'],
  ['\x07', '\\a'],
  ['\b', '\\b'],
  ['\f', '\\f'],
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\v', '\\v'],
]);

/**
 * Quotes a text as Go's `%q` does: in double quotes, with everything that does not print escaped.
 * @see https://github.com/golang/go/blob/go1.24.4/src/strconv/quote.go#L45
 */
export function goQuote(text: string): string {
  let quoted = '';
  for (const character of text) quoted += SHORT_ESCAPES.get(character) ?? escapeUnprintable(character);
  return `"${quoted}"`;
}

function escapeUnprintable(character: string): string {
  const codePoint = character.codePointAt(0) ?? 0;
  const printable = character === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(character);
  if (printable) return character;
  if (codePoint < 0x80) return `\\x${codePoint.toString(16).padStart(2, '0')}`;
  if (codePoint < 0x10000) return `\\u${codePoint.toString(16).padStart(4, '0')}`;
  return `\\U${codePoint.toString(16).padStart(8, '0')}`;
}

/** Go's rule for `_` in numbers: only between digits, or between the base prefix and a digit. */
function underscoresAllowed(unsigned: string): boolean {
  if (/^0x/i.test(unsigned)) return !/[^\da-f]_|_(?:$|[^\da-f])/i.test(unsigned.replace(/^0x/i, '0'));
  return !/(?:^|\D)_|_(?:$|\D)/.test(unsigned.replace(/^0[bo]/i, '0'));
}

const BASES: Readonly<Record<string, {readonly base: bigint; readonly digits: RegExp}>> = {
  b: {base: 2n, digits: /^[01]+$/},
  o: {base: 8n, digits: /^[0-7]+$/},
  d: {base: 10n, digits: /^\d+$/},
  x: {base: 16n, digits: /^[\da-f]+$/i},
};

/** The magnitude of an integer literal in base 0, undefined when its syntax is wrong. */
function parseMagnitude(unsigned: string): bigint | undefined {
  if (unsigned.includes('_') && !underscoresAllowed(unsigned)) return undefined;
  const plain = unsigned.replaceAll('_', '');
  if (plain === '0') return 0n;
  const [letter, digits] = splitBase(plain);
  const base = BASES[letter];
  if (base === undefined || !base.digits.test(digits)) return undefined;
  return digits.split('').reduce((sum, digit) => sum * base.base + BigInt(Number.parseInt(digit, 16)), 0n);
}

function splitBase(plain: string): readonly [letter: string, digits: string] {
  if (!plain.startsWith('0')) return ['d', plain];
  const letter = plain.charAt(1).toLowerCase();
  if (plain.length > 2 && (letter === 'b' || letter === 'o' || letter === 'x')) return [letter, plain.slice(2)];
  return ['o', plain.slice(1)];
}

/**
 * Reads a signed 64-bit integer in base 0, as pflag reads `int` and `int64`: `0x10`, `010` (which is 8), `0b1`, `1_000`.
 * The value is rounded to a double beyond 2^53; no audit flag has a use for such a number.
 */
export function parseGoInt(text: string): GoValue<number> {
  const [, sign, unsigned = ''] = /^([+-]?)([^]*)$/.exec(text) ?? [];
  const magnitude = parseMagnitude(unsigned);
  if (magnitude === undefined) return refuse('ParseInt', text, INVALID_SYNTAX);
  const negative = sign === '-';
  if (magnitude > (negative ? 1n << 63n : (1n << 63n) - 1n)) return refuse('ParseInt', text, OUT_OF_RANGE);
  const value = Number(magnitude);
  return {ok: true, value: negative && value !== 0 ? -value : value};
}

/** Reads an unsigned 64-bit integer in base 0, as pflag reads `uint`; no sign is allowed. */
export function parseGoUint(text: string): GoValue<number> {
  const magnitude = parseMagnitude(text);
  if (magnitude === undefined) return refuse('ParseUint', text, INVALID_SYNTAX);
  if (magnitude >= 1n << 64n) return refuse('ParseUint', text, OUT_OF_RANGE);
  return {ok: true, value: Number(magnitude)};
}

/**
 * Reads the log verbosity of `-v`: decimal digits only, below 2^31.
 * @see https://github.com/kubernetes/component-base/blob/v0.34.4/logs/api/v1/types.go
 */
export function parseVerbosity(text: string): GoValue<number> {
  if (!/^\d+$/.test(text)) return refuse('ParseUint', text, INVALID_SYNTAX);
  if (BigInt(text) >= 1n << 31n) return refuse('ParseUint', text, OUT_OF_RANGE);
  return {ok: true, value: Number(text)};
}

const TRUE_TEXTS: ReadonlySet<string> = new Set(['1', 't', 'T', 'true', 'TRUE', 'True']);
const FALSE_TEXTS: ReadonlySet<string> = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False']);

/** Reads a boolean: `1 t T true TRUE True` or `0 f F false FALSE False`; not `yes`, `on` or the empty text. */
export function parseGoBool(text: string): GoValue<boolean> {
  if (TRUE_TEXTS.has(text)) return {ok: true, value: true};
  if (FALSE_TEXTS.has(text)) return {ok: true, value: false};
  return refuse('ParseBool', text, INVALID_SYNTAX);
}

/**
 * Reads a floating-point number of 32 or 64 bits: decimal, hexadecimal with a `p` exponent, `NaN`, `Inf`, `Infinity`.
 * @see https://github.com/golang/go/blob/go1.24.4/src/strconv/atof.go
 */
export function parseGoFloat(text: string, bits: 32 | 64): GoValue<number> {
  const [, sign, unsigned = ''] = /^([+-]?)([^]*)$/.exec(text) ?? [];
  const magnitude = parseFloatMagnitude(unsigned, sign === '');
  if (magnitude === undefined) return refuse('ParseFloat', text, INVALID_SYNTAX);
  const value = bits === 32 ? Math.fround(magnitude) : magnitude;
  if (value === Infinity && !/^inf/i.test(unsigned)) return refuse('ParseFloat', text, OUT_OF_RANGE);
  return {ok: true, value: sign === '-' ? -value : value};
}

function parseFloatMagnitude(unsigned: string, nanAllowed: boolean): number | undefined {
  if (/^inf(inity)?$/i.test(unsigned)) return Infinity;
  if (nanAllowed && /^nan$/i.test(unsigned)) return Number.NaN;
  if (unsigned.includes('_') && !underscoresAllowed(unsigned)) return undefined;
  const plain = unsigned.replaceAll('_', '');
  if (/^(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return Number(plain);
  const hexadecimal = /^0x([\da-f]*)\.?([\da-f]*)p([+-]?\d+)$/i.exec(plain);
  if (hexadecimal === null) return undefined;
  const [, whole = '', fraction = '', exponent = ''] = hexadecimal;
  if (whole + fraction === '') return undefined;
  return Number(`0x${whole}${fraction}`) * 2 ** (Number(exponent) - 4 * fraction.length);
}

/**
 * Writes a float32 as Go's `%v` does: the shortest digits that read back as the same number, with an exponent of two
 * digits below 1e-4 and from 1e6 on.
 */
export function formatFloat32(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  const shortest = shortestFloat32(value);
  const [mantissa = '', exponent = '0'] = shortest.toExponential().split('e');
  const power = Number(exponent);
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  if (power >= -4 && power < 6) return String(shortest);
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}

function shortestFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}

const NANOSECONDS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['µs', 1e3],
  ['μs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);

/**
 * Reads a duration such as `1h30m`, in nanoseconds. Every number needs a unit; only `0` goes without.
 * @see https://github.com/golang/go/blob/go1.24.4/src/time/format.go#L1609
 */
export function parseGoDuration(text: string): GoValue<number> {
  const invalid = {ok: false, message: `time: invalid duration ${quoteForTime(text)}`} as const;
  const negative = text.startsWith('-');
  let rest = text.replace(/^[+-]/, '');
  if (rest === '0') return {ok: true, value: 0};
  if (rest === '') return invalid;
  let total = 0;
  while (rest !== '') {
    const [part = '', digits = '', unit = ''] = /^(\d*\.?\d*)([^\d.]*)/.exec(rest) ?? [];
    if (!/\d/.test(digits)) return invalid;
    if (unit === '') return {ok: false, message: `time: missing unit in duration ${quoteForTime(text)}`};
    const nanoseconds = NANOSECONDS.get(unit);
    if (nanoseconds === undefined) {
      return {ok: false, message: `time: unknown unit ${quoteForTime(unit)} in duration ${quoteForTime(text)}`};
    }
    total += Number(digits) * nanoseconds;
    rest = rest.slice(part.length);
  }
  if (total > 2 ** 63 || (total === 2 ** 63 && !negative)) return invalid;
  return {ok: true, value: negative && total !== 0 ? -total : total};
}

/** The time package quotes by bytes, unlike `%q`. */
function quoteForTime(text: string): string {
  let quoted = '';
  for (const byte of new TextEncoder().encode(text)) {
    if (byte < 0x20 || byte >= 0x80) quoted += `\\x${byte.toString(16).padStart(2, '0')}`;
    else if (byte === 0x22 || byte === 0x5c) quoted += `\\${String.fromCharCode(byte)}`;
    else quoted += String.fromCharCode(byte);
  }
  return `"${quoted}"`;
}
