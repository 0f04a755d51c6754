/** Odd policy texts: texts of policies with a few changes such as people, editors, templates and copying make. */
import type {Random} from './random-numbers.ts';
import {randomPolicy, writePolicy} from './random-policies.ts';

/** A text, or bytes that are no UTF-8. */
export type RandomText = {readonly policy: string} | {readonly policyBase64: string};

/** `bases` are texts to start from, beside random policies. */
export function randomText(random: Random, bases: readonly string[]): RandomText {
  let text = bases.length > 0 && random.chance(0.4) ? random.pick(bases) : writePolicy(random, randomPolicy(random));
  // Some whole, most with a change or two; many changes end in the same few messages.
  const changes = random.pick([0, 1, 1, 1, 1, 2, 2, 3, 5]);
  for (let index = 0; index < changes; index++) text = random.pick(CHANGES)(random, text);
  // What JSON.stringify writes as half of a pair would reach the two sides as different texts.
  text = text.toWellFormed();
  return random.chance(0.03) ? {policyBase64: withBadBytes(random, text)} : {policy: text};
}

type Change = (random: Random, text: string) => string;

/** What stands for one value: YAML 1.1 words, numbers and their look-alikes, nulls, collections, tags, block scalars. */
const SCALARS = [
  'y',
  'Yes',
  'no',
  'on',
  'OFF',
  'true',
  'tRUE',
  '~',
  'null',
  'Null',
  '',
  '0',
  '-0',
  '017',
  '0o17',
  '0x1F',
  '0b11',
  '1_000',
  '1:20',
  '1.5',
  '1e3',
  '.5',
  '1.',
  '.inf',
  '.NaN',
  '18446744073709551616',
  '1e999',
  '2001-01-01',
  '2001-12-14t21:59:43.10-05:00',
  '<<',
  '=',
  '[]',
  '{}',
  '[a]',
  '[a, b,]',
  '[,]',
  '{a: b}',
  '{a}',
  '{? a : b}',
  '[a: b]',
  '"x"',
  '"\\x41\\u00e9\\n"',
  '"\\U0001F600\\q"',
  "'it''s'",
  '"a',
  "'a",
  '"a"b',
  '@a',
  '`a',
  '%a',
  '&a',
  '&a b',
  '*a',
  '*b',
  '!!str 5',
  '!!int "5"',
  '!!int x',
  '!!float 5',
  '!!bool "yes"',
  '!!null ""',
  '!!binary aGVsbG8=',
  '!!binary "!"',
  '!!binary //8=',
  '!!seq [a]',
  '!!map {a: b}',
  '!!set {a}',
  '!!timestamp 2001-01-01',
  '!x abc',
  '!x [a]',
  '! 5',
  '!<tag:yaml.org,2002:str> 7',
  '!e!x a',
  '|\n      x\n      y',
  '>-\n      x\n\n      y',
  '|2+\n       x\n',
  '|9\n x',
  '# a',
  'a # b',
  'a: b',
  '- a',
  '? a',
  '\u2028',
  'é',
  '\ud83d\ude00',
];

/** Lines that stand on their own. */
const LINES = [
  '---',
  '--- x',
  '...',
  '... x',
  '# comment',
  '%YAML 1.1',
  '%YAML 1.2',
  '%FOO bar',
  '%TAG !e! tag:example.com,2000:',
  'apiVersion: audit.k8s.io/v1',
  'APIVERSION: v1',
  'Kind: Policy',
  'kind: Event',
  'rules: []',
  'rules:',
  'omitStages: [RequestReceived]',
  'omitManagedFields: true',
  'metadata: {name: x, labels: {a: b}}',
  'metadata: {creationTimestamp: null, generation: 5, foo: 1}',
  'metadata: {labels: {a: 1}}',
  'foo: &a {level: None, users: [x]}',
  'bar: &b [a, b]',
  '<<: *a',
  '<<: {omitStages: [Panic]}',
  '<<: [{omitStages: [Panic]}, {omitStages: []}]',
  '"<<": {kind: Event}',
  '- level: None',
  '-',
  '  verbs: ["*"]',
  '  users: [a]',
  '  <<: *a',
  '  level: Metadata',
  '  Level: None',
  '  foo: {bar: 1}',
  '  resources: [{group: ""}, null]',
  '  resources:',
  '  ? users\n  : [a]',
  '? [a]\n: b',
  'yes: 1',
  '~: 1',
  '1.5: 2',
  '0x10: 3',
  '017: 4',
  '0b11: 5\n1_000: 6\n.5: 7\n1e3: 8\n-0: 9\n1.0: 1\n1e21: 2\n.inf: 3',
  '*a : b',
  '[a]: b',
  '{a: b}: c',
  '\t',
  '   \t',
  ' ',
  '',
  '{{ .Values.rules }}',
  '{%- if x %}',
  '<<<<<<< HEAD',
  '=======',
  'a'.repeat(1100),
  `${'a'.repeat(1100)}: b`,
];

