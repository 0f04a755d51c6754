/**
 * The file of `kubectl audit policy test`: what a policy is expected to do with requests. Its schema, for editors, is
 * `policy-expectations.schema.json`.
 */
import {LineCounter, type Node, type Pair, isMap, isScalar, isSeq, parseAllDocuments} from 'yaml';
import {UsageError} from './errors.ts';
import {LEVELS, type Level, STAGES, type Stage} from './policy.ts';

/** The request of a case. */
export type CaseRequest =
  | {
      readonly kind: 'attributes';
      readonly verb: string;
      /** As kubectl takes it: `pods/exec`, `deploy`, `deployments.apps`. */
      readonly resource: string;
      /** Undefined: `default`, for resources that are in namespaces. */
      readonly namespace: string | undefined;
      readonly allNamespaces: boolean;
      readonly name: string | undefined;
    }
  /** `METHOD /path?query`. */
  | {readonly kind: 'uri'; readonly uri: string}
  /** Every request that the command is for is meant, not what kubectl looks up besides. */
  | {readonly kind: 'kubectl'; readonly command: string};

/** Who makes the request; nothing given: someone authenticated whom no rule names. */
export interface CaseSubject {
  readonly user: string | undefined;
  readonly groups: readonly string[];
  readonly unauthenticated: boolean;
}

/** What is expected; what is left out is not looked at. A level whose stages are all omitted counts as None. */
export interface Expectation {
  readonly level: Level | undefined;
  readonly atLeast: Level | undefined;
  readonly atMost: Level | undefined;
  /** Exactly the stages at which an event is written, if the API server does not panic. */
  readonly stages: readonly Stage[] | undefined;
  /** The deciding rule, counted from 1; `none`: no rule matches. */
  readonly rule: number | 'none' | undefined;
  readonly omitManagedFields: boolean | undefined;
}

/** One case. */
export interface PolicyCase {
  /** Undefined: the request stands for it. */
  readonly name: string | undefined;
  /** Where it begins, counted from 1. */
  readonly line: number;
  readonly request: CaseRequest;
  readonly subject: CaseSubject;
  readonly expect: Expectation;
}

/** A file of expectations. */
export interface PolicyExpectations {
  /** The policy's file, relative to this one; undefined where it is named elsewhere. */
  readonly policy: string | undefined;
  readonly serverVersion: string | undefined;
  readonly cases: readonly PolicyCase[];
}

const API_VERSION = 'kubectl-audit/v1alpha1';
const KIND = 'PolicyExpectations';

/**
 * Reads the text of a file of expectations.
 * @param name the file, as messages speak of it
 * @throws UsageError with file and line for the first thing that is not as it should be
 */
export function parsePolicyExpectations(text: string, name: string): PolicyExpectations {
  const reader = new Reader(text, name);
  const root = reader.root();
  const keys = ['apiVersion', 'kind', 'policy', 'serverVersion', 'cases'];
  const fields = reader.fields(root, 'the file', keys, ['apiVersion', 'kind', 'cases']);
  reader.oneOf(fields.get('apiVersion'), 'apiVersion', [API_VERSION]);
  reader.oneOf(fields.get('kind'), 'kind', [KIND]);
  const cases = reader.list(fields.get('cases'), 'cases').map((node) => readCase(reader, node));
  if (cases.length === 0) reader.fail(fields.get('cases'), 'cases is empty', 'add a case');
  return {
    policy: reader.optional(fields, 'policy', (node) => reader.text(node, 'policy')),
    serverVersion: reader.optional(fields, 'serverVersion', (node) => reader.text(node, 'serverVersion')),
    cases,
  };
}

function readCase(reader: Reader, node: Node): PolicyCase {
  const fields = reader.fields(node, 'a case', ['name', 'request', 'subject', 'expect'], ['request', 'expect']);
  return {
    name: reader.optional(fields, 'name', (value) => reader.text(value, 'name')),
    line: reader.line(node),
    request: readRequest(reader, fields.get('request')),
    subject: reader.optional(fields, 'subject', (value) => readSubject(reader, value)) ?? {
      user: undefined,
      groups: [],
      unauthenticated: false,
    },
    expect: readExpectation(reader, fields.get('expect')),
  };
}

const ATTRIBUTES: readonly string[] = ['verb', 'resource', 'namespace', 'allNamespaces', 'name'];

function readRequest(reader: Reader, node: Node | undefined): CaseRequest {
  const fields = reader.fields(node, 'request', [...ATTRIBUTES, 'uri', 'kubectl'], []);
  const forms = ['uri', 'kubectl'].filter((form) => fields.has(form));
  const [form] = forms;
  if (form === undefined) return readAttributes(reader, node);
  if (fields.size > 1) {
    reader.fail(node, `request has ${[...fields.keys()].join(', ')}`, `leave ${form} alone, or leave it out`);
  }
  const value = reader.text(fields.get(form), form);
  return form === 'uri' ? {kind: 'uri', uri: value} : {kind: 'kubectl', command: value};
}

function readAttributes(reader: Reader, node: Node | undefined): CaseRequest {
  const fields = reader.fields(node, 'request', ATTRIBUTES, ['verb', 'resource']);
  const optional = (key: string) => reader.optional(fields, key, (value) => reader.text(value, key));
  return {
    kind: 'attributes',
    verb: reader.text(fields.get('verb'), 'verb'),
    resource: reader.text(fields.get('resource'), 'resource'),
    namespace: optional('namespace'),
    allNamespaces: reader.optional(fields, 'allNamespaces', (value) => reader.flag(value, 'allNamespaces')) ?? false,
    name: optional('name'),
  };
}

