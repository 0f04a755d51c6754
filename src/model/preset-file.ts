/**
 * A preset of the user's own: a YAML or JSON file, described by `preset.schema.json`. It is read strictly, as a requirement that
 * is misspelt and left out would make a policy look better than it is.
 */
import {
  type Document,
  LineCounter,
  type Node,
  type Pair,
  type YAMLMap,
  type YAMLSeq,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseAllDocuments,
} from 'yaml';
import {UsageError} from './errors.ts';
import {LEVELS, STAGES, atLeast} from './policy.ts';
import {
  type Departure,
  type Preset,
  type RequestSet,
  type Requirement,
  SETTING_FLAGS,
  type SettingRequirement,
} from './requirement.ts';

/** The `apiVersion` of a preset file. */
export const PRESET_API_VERSION = 'kubectl-audit/v1alpha1';

const STRENGTHS = ['must', 'should'] as const;
const NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const ID = /^[A-Za-z0-9]([-._A-Za-z0-9]*[A-Za-z0-9])?$/;
const RESOURCE = /^(?:\*|[a-z0-9][-.a-z0-9]*(?:\/[a-z0-9][-.a-z0-9]*)?)$/;
const GROUP = /^(?:[a-z0-9][-.a-z0-9]*)?$/;
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'proxy'] as const;
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'connect'] as const;

/**
 * Reads the text of a preset file.
 * @param file how the user named it, for messages
 * @throws UsageError with file, line and what is wrong there
 */