/** What a key may be that is no word. */
const ODD_KEYS = [
  '017',
  '0b11',
  '0x1F',
  '1_000',
  '.5',
  '1e3',
  '1.0',
  'yes',
  'off',
  '~',
  'null',
  '""',
  '1:20',
  '-',
  '<<',
  '=',
  '[a]',
];

/** Values of a key that stands more than once in JSON: each is read over what is left of those before. */
const REPEATED = [
  'null',
  '[]',
  '["a"]',
  '["b","c","d"]',
  '[null,null]',
  '[null,null,null,"e"]',
  '[{}]',
  '[{},null,{}]',
  '[{"level":"None","verbs":["get"]},{"users":["x"]}]',
  '{"a":"b"}',
  '"None"',
  '1',
  'true',
];

/** Characters that mean something to one of the two parsers, and some that mean trouble. */
const CHARACTERS = [
  ...':-?[]{}&*!|>\'"%@`,#=<~\\/ .\t\n\r'.split(''),
  ': ',
  '- ',
  ' #',
  ' : ',
  ', ',
  '\n ',
  '\n  ',
  '\n- ',
  '\n\n',
  '\r\n',
  '\u0000',
  '\u0001',
  '\u0007',
  '\u007f',
  '\u0085',
  '\u00a0',
  '\u2028',
  '\u2029',
  '\ufeff',
  '\ufffe',
  '\uffff',
  '\ufffd',
  '\ud83d\ude00',
  'é',
];

const KEYS =
  /"?\b(?:apiVersion|kind|metadata|rules|level|users|userGroups|verbs|resources|group|resourceNames|namespaces|nonResourceURLs|omitStages|omitManagedFields)\b"?(?=\s*:)/g;

const MISSPELT: Readonly<Record<string, readonly string[]>> = {
  apiVersion: ['apiversion', 'APIVersion', 'apiVer\u017fion', 'version'],
  kind: ['Kind', 'KIND', '\u212aind'],
  rules: ['Rules', 'rule'],
  level: ['Level', 'levels'],
  users: ['user', 'Users', '__proto__'],
  userGroups: ['usergroups', 'groups'],
  verbs: ['verb', 'constructor'],
  resources: ['resource', 'apiGroups'],
  group: ['Group', 'groups'],
  resourceNames: ['resourcenames', 'names'],
  namespaces: ['namespace'],
  nonResourceURLs: ['nonResourceUrls', 'urls'],
  omitStages: ['omitstages', 'omitStage'],
  omitManagedFields: ['omitManagedfields'],
};

const CHANGES: readonly Change[] = [
  useAnchor,
  useAnchor,
  aliasMuch,
  changeKey,
  duplicateKey,
  changeValue,
  changeValue,
  changeValue,
  changeListItem,
  changeListItem,
  insertLine,
  insertLine,
  insertCharacters,
  insertCharacters,
  insertCharacters,
  changeIndentation,
  changeIndentation,
  loseIndentation,
  useTabs,
  changeLineEnds,
  repeatLine,
  swapLines,
  dropLine,
  dropPart,
  truncate,
  prefix,
  append,
  reversePart,
  dropCharacter,
  dropCharacter,
];

