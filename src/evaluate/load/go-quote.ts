/**
 * How Go writes strings into messages.
 */

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
};

/** Without the quote and the backslash. */
const PRINTABLE_ASCII = /^[ !#-[\]-~]*$/;

/** Go's strconv.Quote, the verb %q. */
export function goQuote(text: string): string {
  if (PRINTABLE_ASCII.test(text)) return `"${text}"`;
  return `"${Array.from(text, goQuoteCharacter).join('')}"`;
}

function goQuoteCharacter(character: string): string {
  const short = SHORT_ESCAPES[character];
  if (short !== undefined) return short;
  if (/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u.test(character)) return character;
  const code = character.codePointAt(0) ?? 0;
  // A byte that is no UTF-8 is kept as half of a pair.
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code & 0xff).toString(16)}`;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x10000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}

/** Go's encoding/json of a string or of a list of strings: no spaces, and `<`, `>`, `&` escaped. */
export function goJson(value: string | readonly string[]): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Go's verb %#v of a list of strings. */
export function goSyntax(values: readonly string[]): string {
  return `[]string{${values.map(goQuote).join(', ')}}`;
}

/** Go's strconv.FormatFloat(value, 'g', -1, 64): how its fmt prints numbers with a fraction or an exponent. */
export function goFloat(value: number): string {
  return formatFloat(value, value.toExponential());
}

/** Go's strconv.FormatFloat(value, 'g', -1, 32): the fewest digits that tell a number from others of 32 bits. */
export function goFloat32(value: number): string {
  const rounded = Math.fround(value);
  if (!Number.isFinite(rounded)) return formatFloat(rounded, '');
  let digits = 0;
  while (Math.fround(Number(rounded.toExponential(digits))) !== rounded) digits += 1;
  return formatFloat(rounded, rounded.toExponential(digits));
}

/** @see https://github.com/golang/go/blob/go1.26.8/src/internal/strconv/ftoa.go#L225 */
function formatFloat(value: number, exponential: string): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf';
  if (Object.is(value, -0)) return '-0';
  const [mantissa = '', exponent = ''] = exponential.split('e');
  if (Number(exponent) >= -4 && Number(exponent) < 6) return String(Number(exponential));
  return `${mantissa}e${exponent.replace(/^([-+])(\d)$/, '$10$2')}`;
}