export function parsePresetFile(text: string, file: string): Preset {
  const place = new Place(file);
  const root = place.rootOf(text);
  const fields = place.fieldsOf(root, '');
  fields.constant('apiVersion', PRESET_API_VERSION);
  fields.constant('kind', 'Preset');
  const preset: Preset = {
    name: fields.text('name', NAME, 'a name in lower case, such as payments'),
    title: fields.text('title'),
    source: fields.optional('source', sourceOf) ?? {title: file, url: ''},
    requirements: fields.list('requirements', requirementOf),
    ...fields.given('settings', (node, path) => place.listOf(node, path, settingOf)),
    ...fields.given('logPath', (node, path) => place.textOf(node, path, /^\//, 'an absolute path')),
    ...fields.given('rotation', rotationOf),
    ...fields.given('departures', (node, path) => place.listOf(node, path, departureOf)),
  };
  fields.end();
  place.unique(root, 'requirements', preset.requirements);
  place.unique(root, 'settings', preset.settings ?? []);
  return preset;
}

type Reader<T> = (node: Node, path: string, place: Place) => T;

const sourceOf: Reader<Preset['source']> = (node, path, place) => {
  const fields = place.fieldsOf(node, path);
  const source = {title: fields.text('title'), url: fields.optional('url', (each, at) => place.textOf(each, at)) ?? ''};
  fields.end();
  return source;
};

const requirementOf: Reader<Requirement> = (node, path, place) => {
  const fields = place.fieldsOf(node, path);
  const requirement: Requirement = {
    id: fields.text('id', ID, 'a word such as pods'),
    level: fields.oneOf('level', STRENGTHS),
    title: fields.text('title'),
    requests: fields.list('requests', requestsOf),
    atLeast: fields.oneOf('atLeast', LEVELS),
    ...fields.given('atMost', (each, at) => place.oneOf(each, at, LEVELS)),
    ...fields.given('stages', (each, at) =>
      place.listOf(each, at, (stage, where) => place.oneOf(stage, where, STAGES)),
    ),
    reason: fields.optional('reason', (each, at) => place.textOf(each, at)) ?? '',
    ...fields.given('place', (each, at) => place.textOf(each, at)),
    ...fields.given('elsewhere', (each, at) => place.textOf(each, at)),
  };
  fields.end();
  if (requirement.atMost !== undefined && !atLeast(requirement.atMost, requirement.atLeast)) {
    throw place.wrong(node, `${path}.atMost is ${requirement.atMost}, less than its atLeast, ${requirement.atLeast}`);
  }
  return requirement;
};

const requestsOf: Reader<RequestSet> = (node, path, place) => {
  const fields = place.fieldsOf(node, path);
  if (fields.has('everything')) {
    fields.constant('everything', true);
    fields.end();
    return {kind: 'everything'};
  }
  if (fields.has('nonResourceURLs')) {
    const verbs = fields.list('verbs', (each, at) => place.oneOf(each, at, METHODS));
    const paths = fields.list('nonResourceURLs', (each, at) =>
      place.textOf(each, at, /^\/[^*]*$/, 'a path that begins with / and holds no *'),
    );
    fields.end();
    return {kind: 'nonResource', verbs, paths};
  }
  const requests: RequestSet = {
    kind: 'resources',
    verbs: fields.list('verbs', (each, at) => place.oneOf(each, at, VERBS)),
    group:
      fields.optional('group', (each, at) => place.textOf(each, at, GROUP, 'an API group without a version')) ?? '',
    resources: fields.list('resources', (each, at) =>
      place.textOf(each, at, RESOURCE, 'a plural in lower case, such as pods or pods/exec, or *'),
    ),
  };
  fields.end();
  return requests;
};

const settingOf: Reader<SettingRequirement> = (node, path, place) => {
  const fields = place.fieldsOf(node, path);
  const setting: SettingRequirement = {
    id: fields.text('id', ID, 'a word such as log-path'),
    level: fields.oneOf('level', STRENGTHS),
    title: fields.text('title'),
    flag: fields.oneOf('flag', SETTING_FLAGS),
    reason: fields.optional('reason', (each, at) => place.textOf(each, at)) ?? '',
    ...fields.given('place', (each, at) => place.textOf(each, at)),
  };
  fields.end();
  return setting;
};

const rotationOf: Reader<NonNullable<Preset['rotation']>> = (node, path, place) => {
  const fields = place.fieldsOf(node, path);
  const rotation = {
    maxAge: fields.count('maxAge'),
    maxBackup: fields.count('maxBackup'),
    maxSize: fields.count('maxSize'),
    ...fields.given('mustBeSet', (each, at) => place.flagOf(each, at)),
  };
  fields.end();
  return rotation;
};

const departureOf: Reader<Departure> = (node, path, place) => {
  const fields = place.fieldsOf(node, path);
  const departure = {what: fields.text('what'), why: fields.text('why')};
  fields.end();
  return departure;
};

/** The file, with the lines of its nodes. */
class Place {
  readonly #file: string;
  readonly #lines = new LineCounter();
  #document: Document | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  rootOf(text: string): Node {
    const documents = parseAllDocuments(text, {lineCounter: this.#lines});
    const [document, second] = 'empty' in documents ? [] : documents;
    const [error] = document?.errors ?? [];
    if (error !== undefined) {
      const [message = ''] = error.message.split('\n');
      throw this.#at(error.linePos?.[0].line, message.replace(/ at line \d+, column \d+:?$/, ''));
    }
    if (second !== undefined) throw this.wrong(second.contents, 'a preset file holds one document, this is another');
    const root = document?.contents ?? null;
    if (root === null) throw this.#at(undefined, 'it is empty');
    this.#document = document;
    return root;
  }

  /** What an alias stands for. */
  #real(node: Node): Node {
    const document = this.#document;
    return isAlias(node) && document !== undefined ? (node.resolve(document) ?? node) : node;
  }

  fieldsOf(node: Node, path: string): Fields {
    const map = this.#real(node);
    if (!isMap(map)) throw this.wrong(node, `${path === '' ? 'it' : path} must be a mapping`);
    return new Fields(this, map, path);
  }

  listOf<T>(node: Node, path: string, read: Reader<T>): T[] {
    const list = this.#real(node);
    if (!isSeq(list) || list.items.length === 0) throw this.wrong(node, `${path} must be a list that is not empty`);
    return (list as YAMLSeq<Node>).items.map((item, index) => read(item, `${path}[${index}]`, this));
  }

  textOf(node: Node, path: string, pattern?: RegExp, what = 'a text'): string {
    const value = this.#scalar(node);
    const isText = typeof value === 'string' && (pattern !== undefined || value.trim() !== '');
    if (isText && pattern?.test(value) !== false) return value;
    throw this.wrong(node, `${path} must be ${what}${this.#got(node)}`);
  }

  oneOf<T extends string>(node: Node, path: string, values: readonly T[]): T {
    const value = values.find((each) => each === this.#scalar(node));
    if (value !== undefined) return value;
    throw this.wrong(node, `${path} must be one of ${values.join(', ')}${this.#got(node)}`);
  }

  flagOf(node: Node, path: string): boolean {
    const value = this.#scalar(node);
    if (typeof value === 'boolean') return value;
    throw this.wrong(node, `${path} must be true or false${this.#got(node)}`);
  }

  countOf(node: Node, path: string): number {
    const value = this.#scalar(node);
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
    throw this.wrong(node, `${path} must be a whole number${this.#got(node)}`);
  }

  unique(root: Node, key: string, items: readonly {readonly id: string}[]): void {
    const repeated = items.findIndex(({id}, index) => items.findIndex((other) => other.id === id) < index);
    if (repeated === -1) return;
    const list = isMap(root) ? root.get(key) : undefined;
    const node = isSeq(list) ? (list.items[repeated] as Node) : root;
    throw this.wrong(node, `${key}[${repeated}].id ${JSON.stringify(items[repeated]?.id)} is there already`);
  }

  wrong(node: Node | null, message: string): UsageError {
    const offset = node?.range?.[0];
    return this.#at(offset === undefined ? undefined : this.#lines.linePos(offset).line, message);
  }

  #at(line: number | undefined, message: string): UsageError {
    return new UsageError(
      `preset ${this.#file}${line === undefined ? '' : `:${line}`}: ${message}`,
      '`kubectl audit presets cis -o yaml` prints a preset file to compare with',
    );
  }

  #scalar(node: Node): unknown {
    const real = this.#real(node);
    return isScalar(real) ? real.value : undefined;
  }

  #got(node: Node): string {
    const value = this.#scalar(node);
    return value === undefined ? '' : `, not ${JSON.stringify(value)}`;
  }
}

