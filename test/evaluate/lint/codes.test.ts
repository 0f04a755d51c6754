/** Every code of `policy lint`: a policy that has it, with its place, and a near miss that has not. */
import {expect} from 'chai';
import {lintPolicy} from '../../../src/evaluate/lint/lint.ts';
import type {LintOptions} from '../../../src/evaluate/lint/lint.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import {LINT_CODE_NAMES} from '../../../src/model/lint-finding.ts';
import type {LintCode} from '../../../src/model/lint-finding.ts';
import {lintSentence} from '../../../src/render/lint-sentence.ts';
import type {DiscoveredResources, ServedResource} from '../../../src/model/served-resources.ts';

interface Row {
  readonly about: string;
  readonly code: LintCode;
  readonly has: string;
  /** `line:column path`, as far as they are there. */
  readonly at: string;
  /** The same text but for the fault. */
  readonly lacks: string;
  readonly release?: string;
  readonly served?: DiscoveredResources;
}

const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

/** A policy of rules; the first one stands in line 4. */
function rules(...lines: readonly string[]): string {
  return `${HEAD}rules:\n${lines.map((line) => `${line}\n`).join('')}`;
}

function served(group: string, resource: string, more: Partial<ServedResource> = {}): ServedResource {
  return {
    group,
    versions: ['v1'],
    resource,
    subresource: '',
    kind: '',
    singular: '',
    shortNames: [],
    namespaced: true,
    verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'],
    aggregated: false,
    ...more,
  };
}

const CLUSTER: DiscoveredResources = {
  resources: [
    served('', 'pods'),
    served('apps', 'deployments'),
    served('example.com', 'widgets'),
    served('metrics.example.com', 'pods', {aggregated: true}),
  ],
  unreadGroups: ['broken.example.com'],
};

