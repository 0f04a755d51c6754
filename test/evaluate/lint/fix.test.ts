/** What `--fix` makes of a policy: proven to load, and nothing more than can be meant in one way only. */
import {expect} from 'chai';
import {fixPolicy} from '../../../src/evaluate/lint/fix.ts';
import {reindent} from '../../../src/evaluate/lint/reindent.ts';
import {loadPolicy} from '../../../src/evaluate/load/load-policy.ts';
import type {AuditPolicy} from '../../../src/model/policy.ts';

const OPTIONS = {serverVersion: undefined, served: undefined};
const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

function loaded(text: string): AuditPolicy | undefined {
  const result = loadPolicy(text, OPTIONS);
  if (result.kind === 'refused') return undefined;
  return {...result.policy, rules: result.policy.rules.map((rule) => ({...rule, line: undefined}))};
}

/** Well indented; `flattened` takes all of that away. */
const POLICIES: Readonly<Record<string, string>> = {
  'lists below their keys': `${HEAD}omitStages:
  - RequestReceived
rules:
  - level: RequestResponse
    verbs:
      - create
      - patch
    resources:
      - group: networking.k8s.io
        resources: ['networkpolicies']
      - group: ''
        resources:
          - pods
          - namespaces
        resourceNames: ["a: b"]
  - level: Metadata
`,
  'lists in brackets over several lines': `${HEAD}rules:
  - level: None
    users: [
      "system:kube-proxy", # of each node
      'a ] b'
    ]
    resources: [{group: apps}]
  - level: Metadata
    nonResourceURLs:
      - /healthz*
      - "/version"
`,
  'rules that begin with another key': `${HEAD}metadata:
  name: audit
rules:
  # the first
  - users: ["a"]
    level: None
    omitStages:
      - ResponseStarted
    omitManagedFields: true

  # the second
  - resources:
      - resources: [pods]
      - group: batch
    level: Metadata
    namespaces: ["kube-system"]
    userGroups:
      - system:nodes
`,
};

function flattened(text: string): string {
  return text.replaceAll(/^\s+/gm, '');
}

describe('reindent', () => {
  for (const [about, text] of Object.entries(POLICIES)) {
    it(`keeps a policy that is right: ${about}`, () => {
      expect(loaded(reindent(text) ?? '')).to.deep.equal(loaded(text));
      expect(loaded(text)).to.not.equal(undefined);
    });

    it(`restores one that lost all of its indentation: ${about}`, () => {
      expect(loaded(reindent(flattened(text)) ?? '')).to.deep.equal(loaded(text));
    });
  }

  it('takes the spaces of web pages, and tabs', () => {
    const text = `${HEAD}rules:\n\u00a0\u00a0- level: None\n\t\tverbs: [get]\n`;
    expect(reindent(text)).to.equal(`${HEAD}rules:\n  - level: None\n    verbs: [get]\n`);
  });

  const lost: readonly (readonly [about: string, text: string])[] = [
    ['a key that no policy has', `${HEAD}rules:\n- level: None\nobject: a\n`],
    ['a text between', `${HEAD}rules:\n- level: None\nas we saw above\n`],
    ['an entry before its list', `${HEAD}rules:\n- level: None\ngroup: apps\n`],
    ['a key twice in one rule', `${HEAD}rules:\n- level: None\nverbs: [get]\nverbs: [list]\n`],
    ['a bracket too many', `${HEAD}rules:\n- level: None\nverbs: [get]]\n`],
  ];
  for (const [about, text] of lost) {
    it(`does not guess: ${about}`, () => expect(reindent(text)).to.equal(undefined));
  }
});

describe('policy lint --fix', () => {
  const table: readonly (readonly [about: string, before: string, after: string])[] = [
    [
      'v1beta1',
      'apiVersion: audit.k8s.io/v1beta1 # old\nkind: Policy\nrules: [{level: None}]\n',
      'apiVersion: audit.k8s.io/v1 # old\nkind: Policy\nrules: [{level: None}]\n',
    ],
    [
      'selectors beside rules',
      `${HEAD}rules:\n- level: None\nverbs: [get]\n`,
      `${HEAD}rules:\n  - level: None\n    verbs: [get]\n`,
    ],
    [
      'a selector in an entry',
      `${HEAD}rules:\n- level: None\n  resources:\n  - group: apps\n    verbs: [get]\n`,
      `${HEAD}rules:\n  - level: None\n    resources:\n      - group: apps\n    verbs: [get]\n`,
    ],
    [
      'keys',
      `${HEAD}rules:\n- level: None\n  "user": [a] # one\n  nonResourceUrls: ["/a"]\n`,
      `${HEAD}rules:\n- level: None\n  "users": [a] # one\n  nonResourceURLs: ["/a"]\n`,
    ],
    [
      'a value that is refused',
      `${HEAD}rules:\n- level: metadata\n  omitStages: ['requestReceived']\n`,
      `${HEAD}rules:\n- level: Metadata\n  omitStages: ["RequestReceived"]\n`,
    ],
    [
      'names',
      `${HEAD}rules:\n- level: None\n  verbs: [GET, put]\n  resources:\n  - {group: core, resources: [Pod, sa]}\n`,
      `${HEAD}rules:\n- level: None\n  verbs: [get, update]\n  resources:\n  - {group: "", resources: [pods, serviceaccounts]}\n`,
    ],
    [
      'characters before it',
      `${HEAD}rules:\n- level: None\n  users: ["é", "𝒳", "system:serviceaccounts:a:b"]\n`,
      `${HEAD}rules:\n- level: None\n  users: ["é", "𝒳", "system:serviceaccount:a:b"]\n`,
    ],
    ['nothing to correct', `${HEAD}rules:\n- level: Metadata\n`, `${HEAD}rules:\n- level: Metadata\n`],
    [
      'nothing that can be meant in one way only',
      `${HEAD}rules:\n- level: Metadata\n  verbs: ["*"]\n`,
      `${HEAD}rules:\n- level: Metadata\n  verbs: ["*"]\n`,
    ],
    [
      'a key whose value is of another kind',
      `${HEAD}rules:\n- level: None\n  resources:\n  - apiGroups: [apps]\n`,
      `${HEAD}rules:\n- level: None\n  resources:\n  - apiGroups: [apps]\n`,
    ],
    [
      'a key that is there already',
      `${HEAD}rules:\n- level: None\n  verb: [get]\n  verbs: [list]\n`,
      `${HEAD}rules:\n- level: None\n  verb: [get]\n  verbs: [list]\n`,
    ],
  ];
  for (const [about, before, after] of table) {
    it(about, () => {
      const fixed = fixPolicy(before, OPTIONS);
      expect(fixed.text).to.equal(after);
      expect(fixed.corrected.length > 0).to.equal(before !== after);
      expect(fixed.linted.accepted).to.equal(true);
    });
  }
});