/** The fields of one mapping; those that nobody asked for are errors. */
class Fields {
  readonly #place: Place;
  readonly #node: YAMLMap;
  readonly #path: string;
  readonly #asked = new Set<string>();

  constructor(place: Place, node: YAMLMap, path: string) {
    this.#place = place;
    this.#node = node;
    this.#path = path;
  }

  has(key: string): boolean {
    return this.#value(key) !== undefined;
  }

  constant(key: string, value: string | boolean): void {
    const node = this.#required(key);
    if (isScalar(node) && node.value === value) return;
    throw this.#place.wrong(node, `${this.#pathOf(key)} must be ${value}`);
  }

  text(key: string, pattern?: RegExp, what?: string): string {
    return this.#place.textOf(this.#required(key), this.#pathOf(key), pattern, what);
  }

  oneOf<T extends string>(key: string, values: readonly T[]): T {
    return this.#place.oneOf(this.#required(key), this.#pathOf(key), values);
  }

  count(key: string): number {
    return this.#place.countOf(this.#required(key), this.#pathOf(key));
  }

  list<T>(key: string, read: Reader<T>): T[] {
    return this.#place.listOf(this.#required(key), this.#pathOf(key), read);
  }

  optional<T>(key: string, read: Reader<T>): T | undefined {
    const node = this.#value(key);
    return node === undefined ? undefined : read(node, this.#pathOf(key), this.#place);
  }

  /** The field under its own name where it is there, for fields that are left out otherwise. */
  given<Key extends string, T>(key: Key, read: Reader<T>): {readonly [key in Key]?: T} {
    const value = this.optional(key, read);
    return (value === undefined ? {} : {[key]: value}) as {readonly [key in Key]?: T};
  }

  /** Complains about a field that was not asked for. */
  end(): void {
    for (const {key} of this.#node.items as Pair<Node>[]) {
      const name = isScalar(key) ? String(key.value) : '';
      if (this.#asked.has(name)) continue;
      throw this.#place.wrong(key, `${this.#pathOf(name)} is no field; there are ${[...this.#asked].join(', ')}`);
    }
  }

  #required(key: string): Node {
    const node = this.#value(key);
    if (node !== undefined) return node;
    throw this.#place.wrong(this.#node, `${this.#pathOf(key)} is missing`);
  }

  #value(key: string): Node | undefined {
    this.#asked.add(key);
    const node: unknown = this.#node.get(key, true);
    return node === undefined || (isScalar(node) && node.value === null) ? undefined : (node as Node);
  }

  #pathOf(key: string): string {
    return this.#path === '' ? key : `${this.#path}.${key}`;
  }
}
