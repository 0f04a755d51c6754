/**
 * Finds the nodes in a sequence of tokens: go-yaml's parser.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go
 */
import type {Event, ScalarEvent} from './event.ts';
import {parserError} from './mark.ts';
import type {Mark} from './mark.ts';
import {Scanner} from './scanner.ts';
import type {IndicatorKind, IndicatorToken, TagDirectiveToken, TagToken, Token} from './token.ts';

/**
 * What comes next.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlh.go#L430
 */
type State =
  | 'stream-start'
  | 'first-document-start'
  | 'document-start'
  | 'document-content'
  | 'document-end'
  | 'block-node'
  | CollectionState
  | 'block-sequence-entry'
  | 'block-mapping-key'
  | 'block-mapping-value'
  | 'flow-sequence-entry'
  | 'flow-sequence-pair-key'
  | 'flow-sequence-pair-value'
  | 'flow-sequence-pair-end'
  | 'flow-mapping-key'
  | 'flow-mapping-value'
  | 'flow-mapping-empty-value'
  | 'end';

/** Those at the beginning of a collection. */
type CollectionState =
  | 'block-sequence-first-entry'
  | 'indentless-sequence-entry'
  | 'block-mapping-first-key'
  | 'flow-sequence-first-entry'
  | 'flow-mapping-first-key';

/** Where a node stands decides what may be one. */
type NodePlace = 'block' | 'block-or-indentless-sequence' | 'flow';

/** The anchor and the tag of a node. */
interface Properties {
  readonly start: Mark;
  readonly anchor: string | undefined;
  readonly tag: string;
}

const DEFAULT_TAG_PREFIXES: readonly (readonly [handle: string, prefix: string])[] = [
  ['!', '!'],
  ['!!', 'tag:yaml.org,2002:'],
];

/**
 * Hands out the events of a text one by one, from the beginning of the stream to its end.
 */
export class Parser {
  readonly #scanner: Scanner;
  #state: State = 'stream-start';
  /** What comes after the collections that are open, the innermost last. */
  readonly #states: State[] = [];
  /** Where those began that say so when something is wrong. */
  readonly #starts: Mark[] = [];
  readonly #tagPrefixes = new Map<string, string>();

  constructor(content: string | Uint8Array) {
    this.#scanner = new Scanner(content);
  }

  /**
   * The first thing after a document that is not its end: the place of another document, of what the scanner cannot even
   * cut into tokens, or undefined at the end of the text.
   */
  markOfRest(): Mark | undefined {
    try {
      while (this.#scanner.peek().kind === 'document-end') this.#scanner.skip();
      const {kind, start} = this.#scanner.peek();
      return kind === 'stream-end' ? undefined : start;
    } catch {
      return this.#scanner.mark();
    }
  }

  /**
   * The next event. Throws `RefusedText` where the text has none.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L93
   */
  next(): Event {
    switch (this.#state) {
      case 'stream-start':
        return this.#parseStreamStart();
      case 'first-document-start':
        return this.#parseFirstDocumentStart();
      case 'document-start':
        return this.#parseDocumentStart();
      case 'document-content':
        return this.#parseDocumentContent();
      case 'document-end':
        return this.#parseDocumentEnd();
      case 'block-node':
        return this.#parseNode('block');
      case 'block-sequence-first-entry':
        this.#enter();
        return this.#parseBlockSequenceEntry();
      case 'block-sequence-entry':
        return this.#parseBlockSequenceEntry();
      case 'indentless-sequence-entry':
        return this.#parseIndentlessSequenceEntry();
      case 'block-mapping-first-key':
        this.#enter();
        return this.#parseBlockMappingKey();
      case 'block-mapping-key':
        return this.#parseBlockMappingKey();
      case 'block-mapping-value':
        return this.#parseBlockMappingValue();
      case 'flow-sequence-first-entry':
        this.#enter();
        return this.#parseFlowSequenceEntry(true);
      case 'flow-sequence-entry':
        return this.#parseFlowSequenceEntry(false);
      case 'flow-sequence-pair-key':
        return this.#parseFlowSequencePairKey();
      case 'flow-sequence-pair-value':
        return this.#parseFlowSequencePairValue();
      case 'flow-sequence-pair-end':
        return this.#parseFlowSequencePairEnd();
      case 'flow-mapping-first-key':
        this.#enter();
        return this.#parseFlowMappingKey(true);
      case 'flow-mapping-key':
        return this.#parseFlowMappingKey(false);
      case 'flow-mapping-value':
        return this.#parseFlowMappingValue();
      case 'flow-mapping-empty-value':
        return this.#emptyScalar(this.#peek().start, 'flow-mapping-key');
      case 'end':
        throw new Error('no event comes after the end of the stream');
    }
  }

  #peek(): Token {
    return this.#scanner.peek();
  }

