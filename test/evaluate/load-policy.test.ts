import {assert} from 'chai';
import {loadPolicy} from '../../src/evaluate/load-policy.ts';
import type {LoadedPolicy} from '../../src/evaluate/load-policy.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';

const RULES = 'rules: [{level: Metadata}]\n';
const V1 = `apiVersion: audit.k8s.io/v1\n${RULES}`;

const load = (text: string, version?: string): LoadedPolicy =>
  loadPolicy(text, {serverVersion: version === undefined ? undefined : parseKubernetesVersion(version)});
const outcome = (loaded: LoadedPolicy): string =>
  loaded.kind === 'loaded' ? loaded.warnings.join(', ') || 'ok' : loaded.message;

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

  describe('says where a text is wrong', () => {
    const rows: readonly (readonly [text: string, line: number])[] = [
      ['apiVersion: audit.k8s.io/v1\nrules:\n- level: None\n- level: Foo\n', 4],
      ['apiVersion: audit.k8s.io/v1\nrules:\n- level: None\n  users:\n  - a\n  - 5\n', 6],
      ['apiVersion: audit.k8s.io/v1\nrules:\n- level: "None\n', 4],
      ['{"apiVersion":"audit.k8s.io/v1",\n"rules":[}', 2],
      ['kind: Policy\napiVersion: audit.k8s.io/v2\n', 2],
    ];
    for (const [text, line] of rows) {
      it(JSON.stringify(text), () => {
        const loaded = load(text);
        assert(loaded.kind === 'refused');
        assert.equal(loaded.line, line);
      });
    }
  });

  describe('ends soon on hostile texts', () => {
    const size = 300_000;
    const rows: Readonly<Record<string, string>> = {
      'too long': ' '.repeat(1024 * 1024 + 1),
      'deep JSON': '{"a":'.repeat(size / 5),
      'deep JSON arrays': `{"a":${'['.repeat(size)}`,
      'deep flow': `a: ${'['.repeat(size)}`,
      'deep block': '- '.repeat(size / 2),
      'many explicit keys': '? '.repeat(size / 2),
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
  });
});

function star(): string {
  return (
    'rules[0].resources.group: Invalid value: "*": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric ' +
    "characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for " +
    "validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
  );
}
