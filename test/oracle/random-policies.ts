/**
 * Random policies of few words, so that rules really match, overlap and shadow each other; and ways to write them.
 */
import type {Random} from './random-numbers.ts';

/** The words that rules and requests are made of. */
export const WORDS = {
  users: ['alice', 'bob', 'system:admin', '', '*'],
  groups: ['dev', 'ops', 'system:authenticated', '', '*'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', '*', 'GET', 'post', ''],
  namespaces: ['', 'default', 'kube-system', '*'],
  apiGroups: ['', 'apps', 'autoscaling', 'example.com', 'core'],
  resources: ['pods', 'nodes', 'services', 'deployments', 'namespaces', '*', ''],
  subresources: ['', '', 'log', 'exec', 'scale', 'proxy', 'status', '*'],
  names: ['', 'a', 'b', '*'],
  paths: [
    '/healthz',
    '/healthz/',
    '/healthzzz',
    '/healthz/ping',
    '/',
    '',
    '/api',
    '/api/v1',
    '/apis/apps',
    '/version',
    '/livez',
    '/livez/etcd',
    '*',
    '/*',
    'healthz',
  ],
} as const;

const RESOURCE_SPECS = [
  'pods',
  'pods',
  'pods/log',
  'pods/exec',
  'pods/*',
  'nodes',
  'nodes/proxy',
  'services/*',
  'deployments',
  'deployments/scale',
  '*',
  '*/exec',
  '*/log',
  '*/scale',
  '*/*',
  '*/',
  '/*',
  '/',
  '',
  'po*',
  'pods/',
  '**',
  '*/*/*',
  'pods/log/*',
  'namespaces',
  'namespaces/status',
];
const URL_SPECS = [
  '*',
  '/*',
  '/healthz',
  '/healthz*',
  '/healthz/*',
  '/livez/*',
  '/api*',
  '/apis/*',
  '/',
  '/version',
  '/v*',
];
const BAD_URL_SPECS = ['', 'healthz', '/a*b', '/**', '**', 'a*', '/*/', '*/*', '/<é>*\u0007'];
const BAD_GROUPS = ['apps/v1', 'Apps', '-', 'a..b', 'a_b', '.', ' ', '<&>\u0007', '**', 'é', 'a'.repeat(254)];
const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'];
const BAD_LEVELS = ['', 'none', 'metadata', 'All', 'Request ', '"<\u2028>"'];
const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'];
const BAD_STAGES = ['', 'requestReceived', 'ResponseReceived', 'panic', '<\u0007>'];
/** Names of one list in a policy; the same list is repeated to put two messages, or one, on the same path. */
const ODD_NAMES = ['<a>', 'b\u0007', 'é', '"', '\u007f', '\u2028', '\ud83d\ude00', 'a'];

/** Misspelt keys, and keys that mean a number or a word in YAML. */
const UNKNOWN_KEYS = ['Users', 'resource', 'nonResourceUrls', '017', '0b11', '1_000', '.5', '1e3', 'yes', '__proto__'];

/** A policy as plain data. */
export type PlainValue =
  string | boolean | number | null | readonly PlainValue[] | {readonly [key: string]: PlainValue};

/** How a random policy may be out of the ordinary. */
interface Oddities {
  /** Whether values that are refused may stand in it. */
  readonly invalid: boolean;
  /** Whether the group `*` may. */
  readonly anyGroup: boolean;
}

/** A policy that most releases accept, more often than not. */
export function randomPolicy(random: Random): {readonly [key: string]: PlainValue} {
  const oddities = {invalid: random.chance(0.08), anyGroup: random.chance(0.2)};
  const version = random.chance(0.9) ? 'v1' : random.pick(['v1beta1', 'v1alpha1']);
  return {
    [random.chance(0.03) ? random.pick(['APIVersion', 'apiVer\u017fion']) : 'apiVersion']: `audit.k8s.io/${version}`,
    [random.chance(0.03) ? random.pick(['KIND', '\u212aind']) : 'kind']: 'Policy',
    ...(random.chance(0.06) && {metadata: randomMetadata(random)}),
    ...(random.chance(0.3) && {omitStages: stages(random, oddities)}),
    ...(random.chance(0.3) && {omitManagedFields: random.chance(0.5)}),
    rules: Array.from({length: random.chance(0.02) ? 0 : 1 + random.below(7)}, () => randomRule(random, oddities)),
  };
}

const TIMES: readonly PlainValue[] = [
  '2020-01-01T00:00:00Z',
  '2020-02-29T23:59:59.123456789+05:30',
  '2020-01-01T00:00:00,5-23:59',
  '0000-01-01T00:00:00Z',
  '2021-02-29T00:00:00Z',
  '2020-01-01T24:00:00Z',
  '2020-01-01T00:00:60Z',
  '2020-01-01T00:00:00',
  '2020-01-01t00:00:00z',
  '2020-01-01 00:00:00Z',
  '2020-1-1T0:00:00Z',
  '2020-01-01T0:00:00Z',
  '2020-01-01T00:00:00.Z',
  '2020-01-01T00:00:00+24:00',
  '2020-01-01T00:00:00+25:00',
  '2020-01-01T00:00:00+00:60',
  '20200-01-01T00:00:00Z',
  '2020-01-01T00:00:00Z ',
  '2020-13-01T00:00:00Z',
  '2020-00-01T00:00:00Z',
  '2020-01-00T00:00:00Z',
  '',
  'yesterday',
  null,
  0,
  [],
];
const NUMBERS: readonly PlainValue[] = [0, -1, 5, 1.5, 1e3, 1e21, 9_007_199_254_740_991, null, '5', true, []];
const TEXTS: readonly PlainValue[] = ['a', '', 'é', null, 1, true, [], {}];
const FLAGS: readonly PlainValue[] = [true, false, null, 'true', 1];
const MAPS: readonly PlainValue[] = [{a: 'b'}, {}, {a: null}, {a: 1}, {a: {}}, [], 'a', null];

/** The fields of metadata, with values of which each second policy's are of the wrong type. */
function randomMetadata(random: Random): PlainValue {
  const good = random.chance(0.6);
  const one = (choices: readonly PlainValue[]) => (good ? (choices[0] ?? null) : random.pick(choices));
  const fields: Readonly<Record<string, () => PlainValue>> = {
    name: () => one(TEXTS),
    generateName: () => one(TEXTS),
    namespace: () => one(TEXTS),
    selfLink: () => one(TEXTS),
    uid: () => one(TEXTS),
    resourceVersion: () => one(TEXTS),
    generation: () => one(NUMBERS),
    creationTimestamp: () => random.pick(good ? TIMES.slice(0, 4) : TIMES),
    deletionTimestamp: () => one(TIMES),
    deletionGracePeriodSeconds: () => one(NUMBERS),
    labels: () => one(MAPS),
    annotations: () => one(MAPS),
    ownerReferences: () => [{apiVersion: 'v1', kind: one(TEXTS), name: 'a', uid: one(TEXTS), controller: one(FLAGS)}],
    finalizers: () => [one(TEXTS)],
    managedFields: () => [
      {
        manager: one(TEXTS),
        operation: one(TEXTS),
        time: one(TIMES),
        fieldsV1: one(MAPS),
        subresource: one(TEXTS),
        x: 1,
      },
    ],
    // Gone since 1.24 or 1.25.
    clusterName: () => one(TEXTS),
    initializers: () => one(MAPS),
    Name: () => one(TEXTS),
  };
  const names = Object.keys(fields);
  return Object.fromEntries(random.some(names, 0, 4).map((name) => [name, fields[name]?.() ?? null]));
}

function randomRule(random: Random, oddities: Oddities): PlainValue {
  const level = oddities.invalid && random.chance(0.1) ? random.pick(BAD_LEVELS) : random.pick(LEVELS);
  const kind = random.next();
  const mixed = oddities.invalid && random.chance(0.15);
  return {
    level,
    ...sometimes(random, 0.3, 'users', () => few(random, WORDS.users, 3)),
    ...sometimes(random, 0.3, 'userGroups', () => few(random, WORDS.groups, 3)),
    ...sometimes(random, 0.4, 'verbs', () => few(random, WORDS.verbs, 5)),
    ...sometimes(random, kind < 0.6 || mixed ? 0.75 : 0, 'resources', () => resources(random, oddities)),
    ...sometimes(random, kind < 0.6 || mixed ? 0.4 : 0, 'namespaces', () => few(random, WORDS.namespaces, 3)),
    ...sometimes(random, kind > 0.6 || mixed ? 0.8 : 0, 'nonResourceURLs', () => urls(random, oddities)),
    ...sometimes(random, 0.35, 'omitStages', () => stages(random, oddities)),
    ...sometimes(random, 0.05, random.pick(UNKNOWN_KEYS), () => random.pick([1, null, [], {a: 'b'}])),
    ...sometimes(random, 0.35, 'omitManagedFields', () => (random.chance(0.1) ? null : random.chance(0.5))),
  };
}

/** Up to `most` words, seldom among many others: long lists may be kept in another way than short ones. */
function few(random: Random, words: readonly string[], most: number): string[] {
  const chosen = random.some(words, 0, most);
  if (!random.chance(0.04)) return chosen;
  const others = Array.from({length: 10 + random.below(30)}, (_, index) => `other-${index}`);
  const at = random.pick([0, random.below(others.length), others.length]);
  return [...others.slice(0, at), ...chosen, ...others.slice(at)];
}

function sometimes(
  random: Random,
  probability: number,
  key: string,
  make: () => PlainValue,
): {readonly [key: string]: PlainValue} {
  return random.chance(probability) ? {[key]: make()} : {};
}

function resources(random: Random, oddities: Oddities): PlainValue {
  const entries = Array.from({length: random.below(4)}, () => groupResources(random, oddities));
  return random.chance(0.1) ? [...entries, ...entries] : entries;
}

function groupResources(random: Random, {invalid, anyGroup}: Oddities): PlainValue {
  const groups = anyGroup ? [...WORDS.apiGroups, '*', '*'] : WORDS.apiGroups;
  const group = invalid && random.chance(0.15) ? random.pick(BAD_GROUPS) : random.pick(groups);
  const list = random.some(RESOURCE_SPECS, 0, 4);
  // Names without resources are refused.
  const named = (list.length > 0 || (invalid && random.chance(0.3))) && random.chance(0.35);
  const names = invalid && random.chance(0.3) ? ODD_NAMES : WORDS.names;
  return {
    ...((group !== '' || random.chance(0.5)) && {group}),
    ...((list.length > 0 || random.chance(0.5)) && {resources: list}),
    ...(named && {resourceNames: few(random, names, 3)}),
  };
}

function urls(random: Random, {invalid}: Oddities): PlainValue {
  return random.some(invalid && random.chance(0.3) ? [...URL_SPECS, ...BAD_URL_SPECS] : URL_SPECS, 0, 4);
}

function stages(random: Random, {invalid}: Oddities): PlainValue {
  return random.some(invalid && random.chance(0.2) ? [...STAGES, ...BAD_STAGES] : STAGES, 0, 4);
}

/** A policy's text: JSON, or YAML in one of its styles. */
export function writePolicy(random: Random, policy: {readonly [key: string]: PlainValue}): string {
  const style = random.next();
  if (style < 0.2) return jsonWithRepetition(random, policy);
  if (style < 0.4) return JSON.stringify(policy);
  if (style < 0.5) return JSON.stringify(policy, null, random.pick([1, 2, 4, '\t']));
  if (style < 0.6) return `---\n${flow(random, policy)}\n`;
  return block(random, policy, 0);
}

/** JSON in which keys stand more than once: each value is read over what is left of those before. */
function jsonWithRepetition(random: Random, value: PlainValue): string {
  if (isList(value)) return `[${value.map((item) => jsonWithRepetition(random, item)).join()}]`;
  if (!isMap(value)) return JSON.stringify(value);
  const entries = Object.entries(value).flatMap(([key, child]) => {
    const times = random.chance(0.08) ? 1 + random.below(3) : 0;
    const others = Array.from({length: times}, () => variant(random, child));
    const at = random.below(times + 1);
    return [...others.slice(0, at), child, ...others.slice(at)].map((each) => [key, each] as const);
  });
  return `{${entries.map(([key, child]) => `${JSON.stringify(key)}:${jsonWithRepetition(random, child)}`).join()}}`;
}

/** A value of the same kind, mostly with less in it. */
function variant(random: Random, value: PlainValue): PlainValue {
  if (random.chance(0.02)) return random.pick([null, 1, 'None', [], {}]);
  if (isList(value)) {
    const items = value.slice(0, random.below(value.length + 1)).map((item) => variant(random, item));
    return random.chance(0.4) ? [...items, null, null] : items;
  }
  if (!isMap(value)) return random.chance(0.5) ? null : value;
  return Object.fromEntries(Object.entries(value).filter(() => random.chance(0.5)));
}

/** Block style with plain or quoted scalars, lists indented or not. */
function block(random: Random, value: {readonly [key: string]: PlainValue}, indentation: number): string {
  const indent = ' '.repeat(indentation);
  return Object.entries(value)
    .map(([key, child]) => `${indent}${key}:${blockChild(random, child, indentation)}`)
    .join('');
}

function blockChild(random: Random, value: PlainValue, indentation: number): string {
  if (isList(value) && value.length > 0 && random.chance(0.8)) {
    const deeper = indentation + random.pick([0, 0, 1, 2, 4]);
    return `\n${value.map((item) => `${' '.repeat(deeper)}-${blockItem(random, item, deeper)}`).join('')}`;
  }
  if (isMap(value) && Object.keys(value).length > 0 && random.chance(0.8)) {
    return `\n${block(random, value, indentation + 2)}`;
  }
  return ` ${flow(random, value)}\n`;
}

function blockItem(random: Random, value: PlainValue, indentation: number): string {
  if (!isMap(value) || Object.keys(value).length === 0 || random.chance(0.15)) return ` ${flow(random, value)}\n`;
  return ` ${block(random, value, indentation + 2).trimStart()}`;
}

function flow(random: Random, value: PlainValue): string {
  if (isList(value)) return `[${value.map((item) => flow(random, item)).join(random.pick([', ', ',', ' , ']))}]`;
  if (isMap(value)) {
    const entries = Object.entries(value).map(([key, child]) => `${key}: ${flow(random, child)}`);
    return `{${entries.join(', ')}}`;
  }
  return typeof value === 'string' ? scalar(random, value) : String(value);
}

/** Plain words that are no texts in YAML. */
const TRAPS = ['y', 'no', 'On', '~', '', '017', '1_0', '1e3', '.5', '<<'];

function scalar(random: Random, text: string): string {
  if (random.chance(0.002)) return random.pick(TRAPS);
  const isPlain = /^[A-Za-z/][-A-Za-z0-9/._]*(?::[a-z]+)?$/.test(text) && !/^(?:y|n|yes|no|on|off)$/i.test(text);
  if (isPlain && random.chance(0.8)) return text;
  if (/^[ -~]*$/.test(text) && random.chance(0.5)) return `'${text.replaceAll("'", "''")}'`;
  return JSON.stringify(text).replaceAll('\u007f', '\\x7f');
}

function isList(value: PlainValue): value is readonly PlainValue[] {
  return Array.isArray(value);
}

function isMap(value: PlainValue): value is {readonly [key: string]: PlainValue} {
  return typeof value === 'object' && value !== null && !isList(value);
}