  #skip(): void {
    this.#scanner.skip();
  }

  /** Goes over the token that begins a collection. */
  #enter(): void {
    this.#starts.push(this.#peek().start);
    this.#skip();
  }

  /** Goes back to what is around the node that ends. */
  #leave(): void {
    this.#state = this.#states.pop() ?? 'end';
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L174 */
  #parseStreamStart(): Event {
    const {start} = this.#peek();
    this.#skip();
    this.#state = 'first-document-start';
    return {kind: 'stream-start', start};
  }

  /**
   * Only the first document may begin without `---`.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L198
   */
  #parseFirstDocumentStart(): Event {
    const {kind, start} = this.#peek();
    if (isDirective(kind) || kind === 'document-start' || kind === 'stream-end') return this.#parseDocumentStart();
    this.#processDirectives();
    this.#states.push('document-end');
    this.#state = 'block-node';
    return {kind: 'document-start', start};
  }

  #parseDocumentStart(): Event {
    while (this.#state === 'document-start' && this.#peek().kind === 'document-end') this.#skip();
    const {kind, start} = this.#peek();
    if (kind === 'stream-end') {
      this.#skip();
      this.#state = 'end';
      return {kind: 'stream-end', start};
    }
    this.#processDirectives();
    const token = this.#peek();
    if (token.kind !== 'document-start') throw parserError('did not find expected <document start>', token.start);
    this.#skip();
    this.#states.push('document-end');
    this.#state = 'document-content';
    return {kind: 'document-start', start};
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L282 */
  #parseDocumentContent(): Event {
    const {kind, start} = this.#peek();
    if (!isDirective(kind) && kind !== 'document-start' && kind !== 'document-end' && kind !== 'stream-end') {
      return this.#parseNode('block');
    }
    this.#leave();
    return emptyScalar(start);
  }

  /**
   * Here go-yaml forgets the tags of the document. No second one is read, so that is left out.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L305
   */
  #parseDocumentEnd(): Event {
    const {kind, start} = this.#peek();
    if (kind === 'document-end') this.#skip();
    this.#state = 'document-start';
    return {kind: 'document-end', start};
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L1013 */
  #processDirectives(): void {
    let hasVersion = false;
    for (let token = this.#peek(); ; token = this.#peek()) {
      if (token.kind === 'version-directive') {
        if (hasVersion) throw parserError('found duplicate %YAML directive', token.start);
        if (token.major !== 1 || token.minor !== 1) {
          throw parserError('found incompatible YAML document', token.start);
        }
        hasVersion = true;
      } else if (token.kind === 'tag-directive') {
        this.#defineTag(token);
      } else {
        break;
      }
      this.#skip();
    }
    for (const [handle, prefix] of DEFAULT_TAG_PREFIXES) {
      if (!this.#tagPrefixes.has(handle)) this.#tagPrefixes.set(handle, prefix);
    }
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L1075 */
  #defineTag({handle, prefix, start}: TagDirectiveToken): void {
    if (this.#tagPrefixes.has(handle)) throw parserError('found duplicate %TAG directive', start);
    this.#tagPrefixes.set(handle, prefix);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L359 */
  #parseNode(place: NodePlace): Event {
    const first = this.#peek();
    if (first.kind === 'alias') {
      this.#skip();
      this.#leave();
      return {kind: 'alias', start: first.start, anchor: first.name};
    }
    const {start, anchor, tag} = this.#parseProperties();
    const token = this.#peek();
    if (token.kind === 'scalar') {
      this.#skip();
      this.#leave();
      const isImplicit = tag === '' ? token.isPlain : tag === '!';
      return {kind: 'scalar', start, anchor, tag, value: token.value, isImplicit};
    }
    const state = firstStateOf(token, place);
    if (state !== undefined) {
      this.#state = state;
      return {kind: state.includes('sequence') ? 'sequence-start' : 'mapping-start', start, anchor};
    }
    if (anchor !== undefined || tag !== '') {
      this.#leave();
      return {kind: 'scalar', start, anchor, tag, value: '', isImplicit: tag === ''};
    }
    const what = place === 'flow' ? 'while parsing a flow node' : 'while parsing a block node';
    throw parserError('did not find expected node content', token.start, {what, start});
  }

  /** An anchor and a tag, in either order. */
  #parseProperties(): Properties {
    const {start} = this.#peek();
    let anchor: string | undefined;
    let tag: TagToken | undefined;
    for (;;) {
      const token = this.#peek();
      if (token.kind === 'anchor' && anchor === undefined) anchor = token.name;
      else if (token.kind === 'tag' && tag === undefined) tag = token;
      else return {start, anchor, tag: tag === undefined ? '' : this.#resolveTag(tag, start)};
      this.#skip();
    }
  }

  #resolveTag({handle, suffix, start}: TagToken, nodeStart: Mark): string {
    if (handle === '') return suffix;
    const prefix = this.#tagPrefixes.get(handle);
    if (prefix !== undefined) return prefix + suffix;
    throw parserError('found undefined tag handle', start, {what: 'while parsing a node', start: nodeStart});
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L579 */
  #parseBlockSequenceEntry(): Event {
    const token = this.#peek();
    if (token.kind === 'block-end') return this.#endCollection('sequence-end');
    if (token.kind === 'block-entry') {
      return this.#parseAfter(token, 'block', 'block-sequence-entry', ['block-entry', 'block-end']);
    }
    throw this.#error("did not find expected '-' indicator", 'while parsing a block collection');
  }

  /**
   * Entries in the column of the key around them.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L631
   */
  #parseIndentlessSequenceEntry(): Event {
    const token = this.#peek();
    if (token.kind === 'block-entry') {
      const ends: readonly IndicatorKind[] = ['block-entry', 'key', 'value', 'block-end'];
      return this.#parseAfter(token, 'block', 'indentless-sequence-entry', ends);
    }
    this.#leave();
    return {kind: 'sequence-end', start: token.start};
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L675 */
  #parseBlockMappingKey(): Event {
    const token = this.#peek();
    if (token.kind === 'block-end') return this.#endCollection('mapping-end');
    if (token.kind === 'key') {
      return this.#parseAfter(token, 'block-or-indentless-sequence', 'block-mapping-value', PAIR_ENDS);
    }
    throw this.#error('did not find expected key', 'while parsing a block mapping');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L733 */
  #parseBlockMappingValue(): Event {
    const token = this.#peek();
    if (token.kind === 'value') {
      return this.#parseAfter(token, 'block-or-indentless-sequence', 'block-mapping-key', PAIR_ENDS);
    }
    return this.#emptyScalar(token.start, 'block-mapping-key');
  }

  /** The node behind `-`, `?` or `:`, which is empty when one of `ends` follows. `state` is what comes after it. */
  #parseAfter(indicator: IndicatorToken, place: NodePlace, state: State, ends: readonly IndicatorKind[]): Event {
    this.#skip();
    if (isOneOf(ends, this.#peek())) return this.#emptyScalar(indicator.end, state);
    this.#states.push(state);
    return this.#parseNode(place);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L770 */
  #parseFlowSequenceEntry(isFirst: boolean): Event {
    if (!isFirst)
      this.#skipComma('flow-sequence-end', "did not find expected ',' or ']'", 'while parsing a flow sequence');
    const {kind, start} = this.#peek();
    if (kind === 'flow-sequence-end') return this.#endCollection('sequence-end');
    if (kind !== 'key') {
      this.#states.push('flow-sequence-entry');
      return this.#parseNode('flow');
    }
    this.#skip();
    this.#state = 'flow-sequence-pair-key';
    return {kind: 'mapping-start', start, anchor: undefined};
  }

  /**
   * Takes whatever ends the pair for the end of its key.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L833
   */
  #parseFlowSequencePairKey(): Event {
    const token = this.#peek();
    if (!isOneOf(['value', ...FLOW_SEQUENCE_ENDS], token)) {
      this.#states.push('flow-sequence-pair-value');
      return this.#parseNode('flow');
    }
    this.#skip();
    return this.#emptyScalar(token.end, 'flow-sequence-pair-value');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L854 */
  #parseFlowSequencePairValue(): Event {
    const {kind, start} = this.#peek();
    if (kind === 'value') {
      this.#skip();
      if (!isOneOf(FLOW_SEQUENCE_ENDS, this.#peek())) {
        this.#states.push('flow-sequence-pair-end');
        return this.#parseNode('flow');
      }
    }
    return this.#emptyScalar(start, 'flow-sequence-pair-end');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L878 */
  #parseFlowSequencePairEnd(): Event {
    const {start} = this.#peek();
    this.#state = 'flow-sequence-entry';
    return {kind: 'mapping-end', start};
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L904 */
  #parseFlowMappingKey(isFirst: boolean): Event {
    if (!isFirst)
      this.#skipComma('flow-mapping-end', "did not find expected ',' or '}'", 'while parsing a flow mapping');
    const {kind} = this.#peek();
    if (kind === 'flow-mapping-end') return this.#endCollection('mapping-end');
    if (kind !== 'key') {
      this.#states.push('flow-mapping-empty-value');
      return this.#parseNode('flow');
    }
    this.#skip();
    const token = this.#peek();
    if (isOneOf(['value', ...FLOW_MAPPING_ENDS], token)) return this.#emptyScalar(token.start, 'flow-mapping-value');
    this.#states.push('flow-mapping-value');
    return this.#parseNode('flow');
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L970 */
  #parseFlowMappingValue(): Event {
    if (this.#peek().kind === 'value') {
      this.#skip();
      if (!isOneOf(FLOW_MAPPING_ENDS, this.#peek())) {
        this.#states.push('flow-mapping-key');
        return this.#parseNode('flow');
      }
    }
    return this.#emptyScalar(this.#peek().start, 'flow-mapping-key');
  }

  /** Between two entries of a flow collection, and before its end. */
  #skipComma(end: IndicatorKind, problem: string, what: string): void {
    const {kind} = this.#peek();
    if (kind === 'flow-entry') this.#skip();
    else if (kind !== end) throw this.#error(problem, what);
  }

  #endCollection(kind: 'sequence-end' | 'mapping-end'): Event {
    const {start} = this.#peek();
    this.#skip();
    this.#starts.pop();
    this.#leave();
    return {kind, start};
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/parserc.go#L995 */
  #emptyScalar(start: Mark, state: State): ScalarEvent {
    this.#state = state;
    return emptyScalar(start);
  }

  /** The next token does not go on with the innermost collection. */
  #error(problem: string, what: string): Error {
    const {start} = this.#peek();
    return parserError(problem, start, {what, start: this.#starts.at(-1) ?? start});
  }
}

