import {assert} from 'chai';
import {positionAt} from '../../../src/evaluate/load/decoded-value.ts';
import {decodePolicyText, loadPolicy} from '../../../src/evaluate/load/load-policy.ts';
import type {LoadedPolicy} from '../../../src/evaluate/load/load-policy.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';

const RULES = 'rules: [{level: Metadata}]\n';
const V1 = `apiVersion: audit.k8s.io/v1\n${RULES}`;

const load = (text: string, version?: string): LoadedPolicy =>
  loadPolicy(text, {serverVersion: version === undefined ? undefined : parseKubernetesVersion(version)});
const outcome = (loaded: LoadedPolicy): string =>
  loaded.kind === 'loaded' ? loaded.warnings.join(', ') || 'ok' : loaded.message;

/** With another byte in place of the question mark. */
const withByte = (text: string, byte: number): Uint8Array => {
  const bytes = Buffer.from(text);
  bytes[text.indexOf('?')] = byte;
  return bytes;
};
const usersOf = (content: string | Uint8Array): readonly string[] | string => {
  const loaded = loadPolicy(content, {serverVersion: undefined});
  return loaded.kind === 'loaded' ? (loaded.policy.rules[0]?.users ?? []) : loaded.message;
};
const withMetadata = (metadata: string) => `apiVersion: audit.k8s.io/v1\nmetadata: {${metadata}}\n${RULES}`;
const noNumber = (field: string) =>
  `failed decoding: json: cannot unmarshal number into Go struct field ${field} of type string`;