function readSubject(reader: Reader, node: Node): CaseSubject {
  const fields = reader.fields(node, 'subject', ['user', 'groups', 'unauthenticated'], []);
  const unauthenticated = reader.optional(fields, 'unauthenticated', (value) => reader.flag(value, 'unauthenticated'));
  if (unauthenticated === true && fields.size > 1) {
    reader.fail(node, 'an unauthenticated subject has neither user nor groups', 'leave them out');
  }
  const groups = reader.optional(fields, 'groups', (value) => reader.list(value, 'groups')) ?? [];
  return {
    user: reader.optional(fields, 'user', (value) => reader.text(value, 'user')),
    groups: groups.map((group) => reader.text(group, 'groups')),
    unauthenticated: unauthenticated ?? false,
  };
}

function readExpectation(reader: Reader, node: Node | undefined): Expectation {
  const keys = ['level', 'atLeast', 'atMost', 'stages', 'rule', 'omitManagedFields'];
  const fields = reader.fields(node, 'expect', keys, []);
  if (fields.size === 0) reader.fail(node, 'expect is empty', `it takes ${keys.join(', ')}`);
  if (fields.has('level') && (fields.has('atLeast') || fields.has('atMost'))) {
    reader.fail(node, 'expect has level beside atLeast or atMost', 'level is exact: leave one of them out');
  }
  const level = (key: string) => reader.optional(fields, key, (value) => reader.oneOf(value, key, LEVELS));
  return {
    level: level('level'),
    atLeast: level('atLeast'),
    atMost: level('atMost'),
    stages: reader.optional(fields, 'stages', (value) =>
      reader.list(value, 'stages').map((stage) => reader.oneOf(stage, 'stages', STAGES)),
    ),
    rule: reader.optional(fields, 'rule', (value) => reader.rule(value)),
    omitManagedFields: reader.optional(fields, 'omitManagedFields', (value) => reader.flag(value, 'omitManagedFields')),
  };
}

type Fields = ReadonlyMap<string, Node>;

/** Takes a document apart; whatever is not as it should be ends it, with its line. */
class Reader {
  readonly #name: string;
  readonly #lineCounter = new LineCounter();
  readonly #text: string;

  constructor(text: string, name: string) {
    this.#text = text;
    this.#name = name;
  }

  root(): Node | undefined {
    const documents = parseAllDocuments(this.#text, {lineCounter: this.#lineCounter, logLevel: 'silent'});
    const [document, second] = Array.isArray(documents) ? documents : [];
    const [error] = document?.errors ?? [];
    if (error !== undefined) {
      const message = (error.message.split('\n')[0] ?? '').replace(/ at line \d+, column \d+:?$/, '');
      throw this.#error(this.#lineCounter.linePos(error.pos[0]).line, message, 'correct the YAML');
    }
    if (second !== undefined) {
      const line = this.#lineCounter.linePos(second.range[0]).line;
      throw this.#error(line, 'a second document', 'put its cases into the first, or into a file of its own');
    }
    return document?.contents ?? undefined;
  }

  line(node: Node | undefined): number {
    return this.#lineCounter.linePos(node?.range?.[0] ?? 0).line;
  }

  fail(node: Node | undefined, message: string, next: string): never {
    throw this.#error(this.line(node), message, next);
  }

  fields(node: Node | undefined, what: string, known: readonly string[], required: readonly string[]): Fields {
    if (!isMap(node)) this.fail(node, `${what} is no mapping`, `it takes ${known.join(', ')}`);
    const fields = new Map<string, Node>();
    for (const {key, value} of node.items as readonly Pair<Node, Node | null>[]) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!known.includes(name)) {
        this.fail(key, `${what} has no key ${JSON.stringify(name)}`, `it takes ${known.join(', ')}`);
      }
      if (value === null || (isScalar(value) && value.value === null)) {
        this.fail(key, `${name} has no value`, 'give one, or leave the key out');
      }
      fields.set(name, value);
    }
    const missing = required.filter((name) => !fields.has(name));
    if (missing.length > 0) this.fail(node, `${what} lacks ${missing.join(', ')}`, 'add what is missing');
    return fields;
  }

  optional<T>(fields: Fields, key: string, read: (node: Node) => T): T | undefined {
    const node = fields.get(key);
    return node === undefined ? undefined : read(node);
  }

  text(node: Node | undefined, what: string): string {
    if (isScalar(node) && typeof node.value === 'string') return node.value;
    return this.fail(node, `${what} is no text`, 'put it between quotes');
  }

  flag(node: Node | undefined, what: string): boolean {
    if (isScalar(node) && typeof node.value === 'boolean') return node.value;
    return this.fail(node, `${what} is neither true nor false`, 'write true or false');
  }

  rule(node: Node | undefined): number | 'none' {
    const value = isScalar(node) ? node.value : undefined;
    if (value === 'none' || (typeof value === 'number' && Number.isInteger(value) && value > 0)) return value;
    return this.fail(node, 'rule is no number of a rule', 'rules are counted from 1; none: no rule matches');
  }

  list(node: Node | undefined, what: string): readonly Node[] {
    if (isSeq(node)) return node.items as readonly Node[];
    return this.fail(node, `${what} is no list`, 'write it as a list');
  }

  oneOf<const T extends string>(node: Node | undefined, what: string, allowed: readonly T[]): T {
    const value = isScalar(node) ? node.value : undefined;
    const found = allowed.find((entry) => entry === value);
    if (found !== undefined) return found;
    const given = typeof value === 'string' ? ` ${JSON.stringify(value)}` : '';
    return this.fail(node, `${what}${given} is not known here`, `write ${allowed.join(', ')}`);
  }

  #error(line: number, message: string, next: string): UsageError {
    return new UsageError(`${this.#name}:${line}: ${message}`, next);
  }
}
