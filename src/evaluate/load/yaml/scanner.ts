/**
 * Cuts a text into tokens: go-yaml's scanner.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go
 */
import {
  AMPERSAND,
  ASTERISK,
  CLOSING_BRACE,
  CLOSING_BRACKET,
  COLON,
  COMMA,
  DASH,
  DOUBLE_QUOTE,
  EXCLAMATION_MARK,
  GREATER_THAN,
  HASH,
  OPENING_BRACE,
  OPENING_BRACKET,
  PERCENT,
  QUESTION_MARK,
  SINGLE_QUOTE,
  SPACE,
  TAB,
  VERTICAL_BAR,
  codesOf,
  isBlank,
  isBlankOrBreakOrEnd,
  isBreak,
} from './characters.ts';
import {scanDirective} from './directives.ts';
import {scannerError} from './mark.ts';
import type {Mark} from './mark.ts';
import {scanName, scanTag} from './properties.ts';
import {Reader} from './reader.ts';
import {isAtDocumentIndicator, scanBlockScalar, scanPlainScalar, scanQuotedScalar, skipComment} from './scalars.ts';
import {SimpleKeys} from './simple-keys.ts';
import type {IndicatorKind, Token} from './token.ts';

/**
 * How deep flow collections may be nested, and how deep block collections.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L895
 */
const MAX_DEPTH = 10_000;

/** Tokens that are consumed are kept until so many are there to be dropped at once. */
const MAX_CONSUMED = 1024;

/**
 * Hands out the tokens of a text one by one, and reads no further than the next one needs. Its methods throw
 * `RefusedText` in go-yaml's words.
 */
export class Scanner {
  readonly #reader: Reader;
  readonly #simpleKeys: SimpleKeys;
  /** The tokens scanned, `#head` of them consumed; a key is put in front of what was scanned before its `:`. */
  readonly #tokens: Token[] = [];
  #head = 0;
  /** How many tokens were consumed before those that are in `#tokens` still. */
  #dropped = 0;
  /** The next token, once it is certain that no key is put in front of it. */
  #next: Token | undefined;
  #hasStarted = false;
  #isSimpleKeyAllowed = true;
  #flowLevel = 0;
  /** The column of the block, -1 outside of all, and those of the blocks around it. */
  #indent = -1;
  readonly #indents: number[] = [];

  constructor(content: string | Uint8Array) {
    this.#reader = new Reader(content);
    this.#simpleKeys = new SimpleKeys(this.#reader);
  }

  /** Where the scanner is: behind the tokens scanned so far. */
  mark(): Mark {
    return this.#reader.mark();
  }