describe('loadPolicy', () => {
  describe('accepts what the release accepts', () => {
    const beta = `apiVersion: audit.k8s.io/v1beta1\n${RULES}`;
    const deprecated =
      '"audit.k8s.io/v1beta1" is deprecated and will be removed in a future release, use "audit.k8s.io/v1" instead';
    const gone =
      'failed decoding: no kind "Policy" is registered for version "audit.k8s.io/v1beta1" in scheme "pkg/runtime/scheme.go:110"';
    const typo = `apiVersion: audit.k8s.io/v1\nrules:\n- level: Metadata\n  nonResourceUrls: [/x]\n  level: None\n`;
    const strict =
      'yaml: unmarshal errors:\n  line 5: key "level" already set in map, unknown field "rules[0].nonResourceUrls"';
    const rows: readonly (readonly [version: string | undefined, text: string, expected: string])[] = [
      ['1.18', beta, 'ok'],
      ['1.21', beta, deprecated],
      ['1.23', beta, deprecated],
      ['1.24', beta, gone],
      ['1.37', beta, gone],
      [undefined, beta, gone],
      ['1.18', V1, 'ok'],
      [undefined, V1, 'ok'],
      ['1.25', typo, 'ok'],
      ['1.26', typo, strict],
      [undefined, typo, strict],
      ['1.22', `${V1}omitManagedFields: nonsense\n`, 'ok'],
      ['1.23', `${V1}omitManagedFields: true\n`, 'ok'],
      [
        '1.23',
        `${V1}omitManagedFields: nonsense\n`,
        'failed decoding: json: cannot unmarshal string into Go struct field Policy.omitManagedFields of type bool',
      ],
      ['1.35', `apiVersion: audit.k8s.io/v1\nrules: [{level: None, resources: [{group: "*"}]}]\n`, star()],
      ['1.36', `apiVersion: audit.k8s.io/v1\nrules: [{level: None, resources: [{group: "*"}]}]\n`, 'ok'],
    ];
    for (const [version, text, expected] of rows) {
      it(`${version ?? 'newest'}: ${text.slice(12, 60).replaceAll('\n', ' ')} → ${expected.slice(0, 40)}`, () => {
        assert.equal(outcome(load(text, version)), expected);
      });
    }
  });

  it('refuses a policy without apiVersion in the words of the server', () => {
    assert.equal(outcome(load(RULES)), 'unknown group version field audit.k8s.io/__internal, Kind=Policy in policy');
  });

  it('knows the line of each rule', () => {
    const text =
      'apiVersion: audit.k8s.io/v1\nrules:\n# none\n- level: None\n\n- users: [a]\n  level: Metadata\n- {level: None}\n';
    const loaded = load(text);
    assert(loaded.kind === 'loaded');
    assert.deepEqual(
      loaded.policy.rules.map((rule) => rule.line),
      [4, 6, 8],
    );
  });

  it('knows the line of each rule in JSON and after lone CRs', () => {
    const json = load('{"apiVersion":"audit.k8s.io/v1",\n"rules":[\n{"level":"None"},\n\n{"level":"None"}]}');
    const carriageReturns = load('apiVersion: audit.k8s.io/v1\rrules:\r- level: None\r- level: None\r');
    assert(json.kind === 'loaded' && carriageReturns.kind === 'loaded');
    assert.deepEqual(
      json.policy.rules.map((rule) => rule.line),
      [3, 5],
    );
    assert.deepEqual(
      carriageReturns.policy.rules.map((rule) => rule.line),
      [3, 4],
    );
  });

  describe('says at which step, and where, a text is refused', () => {
    const head = 'apiVersion: audit.k8s.io/v1\n';
    const rows: readonly (readonly [text: string, step: string, ...places: string[]])[] = [
      [`${head}rules:\n- level: "None\n`, 'decode', '4:1'],
      [`${head}rules:\n- level: None\n  users:\n  - a\n  - 5\n`, 'decode', '6:5'],
      [`${head}rules: {}\n`, 'decode', '2:8'],
      ['{"apiVersion":"audit.k8s.io/v1",\n"rules":[}', 'decode', '2:10'],
      ['kind: Policy\napiVersion: audit.k8s.io/v2\n', 'decode', '2:13'],
      ['apiVersion: audit.k8s.io/v1\nkind: Event\n', 'decode', '2:7'],
      ['kind: Policy\nAPIVersion: a/b/c\n', 'decode', '2:13'],
      [`${head}metadata:\n  creationTimestamp: yesterday\n`, 'decode', '3:22'],
      ['# nothing\n', 'group-version', '1:1'],
      ['kind: Policy\nrules: []\n', 'group-version', '1:1'],
      [`${head}rules:\n- level: None\n- users: [a]\n  level: Foo\n`, 'validation', '5:10'],
      [`${head}rules:\n- level: None\n-\n  users: [a]\n`, 'validation', '5:3'],
      [`${head}rules:\n- level: None\n  omitStages: [Panic,\n    Foo]\n`, 'validation', '5:5'],
      [
        `${head}omitStages: [A]\nrules:\n- level: None\n  nonResourceURLs: [a, /, b*b]\n  resources:\n  - group: ok\n  - {group: A, resourceNames: [a]}\n`,
        'validation',
        '2:14',
        '5:21',
        '5:27',
        '5:27',
        '8:13',
        '8:31',
        '5:20',
      ],
      [head, 'no-rules', '1:1'],
      [`${head}rules:\n  []\n`, 'no-rules', '3:3'],
    ];
    for (const [text, step, ...places] of rows) {
      it(`${step}: ${JSON.stringify(text).slice(0, 60)}`, () => {
        const loaded = load(text);
        assert(loaded.kind === 'refused');
        assert.equal(loaded.step, step);
        assert.deepEqual(
          loaded.faults.map(({line, column}) => `${line}:${column}`),
          places,
        );
        assert.equal(`${loaded.line}:${loaded.column}`, places[0]);
        const joined = loaded.faults.map(({message}) => message).join(', ');
        assert.equal(loaded.message, loaded.faults.length === 1 ? joined : `[${joined}]`);
      });
    }

    it('names what was begun and never ended', () => {
      const loaded = load(`${head}rules:\n- level: "None\n`);
      assert(loaded.kind === 'refused');
      assert.deepEqual(loaded.context, {what: 'while scanning a quoted scalar', start: {line: 3, column: 10}});
    });
  });

  describe('reads bytes as the server does', () => {
    const json = '{"apiVersion":"audit.k8s.io/v1","rules":[{"level":"None","users":["a?b"]}]}';
    const yaml = 'apiVersion: audit.k8s.io/v1\nrules:\n- level: None\n  users: ["a?b"]\n';
    const rows: Readonly<
      Record<string, readonly [content: string | Uint8Array, expected: readonly string[] | string]>
    > = {
      'JSON that is no UTF-8': [withByte(json, 0xff), ['a\ufffdb']],
      'JSON with half a character': [withByte(json, 0xe2), ['a\ufffdb']],
      'YAML that is no UTF-8': [withByte(yaml, 0xff), 'failed decoding: yaml: invalid leading UTF-8 octet'],
      'YAML with half a character': [withByte(yaml, 0xe2), 'failed decoding: yaml: invalid trailing UTF-8 octet'],
      'YAML in UTF-16': [Buffer.from(`\ufeff${yaml}`, 'utf16le'), ['a?b']],
      'JSON in UTF-16, which is YAML then': [Buffer.from(`\ufeff${json}`, 'utf16le'), ['a?b']],
      'JSON behind a byte order mark': [Buffer.from(`\ufeff${json}`), ['a?b']],
      'a string with half a pair': [yaml.replace('?', '\ud83d'), ['a\ufffdb']],
      'a byte behind JSON': [
        withByte(`${json.replace('?', '')}?`, 0xff),
        "failed decoding: couldn't get version/kind; json parse error: invalid character 'ÿ' after top-level value",
      ],
    };
    for (const [name, [content, expected]] of Object.entries(rows)) {
      it(name, () => {
        assert.deepEqual(usersOf(content), expected);
      });
    }
  });

  describe('gives the plain data of a text', () => {
    it('with every key in its place', () => {
      const decoded = decodePolicyText('rulez:\n- level: None\n---\n', {serverVersion: undefined});
      assert(decoded.kind === 'decoded' && decoded.value.kind === 'object');
      assert.equal(decoded.format, 'yaml');
      assert.deepEqual(decoded.unreadFrom, {line: 3, column: 1});
      assert.deepEqual(
        decoded.value.entries.map(({key, line, column}) => ({key, line, column})),
        [{key: 'rulez', line: 1, column: 1}],
      );
      assert.deepEqual(positionAt(decoded.value, ['rulez', 0, 'level']), {line: 2, column: 10});
    });

    it('of JSON, its repeated keys too', () => {
      const decoded = decodePolicyText('{"é":1,\n "a":2,"é":3}', {serverVersion: undefined});
      assert(decoded.kind === 'decoded' && decoded.value.kind === 'object');
      assert.equal(decoded.format, 'json');
      assert.deepEqual(
        decoded.value.entries.map(({key, line, column}) => `${line}:${column} ${key}`),
        ['1:2 é', '2:2 a', '2:8 é'],
      );
      assert.deepEqual(decoded.value.repeated, [{key: 'é', line: 2, column: 8, earlier: {line: 1, column: 2}}]);
    });

    it('or the refusal', () => {
      const decoded = decodePolicyText('a: [b', {serverVersion: undefined});
      assert(decoded.kind === 'refused');
      assert.equal(decoded.message, "failed decoding: yaml: line 1: did not find expected ',' or ']'");
    });
  });

  describe('keeps to the release', () => {
    const rows: readonly (readonly [version: string, text: string, expected: string])[] = [
      ['1.24', withMetadata('clusterName: 1'), noNumber('ObjectMeta.metadata.clusterName')],
      ['1.25', withMetadata('clusterName: 1'), 'ok'],
      ['1.21', withMetadata('managedFields: [{subresource: 1}]'), 'ok'],
      [
        '1.22',
        withMetadata('managedFields: [{subresource: 1}]'),
        noNumber('ManagedFieldsEntry.metadata.managedFields.subresource'),
      ],
      ['1.34', 'name: 1\n', noNumber('Policy.name')],
      ['1.35', 'name: 1\n', noNumber('Policy.ObjectMeta.name')],
      ['1.30', '~: a\n', 'failed decoding: Unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"'],
      ['1.31', '~: a\n', 'failed decoding: unsupported map key of type: %!s(<nil>), key: <nil>, value: "a"'],
    ];
    const withLargeNumber =
      '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"None"}],"x":{"a":[1e400]}}';
    const emptied = '{"apiVersion":"audit.k8s.io/v1","kind":"Policy","rules":[{"level":"None","level":null}]}';
    for (const [version, text, expected] of [
      ...rows,
      ['1.22', emptied, 'rules[0].level: Required value'],
      ['1.23', emptied, 'ok'],
      ['1.22', withLargeNumber, 'failed decoding: v1.Policy.readNumberAsString: invalid number'],
      ['1.23', withLargeNumber, 'ok'],
      ['1.22', withLargeNumber.replace('1e400', '1e308'), 'ok'],
    ] as const) {
      it(`${version}: ${JSON.stringify(text).slice(0, 60)}`, () => {
        assert.equal(outcome(load(text, version)), expected);
      });
    }
  });

  describe('ends soon on hostile texts', () => {
    const size = 256 * 1024;
    const fill = (head: string, unit: string, tail = ''): string =>
      head + unit.repeat((size - head.length - tail.length) / unit.length) + tail;
    const rows: Readonly<Record<string, string>> = {
      'too long': ' '.repeat(1024 * 1024 + 1),
      'deep JSON': fill('', '{"a":'),
      'deep JSON arrays': fill('{"a":', '['),
      'deep flow': fill('a: ', '['),
      'deep block': fill('', '- '),
      'many explicit keys': fill('', '? '),
      'unclosed quotes': fill('a: "', 'b '),
      'numbers that are none': fill('a:\n', '- .inf\n'),
      'keys that are null': fill('a:\n', '- ~: b\n'),
      'a list as a key': fill('? [', 'a,', ']\n: b\n'),
      'bad levels': fill('apiVersion: audit.k8s.io/v1\nrules:\n', '- level: a\n'),
      'billion laughs': `a: &a [x,x,x,x,x,x,x,x,x,x]\n${Array.from('bcdefghi', (name, index) => {
        const before = `*${'abcdefgh'[index]}`;
        return `${name}: &${name} [${Array.from({length: 10}, () => before).join(',')}]`;
      }).join('\n')}\n`,
      'merged laughs': Array.from(
        {length: 40},
        (_, index) => `k${index}: &a${index} {<<: [${index === 0 ? '{a: b}' : `*a${index - 1}, *a${index - 1}`}]}`,
      ).join('\n'),
    };
    for (const [name, text] of Object.entries(rows)) {
      it(name, () => {
        assert.equal(load(text).kind, 'refused');
      }).timeout(10_000);
    }

    const harmless: Readonly<Record<string, string>> = {
      'a long text': fill(`${V1}x: `, 'a'),
      'a text of many lines': fill(`${V1}x:\n `, 'a\n '),
      'many quotes': fill(`${V1}x: '`, "''", "'"),
      'many blank lines': fill(V1, '\n'),
      'a long comment': fill(`${V1}#`, 'a'),
      'a block of blank lines': fill(`${V1}x: |\n a`, '\n'),
      'one key again and again': fill(V1, 'x: y\n'),
      'many entries in flow': fill(`${V1}x: [`, 'a,', ']'),
      'many anchors': fill(`${V1}x:\n`, '- &a b\n'),
      'many rules': fill('apiVersion: audit.k8s.io/v1\nrules:\n', '- level: None\n'),
      'many unknown fields': fill('apiVersion: audit.k8s.io/v1\nrules:\n', '- {level: None, x: y}\n'),
      'nested nearly too deep': `${V1}x: ${'['.repeat(9_998)}${']'.repeat(9_998)}`,
    };
    for (const [name, text] of Object.entries(harmless)) {
      it(`${name}: loads`, () => {
        assert.equal(load(text).kind, 'loaded');
      }).timeout(10_000);
    }
  });
});

function star(): string {
  return (
    'rules[0].resources.group: Invalid value: "*": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric ' +
    "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  );
}
