/**
 * Classes of characters, as go-yaml tells them apart. The end of the text is the character 0.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go
 */

export const TAB = 0x09;
export const LINE_FEED = 0x0a;
export const CARRIAGE_RETURN = 0x0d;
export const SPACE = 0x20;
export const EXCLAMATION_MARK = 0x21;
export const DOUBLE_QUOTE = 0x22;
export const HASH = 0x23;
export const PERCENT = 0x25;
export const AMPERSAND = 0x26;
export const SINGLE_QUOTE = 0x27;
export const ASTERISK = 0x2a;
export const PLUS = 0x2b;
export const COMMA = 0x2c;
export const DASH = 0x2d;
export const DOT = 0x2e;
export const ZERO = 0x30;
export const COLON = 0x3a;
export const LESS_THAN = 0x3c;
export const GREATER_THAN = 0x3e;
export const QUESTION_MARK = 0x3f;
export const OPENING_BRACKET = 0x5b;
export const BACKSLASH = 0x5c;
export const CLOSING_BRACKET = 0x5d;
export const OPENING_BRACE = 0x7b;
export const VERTICAL_BAR = 0x7c;
export const CLOSING_BRACE = 0x7d;
const NEXT_LINE = 0x85;
const LINE_SEPARATOR = 0x2028;
const PARAGRAPH_SEPARATOR = 0x2029;
export const BYTE_ORDER_MARK = 0xfeff;

/** The codes of ASCII characters, for looking one up. */
export function codesOf(characters: string): ReadonlySet<number> {
  return new Set(Array.from(characters, (character) => character.charCodeAt(0)));
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L96 */
export function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L102 */
export function isBreak(code: number): boolean {
  return code === LINE_FEED || code === CARRIAGE_RETURN || isBreakBeyondAscii(code);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L115 */
export function isBreakOrEnd(code: number): boolean {
  return code === 0 || isBreak(code);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L142 */
export function isBlankOrBreakOrEnd(code: number): boolean {
  // No other control character comes this far.
  return code <= SPACE || isBreakBeyondAscii(code);
}

function isBreakBeyondAscii(code: number): boolean {
  return code === NEXT_LINE || code === LINE_SEPARATOR || code === PARAGRAPH_SEPARATOR;
}

/**
 * What a line break is in a scalar.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L538
 */
export function textOfBreak(code: number): string {
  if (code === LINE_SEPARATOR) return '\u2028';
  return code === PARAGRAPH_SEPARATOR ? '\u2029' : '\n';
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L26 */
export function isAlphanumeric(code: number): boolean {
  return (
    isDigit(code) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a) || code === 0x5f || code === 0x2d
  );
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L31 */
export function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L41 */
export function isHexadecimal(code: number): boolean {
  return isDigit(code) || (code >= 0x41 && code <= 0x46) || (code >= 0x61 && code <= 0x66);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go#L347 */
export function isAllowed(code: number): boolean {
  if (code < 0x7f) return code >= SPACE || code === LINE_FEED || code === TAB || code === CARRIAGE_RETURN;
  if (code < 0xa0) return code === NEXT_LINE;
  return code <= 0xd7ff || (code >= 0xe000 && code <= 0xfffd) || code >= 0x10000;
}

/**
 * How many bytes a character has that begins with `octet`; 0 when none does.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlprivateh.go#L156
 */
export function widthOf(octet: number): number {
  if (octet < 0x80) return 1;
  if ((octet & 0xe0) === 0xc0) return 2;
  if ((octet & 0xf0) === 0xe0) return 3;
  return (octet & 0xf8) === 0xf0 ? 4 : 0;
}
