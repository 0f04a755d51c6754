/** Audit policies inside of other documents, each line with its place in the file. */
import {gunzipSync, gzipSync} from 'node:zlib';
import {expect} from 'chai';
import {findPolicies, originOf} from '../../src/model/embedded-policy.ts';
import type {FoundPolicy} from '../../src/model/embedded-policy.ts';

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Metadata
`;

function gunzip(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

function found(text: string): readonly FoundPolicy[] {
  const file = findPolicies(text, gunzip);
  return file.kind === 'policies' ? file.policies : [];
}

function indented(text: string, spaces: number): string {
  return text.replaceAll(/^(?=.)/gm, ' '.repeat(spaces));
}

const BASE64 = Buffer.from(POLICY).toString('base64');

interface Row {
  readonly about: string;
  readonly text: string;
  readonly document: string;
  /** Where `level` of the policy stands; the beginning of the value where its lines are not in the file. */
  readonly level: {readonly line: number; readonly column: number};
}

const ROWS: readonly Row[] = [
  {
    about: 'a ConfigMap',
    text: `apiVersion: v1\nkind: ConfigMap\ndata:\n  policy.yaml: |\n${indented(POLICY, 4)}`,
    document: 'data["policy.yaml"]',
    level: {line: 8, column: 9},
  },
  {
    about: 'a ConfigMap as JSON',
    text: JSON.stringify({kind: 'ConfigMap', data: {policy: POLICY}}),
    document: 'data.policy',
    level: {line: 1, column: 38},
  },
  {
    about: 'a list, as kubectl get -o yaml prints it',
    text: `kind: List\nitems:\n- kind: ConfigMap\n  data:\n    policy: |-\n${indented(POLICY, 6)}`,
    document: 'items[0].data.policy',
    level: {line: 9, column: 11},
  },
  {
    about: 'a Secret',
    text: `kind: Secret\ndata:\n  policy: ${BASE64}\n`,
    document: 'data.policy',
    level: {line: 3, column: 11},
  },
  {
    about: 'a file of Cluster API, plain',
    text: `kind: KubeadmControlPlane\nspec:\n  kubeadmConfigSpec:\n    files:\n    - path: /a\n      content: |\n${indented(POLICY, 8)}`,
    document: 'spec.kubeadmConfigSpec.files[0].content',
    level: {line: 10, column: 13},
  },
  {
    about: 'a file of Cluster API, compressed',
    text: `kind: KubeadmControlPlane\nfiles:\n- encoding: gzip+base64\n  content: ${gzipSync(POLICY).toString('base64')}\n`,
    document: 'files[0].content',
    level: {line: 4, column: 12},
  },
  {
    about: 'cloud-init',
    text: `#cloud-config\nwrite_files:\n- path: /a\n  encoding: b64\n  content: ${BASE64}\n- path: /b\n  content: x\n`,
    document: 'write_files[0].content',
    level: {line: 5, column: 12},
  },
  {
    about: 'cloud-init in a Secret',
    text: `kind: Secret\nstringData:\n  value: |\n    #cloud-config\n    write_files:\n    - content: |\n${indented(POLICY, 8)}`,
    document: 'stringData.value.write_files[0].content',
    level: {line: 10, column: 13},
  },
  {
    about: 'encoded cloud-init with an encoded file',
    text: `kind: Secret\ndata:\n  value: ${Buffer.from(`#cloud-config\nwrite_files:\n- content: ${BASE64}\n`).toString('base64')}\n`,
    document: 'data.value.write_files[0].content',
    level: {line: 3, column: 10},
  },
  {
    about: 'Ignition',
    text: JSON.stringify({storage: {files: [{contents: {source: `data:,${encodeURIComponent(POLICY)}`}}]}}),
    document: 'storage.files[0].contents.source',
    level: {line: 1, column: 44},
  },
  {
    about: 'a command that writes it',
    text: `kind: KubeadmControlPlane\npreKubeadmCommands:\n- |\n  cat <<'EOF' > /a\n${indented(POLICY, 2)}  EOF\n`,
    document: 'preKubeadmCommands[0]',
    level: {line: 8, column: 7},
  },
  {
    about: 'an object of a machine configuration',
    text: `cluster:\n  apiServer:\n    auditPolicy:\n${indented(POLICY, 6)}    other: 1\n`,
    document: 'cluster.apiServer.auditPolicy',
    level: {line: 7, column: 11},
  },
  {
    about: 'an object written in braces, which is YAML and no JSON',
    text: 'policy: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [\n  {level: Metadata}]}\n',
    document: 'policy',
    level: {line: 2, column: 4},
  },
  {
    about: 'a document after another one',
    text: `kind: Cluster\n---\n${POLICY}`,
    document: 'document 2',
    level: {line: 6, column: 5},
  },
  {
    about: 'a template that is no YAML',
    text: `kind: ConfigMap\ndata:\n{{- if .Values.audit }}\n  policy.yaml: |-\n${indented(POLICY, 4)}{{- end }}\n`,
    document: 'policy.yaml',
    level: {line: 8, column: 9},
  },
];