const ROWS: readonly Row[] = [
  // Refused by the API server
  {
    about: 'a tab as indentation',
    code: 'lost-indentation',
    has: rules('- level: None', '\tverbs: [get]'),
    at: '5:1',
    lacks: rules('- level: None', '  verbs: [get]'),
  },
  {
    about: 'a quote that does not end',
    code: 'refused-syntax',
    has: rules('- level: Metadata', '  users: ["a]'),
    at: '6:1',
    lacks: rules('- level: Metadata', '  users: ["a"]'),
  },
  {
    about: 'a text where a list belongs',
    code: 'refused-type',
    has: rules('- level: Metadata', '  verbs: get'),
    at: '5:10',
    lacks: rules('- level: Metadata', '  verbs: [get]'),
  },
  {
    about: 'a word that YAML takes for a boolean',
    code: 'refused-type',
    has: rules('- level: Metadata', '  users: [y]'),
    at: '5:11',
    lacks: rules('- level: Metadata', '  users: ["y"]'),
  },
  {
    about: 'v1beta1 after 1.23',
    code: 'refused-version',
    has: 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: Metadata}]\n',
    at: '1:13 apiVersion',
    lacks: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
  },
  {
    about: 'no apiVersion',
    code: 'refused-version',
    has: 'kind: Policy\nrules: [{level: Metadata}]\n',
    at: '1:1 apiVersion',
    lacks: 'apiVersion: audit.k8s.io/v1\nrules: [{level: Metadata}]\n',
  },
  {
    about: 'another kind',
    code: 'refused-kind',
    has: 'apiVersion: audit.k8s.io/v1\nkind: policy\nrules: [{level: Metadata}]\n',
    at: '2:7 kind',
    lacks: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
  },
  {
    about: 'a level in lower case',
    code: 'refused-value',
    has: rules('- level: metadata'),
    at: '4:10 rules[0].level',
    lacks: rules('- level: Metadata'),
  },
  {
    about: 'a group with its version',
    code: 'refused-value',
    has: rules('- level: Metadata', '  resources:', '  - group: apps/v1'),
    at: '6:12 rules[0].resources[0].group',
    lacks: rules('- level: Metadata', '  resources:', '  - group: apps'),
  },
  {
    about: 'the group * before 1.36',
    code: 'refused-value',
    has: rules('- level: Metadata', '  resources:', '  - group: "*"'),
    at: '6:12 rules[0].resources[0].group',
    lacks: rules('- level: Metadata', '  resources:', '  - group: ""'),
    release: '1.35',
  },
  {
    about: 'no rules',
    code: 'no-rules',
    has: `${HEAD}rules: []\n`,
    at: '3:8',
    lacks: rules('- level: Metadata'),
  },
  {
    about: 'a template that does not load',
    code: 'not-rendered',
    has: rules('{% if audit %}', '- level: Metadata', '{% endif %}'),
    at: '4:1',
    lacks: rules('# {% if audit %}', '- level: Metadata'),
  },
  {
    about: 'a template that loads',
    code: 'not-rendered',
    has: rules('- level: Metadata', '  users: ["{{ .Values.user }}"]'),
    at: '5:12',
    lacks: rules('- level: Metadata', '  users: ["{values.user}"]'),
  },
  {
    about: 'v1beta1 before 1.24',
    code: 'version-deprecated',
    has: 'apiVersion: audit.k8s.io/v1beta1\nkind: Policy\nrules: [{level: Metadata}]\n',
    at: '1:13 apiVersion',
    lacks: 'apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n',
    release: '1.23',
  },
  {
    about: 'the group *, and no release named',
    code: 'refused-by-older',
    has: rules('- level: Metadata', '  resources:', '  - group: "*"'),
    at: '6:12',
    lacks: rules('- level: Metadata', '  resources:', '  - group: apps'),
  },

  // Ignored by the API server
  {
    about: 'selectors beside rules',
    code: 'lost-indentation',
    has: rules('- level: RequestResponse', 'verbs: [create]'),
    at: '5:1 verbs',
    lacks: rules('- level: RequestResponse', '  verbs: [create]'),
  },
  {
    about: 'no indentation at all, refused as YAML',
    code: 'lost-indentation',
    has: rules('- level: Metadata', 'resources:', '- group: apps', "resources: ['deployments']", '- group: batch'),
    at: '8:1',
    lacks: rules(
      '- level: Metadata',
      '  resources:',
      '  - group: apps',
      "    resources: ['deployments']",
      '  - group: batch',
    ),
  },
  {
    about: 'another case',
    code: 'misspelt-key',
    has: rules('- level: None', '  nonResourceUrls: ["/healthz*"]', '- level: Metadata'),
    at: '5:3 rules[0].nonResourceUrls',
    lacks: rules('- level: None', '  nonResourceURLs: ["/healthz*"]', '- level: Metadata'),
  },
  {
    about: 'a singular in an entry',
    code: 'misspelt-key',
    has: rules('- level: Metadata', '  resources:', '  - group: ""', '    resource: ["pods"]'),
    at: '7:5 rules[0].resources[0].resource',
    lacks: rules('- level: Metadata', '  resources:', '  - group: ""', '    resources: ["pods"]'),
  },
  {
    about: 'verbs in an entry',
    code: 'misplaced-key',
    has: rules(
      '- level: None',
      '  resources:',
      '  - group: coordination.k8s.io',
      '    verbs: [get]',
      '- level: Metadata',
    ),
    at: '7:5 rules[0].resources[0].verbs',
    lacks: rules(
      '- level: None',
      '  resources:',
      '  - group: coordination.k8s.io',
      '  verbs: [get]',
      '- level: Metadata',
    ),
  },
  {
    about: 'a description',
    code: 'unknown-key',
    has: rules('- level: Metadata', '  description: all the rest'),
    at: '5:3 rules[0].description',
    lacks: rules('- level: Metadata', '  # description: all the rest'),
  },
  {
    about: 'a key twice',
    code: 'duplicate-key',
    has: rules('- level: Metadata', '  verbs: [get]', '  verbs: [list]'),
    at: '6:3 rules[0].verbs',
    lacks: rules('- level: Metadata', '  verbs: [get]', '- level: Metadata', '  verbs: [list]'),
  },
  {
    about: 'a second document',
    code: 'more-documents',
    has: `${rules('- level: Metadata')}---\n# more\nrules: []\n`,
    at: '7:1',
    lacks: `${rules('- level: Metadata')}---\n# the end\n`,
  },

  // Rules never reached
  {
    about: 'after a catch-all of another level',
    code: 'rule-never-reached',
    has: rules('- level: Metadata', '- level: None', '  users: [system:kube-proxy]'),
    at: '5:3 rules[1]',
    lacks: rules('- level: None', '  users: [system:kube-proxy]', '- level: Metadata'),
  },
  {
    about: 'after a catch-all of the same level',
    code: 'rule-redundant',
    has: rules('- level: Metadata', '- level: Metadata', '  verbs: [get]'),
    at: '5:3 rules[1]',
    lacks: rules('- level: Metadata', '  omitStages: [Panic]', '- level: Metadata', '  verbs: [get]'),
  },
  {
    about: 'a service account after its group',
    code: 'rule-hardly-reached',
    has: rules(
      '- level: None',
      '  userGroups: [system:serviceaccounts:ci]',
      '- level: Metadata',
      '  users: [system:serviceaccount:ci:builder]',
    ),
    at: '6:3 rules[1]',
    lacks: rules(
      '- level: None',
      '  userGroups: [system:serviceaccounts:web]',
      '- level: Metadata',
      '  users: [system:serviceaccount:ci:builder]',
    ),
  },
  {
    about: 'a resource that an earlier rule takes',
    code: 'selector-never-reached',
    has: rules(
      '- level: None',
      '  resources: [{group: "", resources: [events]}]',
      '- level: Metadata',
      '  resources: [{group: "", resources: [pods, events]}]',
    ),
    at: '7:45 rules[1].resources[0].resources[1]',
    lacks: rules(
      '- level: None',
      '  verbs: [get]',
      '  resources: [{group: "", resources: [events]}]',
      '- level: Metadata',
      '  resources: [{group: "", resources: [pods, events]}]',
    ),
  },
  {
    about: 'too many combinations',
    code: 'not-decided',
    has: manyCombinations(80),
    at: '165:3 rules[161]',
    lacks: manyCombinations(3),
  },

  // Selectors that match nothing
  {
    about: 'one namespace, and a Namespace of another name',
    code: 'rule-matches-nothing',
    has: rules(
      '- level: Metadata',
      '  verbs: [get]',
      '  namespaces: [a]',
      '  resources: [{group: "", resources: [namespaces], resourceNames: [b]}]',
    ),
    at: '4:3 rules[0]',
    lacks: rules(
      '- level: Metadata',
      '  verbs: [get]',
      '  namespaces: [a]',
      '  resources: [{group: "", resources: [namespaces], resourceNames: [a]}]',
    ),
  },
  {
    about: 'a verb that has no requests over all namespaces',
    code: 'selector-matches-nothing',
    has: rules(
      '- level: Metadata',
      '  verbs: [list, update]',
      '  namespaces: [""]',
      '  resources: [{group: "", resources: [pods]}]',
    ),
    at: '5:17 rules[0].verbs[1]',
    lacks: rules(
      '- level: Metadata',
      '  verbs: [list, watch]',
      '  namespaces: [""]',
      '  resources: [{group: "", resources: [pods]}]',
    ),
  },
  {
    about: 'every verb',
    code: 'verb-wildcard',
    has: rules('- level: Metadata', '  verbs: ["*"]'),
    at: '5:11 rules[0].verbs[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: ["*"]}]'),
  },
  {
    about: 'capital letters',
    code: 'verb-case',
    has: rules('- level: Metadata', '  verbs: [get, LIST]'),
    at: '5:16 rules[0].verbs[1]',
    lacks: rules('- level: Metadata', '  verbs: [get, list]'),
  },
  {
    about: 'an HTTP method for a resource',
    code: 'verb-unknown',
    has: rules('- level: Metadata', '  verbs: [post]', '  resources: [{group: ""}]'),
    at: '5:11 rules[0].verbs[0]',
    lacks: rules('- level: Metadata', '  verbs: [post]', '  nonResourceURLs: [/logs]'),
  },
  {
    about: 'a verb of RBAC',
    code: 'verb-unknown',
    has: rules('- level: Metadata', '  verbs: [impersonate]'),
    at: '5:11 rules[0].verbs[0]',
    lacks: rules('- level: Metadata', '  verbs: [patch]'),
  },
  {
    about: 'a watch of what cannot be watched',
    code: 'verb-not-offered',
    has: rules(
      '- level: Metadata',
      '  verbs: [watch]',
      '  resources: [{group: "", resources: [services/status, services]}]',
    ),
    at: '6:39 rules[0].resources[0].resources[0]',
    lacks: rules(
      '- level: Metadata',
      '  verbs: [get]',
      '  resources: [{group: "", resources: [services/status, services]}]',
    ),
  },
  {
    about: 'a pair of stars',
    code: 'resource-wildcard',
    has: rules('- level: Metadata', '  resources: [{group: "", resources: ["*/*"]}]'),
    at: '5:39 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: ["pods/*", "*/scale", "*"]}]'),
  },
  {
    about: 'a prefix',
    code: 'resource-wildcard',
    has: rules('- level: Metadata', '  resources: [{group: apps, resources: ["deploy*"]}]'),
    at: '5:41 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: apps, resources: ["deployments/*"]}]'),
  },
  ...(['Pod', 'pod', 'po', 'Pods', 'pods.v1'] as const).map((name): Row => ({
    about: `${name} for pods`,
    code: 'resource-name-form',
    has: rules('- level: Metadata', `  resources: [{group: "", resources: [${name}]}]`),
    at: '5:39 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: [pods]}]'),
  })),
  {
    about: 'a kind of a group that is not known',
    code: 'resource-name-form',
    has: rules('- level: Metadata', '  resources: [{group: example.com, resources: [Widget]}]'),
    at: '5:48 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: example.com, resources: [widgets]}]'),
  },
  {
    about: 'a resource that is none',
    code: 'resource-unknown',
    has: rules('- level: Metadata', '  resources: [{group: "", resources: [replicacontrollers]}]'),
    at: '5:39 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: [replicationcontrollers]}]'),
  },
  {
    about: 'a subresource that is none',
    code: 'resource-unknown',
    has: rules('- level: Metadata', '  resources: [{group: "", resources: [pods/logs]}]'),
    at: '5:39 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: [pods/log]}]'),
  },
  {
    about: 'deployments of the core group',
    code: 'resource-wrong-group',
    has: rules('- level: Metadata', '  resources: [{group: "", resources: [deployments]}]'),
    at: '5:39 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: apps, resources: [deployments]}]'),
  },
  {
    about: 'deployments of a group that is gone, and nowhere else',
    code: 'resource-wrong-group',
    has: rules('- level: Metadata', '  resources: [{group: extensions, resources: [deployments]}]'),
    at: '5:47 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: extensions, resources: [deployments]}, {group: apps}]'),
  },
  {
    about: 'what the cluster does not have',
    code: 'resource-not-served',
    has: rules('- level: Metadata', '  resources: [{group: example.com, resources: [gadgets]}]'),
    at: '5:48 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: example.com, resources: [widgets]}]'),
    served: CLUSTER,
  },
  {
    about: 'a name for the core group',
    code: 'group-core-name',
    has: rules('- level: Metadata', '  resources: [{group: core}]'),
    at: '5:23 rules[0].resources[0].group',
    lacks: rules('- level: Metadata', '  resources: [{group: ""}]'),
  },
  {
    about: 'a version after a dot',
    code: 'group-with-version',
    has: rules('- level: Metadata', '  resources: [{group: apps.v1}]'),
    at: '5:23 rules[0].resources[0].group',
    lacks: rules('- level: Metadata', '  resources: [{group: apps.example.com}]'),
  },
  {
    about: 'half a name',
    code: 'group-unknown',
    has: rules('- level: Metadata', '  resources: [{group: networking}]'),
    at: '5:23 rules[0].resources[0].group',
    lacks: rules('- level: Metadata', '  resources: [{group: networking.example.com}]'),
  },
  {
    about: 'one letter too few',
    code: 'group-unknown',
    has: rules('- level: Metadata', '  resources: [{group: rbac.authorization.k8s.i}]'),
    at: '5:23 rules[0].resources[0].group',
    lacks: rules('- level: Metadata', '  resources: [{group: rbac.authorization.k8s.io}]'),
  },
  {
    about: 'a remnant beside the new group',
    code: 'group-gone',
    has: rules(
      '- level: Metadata',
      '  resources: [{group: networking.k8s.io}, {group: extensions, resources: [networkpolicies]}]',
    ),
    at: '5:51 rules[0].resources[1].group',
    lacks: rules('- level: Metadata', '  resources: [{group: networking.k8s.io}]'),
  },
  {
    about: 'a resource that 1.25 no longer has',
    code: 'group-gone',
    has: rules('- level: Metadata', '  resources: [{group: policy, resources: [podsecuritypolicies]}]'),
    at: '5:43 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: policy, resources: [poddisruptionbudgets]}]'),
  },
  {
    about: 'a group that the cluster does not have',
    code: 'group-not-served',
    has: rules('- level: Metadata', '  resources: [{group: other.example.com}]'),
    at: '5:23 rules[0].resources[0].group',
    // Its API server did not answer, so it may well have it.
    lacks: rules('- level: Metadata', '  resources: [{group: broken.example.com}]'),
    served: CLUSTER,
  },
  {
    about: 'a name for what has none yet',
    code: 'resource-names-with-create',
    has: rules(
      '- level: Metadata',
      '  verbs: [create, update]',
      '  resources: [{group: "", resources: [configmaps], resourceNames: [a]}]',
    ),
    at: '6:67 rules[0].resources[0].resourceNames',
    lacks: rules(
      '- level: Metadata',
      '  verbs: [create, update]',
      '  resources: [{group: "", resources: [pods/exec], resourceNames: [a]}]',
    ),
  },
  {
    about: 'a prefix of names',
    code: 'resource-name-wildcard',
    has: rules('- level: Metadata', '  resources: [{group: "", resources: [secrets], resourceNames: ["a*"]}]'),
    at: '5:65 rules[0].resources[0].resourceNames[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: [secrets], resourceNames: ["a"]}]'),
  },
  {
    about: 'a prefix of namespaces',
    code: 'namespace-wildcard',
    has: rules('- level: Metadata', '  namespaces: ["kube-*"]'),
    at: '5:16 rules[0].namespaces[0]',
    lacks: rules('- level: Metadata', '  namespaces: ["kube-system", ""]'),
  },
  {
    about: 'no name of a namespace',
    code: 'namespace-invalid',
    has: rules('- level: Metadata', '  namespaces: [Kube_System]'),
    at: '5:16 rules[0].namespaces[0]',
    lacks: rules('- level: Metadata', '  namespaces: [kube-system]'),
  },
  {
    about: 'volumes in a namespace',
    code: 'namespace-of-cluster-scoped',
    has: rules(
      '- level: Metadata',
      '  namespaces: [web]',
      '  resources: [{group: "", resources: [persistentvolumes, namespaces]}]',
    ),
    at: '6:39 rules[0].resources[0].resources[0]',
    lacks: rules(
      '- level: Metadata',
      '  namespaces: [web]',
      '  resources: [{group: "", resources: [persistentvolumeclaims, namespaces]}]',
    ),
  },
  {
    about: 'all service accounts of a namespace',
    code: 'user-wildcard',
    has: rules('- level: Metadata', '  users: ["system:serviceaccount:web:*"]'),
    at: '5:11 rules[0].users[0]',
    lacks: rules('- level: Metadata', '  userGroups: ["system:serviceaccounts:web"]'),
  },
  {
    about: 'a plural for one account',
    code: 'service-account-name',
    has: rules('- level: Metadata', '  users: [system:serviceaccounts:web:builder]'),
    at: '5:11 rules[0].users[0]',
    lacks: rules('- level: Metadata', '  users: [system:serviceaccount:web:builder]'),
  },
  {
    about: 'a singular for a group',
    code: 'service-account-name',
    has: rules('- level: Metadata', '  userGroups: [system:serviceaccount:web]'),
    at: '5:16 rules[0].userGroups[0]',
    lacks: rules('- level: Metadata', '  userGroups: [system:serviceaccounts:web]'),
  },
  {
    about: 'all nodes as a user',
    code: 'group-among-users',
    has: rules('- level: Metadata', '  users: [system:nodes]'),
    at: '5:11 rules[0].users[0]',
    lacks: rules('- level: Metadata', '  users: [system:node:cp1]'),
  },
  {
    about: 'one node as a group',
    code: 'user-among-groups',
    has: rules('- level: Metadata', '  userGroups: [system:node:cp1]'),
    at: '5:16 rules[0].userGroups[0]',
    lacks: rules('- level: Metadata', '  userGroups: [system:nodes]'),
  },
  {
    about: 'pods by their path',
    code: 'url-is-resource',
    has: rules('- level: Metadata', '  nonResourceURLs: [/api/v1/pods]'),
    at: '5:21 rules[0].nonResourceURLs[0]',
    lacks: rules('- level: Metadata', '  nonResourceURLs: [/api/v1, /apis/apps/v1, "/api*"]'),
  },
  {
    about: 'all below a version',
    code: 'url-is-resource',
    has: rules('- level: Metadata', '  nonResourceURLs: ["/apis/apps/v1/*"]'),
    at: '5:21 rules[0].nonResourceURLs[0]',
    lacks: rules('- level: Metadata', '  nonResourceURLs: ["/apis/apps/*"]'),
  },
  {
    about: 'a query',
    code: 'url-with-query',
    has: rules('- level: Metadata', '  nonResourceURLs: ["/healthz?verbose"]'),
    at: '5:21 rules[0].nonResourceURLs[0]',
    lacks: rules('- level: Metadata', '  nonResourceURLs: ["/healthz"]'),
  },
  {
    about: 'typographic quotes',
    code: 'selector-characters',
    has: rules('- level: Metadata', '  resources: [{group: "", resources: [‘pods’]}]'),
    at: '5:39 rules[0].resources[0].resources[0]',
    lacks: rules('- level: Metadata', "  resources: [{group: '', resources: ['pods']}]"),
  },
  {
    about: 'white space',
    code: 'selector-characters',
    has: rules('- level: Metadata', '  verbs: ["get, list"]'),
    at: '5:11 rules[0].verbs[0]',
    lacks: rules('- level: Metadata', '  verbs: ["get", list]', '  users: ["Jane Doe"]'),
  },
  {
    about: 'nothing',
    code: 'selector-characters',
    has: rules('- level: Metadata', '  users: [~]'),
    at: '5:11 rules[0].users[0]',
    lacks: rules('- level: Metadata', '  namespaces: [~]'),
  },

  // Nothing recorded
  {
    about: 'everything dropped first',
    code: 'records-nothing',
    has: rules('- level: None', '- level: Metadata', '  verbs: [create]'),
    at: '4:1 rules',
    lacks: rules('- level: None', '  verbs: [get]', '- level: Metadata', '  verbs: [create]'),
  },
  {
    about: 'no stage left in one rule',
    code: 'rule-omits-every-stage',
    has: rules(
      '- level: Metadata',
      '  verbs: [get]',
      '  omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]',
      '- level: Metadata',
    ),
    at: '6:15 rules[0].omitStages',
    lacks: rules(
      '- level: Metadata',
      '  verbs: [get]',
      '  omitStages: [RequestReceived, ResponseStarted, Panic]',
      '- level: Metadata',
    ),
  },

  // Secrets in the log
  {
    about: 'a rule that names no resources',
    code: 'secret-bodies',
    has: rules('- level: Request', '  namespaces: [web]', '- level: Metadata'),
    at: '4:3 rules[0]',
    lacks: rules(
      '- level: Metadata',
      '  resources: [{group: "", resources: [secrets]}]',
      '- level: Request',
      '  namespaces: [web]',
      '- level: Metadata',
    ),
  },
  {
    about: 'reads at Request have no body',
    code: 'secret-bodies',
    has: rules('- level: RequestResponse', '  verbs: [list]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Request', '  verbs: [list]'),
  },
  {
    about: 'a new token in the response',
    code: 'token-bodies',
    has: rules('- level: RequestResponse', '  resources: [{group: "", resources: [serviceaccounts/token]}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Request', '  resources: [{group: "", resources: [serviceaccounts/token]}]'),
  },
  {
    about: 'a token in the request',
    code: 'token-bodies',
    has: rules('- level: Request', '  resources: [{group: authentication.k8s.io}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Request', '  resources: [{group: authorization.k8s.io}]'),
  },
  {
    about: 'every ConfigMap of a namespace',
    code: 'config-map-bodies',
    has: rules('- level: Request', '  resources: [{group: "", resources: [configmaps]}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: "", resources: [configmaps]}]'),
  },
  {
    about: 'public, and told all the same',
    code: 'certificate-request-bodies',
    has: rules('- level: Request', '  resources: [{group: certificates.k8s.io}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: certificates.k8s.io}]'),
  },
  {
    about: 'exec at Metadata',
    code: 'exec-arguments',
    has: rules('- level: Metadata'),
    at: '4:3 rules[0]',
    lacks: rules('- level: None', '  resources: [{group: "", resources: [pods/exec]}]', '- level: Metadata'),
  },

  // Gaps
  {
    about: 'create alone',
    code: 'exec-for-one-verb',
    has: rules('- level: Metadata', '  verbs: [create]', '  resources: [{group: "", resources: [pods/exec]}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Metadata', '  verbs: [create, get]', '  resources: [{group: "", resources: [pods/exec]}]'),
  },
  {
    about: 'reads of one group dropped before',
    code: 'exec-for-one-verb',
    has: rules('- level: None', '  userGroups: [ops]', '  verbs: [get]', '- level: Metadata'),
    at: '7:3 rules[1]',
    lacks: rules(
      '- level: Metadata',
      '  resources: [{group: "", resources: ["*/exec", "*/attach", "*/portforward"]}]',
      '- level: None',
      '  userGroups: [ops]',
      '  verbs: [get]',
      '- level: Metadata',
    ),
  },
  {
    about: 'a group that is usually aggregated',
    code: 'aggregated-bodies',
    has: rules('- level: Request', '  resources: [{group: projectcalico.org}]'),
    at: '5:23 rules[0].resources[0].group',
    lacks: rules('- level: Request', '  resources: [{group: crd.projectcalico.org}]'),
  },
  {
    about: 'a group that is aggregated on this cluster',
    code: 'aggregated-bodies',
    has: rules('- level: RequestResponse', '  resources: [{group: metrics.example.com}]'),
    at: '5:23 rules[0].resources[0].group',
    lacks: rules('- level: RequestResponse', '  resources: [{group: example.com}]'),
    served: CLUSTER,
  },
  {
    about: 'patch at Request without RequestReceived',
    code: 'apply-events-lost',
    has: `${HEAD}omitStages: [RequestReceived]\nrules:\n- level: Request\n  resources: [{group: apps}]\n`,
    at: '3:13 omitStages',
    lacks: `${HEAD}omitStages: [RequestReceived]\nrules:\n- level: Request\n  verbs: [create, update]\n  resources: [{group: apps}]\n`,
  },
  {
    about: 'bodies without the stage that carries them',
    code: 'bodies-never-written',
    has: rules('- level: Request', '  verbs: [delete]', '  omitStages: [ResponseComplete]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Metadata', '  verbs: [delete]', '  omitStages: [ResponseComplete]'),
  },
  {
    about: 'the only stage of a failed login',
    code: 'failed-logins-lost',
    has: rules('- level: Metadata', '  omitStages: [ResponseStarted]'),
    at: '5:15 rules[0].omitStages',
    lacks: rules('- level: Metadata', '  omitStages: [ResponseStarted]', '  userGroups: [system:authenticated]'),
  },

  // Volume
  {
    about: 'every answer',
    code: 'reads-with-bodies',
    has: rules('- level: RequestResponse', '  resources: [{group: apps}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: RequestResponse', '  verbs: [create, watch]', '  resources: [{group: apps}]'),
  },
  {
    about: 'two events for one request',
    code: 'request-received-kept',
    has: rules('- level: Metadata'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Metadata', '  omitStages: [RequestReceived]'),
  },
  {
    about: 'leases',
    code: 'noise-recorded',
    has: rules('- level: Metadata', '  resources: [{group: coordination.k8s.io}]'),
    at: '4:3 rules[0]',
    lacks: rules('- level: Metadata', '  resources: [{group: rbac.authorization.k8s.io}]'),
  },
];

