/**
 * Finds the audit policies of a file: the file itself, or what other documents embed: ConfigMaps and Secrets, files of Cluster
 * API and cloud-init documents, fields of machine configurations, also encoded ones. Each line of a policy keeps its place in
 * the file.
 */
import {type Document, LineCounter, type Node, Scalar, isAlias, isMap, isScalar, isSeq, parseAllDocuments} from 'yaml';

/** Where a line of a policy stands in its file. */
export interface LineOrigin {
  /** Counted from 1. */
  readonly line: number;
  /** The column of the line's first character, counted from 1. */
  readonly column: number;
  /** Whether the characters of the line follow there one by one; else all that is known is where the text begins. */
  readonly exact: boolean;
}

/** A policy, as text. */
export interface FoundPolicy {
  /** Path inside the file: `data["policy.yaml"]`; undefined where the file is the policy. */
  readonly document: string | undefined;
  readonly text: string;
  /** For each line of `text`; undefined where the file is the policy. */
  readonly lines: readonly LineOrigin[] | undefined;
}

/** What a file holds. */
export type PolicyFile =
  | {readonly kind: 'policies'; readonly policies: readonly FoundPolicy[]}
  | {
      readonly kind: 'none';
      /** The documents that are there instead: `ConfigMap, Secret`. */
      readonly what: string;
      /** The path that they give to --audit-policy-file; undefined where they do not. */
      readonly policyFile: string | undefined;
    };

/** Decompresses gzip; undefined where the bytes are none. */
export type Gunzip = (bytes: Uint8Array) => Uint8Array | undefined;

/**
 * The policies in `text`. A text that is no other document counts as a policy, however broken it is: then the loader says
 * what is wrong with it.
 */
export function findPolicies(text: string, gunzip: Gunzip): PolicyFile {
  if (looksLikePolicy(text)) return {kind: 'policies', policies: [itself(text)]};
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {lineCounter, uniqueKeys: false, strict: false});
  if (!Array.isArray(documents)) return {kind: 'policies', policies: [itself(text)]};

  const origins = text.split(LINE_BREAK).map((_, index) => ({line: index + 1, column: 1, exact: true}));
  const finder = new Finder(text, origins, lineCounter, gunzip);
  const policies = documents.flatMap((document, index) =>
    finder.ofNode(document.contents, []).map((found) => withDocument(found, text, index)),
  );
  if (policies.length > 0) return {kind: 'policies', policies};
  // A template is often no YAML, and the policy in it is.
  const blocks = policiesInBlocks(text);
  if (blocks.length > 0) return {kind: 'policies', policies: blocks};
  const kinds = documents.map(kindOf).filter((kind) => kind !== undefined);
  if (kinds.length === 0 || kinds[0] === 'Policy') return {kind: 'policies', policies: [itself(text)]};
  return {kind: 'none', what: [...new Set(kinds)].join(', '), policyFile: policyFileIn(text)};
}

/** A policy that is a document of its own has no path in it; of the first document the file is the policy. */
function withDocument(found: FoundPolicy, text: string, index: number): FoundPolicy {
  if (found.document !== '') return found;
  return index === 0 ? itself(text) : {...found, document: `document ${index + 1}`};
}

/** As in the arguments of kubeadm: `audit-policy-file: PATH`, or a name with its value. */
function policyFileIn(text: string): string | undefined {
  return /audit-policy-file["']?\s*[:=]?\s*(?:value:)?\s*["']?(\/[^\s"',\]}]+)/.exec(text)?.[1];
}

/** The place in the file of a place in a policy. */
export function originOf(
  {lines}: FoundPolicy,
  place: {readonly line: number; readonly column: number},
): {readonly line: number; readonly column: number} {
  if (lines === undefined) return place;
  const origin = lines[place.line - 1] ?? lines.at(-1);
  if (origin === undefined) return place;
  return {line: origin.line, column: origin.exact ? origin.column + place.column - 1 : origin.column};
}