describe('policies in other documents', () => {
  for (const {about, text, document, level} of ROWS) {
    it(about, () => {
      const [policy, ...others] = found(text);
      expect(others).to.deep.equal([]);
      expect(policy?.document).to.equal(document);
      if (policy === undefined) return;
      const lines = policy.text.split('\n');
      const line = lines.findIndex((each) => each.includes('level'));
      const column = (lines[line]?.indexOf('level') ?? 0) + 1;
      expect(originOf(policy, {line: line + 1, column})).to.deep.equal(level);
    });
  }

  it('are all found', () => {
    const files = ['a', 'b'].map((name) => `  ${name}: |\n${indented(POLICY, 4)}`).join('');
    expect(found(`kind: ConfigMap\ndata:\n${files}`).map(({document}) => document)).to.deep.equal(['data.a', 'data.b']);
  });
});

describe('the file itself as a policy', () => {
  const table: readonly (readonly [about: string, text: string])[] = [
    ['a policy', POLICY],
    ['JSON', '{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": []}'],
    ['comments and a marker first', `# a\n---\n${POLICY}`],
    ['a second document', `${POLICY}---\nkind: ConfigMap\n`],
    ['no apiVersion', 'kind: Policy\nrules: []\n'],
    ['rules alone', 'rules:\n- level: None\n'],
    [
      'lost indentation',
      'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\nresources:\n- group: a\nresources: [b]\n- group: c\n',
    ],
    ['no YAML at all', '{{{'],
    ['nothing', ''],
  ];
  for (const [about, text] of table) {
    it(about, () => {
      expect(found(text).map(({document, lines}) => [document, lines])).to.deep.equal([[undefined, undefined]]);
    });
  }
});

describe('no policy', () => {
  const table: readonly (readonly [about: string, text: string, what: string, policyFile: string | undefined])[] = [
    ['a Pod', 'kind: Pod\nspec: {}\n', 'Pod', undefined],
    ['an audit event', '{"kind":"Event","apiVersion":"audit.k8s.io/v1"}', 'Event', undefined],
    [
      'a path, as kubeadm takes it since v1beta4',
      'kind: ClusterConfiguration\napiServer:\n  extraArgs:\n  - name: audit-policy-file\n    value: /etc/a.yaml\n',
      'ClusterConfiguration',
      '/etc/a.yaml',
    ],
    ['a path, as before', 'kind: Cluster\nextraArgs:\n  audit-policy-file: "/a"\n', 'Cluster', '/a'],
    ['a path of an argument', 'kind: Pod\nargs: [--audit-policy-file=/a]\n', 'Pod', '/a'],
    ['several documents', 'kind: A\n---\nkind: B\n---\nkind: A\n', 'A, B', undefined],
    ['a document without a kind', 'write_files: []\n', 'a document with write_files', undefined],
    [
      'a policy of something else',
      'apiVersion: kyverno.io/v1\nkind: ClusterPolicy\nrules: []\n',
      'ClusterPolicy',
      undefined,
    ],
  ];
  for (const [about, text, what, policyFile] of table) {
    it(about, () => {
      expect(findPolicies(text, gunzip)).to.deep.equal({kind: 'none', what, policyFile});
    });
  }
});