const PAIR_ENDS: readonly IndicatorKind[] = ['key', 'value', 'block-end'];
const FLOW_SEQUENCE_ENDS: readonly IndicatorKind[] = ['flow-entry', 'flow-sequence-end'];
const FLOW_MAPPING_ENDS: readonly IndicatorKind[] = ['flow-entry', 'flow-mapping-end'];

function isOneOf(kinds: readonly IndicatorKind[], token: Token): token is IndicatorToken {
  return (kinds as readonly string[]).includes(token.kind);
}

function isDirective(kind: Token['kind']): boolean {
  return kind === 'version-directive' || kind === 'tag-directive';
}

/** How a collection that `token` begins goes on; undefined when it begins none there. */
function firstStateOf({kind}: Token, place: NodePlace): CollectionState | undefined {
  if (kind === 'flow-sequence-start') return 'flow-sequence-first-entry';
  if (kind === 'flow-mapping-start') return 'flow-mapping-first-key';
  if (place === 'flow') return undefined;
  if (kind === 'block-sequence-start') return 'block-sequence-first-entry';
  if (kind === 'block-mapping-start') return 'block-mapping-first-key';
  return kind === 'block-entry' && place === 'block-or-indentless-sequence' ? 'indentless-sequence-entry' : undefined;
}

function emptyScalar(start: Mark): ScalarEvent {
  return {kind: 'scalar', start, anchor: undefined, tag: '', value: '', isImplicit: true};
}