/** The line breaks of YAML 1.2. */
const LINE_BREAK = /\r\n|[\r\n]/;

function itself(text: string): FoundPolicy {
  return {document: undefined, text, lines: undefined};
}

function kindOf(document: Document.Parsed): string | undefined {
  if (!isMap(document.contents)) return undefined;
  const kind = document.contents.get('kind');
  if (typeof kind === 'string') return kind;
  // Without a kind: cloud-config and the configuration of tools.
  const keys = document.contents.items.map((pair) => (isScalar(pair.key) ? String(pair.key.value) : ''));
  const isPolicyLike = keys.some((key) => ['rules', 'level', 'omitStages'].includes(key));
  const words = keys.filter((key) => /^[\w.-]+$/.test(key)).slice(0, 3);
  return isPolicyLike || words.length === 0 ? undefined : `a document with ${words.join(', ')}`;
}

const POLICY_KEY = /^\s*["']?(?:apiVersion|kind|metadata|omitManagedFields|omitStages|rules)["']?\s*:/;

/** Whether a text begins like an audit policy and names the group. */
function looksLikePolicy(text: string): boolean {
  const [first = ''] = text
    .replace(/^\ufeff/, '')
    .split(LINE_BREAK)
    .filter((line) => !/^\s*(?:#.*)?$|^(?:---|%)/.test(line));
  if (!POLICY_KEY.test(first) && !/^\s*\{/.test(first)) return false;
  const own = firstDocument(text);
  const [apiVersion, kind] = /^\s*\{/.test(first) ? [JSON_API_VERSION, JSON_KIND] : [YAML_API_VERSION, YAML_KIND];
  return apiVersion.test(own) && kind.test(own) && !/^kind:\s*["']?(?!Policy\b)\w/m.test(own);
}

const YAML_API_VERSION = /["']?apiVersion["']?\s*:\s*["']?audit\.k8s\.io\b/;
const YAML_KIND = /["']?kind["']?\s*:\s*["']?Policy\b/;
/** Not inside of a text, where quotes have a backslash. */
const JSON_API_VERSION = /(?<!\\)"apiVersion"\s*:\s*"audit\.k8s\.io\b/;
const JSON_KIND = /(?<!\\)"kind"\s*:\s*"Policy\b/;

function firstDocument(text: string): string {
  const lines = text.split(LINE_BREAK);
  const first = lines.findIndex((line) => !/^\s*(?:#.*)?$|^---|^%/.test(line));
  const end = lines.findIndex((line, index) => index > first && /^---(?:\s|$)/.test(line));
  return lines.slice(Math.max(first, 0), end === -1 ? undefined : end).join('\n');
}

/** Documents in documents, such as a cloud-config in a Secret. */
const MAX_DEPTH = 4;

class Finder {
  readonly #text: string;
  readonly #origins: readonly LineOrigin[];
  readonly #lineCounter: LineCounter;
  readonly #gunzip: Gunzip;
  readonly #depth: number;

  constructor(text: string, origins: readonly LineOrigin[], lineCounter: LineCounter, gunzip: Gunzip, depth = 0) {
    this.#text = text;
    this.#origins = origins;
    this.#lineCounter = lineCounter;
    this.#gunzip = gunzip;
    this.#depth = depth;
  }

  ofNode(node: unknown, path: readonly (string | number)[]): FoundPolicy[] {
    if (isAlias(node)) return [];
    if (isScalar(node)) return typeof node.value === 'string' ? this.#ofText(node, node.value, path) : [];
    if (isSeq(node)) return node.items.flatMap((item, index) => this.ofNode(item, [...path, index]));
    if (!isMap(node)) return [];
    if (isPolicyObject(node)) return [this.#ofObject(node, path)];
    return node.items.flatMap((pair) =>
      this.ofNode(pair.value, [...path, isScalar(pair.key) ? String(pair.key.value) : '?']),
    );
  }

  #ofText(node: Scalar, value: string, path: readonly (string | number)[]): FoundPolicy[] {
    const plain = this.#search(value, this.#linesOf(node, value), path);
    if (plain.length > 0) return plain;
    const decoded = this.#decode(value);
    if (decoded === undefined) return [];
    const place = this.#placeOf(node.range?.[0] ?? 0);
    return this.#search(
      decoded,
      decoded.split(LINE_BREAK).map(() => ({...place, exact: false})),
      path,
    );
  }

  /** A policy in a text, or in documents or scripts that are the text. */
  #search(text: string, lines: readonly LineOrigin[], path: readonly (string | number)[]): FoundPolicy[] {
    if (!text.includes('audit.k8s.io'))
      return this.#depth < MAX_DEPTH && isEncoded(text) ? this.#ofDocuments(text, lines, path) : [];
    if (looksLikePolicy(text)) return [{document: pathText(path), text, lines}];
    const hereDocuments = hereDocumentsIn(text)
      .filter((found) => looksLikePolicy(found.text))
      .map((found) => ({document: pathText(path), text: found.text, lines: lines.slice(found.line)}));
    if (hereDocuments.length > 0) return hereDocuments;
    return this.#depth < MAX_DEPTH ? this.#ofDocuments(text, lines, path) : [];
  }

  #ofDocuments(text: string, lines: readonly LineOrigin[], path: readonly (string | number)[]): FoundPolicy[] {
    const lineCounter = new LineCounter();
    const documents = parseAllDocuments(text, {lineCounter, uniqueKeys: false, strict: false});
    if (!Array.isArray(documents)) return [];
    const inner = new Finder(text, lines, lineCounter, this.#gunzip, this.#depth + 1);
    return documents
      .filter((document) => isMap(document.contents) || isSeq(document.contents))
      .flatMap((document) => inner.ofNode(document.contents, path));
  }

  /** base64, gzip in it, and data URLs; undefined where the text is none of them. */
  #decode(value: string): string | undefined {
    const url = /^data:[^,]*?(;base64)?,(.*)$/s.exec(value.trim());
    if (url !== null) return url[1] === undefined ? unescaped(url[2] ?? '') : this.#decodeBase64(url[2] ?? '');
    return this.#decodeBase64(value);
  }

  #decodeBase64(value: string): string | undefined {
    const compact = value.replace(/\s+/g, '');
    if (compact.length < MIN_ENCODED_LENGTH || !/^[A-Za-z0-9+/_-]+=*$/.test(compact)) return undefined;
    try {
      const binary = atob(compact.replaceAll('-', '+').replaceAll('_', '/'));
      const bytes = Uint8Array.from(binary, (letter) => letter.charCodeAt(0));
      const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
      const content = isGzip ? this.#gunzip(bytes) : bytes;
      return content === undefined ? undefined : new TextDecoder('utf-8', {fatal: true}).decode(content);
    } catch {
      return undefined;
    }
  }

  #ofObject(node: Node, path: readonly (string | number)[]): FoundPolicy {
    const [start = 0, , end = start] = node.range ?? [];
    const from = this.#lineCounter.linePos(start);
    const [first = '', ...rest] = this.#text.slice(start, end).trimEnd().split(LINE_BREAK);
    const indentation = from.col - 1;
    const isFlow = first.startsWith('{');
    const body = isFlow ? rest : rest.map((line) => line.slice(Math.min(indentation, line.search(/\S|$/))));
    const lines = [first, ...rest].map((_, index) =>
      this.#originAt(from.line + index, index === 0 || !isFlow ? from.col : 1),
    );
    const text = [first, ...body, ''].join('\n');
    // What begins with a brace is JSON to the API server; where the object is written in YAML it would not be.
    return isFlow && !isJson(text)
      ? {document: pathText(path), text: `---\n${text}`, lines: [...lines.slice(0, 1), ...lines]}
      : {document: pathText(path), text, lines};
  }

  /** Where the lines of a scalar's value stand: known line by line for literal blocks. */
  #linesOf(node: Scalar, value: string): LineOrigin[] {
    const start = node.range?.[0] ?? 0;
    const inner = value.split(LINE_BREAK);
    if (node.type !== Scalar.BLOCK_LITERAL) {
      const place = this.#placeOf(start);
      return inner.map(() => ({...place, exact: false}));
    }
    const header = this.#lineCounter.linePos(start).line;
    const sourceLines = this.#text.split(LINE_BREAK);
    const filled = inner.findIndex((line) => line.trim() !== '');
    const source = sourceLines[header + Math.max(filled, 0)] ?? '';
    const indentation = source.length - source.trimStart().length - leadingSpaces(inner[filled] ?? '');
    return inner.map((_, index) => this.#originAt(header + 1 + index, indentation + 1));
  }

  #placeOf(offset: number): LineOrigin {
    const {line, col} = this.#lineCounter.linePos(offset);
    return this.#originAt(line, col);
  }

  /** A place of this text as a place of the file. */
  #originAt(line: number, column: number): LineOrigin {
    const origin = this.#origins[line - 1] ?? this.#origins.at(-1) ?? {line, column: 1, exact: true};
    return origin.exact ? {line: origin.line, column: origin.column + column - 1, exact: true} : origin;
  }
}

/** The literal blocks of a text that may be no YAML, as far as they begin like a policy. */
function policiesInBlocks(text: string): FoundPolicy[] {
  const lines = text.split(LINE_BREAK);
  return lines.flatMap((header, index) => {
    const [, before = '', key] = /^(\s*(?:-\s+)?)["']?([\w./-]+)["']?:\s*\|[-+\d]*\s*$/.exec(header) ?? [];
    if (key === undefined) return [];
    const length = lines
      .slice(index + 1)
      .findIndex((line) => line.trim() !== '' && leadingSpaces(line) <= before.length);
    const block = lines.slice(index + 1, length === -1 ? undefined : index + 1 + length);
    const indentation = leadingSpaces(block.find((line) => line.trim() !== '') ?? '');
    const inner = block.map((line) => line.slice(Math.min(indentation, leadingSpaces(line)))).join('\n');
    if (!looksLikePolicy(inner)) return [];
    const origins = block.map((_, at) => ({line: index + 2 + at, column: indentation + 1, exact: true}));
    return [{document: key, text: inner, lines: origins}];
  });
}

/** Shorter texts hold no policy. */
const MIN_ENCODED_LENGTH = 40;

/** Whether a text may hold an encoded policy in some document: a cloud-config whose files are base64. */
function isEncoded(text: string): boolean {
  return (
    /^\s*(?:-\s+)?(?:write_files|files|content|data|encoding|storage)\s*:/m.test(text) && /[A-Za-z0-9+/]{40}/.test(text)
  );
}

function isPolicyObject(node: {get: (key: unknown) => unknown}): boolean {
  const [apiVersion, kind] = [node.get('apiVersion'), node.get('kind')];
  return (
    typeof apiVersion === 'string' &&
    apiVersion.startsWith('audit.k8s.io/') &&
    (kind === 'Policy' || kind === undefined)
  );
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function unescaped(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

function leadingSpaces(line: string): number {
  return line.length - line.trimStart().length;
}

interface HereDocument {
  readonly text: string;
  /** Lines before it. */
  readonly line: number;
}

/** Texts that a shell script writes: `cat <<EOF > policy.yaml`. */
function hereDocumentsIn(script: string): HereDocument[] {
  const lines = script.split(LINE_BREAK);
  return lines.flatMap((line, index) => {
    const word = /<<-?\s*["']?([A-Za-z_]\w*)["']?/.exec(line)?.[1];
    if (word === undefined) return [];
    const length = lines.slice(index + 1).findIndex((each) => each.trim() === word);
    if (length === -1) return [];
    return [{text: lines.slice(index + 1, index + 1 + length).join('\n'), line: index + 1}];
  });
}

/** `spec.files[2].content`, and `data["policy.yaml"]` where a key is no plain word. */
function pathText(path: readonly (string | number)[]): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}