  /**
   * The next token, which stays the next one. Throws `RefusedText` where the text has none.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L46
   */
  peek(): Token {
    this.#next ??= this.#findNext();
    return this.#next;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L626 */
  #findNext(): Token {
    for (;;) {
      const token = this.#tokens[this.#head];
      if (token !== undefined && !this.#simpleKeys.mayBeginAt(this.#dropped + this.#head)) return token;
      this.#fetch();
    }
  }

  /**
   * Goes on to the token after the next one.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L54
   */
  skip(): void {
    this.#next = undefined;
    this.#head += 1;
    if (this.#head < MAX_CONSUMED) return;
    this.#tokens.splice(0, this.#head);
    this.#dropped += this.#head;
    this.#head = 0;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L652 */
  #fetch(): void {
    const reader = this.#reader;
    reader.ensure(1);
    if (!this.#hasStarted) {
      this.#fetchStreamStart();
      return;
    }
    this.#skipToToken();
    this.#unrollIndent(reader.column);
    reader.ensure(4);
    const code = reader.code();
    if (code === 0) this.#fetchStreamEnd();
    else if (code === PERCENT && reader.column === 0) this.#fetchDirective();
    else if (isAtDocumentIndicator(reader)) this.#fetchDocumentIndicator(code);
    else this.#fetchContent(code);
  }

  #fetchContent(code: number): void {
    switch (code) {
      case OPENING_BRACKET:
        return this.#fetchFlowStart('flow-sequence-start');
      case OPENING_BRACE:
        return this.#fetchFlowStart('flow-mapping-start');
      case CLOSING_BRACKET:
        return this.#fetchFlowEnd('flow-sequence-end');
      case CLOSING_BRACE:
        return this.#fetchFlowEnd('flow-mapping-end');
      case COMMA:
        return this.#fetchFlowEntry();
      case ASTERISK:
        return this.#fetchName('alias');
      case AMPERSAND:
        return this.#fetchName('anchor');
      case EXCLAMATION_MARK:
        return this.#fetchTag();
      case SINGLE_QUOTE:
      case DOUBLE_QUOTE:
        return this.#fetchQuotedScalar();
      default:
        return this.#fetchByNext(code);
    }
  }

  /** What depends on the character after, or on being in a flow collection. */
  #fetchByNext(code: number): void {
    const isInFlow = this.#flowLevel > 0;
    const isAlone = isBlankOrBreakOrEnd(this.#reader.code(1));
    if (code === DASH && isAlone) this.#fetchBlockEntry();
    else if (code === QUESTION_MARK && (isInFlow || isAlone)) this.#fetchKey();
    else if (code === COLON && (isInFlow || isAlone)) this.#fetchValue();
    else if (code === VERTICAL_BAR && !isInFlow) this.#fetchBlockScalar(true);
    else if (code === GREATER_THAN && !isInFlow) this.#fetchBlockScalar(false);
    else if (this.#mayBeginPlain(code)) this.#fetchPlainScalar();
    else {
      const context = {what: 'while scanning for the next token', start: this.#reader.mark()};
      throw scannerError('found character that cannot start any token', this.#reader.mark(), context);
    }
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L781 */
  #mayBeginPlain(code: number): boolean {
    if (code === DASH) return !isBlank(this.#reader.code(1));
    if (code === QUESTION_MARK || code === COLON) {
      return this.#flowLevel === 0 && !isBlankOrBreakOrEnd(this.#reader.code(1));
    }
    return !isBlankOrBreakOrEnd(code) && !NEVER_PLAIN.has(code);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1443 */
  #skipToToken(): void {
    const reader = this.#reader;
    for (;;) {
      reader.ensure(1);
      if (reader.column === 0 && reader.isAtByteOrderMark()) reader.skip();
      reader.ensure(1);
      while (reader.code() === SPACE || (reader.code() === TAB && this.#isTabAllowed())) {
        reader.skip();
        reader.ensure(1);
      }
      if (reader.code() === HASH) skipComment(reader);
      if (!isBreak(reader.code())) return;
      reader.ensure(2);
      reader.skipBreak();
      if (this.#flowLevel === 0) this.#isSimpleKeyAllowed = true;
    }
  }

  /** In the block context not where a key may begin: at the beginning of a line, and after `-`, `?` and `:`. */
  #isTabAllowed(): boolean {
    return this.#flowLevel > 0 || !this.#isSimpleKeyAllowed;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L992 */
  #fetchStreamStart(): void {
    this.#hasStarted = true;
    const start = this.#reader.mark();
    this.#tokens.push({kind: 'stream-start', start, end: start});
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1020 */
  #fetchStreamEnd(): void {
    this.#reader.endLine();
    this.#leaveBlocks();
    const start = this.#reader.mark();
    this.#tokens.push({kind: 'stream-end', start, end: start});
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1051 */
  #fetchDirective(): void {
    this.#leaveBlocks();
    this.#tokens.push(scanDirective(this.#reader));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1075 */
  #fetchDocumentIndicator(code: number): void {
    this.#leaveBlocks();
    this.#pushIndicator(code === DASH ? 'document-start' : 'document-end', 3);
  }

  #leaveBlocks(): void {
    this.#unrollIndent(-1);
    this.#simpleKeys.remove();
    this.#isSimpleKeyAllowed = false;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1109 */
  #fetchFlowStart(kind: 'flow-sequence-start' | 'flow-mapping-start'): void {
    this.#saveSimpleKey();
    this.#simpleKeys.enterFlow(this.#nextTokenNumber());
    this.#flowLevel += 1;
    if (this.#flowLevel > MAX_DEPTH) throw this.#tooDeep('while increasing flow level');
    this.#isSimpleKeyAllowed = true;
    this.#pushIndicator(kind);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1140 */
  #fetchFlowEnd(kind: 'flow-sequence-end' | 'flow-mapping-end'): void {
    this.#simpleKeys.remove();
    if (this.#flowLevel > 0) {
      this.#flowLevel -= 1;
      this.#simpleKeys.leaveFlow();
    }
    this.#isSimpleKeyAllowed = false;
    this.#pushIndicator(kind);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1172 */
  #fetchFlowEntry(): void {
    this.#simpleKeys.remove();
    this.#isSimpleKeyAllowed = true;
    this.#pushIndicator('flow-entry');
  }

  /**
   * In flow collections the parser refuses it.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1197
   */
  #fetchBlockEntry(): void {
    if (this.#flowLevel === 0) {
      this.#requireSimpleKeyAllowed('block sequence entries are not allowed in this context');
      this.#rollIndent('block-sequence-start');
    }
    this.#simpleKeys.remove();
    this.#isSimpleKeyAllowed = true;
    this.#pushIndicator('block-entry');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1239 */
  #fetchKey(): void {
    if (this.#flowLevel === 0) {
      this.#requireSimpleKeyAllowed('mapping keys are not allowed in this context');
      this.#rollIndent('block-mapping-start');
    }
    this.#simpleKeys.remove();
    this.#isSimpleKeyAllowed = this.#flowLevel === 0;
    this.#pushIndicator('key');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1278 */
  #fetchValue(): void {
    const key = this.#simpleKeys.take();
    if (key !== undefined) {
      const {start, tokenNumber} = key;
      this.#insert({kind: 'key', start, end: start}, tokenNumber);
      this.#rollIndent('block-mapping-start', start, tokenNumber);
      this.#isSimpleKeyAllowed = false;
    } else {
      if (this.#flowLevel === 0) {
        this.#requireSimpleKeyAllowed('mapping values are not allowed in this context');
        this.#rollIndent('block-mapping-start');
      }
      this.#isSimpleKeyAllowed = this.#flowLevel === 0;
    }
    this.#pushIndicator('value');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1348 */
  #fetchName(kind: 'alias' | 'anchor'): void {
    this.#saveSimpleKey();
    this.#isSimpleKeyAllowed = false;
    this.#tokens.push(scanName(this.#reader, kind));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1367 */
  #fetchTag(): void {
    this.#saveSimpleKey();
    this.#isSimpleKeyAllowed = false;
    this.#tokens.push(scanTag(this.#reader));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1386 */
  #fetchBlockScalar(isLiteral: boolean): void {
    this.#simpleKeys.remove();
    this.#isSimpleKeyAllowed = true;
    this.#tokens.push(scanBlockScalar(this.#reader, isLiteral, this.#indent));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1405 */
  #fetchQuotedScalar(): void {
    this.#saveSimpleKey();
    this.#isSimpleKeyAllowed = false;
    this.#tokens.push(scanQuotedScalar(this.#reader));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1424 */
  #fetchPlainScalar(): void {
    this.#saveSimpleKey();
    const surroundings = {isFlow: this.#flowLevel > 0, indent: this.#indent};
    const {token, endsLine} = scanPlainScalar(this.#reader, surroundings);
    this.#isSimpleKeyAllowed = endsLine;
    this.#tokens.push(token);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L850 */
  #saveSimpleKey(): void {
    if (!this.#isSimpleKeyAllowed) return;
    const isRequired = this.#flowLevel === 0 && this.#indent === this.#reader.column;
    this.#simpleKeys.save(this.#nextTokenNumber(), isRequired);
  }

  #requireSimpleKeyAllowed(problem: string): void {
    if (!this.#isSimpleKeyAllowed) throw scannerError(problem, this.#reader.mark());
  }

  /**
   * Begins a block where `mark`, or the reader, is further to the right than the block around it. The token goes in front
   * of that with `tokenNumber`, or to the end.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L934
   */
  #rollIndent(
    kind: 'block-sequence-start' | 'block-mapping-start',
    mark: Mark = this.#reader.mark(),
    tokenNumber: number = this.#nextTokenNumber(),
  ): void {
    if (this.#flowLevel > 0 || this.#indent >= mark.column) return;
    this.#indents.push(this.#indent);
    this.#indent = mark.column;
    if (this.#indents.length > MAX_DEPTH) throw this.#tooDeep('while increasing indent level');
    this.#insert({kind, start: mark, end: mark}, tokenNumber);
  }

  /**
   * Ends the blocks to the right of `column`.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L968
   */
  #unrollIndent(column: number): void {
    if (this.#flowLevel > 0) return;
    while (this.#indent > column) {
      const start = this.#reader.mark();
      this.#tokens.push({kind: 'block-end', start, end: start});
      this.#indent = this.#indents.pop() ?? -1;
    }
  }

  /**
   * In front of the token with that number. Where that is consumed already, to the end, which makes no sense: go-yaml
   * does not wait for the `:` after `[]` or `{}`, and then refuses them as keys.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/apic.go#L7
   */
  #insert(token: Token, tokenNumber: number): void {
    const index = tokenNumber - this.#dropped;
    if (index < this.#head) this.#tokens.push(token);
    else this.#tokens.splice(index, 0, token);
  }

  #nextTokenNumber(): number {
    return this.#dropped + this.#tokens.length;
  }

  #pushIndicator(kind: IndicatorKind, length = 1): void {
    const start = this.#reader.mark();
    for (let count = 0; count < length; count += 1) this.#reader.skip();
    this.#tokens.push({kind, start, end: this.#reader.mark()});
  }

  #tooDeep(what: string): Error {
    const start = this.#reader.mark();
    return scannerError(`exceeded max depth of ${MAX_DEPTH}`, start, {what, start});
  }
}

/** Those that come to it: of the others no plain scalar begins either. */
const NEVER_PLAIN: ReadonlySet<number> = codesOf('#%@`|>');