function changeKey(random: Random, text: string): string {
  return replaceOne(random, text, KEYS, (key) => {
    const quoted = key.startsWith('"');
    const name = key.replaceAll('"', '');
    const other = random.pick([
      ...(MISSPELT[name] ?? []),
      random.pick(ODD_KEYS),
      name.toUpperCase(),
      `${name} `,
      `"${name}"`,
      `!!str ${name}`,
    ]);
    return quoted && !other.includes('"') ? `"${other}"` : other;
  });
}

/** The key a second time, or more often, with other values. */
function duplicateKey(random: Random, text: string): string {
  if (text.startsWith('{')) {
    return replaceOne(random, text, /"[A-Za-z]+":/g, (key) => {
      const values = random.some(REPEATED, 1, 3);
      return `${values.map((value) => `${key}${value},`).join('')}${key}`;
    });
  }
  return replaceOne(random, text, /^([ -]*)([A-Za-z]+):.*$/gm, (line, [, indent = '', key = '']) => {
    const first = random.chance(0.5) ? line : `${indent}${key}: ${random.pick(SCALARS)}`;
    const second = first === line ? `${indent}${key}: ${random.pick(SCALARS)}` : line;
    return `${first}\n${second.replaceAll('-', ' ')}`;
  });
}

function changeValue(random: Random, text: string): string {
  return replaceOne(
    random,
    text,
    /(:[ \t]*)([^\s,{}[\]][^\n,}\]]*|\[[^\n[\]]*\]|\{[^\n{}]*\})/g,
    (_, [, colon = '', value = '']) =>
      random.chance(0.3) ? `${colon}${wrapped(random, value)}` : `${colon}${random.pick(SCALARS)}`,
  );
}

function changeListItem(random: Random, text: string): string {
  return replaceOne(random, text, /(- |\[ ?|, ?)([^\s,{}[\]][^\n,}\]]*)/g, (_, [, before = '', value = '']) =>
    random.chance(0.3) ? `${before}${wrapped(random, value)}` : `${before}${random.pick(SCALARS)}`,
  );
}

/** An anchor that is set once or twice, in front of all, and used for some value. */
function useAnchor(random: Random, text: string): string {
  const values = ['[alice]', '[bob, &b dev]', '{level: None, users: [bob]}', 'None', 'get', '[&a x, *a]', '&b y', '*a'];
  const anchors = random.some(values, 1, 3).map((value, index) => `x${index}: &a ${value}\n`);
  const used = replaceOne(
    random,
    text,
    /: (?:\[[^\n[\]]*\]|\w+)$/gm,
    () => `: ${random.pick(['*a', '*a', '*b', '{<<: *a}'])}`,
  );
  return anchors.join('') + used;
}

/** What means more than the server puts up with, or nearly. */
function aliasMuch(random: Random, text: string): string {
  const width = 5 + random.below(6);
  const lines = Array.from({length: 2 + random.below(3)}, (_, level) => {
    const item = level === 0 ? 'x' : `*z${level - 1}`;
    return `z${level}: &z${level} [${Array.from({length: width}, () => item).join()}]\n`;
  });
  return lines.join('') + text;
}

function wrapped(random: Random, value: string): string {
  return random.pick([
    `"${value}"`,
    `'${value}'`,
    `[${value}]`,
    `{a: ${value}}`,
    `&a ${value}`,
    `!!str ${value}`,
    `!x ${value}`,
    `${value} # x`,
    `${value}#x`,
    `${value}:`,
    `- ${value}`,
    `|\n      ${value}`,
    `\n      ${value}`,
    `${value}\n      x`,
    ` ${value} `,
    `\t${value}\t`,
  ]);
}

function insertLine(random: Random, text: string): string {
  const lines = text.split('\n');
  lines.splice(random.below(lines.length + 1), 0, random.pick(LINES));
  return lines.join('\n');
}

function insertCharacters(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + random.pick(CHARACTERS) + text.slice(at);
}

function changeIndentation(random: Random, text: string): string {
  return replaceOne(random, text, /^ */gm, (spaces) =>
    ' '.repeat(Math.max(0, spaces.length + random.pick([-2, -1, 1, 2]))),
  );
}

