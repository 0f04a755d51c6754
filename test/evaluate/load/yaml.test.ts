/** YAML as go-yaml reads it: its own answers decide. */
import {readFileSync} from 'node:fs';
import {assert} from 'chai';
import {decodeYaml} from '../../../src/evaluate/load/decode-yaml.ts';
import {RefusedText} from '../../../src/evaluate/load/decoded-value.ts';
import type {DecodedValue} from '../../../src/evaluate/load/decoded-value.ts';
import {goJson} from '../../../src/evaluate/load/go-quote.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import {YAML_CASES} from '../../oracle/yaml/cases.ts';
import type {YamlContent} from '../../oracle/yaml/cases.ts';

interface Answer {
  readonly json?: string;
  readonly error?: string;
  readonly strict?: string;
}

const answers = JSON.parse(
  readFileSync(new URL('../../oracle/yaml-answers.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, Answer>>;

const decode = (content: YamlContent) => decodeYaml(content, undefined);

function answerOf(content: YamlContent): Answer {
  try {
    const {value, duplicateKeys} = decode(content);
    return {json: jsonOf(value), ...(duplicateKeys !== undefined && {strict: duplicateKeys})};
  } catch (error) {
    if (!(error instanceof RefusedText)) throw error;
    return {error: error.message};
  }
}

/** As Go writes it. */
function jsonOf(value: DecodedValue): string {
  switch (value.kind) {
    case 'null':
      return 'null';
    case 'bool':
      return String(value.value);
    case 'number':
      return value.text;
    case 'string':
      return goJson(value.value);
    case 'array':
      return `[${value.items.map(jsonOf).join(',')}]`;
    case 'object':
      return `{${value.entries.map((entry) => `${goJson(entry.key)}:${jsonOf(entry.value)}`).join(',')}}`;
  }
}

/** Each value with its place, in the order of the text: `2:3 key`, `2:8 text`. */
function placesOf(value: DecodedValue): string[] {
  const place = `${value.line}:${value.column}`;
  if (value.kind === 'array') return [`${place} [`, ...value.items.flatMap(placesOf)];
  if (value.kind !== 'object') return [`${place} ${jsonOf(value)}`];
  return [
    `${place} {`,
    ...value.entries.flatMap(({key, line, column, value: child}) => [`${line}:${column} ${key}:`, ...placesOf(child)]),
  ];
}

function refusalOf(content: YamlContent): RefusedText {
  try {
    decode(content);
  } catch (error) {
    if (error instanceof RefusedText) return error;
    throw error;
  }
  throw new Error('it is not refused');
}

const decodeNullKey = (version: string) => () => decodeYaml('~: a', parseKubernetesVersion(version));
const tooDeep = (character: string) =>
  `couldn't get version/kind; json parse error: invalid character '${character}' exceeded max depth`;

describe('decodeYaml', () => {
  it('has an answer of go-yaml for every case, and for no other', () => {
    assert.deepEqual(Object.keys(answers), [...YAML_CASES.keys()]);
  });

  describe('says what go-yaml says', () => {
    for (const [name, content] of YAML_CASES) {
      it(name, () => {
        const answer = answers[name];
        // Go writes what is no UTF-8 as an escape, which means the same.
        const json = answer?.json?.replaceAll(String.raw`\ufffd`, '\ufffd');
        assert.deepEqual(answerOf(content), {...answer, ...(json !== undefined && {json})});
      });
    }
  });

  it('reads a string as its UTF-8', () => {
    for (const [name, content] of YAML_CASES) {
      if (typeof content === 'string') assert.deepEqual(answerOf(Buffer.from(content)), answerOf(content), name);
    }
  });

  it('knew another spelling before 1.26', () => {
    assert.throws(decodeNullKey('1.30'), /^Unsupported map key of type/);
    assert.throws(decodeNullKey('1.31'), /^unsupported map key of type/);
  });

  describe('knows the place of each key and value', () => {
    const rows: Readonly<Record<string, readonly [text: string, ...places: string[]]>> = {
      'block collections': ['a:\n  - b\n  - c: 1\n', '1:1 {', '1:1 a:', '2:3 [', '2:5 "b"', '3:5 {', '3:5 c:', '3:8 1'],
      'flow collections': ['{a: [b, {c: d}]}', '1:1 {', '1:2 a:', '1:5 [', '1:6 "b"', '1:9 {', '1:10 c:', '1:13 "d"'],
      'keys in another order': ['b: 1\na: 2\n', '1:1 {', '2:1 a:', '2:4 2', '1:1 b:', '1:4 1'],
      'properties in front': ['a: &x !!str\n  b\n', '1:1 {', '1:1 a:', '1:4 "b"'],
      'values that are not there': ['a:\nb: []\n', '1:1 {', '1:1 a:', '1:3 null', '2:1 b:', '2:4 ['],
      'characters of two code units': ['"😀": "é" # 😀\n"a": b', '1:1 {', '2:1 a:', '2:6 "b"', '1:1 😀:', '1:6 "é"'],
      'a byte order mark': ['\ufeffa: b', '1:1 {', '1:1 a:', '1:4 "b"'],
      'all kinds of line breaks': ['- a\r\n- b\r- c\u0085- d', '1:1 [', '1:3 "a"', '2:3 "b"', '3:3 "c"', '4:3 "d"'],
      'aliases: where the value stands': [
        'a: &x\n  b: c\nd: *x\n',
        '1:1 {',
        '1:1 a:',
        '1:4 {',
        '2:3 b:',
        '2:6 "c"',
        '3:1 d:',
        '1:4 {',
        '2:3 b:',
        '2:6 "c"',
      ],
      'nothing at all': ['# a\n', '1:1 null'],
    };
    for (const [name, [text, ...places]] of Object.entries(rows)) {
      it(name, () => {
        assert.deepEqual(placesOf(decode(text).value), places);
      });
    }
  });

  it('knows which keys repeat', () => {
    const {value} = decode('a: 1\nb: 2\nc: {d: 1,\n  d: 2, d: 3}\n"a": 4\n');
    assert(value.kind === 'object');
    assert.deepEqual(value.repeated, [{key: 'a', line: 5, column: 1, earlier: {line: 1, column: 1}}]);
    const inner = value.entries.find(({key}) => key === 'c')?.value;
    assert(inner?.kind === 'object');
    assert.deepEqual(inner.repeated, [
      {key: 'd', line: 4, column: 3, earlier: {line: 3, column: 5}},
      {key: 'd', line: 4, column: 9, earlier: {line: 4, column: 3}},
    ]);
    assert.equal(jsonOf(value), '{"a":4,"b":2,"c":{"d":3}}');
  });

  describe('knows where it stops reading', () => {
    const rows: readonly (readonly [text: string, place: string | undefined])[] = [
      ['a: b\n', undefined],
      ['a: b\n...\n# c\n', undefined],
      ['---\na: b\n---\nc: d\n', '3:1'],
      ['a: b\n...\n...\n%YAML 1.1\n---\n', '4:1'],
      ['  a: b\nc: d\n', '2:1'],
      ['a: b\n---\n"c\n', '2:1'],
      ['a: b\n... @c\n', '2:5'],
    ];
    for (const [text, place] of rows) {
      it(`${JSON.stringify(text)} → ${place ?? 'at the end'}`, () => {
        const {unreadFrom} = decode(text);
        assert.equal(unreadFrom && `${unreadFrom.line}:${unreadFrom.column}`, place);
      });
    }
  });

  describe('knows the place of a fault, and what was begun there', () => {
    const rows: readonly (readonly [text: string, place: string, context?: string])[] = [
      ['a: "b\nc\n', '3:1', 'while scanning a quoted scalar 1:4'],
      ['a:\n  b: [c,\n   d\n', '4:1', 'while parsing a flow sequence 2:6'],
      ['a:\n\tb: c\n', '2:1', 'while scanning for the next token 2:1'],
      ['a: b: c\n', '1:5'],
      ['a:\n  b\nc\n', '4:1', 'while scanning a simple key 3:1'],
      ['a: b\n- c\n', '2:1', 'while parsing a block mapping 1:1'],
      ['a: *b\n', '1:4'],
      ['a: b\nc: \u0001\n', '2:4'],
      ['a: &b [\n  *b]\n', '2:3'],
      ['a: b\n~: c\n', '2:1'],
      ['a: b\n? [c]\n', '2:3'],
      ['a: !!int b\n', '1:4'],
      ['a:\n  <<: b\n', '2:7'],
      ['a: [.nan]\n', '1:5'],
    ];
    for (const [text, place, context] of rows) {
      it(JSON.stringify(text), () => {
        const {position, context: found} = refusalOf(text);
        assert.equal(`${position?.line}:${position?.column}`, place);
        assert.equal(found && `${found.what} ${found.start.line}:${found.start.column}`, context);
      });
    }
  });

  it('reads what is nested ten thousand deep', () => {
    const depth = 9_999;
    const texts = [
      `${'['.repeat(depth)}a${']'.repeat(depth)}`,
      `${'{a: '.repeat(depth)}b${'}'.repeat(depth)}`,
      `${'- '.repeat(depth)}a`,
      `a: ${'{<<: '.repeat(depth)}{b: c}${'}'.repeat(depth)}`,
    ];
    for (const text of texts) assert.doesNotThrow(() => decode(text));
  });

  it('refuses what JSON cannot nest, in the words of the JSON that the server makes of it', () => {
    assert.equal(refusalOf(`a: ${'['.repeat(10_000)}`.padEnd(20_003, ']')).message, tooDeep('['));
    assert.equal(refusalOf(`a: ${'[b: '.repeat(5000)}${']'.repeat(5000)}`).message, tooDeep('{'));
  });
});