/** A rule of so many users, namespaces and names that all of them cannot be tried, after one that takes them all. */
function manyCombinations(count: number): string {
  const list = (letter: string) => Array.from({length: count}, (_, index) => `${letter}${index}`);
  const own = list('').map((each) => `- {level: None, users: [u${each}], namespaces: [n${each}]}`);
  return rules(
    ...own,
    ...list('m').map(
      (name) => `- {level: None, resources: [{group: "", resources: [pods], resourceNames: [${name}]}]}`,
    ),
    '- {level: Metadata, resources: [{group: "", resources: [pods]}]}',
    '- level: Request',
    `  users: [${list('u').join(', ')}]`,
    `  namespaces: [${list('n').join(', ')}]`,
    `  resources: [{group: "", resources: [pods], resourceNames: [${list('m').join(', ')}]}]`,
  );
}

function optionsOf({release, served: discovered}: Row): LintOptions {
  return {serverVersion: release === undefined ? undefined : parseKubernetesVersion(release), served: discovered};
}

describe('codes of policy lint', () => {
  for (const row of ROWS) {
    it(`${row.code}: ${row.about}`, () => {
      const found = lintPolicy(row.has, optionsOf(row)).findings.filter(({code}) => code === row.code);
      const places = found.map(({where}) => [`${where.line}:${where.column}`, where.path].filter(Boolean).join(' '));
      expect(places).to.include(row.at);
      const missed = lintPolicy(row.lacks, optionsOf(row)).findings.map(({code}) => code);
      expect(missed).to.not.include(row.code);
    });
  }

  for (const row of ROWS) {
    it(`say of ${row.about} (${row.code}) what is wrong, in one line`, () => {
      for (const finding of lintPolicy(row.has, optionsOf(row)).findings) {
        const {message, fix} = lintSentence(finding);
        expect(message).to.match(/^\S[^\n]*\S$/);
        expect(`${message} ${fix}`).to.not.match(/undefined|\[object|NaN/);
      }
    });
  }

  it('tell bytes that are no character from lost indentation', () => {
    const bytes = new Uint8Array([...new TextEncoder().encode(rules('- level: Metadata # ')), 0xe9, 0x0a]);
    expect(
      lintPolicy(bytes, {serverVersion: undefined, served: undefined}).findings.map(({code}) => code),
    ).to.deep.equal(['refused-syntax']);
  });

  it('have a row each', () => {
    expect([...new Set(ROWS.map(({code}) => code))].sort()).to.deep.equal([...LINT_CODE_NAMES].sort());
  });
});
