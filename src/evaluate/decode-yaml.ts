/**
 * Reads the first YAML document of a text as the API server does: sigs.k8s.io/yaml over go-yaml v2.
 *
 * The `yaml` package finds the nodes (with the failsafe schema, so that every scalar stays text); what they mean is
 * decided here as go-yaml decides it.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go
 */
import {CST, Composer, Lexer, LineCounter, Parser, isAlias, isMap, isScalar, isSeq} from 'yaml';
import type {Alias, Document, ParsedNode, Scalar, YAMLMap} from 'yaml';
import {RefusedText} from './decoded-value.ts';
import type {DecodedValue} from './decoded-value.ts';
import {goQuote} from './go-quote.ts';
import {resolveScalar} from './resolve-scalar.ts';
import type {ResolvedScalar} from './resolve-scalar.ts';

/**
 * A policy nests five deep. go-yaml stops at 10 000, which the recursion here would not survive.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L905
 */
const MAX_DEPTH = 500;

/** The value of the first document, and what the server's strict pass would say about repeated keys. */
export interface DecodedYaml {
  readonly value: DecodedValue;
  /** One text as Go prints it, undefined when no key repeats. */
  readonly duplicateKeys: string | undefined;
}

/** Throws `RefusedText`; syntax errors are in the words of the `yaml` package, all others in go-yaml's. */
export function decodeYaml(text: string): DecodedYaml {
  refuseControlCharacters(text);
  const lineCounter = new LineCounter();
  const document = firstDocument(text, lineCounter);
  const line = (node: ParsedNode): number => Math.max(1, lineCounter.linePos(node.range[0]).line);
  if (document === undefined || document.contents === null) {
    return {value: {kind: 'null', line: 1}, duplicateKeys: undefined};
  }
  const decoder = new NodeDecoder(document.contents, line);
  const value = decoder.decode(document.contents);
  return {value: toJson(value), duplicateKeys: decoder.duplicateKeys()};
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/readerc.go#L342 */
function refuseControlCharacters(text: string): void {
  const match = /[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u.exec(text);
  if (match === null) return;
  throw new RefusedText('yaml: control characters are not allowed', text.slice(0, match.index).split('\n').length);
}

function firstDocument(text: string, lineCounter: LineCounter): Document.Parsed | undefined {
  const composer = new Composer({
    version: '1.1',
    schema: 'failsafe',
    merge: false,
    resolveKnownTags: false,
    uniqueKeys: false,
    strict: false,
    prettyErrors: false,
    logLevel: 'silent',
  });
  const documents = [...composer.compose(firstDocumentTokens(text, lineCounter), false)];
  const document = documents[0];
  // An error before any document is in the document that the composer makes up for it.
  // Tabs are judged by `TabWatch`, as go-yaml allows some that the package does not.
  const error = document?.errors.find(({code}) => code !== 'TAB_AS_INDENT');
  if (error !== undefined) {
    const {line} = lineCounter.linePos(error.pos[0]);
    throw new RefusedText(`yaml: line ${line}: ${error.message}`, line);
  }
  if (document !== undefined) refuseDirectives(document);
  return document;
}

/** Up to and with the first document: the server does not even parse what follows. */
function* firstDocumentTokens(text: string, lineCounter: LineCounter): Generator<CST.Token> {
  // go-yaml breaks lines at these too, so a comment ends there. One character for another: offsets stay.
  const normalised = text.replace(/\r(?!\n)|[\x85\u2028\u2029]/g, '\n');
  const tabs = new TabWatch(lineCounter);
  const parser = new Parser(lineCounter.addNewLine);
  lineCounter.addNewLine(0);
  for (const lexeme of new Lexer().lex(normalised)) {
    tabs.see(lexeme, parser);
    for (const token of parser.next(lexeme)) {
      yield token;
      if (token.type === 'document') return;
    }
    if (parser.stack.length > MAX_DEPTH) throw new RefusedText('yaml: exceeded max depth');
  }
  for (const token of parser.end()) {
    yield token;
    if (token.type === 'document') return;
  }
}

/**
 * Where block style expects a key, go-yaml refuses tabs, also in lines that are otherwise empty.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1443
 */
class TabWatch {
  readonly #lineCounter: LineCounter;
  /** What the current line holds so far. */
  #line = '';
  #flowLevel = 0;
  /** Whether the line holds nothing yet but blanks and the indicators that a key may follow. */
  #isKeyExpected = true;
  #isScalarNext = false;
  /** The least column at which a tab may stand all the same: a plain scalar takes the blanks after it within its block. */
  #allowedColumn = Number.POSITIVE_INFINITY;

  constructor(lineCounter: LineCounter) {
    this.#lineCounter = lineCounter;
  }

  /** To be called with each lexeme before the parser gets it. */
  see(lexeme: string, {offset}: Parser): void {
    const type = this.#isScalarNext ? 'scalar' : CST.tokenType(lexeme);
    if (type === 'space') this.#refuseTab(lexeme, offset);
    else if (type === 'scalar') this.#seeScalar(lexeme);
    else if (type !== 'newline' && type !== 'comment' && type !== 'doc-mode') this.#seeOther(type);
    // These stand for no text of the line.
    if (lexeme === CST.SCALAR || type === 'doc-mode' || type === 'byte-order-mark') return;
    const lineStart = lexeme.lastIndexOf('\n') + 1;
    this.#line = lineStart === 0 ? this.#line + lexeme : lexeme.slice(lineStart);
    if (type === 'newline') this.#isKeyExpected = true;
  }

  #refuseTab(lexeme: string, offset: number): void {
    const tab = lexeme.indexOf('\t');
    if (tab === -1 || !this.#isKeyExpected || this.#flowLevel > 0) return;
    if (this.#line.length + tab >= this.#allowedColumn) return;
    const {line} = this.#lineCounter.linePos(offset);
    throw new RefusedText(`yaml: line ${line}: found character that cannot start any token`, line);
  }

  /** The lexer announces a scalar that is not quoted by a character of its own; the text comes next. */
  #seeScalar(lexeme: string): void {
    this.#isScalarNext = lexeme === CST.SCALAR;
    if (this.#isScalarNext) return;
    this.#isKeyExpected = lexeme.endsWith('\n');
    this.#allowedColumn = this.#isKeyExpected ? Number.POSITIVE_INFINITY : columnOfBlock(this.#line) + 1;
  }

  #seeOther(type: string | null): void {
    if (type === 'flow-seq-start' || type === 'flow-map-start') this.#flowLevel += 1;
    if (type === 'flow-seq-end' || type === 'flow-map-end') this.#flowLevel -= 1;
    const leavesKeyExpected = type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind';
    this.#isKeyExpected &&= leavesKeyExpected;
    this.#allowedColumn = Number.POSITIVE_INFINITY;
  }
}

/** Where the innermost block begins on a line, given what stands before the scalar that ends it. */
function columnOfBlock(line: string): number {
  const [indicators] = /^(?: |[-?](?= ))*/.exec(line) ?? [''];
  return indicators.length < line.length ? indicators.length : Math.max(0, indicators.trimEnd().length - 1);
}

function refuseDirectives(document: Document): void {
  const unknown = document.warnings.find(({code}) => code === 'BAD_DIRECTIVE');
  if (unknown !== undefined) throw new RefusedText('yaml: found unknown directive name');
  const {explicit, version} = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.1') throw new RefusedText('yaml: found incompatible YAML document');
}

/** What go-yaml makes of a node, before it becomes JSON: keys are still typed. */
type YamlValue =
  | {readonly kind: 'scalar'; readonly line: number; readonly scalar: ResolvedScalar}
  | {readonly kind: 'sequence'; readonly line: number; readonly items: readonly YamlValue[]}
  | {readonly kind: 'mapping'; readonly line: number; readonly entries: ReadonlyMap<string, YamlEntry>};

interface YamlEntry {
  readonly key: ResolvedScalar;
  readonly value: YamlValue;
}

type Target = Map<string, YamlEntry>;

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L247 */
class NodeDecoder {
  readonly #line: (node: ParsedNode) => number;
  readonly #anchored: ReadonlyMap<Alias, ParsedNode>;
  readonly #open = new Set<Alias>();
  readonly #duplicates: string[] = [];
  #decodeCount = 0;
  #aliasCount = 0;

  constructor(root: ParsedNode, line: (node: ParsedNode) => number) {
    this.#line = line;
    this.#anchored = resolveAliases(root, line);
  }

  duplicateKeys(): string | undefined {
    if (this.#duplicates.length === 0) return undefined;
    return `yaml: unmarshal errors:\n  ${this.#duplicates.join('\n  ')}`;
  }

  decode(node: ParsedNode): YamlValue {
    this.#count();
    if (isAlias(node)) return this.#throughAlias(node, (target) => this.decode(target));
    const line = this.#line(node);
    if (isMap(node)) {
      const entries: Target = new Map();
      this.#decodeInto(node, entries);
      return {kind: 'mapping', line, entries};
    }
    if (isSeq(node)) return {kind: 'sequence', line, items: node.items.map((item) => this.decode(item))};
    return {kind: 'scalar', line, scalar: scalarOf(node, line)};
  }

  /** Keys are applied in their order, so `<<` overrides what stands before it and yields to what stands after it. */
  #decodeInto(node: YAMLMap, entries: Target): void {
    for (const {key, value} of node.items) {
      const keyNode = key as ParsedNode;
      const valueNode = (value ?? key) as ParsedNode;
      if (isMergeKey(keyNode)) {
        this.#merge(value as ParsedNode | null, entries, this.#line(keyNode));
        continue;
      }
      const decodedKey = this.decode(keyNode);
      if (decodedKey.kind !== 'scalar') throw new RefusedText('yaml: invalid map key', decodedKey.line);
      const decoded: YamlValue =
        value === null || value === undefined
          ? {kind: 'scalar', line: this.#line(keyNode), scalar: {kind: 'null'}}
          : this.decode(valueNode);
      this.#set(entries, decodedKey.scalar, decoded, this.#line(valueNode));
    }
  }

  #set(entries: Target, key: ResolvedScalar, value: YamlValue, line: number): void {
    const identity = keyIdentity(key);
    if (entries.has(identity)) this.#duplicates.push(`line ${line}: key ${goKey(key)} already set in map`);
    entries.set(identity, {key, value});
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L786 */
  #merge(node: ParsedNode | null, entries: Target, line: number): void {
    const sources = isSeq(node) ? node.items.toReversed() : [node];
    for (const source of sources) {
      const target = isAlias(source) ? this.#anchored.get(source) : source;
      if (source === null || !isMap(target)) {
        throw new RefusedText('yaml: map merge requires map or sequence of maps as the value', line);
      }
      this.#count();
      if (isAlias(source)) this.#throughAlias(source, () => this.#decodeInto(target, entries));
      else this.#decodeInto(target, entries);
    }
  }

  #throughAlias<T>(alias: Alias, then: (target: ParsedNode) => T): T {
    const target = this.#anchored.get(alias);
    if (target === undefined) throw new RefusedText(`yaml: unknown anchor '${alias.source}' referenced`);
    if (this.#open.has(alias)) throw new RefusedText(`yaml: anchor '${alias.source}' value contains itself`);
    this.#open.add(alias);
    const result = then(target);
    this.#open.delete(alias);
    return result;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L350 */
  #count(): void {
    this.#decodeCount += 1;
    if (this.#open.size > 0) this.#aliasCount += 1;
    if (this.#aliasCount <= 100 || this.#decodeCount <= 1000) return;
    if (this.#aliasCount / this.#decodeCount > allowedAliasRatio(this.#decodeCount)) {
      throw new RefusedText('yaml: document contains excessive aliasing');
    }
  }
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L334 */
function allowedAliasRatio(decodeCount: number): number {
  if (decodeCount <= 400_000) return 0.99;
  if (decodeCount >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((decodeCount - 400_000) / 3_600_000);
}

/** Each alias with the last node before it that has its anchor; a node's anchor is known inside the node already. */
function resolveAliases(root: ParsedNode, line: (node: ParsedNode) => number): Map<Alias, ParsedNode> {
  const anchors = new Map<string, ParsedNode>();
  const resolved = new Map<Alias, ParsedNode>();
  const visit = (node: ParsedNode | null): void => {
    if (node === null) return;
    if (isAlias(node)) {
      const target = anchors.get(node.source);
      if (target === undefined) throw new RefusedText(`yaml: unknown anchor '${node.source}' referenced`, line(node));
      resolved.set(node, target);
      return;
    }
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isSeq(node)) for (const item of node.items) visit(item);
    if (isMap(node)) {
      for (const pair of node.items) {
        visit(pair.key);
        visit(pair.value);
      }
    }
  };
  visit(root);
  return resolved;
}

function isPlain(node: Scalar): boolean {
  return node.type === 'PLAIN' || node.type === undefined;
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L813 */
function isMergeKey(node: ParsedNode): boolean {
  if (!isScalar(node) || node.value !== '<<') return false;
  if (node.tag === undefined) return isPlain(node);
  return node.tag === '!' || node.tag === 'tag:yaml.org,2002:merge';
}

function scalarOf(node: ParsedNode, line: number): ResolvedScalar {
  if (!isScalar(node)) throw new RefusedText('yaml: unknown node', line);
  const text = String(node.value);
  if (node.tag === undefined) return isPlain(node) ? resolveScalar('', text, line) : {kind: 'string', value: text};
  return resolveScalar(node.tag, text, line);
}

function keyIdentity(key: ResolvedScalar): string {
  return key.kind === 'null' ? 'null' : `${key.kind}:${String(key.value)}`;
}

/** Go's %#v of a key. */
function goKey(key: ResolvedScalar): string {
  if (key.kind === 'null') return '<nil>';
  return key.kind === 'string' ? goQuote(key.value) : String(key.value);
}

/**
 * JSON as Go would marshal it: keys as text, sorted.
 * @see https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go#L181
 */
function toJson(value: YamlValue): DecodedValue {
  const {line} = value;
  if (value.kind === 'sequence') return {kind: 'array', line, items: value.items.map(toJson)};
  if (value.kind === 'scalar') return scalarToJson(value.scalar, line);
  const entries = new Map<string, DecodedValue>();
  for (const {key, value: child} of value.entries.values()) entries.set(jsonKey(key, line), toJson(child));
  return {kind: 'object', line, entries: [...entries].toSorted(([left], [right]) => compareBytes(left, right))};
}

function scalarToJson(scalar: ResolvedScalar, line: number): DecodedValue {
  if (scalar.kind === 'int') return {kind: 'number', line, text: String(scalar.value)};
  if (scalar.kind !== 'float') return {...scalar, line};
  if (Number.isFinite(scalar.value)) return {kind: 'number', line, text: String(scalar.value)};
  throw new RefusedText(`json: unsupported value: ${goFloat(scalar.value)}`, line);
}

function jsonKey(key: ResolvedScalar, line: number): string {
  if (key.kind === 'null' || (key.kind === 'int' && key.value >= 2n ** 63n)) {
    const type = key.kind === 'null' ? '%!s(<nil>)' : 'uint64';
    throw new RefusedText(`unsupported map key of type: ${type}, key: ${goKey(key)}`, line);
  }
  if (key.kind !== 'float') return String(key.value);
  if (Number.isFinite(key.value)) return String(key.value);
  return {'+Inf': '.inf', '-Inf': '-.inf', NaN: '.nan'}[goFloat(key.value)] ?? '';
}

function goFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+Inf' : '-Inf';
}

/** Go sorts keys by their bytes in UTF-8, which is the order of code points. */
function compareBytes(left: string, right: string): number {
  const [a, b] = [Array.from(left), Array.from(right)];
  const index = a.findIndex((character, at) => character !== b[at]);
  if (index === -1) return a.length - b.length;
  return (a[index]?.codePointAt(0) ?? 0) - (b[index]?.codePointAt(0) ?? -1);
}