/** As from a page that does not keep it; of all lines, or from some line on. */
function loseIndentation(random: Random, text: string): string {
  const lines = text.split('\n');
  const from = random.chance(0.5) ? 0 : random.below(lines.length);
  return lines.map((line, index) => (index < from ? line : line.trimStart())).join('\n');
}

function useTabs(random: Random, text: string): string {
  if (random.chance(0.3)) return text.replaceAll(/^ +/gm, (spaces) => '\t'.repeat(Math.ceil(spaces.length / 2)));
  return replaceOne(random, text, / +/g, () => random.pick(['\t', ' \t', '\t ']));
}

function changeLineEnds(random: Random, text: string): string {
  const end = random.pick(['\r\n', '\r', '\u2028', '\u0085', '\n\n', '\n\r']);
  return random.chance(0.5) ? text.replaceAll('\n', end) : replaceOne(random, text, /\n/g, () => end);
}

function repeatLine(random: Random, text: string): string {
  const lines = text.split('\n');
  const line = random.pick(lines);
  lines.splice(random.below(lines.length + 1), 0, line);
  return lines.join('\n');
}

function swapLines(random: Random, text: string): string {
  const lines = text.split('\n');
  const [a, b] = [random.below(lines.length), random.below(lines.length)];
  [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
  return lines.join('\n');
}

function dropLine(random: Random, text: string): string {
  const lines = text.split('\n');
  lines.splice(random.below(lines.length), 1);
  return lines.join('\n');
}

function dropPart(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  return text.slice(0, at) + text.slice(at + 1 + random.below(12));
}

function dropCharacter(random: Random, text: string): string {
  const meaningful = /[[\]{}"':,\-\n ]/g;
  return replaceOne(random, text, meaningful, () => '');
}

function reversePart(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const part = text.slice(at, at + 2 + random.below(3));
  return text.slice(0, at) + part.split('').toReversed().join('') + text.slice(at + part.length);
}

function truncate(random: Random, text: string): string {
  return text.slice(0, random.below(text.length + 1));
}

function prefix(random: Random, text: string): string {
  const before = [
    '\ufeff',
    '---\n',
    '---\n---\n',
    '# a\n',
    '# a\n---\n# b\n---\n',
    ' ',
    '\t',
    '\n',
    '\u00a0',
    '\u0085',
    '%YAML 1.1\n---\n',
    '--- ',
    '--- # x\n',
    '--- |\n',
    '- ',
    '!x ',
    '&a ',
    '...\n',
    '\u2028',
    '"',
  ];
  return random.pick(before) + text;
}

function append(random: Random, text: string): string {
  return (
    text +
    random.pick([
      '---\n',
      '\n---\n}{',
      '...\n',
      '\n...\n}{',
      ' ',
      '\t',
      '\n',
      'x',
      '\u0000',
      '}',
      ']',
      '"',
      '#',
      ' # x',
      '\n\tx',
      '\n  \t',
      ':',
      '{}',
      '\ufeff',
    ])
  );
}

type Groups = readonly (string | undefined)[];

/** One match of `pattern`, chosen at random, replaced; the text as it is when there is none. */
function replaceOne(
  random: Random,
  text: string,
  pattern: RegExp,
  replace: (match: string, groups: Groups) => string,
): string {
  const matches = [...text.matchAll(pattern)];
  const match = matches[random.below(matches.length)];
  if (match === undefined) return text;
  return text.slice(0, match.index) + replace(match[0], match) + text.slice(match.index + match[0].length);
}

/** Bytes that are no UTF-8, or another encoding of the whole. */
function withBadBytes(random: Random, text: string): string {
  const bytes = Buffer.from(text, 'utf8');
  switch (random.below(4)) {
    case 0:
      return Buffer.from(`\ufeff${text}`, 'utf16le').toString('base64');
    case 1:
      return Buffer.from(`\ufeff${text}`, 'utf16le').swap16().toString('base64');
    case 2:
      return Buffer.from(text, 'latin1').toString('base64');
    default: {
      const at = random.below(bytes.length + 1);
      const bad = Buffer.from(
        random.pick([[0xff], [0xc3], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82]]),
      );
      return Buffer.concat([bytes.subarray(0, at), bad, bytes.subarray(at)]).toString('base64');
    }
  }
}
