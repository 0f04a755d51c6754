/**
 * Field and label selectors of a list request, as far as they decide what an audit policy sees. All texts are byte strings
 * (see `go-url.ts`).
 */
import {toValidBytes} from './go-url.ts';

/** Why a selector does not parse; what exactly is wrong is not told, since the server only logs it. */
export class InvalidSelector extends Error {}

/**
 * The value that `selector` requires of `field` exactly; undefined when it requires none. Throws `InvalidSelector`.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/fields/selector.go#L437
 */
export function requiresExactMatch(selector: string, field: string): string | undefined {
  // Sorted first: of several values for one field the smallest counts, not the one written first.
  const terms = splitTerms(selector)
    .toSorted()
    .filter((term) => term !== '')
    .map(parseTerm);
  return terms.find((term) => term.equals && term.field === field)?.value;
}

/**
 * The terms between commas; a backslash makes the next character part of the term.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/fields/selector.go#L377
 */
function splitTerms(selector: string): string[] {
  const terms: string[] = [];
  let term = '';
  for (const piece of selector.match(/\\.?|,|[^\\,]+/gs) ?? []) {
    if (piece !== ',') {
      term += piece;
      continue;
    }
    terms.push(term);
    term = '';
  }
  return [...terms, term];
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/fields/selector.go#L421 */
function parseTerm(term: string): {readonly field: string; readonly equals: boolean; readonly value: string} {
  const operator = /!=|==?/.exec(term);
  if (operator === null) throw new InvalidSelector();
  return {
    field: term.slice(0, operator.index),
    equals: operator[0] !== '!=',
    value: unescapeValue(term.slice(operator.index + operator[0].length)),
  };
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/fields/selector.go#L308 */
function unescapeValue(value: string): string {
  if (!/[\\,=]/.test(value)) return value;
  if (!/^(?:\\[\\,=]|[^\\,=])*$/s.test(value)) throw new InvalidSelector();
  return toValidBytes(value.replace(/\\(.)/gs, '$1'));
}

/**
 * Throws `InvalidSelector` when `selector` is no label selector.
 * @param commasMayEnd whether `x in (a,,)` is one: it is from 1.35 on
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L891
 */
export function checkLabelSelector(selector: string, {commasMayEnd}: {readonly commasMayEnd: boolean}): void {
  new LabelSelectorParser(scan(selector), commasMayEnd).parse();
}

/** A symbol stands for itself; `in` and `notin` are words that can be values too. */
type Token =
  | {readonly kind: 'identifier' | 'keyword'; readonly literal: string}
  | {readonly kind: '==' | '!=' | '=' | '!' | '(' | ')' | ',' | '<' | '>' | 'end'};

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L617 */
function scan(selector: string): readonly Token[] {
  const tokens: Token[] = [];
  // A NUL ends the selector, except that the one right after a token is swallowed.
  const token = /[ \t\r\n]*(?:(==|!=|[=!(),<>])|([^ \t\r\n\0=!(),<>]+))\0?/y;
  for (let match = token.exec(selector); match !== null; match = token.exec(selector)) {
    const [, symbol, word = ''] = match;
    if (symbol !== undefined) tokens.push({kind: symbol as '='});
    else tokens.push({kind: word === 'in' || word === 'notin' ? 'keyword' : 'identifier', literal: word});
  }
  return [...tokens, {kind: 'end'}];
}

const END: Token = {kind: 'end'};

class LabelSelectorParser {
  readonly #tokens: readonly Token[];
  readonly #commasMayEnd: boolean;
  #position = 0;

  constructor(tokens: readonly Token[], commasMayEnd: boolean) {
    this.#tokens = tokens;
    this.#commasMayEnd = commasMayEnd;
  }

  /** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L664 */
  parse(): void {
    if (this.#lookahead().kind === 'end') return;
    for (;;) {
      if (!startsRequirement(this.#lookahead())) throw new InvalidSelector();
      this.#parseRequirement();
      const {kind} = this.#consume();
      if (kind === 'end') return;
      if (kind !== ',') throw new InvalidSelector();
    }
  }

  /** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L699 */
  #parseRequirement(): void {
    const first = this.#consume();
    const negated = first.kind === '!';
    const key = wordOf(negated ? this.#consume() : first);
    if (key === undefined || !isLabelKey(key)) throw new InvalidSelector();
    const {kind} = this.#lookahead();
    if (negated || kind === 'end' || kind === ',') return;
    const values = this.#parseOperatorAndValues();
    if (!values.every(isLabelValue)) throw new InvalidSelector();
  }

  /** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L755 */
  #parseOperatorAndValues(): readonly string[] {
    const operator = this.#consume();
    if (operator.kind === 'keyword') return this.#parseValues();
    if (operator.kind === '<' || operator.kind === '>') {
      const value = this.#parseExactValue();
      if (!isInteger(value)) throw new InvalidSelector();
      return [value];
    }
    if (operator.kind === '=' || operator.kind === '==' || operator.kind === '!=') return [this.#parseExactValue()];
    throw new InvalidSelector();
  }

  /** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L783 */
  #parseValues(): readonly string[] {
    if (this.#consume().kind !== '(') throw new InvalidSelector();
    const values: string[] = [];
    if (this.#take(')')) return values;
    for (;;) {
      const token = this.#consume();
      const word = wordOf(token);
      if (word !== undefined) {
        values.push(word);
        if (this.#take(')')) return values;
        if (this.#lookahead().kind !== ',') throw new InvalidSelector();
      } else if (token.kind === ',') {
        if (this.#take(')')) return values;
        // Until 1.34 the second of two commas is taken along, so that `)` must not follow.
        if (!this.#commasMayEnd) this.#take(',');
      } else {
        throw new InvalidSelector();
      }
    }
  }

  /** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/labels/selector.go#L844 */
  #parseExactValue(): string {
    const {kind} = this.#lookahead();
    if (kind === 'end' || kind === ',') return '';
    const value = wordOf(this.#consume());
    if (value === undefined) throw new InvalidSelector();
    return value;
  }

  #take(kind: ')' | ','): boolean {
    if (this.#lookahead().kind !== kind) return false;
    this.#position += 1;
    return true;
  }

  #lookahead(): Token {
    return this.#tokens[this.#position] ?? END;
  }

  #consume(): Token {
    const token = this.#lookahead();
    this.#position += 1;
    return token;
  }
}

function startsRequirement(token: Token): boolean {
  return token.kind === '!' || wordOf(token) !== undefined;
}

function wordOf(token: Token): string | undefined {
  return token.kind === 'identifier' || token.kind === 'keyword' ? token.literal : undefined;
}

const LABEL_NAME = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/;

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/validation.go#L43 */
function isLabelKey(key: string): boolean {
  const parts = key.split('/');
  if (parts.length > 2) return false;
  const name = parts.at(-1) ?? '';
  if (name.length > 63 || !LABEL_NAME.test(name)) return false;
  const [prefix = ''] = parts;
  return parts.length === 1 || (prefix.length <= 253 && SUBDOMAIN.test(prefix));
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/validation.go#L161 */
function isLabelValue(value: string): boolean {
  return value === '' || (value.length <= 63 && LABEL_NAME.test(value));
}

/**
 * Whether Go's strconv.ParseInt reads `text` as a decimal number of 64 bits.
 * @see https://github.com/golang/go/blob/go1.24.0/src/strconv/atoi.go#L173
 */
export function isInteger(text: string): boolean {
  if (!/^[-+]?[0-9]+$/.test(text)) return false;
  const digits = text.replace(/^[-+]?0*/, '');
  if (digits.length > 19) return false;
  const size = BigInt(digits === '' ? '0' : digits);
  return size < 2n ** 63n || (text.startsWith('-') && size === 2n ** 63n);
}
