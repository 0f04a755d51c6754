import {assert} from 'chai';
import {convertPolicy} from '../../src/plan/convert-policy.ts';

const REST = 'kind: Policy\nrules:\n  - level: Metadata # audit.k8s.io/v1beta1\n';

/** What has to become v1 stands between « and »; all else has to stay. */
const CONVERTED: Readonly<Record<string, string>> = {
  plain: `apiVersion: «audit.k8s.io/v1beta1»\n${REST}`,
  v1alpha1: `apiVersion: «audit.k8s.io/v1alpha1»\n${REST}`,
  'comments and order': `# audit.k8s.io/v1beta1\n${REST}apiVersion:   «audit.k8s.io/v1beta1»   # v1beta1 for old servers\n`,
  'double quotes': `apiVersion: "«audit.k8s.io/v1beta1»"\n${REST}`,
  'single quotes, quoted key': `"apiVersion": '«audit.k8s.io/v1beta1»'\n${REST}`,
  'CRLF and no line end': `apiVersion: «audit.k8s.io/v1beta1»\r\nkind: Policy\r\nrules:\r\n- level: None`,
  'lone CR': `kind: Policy\rapiVersion: «audit.k8s.io/v1beta1»\rrules:\r- level: None\r`,
  'byte order mark and document start': `\ufeff---\napiVersion: «audit.k8s.io/v1beta1»\n${REST}`,
  'block scalar': `apiVersion: |-\n  «audit.k8s.io/v1beta1»\n${REST}`,
  'a tag': `apiVersion: !!str «audit.k8s.io/v1beta1»\n${REST}`,
  'an anchor': `apiVersion: &version «audit.k8s.io/v1beta1»\n${REST}`,
  'an alias': `metadata: {name: &version «audit.k8s.io/v1beta1»}\napiVersion: *version\n${REST}`,
  'a merge': `metadata: &base {apiVersion: «audit.k8s.io/v1beta1»}\n<<: *base\n${REST}`,
  'a key in capitals': `APIVersion: «audit.k8s.io/v1beta1»\n${REST}`,
  'the key twice': `apiVersion: «audit.k8s.io/v1beta1»\napiVersion: «audit.k8s.io/v1alpha1»\n${REST}`,
  'the first document only': `apiVersion: «audit.k8s.io/v1beta1»\n${REST}---\napiVersion: audit.k8s.io/v1beta1\n${REST}`,
  'the same text as a user': `apiVersion: «audit.k8s.io/v1beta1»\nkind: Policy\nrules: [{level: None, users: [audit.k8s.io/v1beta1]}]\n`,
  'flow style': `---\n{apiVersion: «audit.k8s.io/v1beta1», kind: Policy, rules: [{level: None}]}\n`,
  JSON: `{"kind":"Policy",\n\t"apiVersion" : "«audit.k8s.io/v1beta1»","rules":[{"level":"None"}]}`,
  'a ConfigMap':
    'apiVersion: v1\nkind: ConfigMap\nmetadata: {labels: {x: audit.k8s.io/v1beta1}}\ndata:\n  policy.yaml: |\n    # audit.k8s.io/v1beta1\n    apiVersion: «audit.k8s.io/v1beta1»\n    kind: Policy\n    rules:\n      - level: Metadata\n  other: audit.k8s.io/v1beta1\n',
  'two policies in a ConfigMap':
    'kind: ConfigMap\napiVersion: v1\ndata:\n  a: |\n    apiVersion: «audit.k8s.io/v1alpha1»\n    kind: Policy\n    rules: [{level: None}]\n  b: |\n    kind: Policy\n    apiVersion: «audit.k8s.io/v1beta1»\n    rules: [{level: None}]\n  c: |\n    kind: Policy\n    apiVersion: audit.k8s.io/v1\n    rules: [{level: None}]\n',
};

describe('conversion to v1', () => {
  for (const [name, marked] of Object.entries(CONVERTED)) {
    it(name, () => {
      const text = marked.replaceAll(/«(audit\.k8s\.io\/v1(?:alpha|beta)1)»/g, '$1');
      const expected = marked.replaceAll(/«audit\.k8s\.io\/v1(?:alpha|beta)1»/g, 'audit.k8s.io/v1');
      const result = convertPolicy(text);
      assert(result.kind === 'converted', JSON.stringify(result));
      assert.equal(result.text, expected);
      assert.isFalse(marked === text, 'the case names what changes');
    });
  }

  it('says where, and from which version', () => {
    const result = convertPolicy(CONVERTED['a ConfigMap']?.replaceAll(/[«»]/g, '') ?? '');
    assert(result.kind === 'converted');
    assert.deepEqual(result.versions, [{line: 7, from: 'audit.k8s.io/v1beta1', document: 'data["policy.yaml"]'}]);
  });

  it('passes on what the newest release warns about', () => {
    const result = convertPolicy(
      'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: None, verb: [get]}]\n',
    );
    assert(result.kind === 'converted');
    assert.deepEqual(result.warnings, ['unknown field "rules[0].verb"']);
  });

  it('leaves v1 alone', () => {
    assert.deepEqual(convertPolicy(`apiVersion: audit.k8s.io/v1\n${REST}`), {kind: 'unchanged', warnings: []});
  });

  const refused: Readonly<Record<string, readonly [text: string, line: number | undefined, message: RegExp]>> = {
    'a fault besides the version': [
      'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules:\n  - level: All\n',
      4,
      /no release would take this policy: rules\[0\]\.level/,
    ],
    'a fault in a ConfigMap': [
      'apiVersion: v1\nkind: ConfigMap\ndata:\n  p: |\n    apiVersion: audit.k8s.io/v1beta1\n    kind: Policy\n    rules:\n      - level: All\n',
      8,
      /no release would take/,
    ],
    'a version in escapes': [`apiVersion: "audit.k8s.io/v1\\u0062eta1"\n${REST}`, 1, /is not written out/],
    'a policy in base64': [
      `apiVersion: v1\nkind: Secret\ndata:\n  p: ${Buffer.from(`apiVersion: audit.k8s.io/v1beta1\n${REST}`).toString('base64')}\n`,
      4,
      /the policy in data\.p is not written out/,
    ],
    'a version that a rule shares': [
      'kind: Policy\nrules: [{level: None, users: [&shared audit.k8s.io/v1beta1]}]\napiVersion: *shared\n',
      2,
      /cannot be replaced without changing what it means/,
    ],
    'no version': [`kind: Policy\nrules: [{level: None}]\n`, 1, /unknown group version/],
    'another document': ['apiVersion: v1\nkind: Pod\n', undefined, /it holds no audit policy/],
  };
  for (const [name, [text, line, message]] of Object.entries(refused)) {
    it(`refuses ${name}`, () => {
      const result = convertPolicy(text);
      assert(result.kind === 'refused', JSON.stringify(result));
      assert.match(result.message, message);
      assert.equal(result.line, line);
    });
  }
});
