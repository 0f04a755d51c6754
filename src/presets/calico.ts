import type {Preset, Requirement} from '../model/requirement.ts';

/** The log path that Calico's log collector tails; it looks nowhere else. */
export const CALICO_LOG_PATH = '/var/log/calico/audit/kube-audit.log';

/** The verbs of the vendor's sample policy. */
export const CHANGES = ['create', 'patch', 'update', 'delete'];

/** What the vendor's documents ask of every cluster: the resources that take part in network policy. */
export const NETWORK_POLICY_REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'pods',
    level: 'must',
    title: 'changes of Pods',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['pods']}],
    atLeast: 'RequestResponse',
    reason: 'The compliance reports follow the endpoints that network policies select.',
  },
  {
    id: 'namespaces',
    level: 'must',
    title: 'changes of Namespaces',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['namespaces']}],
    atLeast: 'RequestResponse',
    reason: 'Namespace selectors of network policies read the labels of Namespaces.',
  },
  {
    id: 'serviceaccounts',
    level: 'must',
    title: 'changes of ServiceAccounts',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['serviceaccounts']}],
    atLeast: 'RequestResponse',
    reason: 'Calico policies select endpoints by ServiceAccount too.',
  },
  {
    id: 'endpoints',
    level: 'must',
    title: 'changes of Endpoints',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['endpoints']}],
    atLeast: 'RequestResponse',
    reason: 'The vendor lists Endpoints among the resources involved in network policy.',
  },
  {
    id: 'networkpolicies',
    level: 'must',
    title: 'changes of NetworkPolicies',
    requests: [{kind: 'resources', verbs: CHANGES, group: 'networking.k8s.io', resources: ['networkpolicies']}],
    atLeast: 'RequestResponse',
    reason:
      'The policies themselves. The sample also names the group extensions, which no API server has served since 1.16.',
  },
  {
    id: 'deletecollection',
    level: 'should',
    title: 'deletion of many objects at once',
    requests: [
      {
        kind: 'resources',
        verbs: ['deletecollection'],
        group: '',
        resources: ['pods', 'serviceaccounts', 'endpoints'],
      },
      {kind: 'resources', verbs: ['deletecollection'], group: 'networking.k8s.io', resources: ['networkpolicies']},
    ],
    atLeast: 'RequestResponse',
    reason:
      'Deleting a Namespace deletes what is in it with this verb. The vendor does not ask for it, so its reports miss ' +
      'such deletions. Namespaces cannot be deleted like this.',
  },
  {
    id: 'endpointslices',
    level: 'should',
    title: 'changes of EndpointSlices',
    requests: [
      {
        kind: 'resources',
        verbs: [...CHANGES, 'deletecollection'],
        group: 'discovery.k8s.io',
        resources: ['endpointslices'],
      },
    ],
    atLeast: 'RequestResponse',
    reason: 'EndpointSlices replace Endpoints, which are deprecated since 1.33. The vendor does not ask for them yet.',
  },
];

/** What records changes of Calico's own policies and tiers. */
export function calicoResources(level: Requirement['level']): readonly Requirement[] {
  const resources = ['globalnetworkpolicies', 'networkpolicies', 'tiers'];
  return [
    {
      id: 'calico-policies',
      level,
      title: 'changes of Calico policies and tiers by people',
      requests: [{kind: 'resources', verbs: CHANGES, group: 'projectcalico.org', resources}],
      atLeast: 'Metadata',
      reason:
        "The vendor's sample asks for RequestResponse, but this group is served by Calico's own API server, and " +
        'kube-apiserver never records the bodies of requests that it passes on. The event here names the person; ' +
        'the bodies are in the events of crd.projectcalico.org.',
    },
    {
      id: 'calico-policy-contents',
      level,
      title: 'contents of Calico policies and tiers',
      requests: [{kind: 'resources', verbs: CHANGES, group: 'crd.projectcalico.org', resources}],
      atLeast: 'RequestResponse',
      reason:
        "Where Calico's API server stores its objects, and where calicoctl and Calico's controllers write directly. " +
        'Without it their changes are recorded nowhere.',
    },
  ];
}

/** What Calico and Calico Cloud need for network policy reports. */
export const CALICO: Preset = {
  name: 'calico',
  title: 'Calico: changes of everything that takes part in network policy',
  source: {
    title: 'Calico Cloud documentation: Kubernetes audit logs',
    url: 'https://docs.tigera.io/calico-cloud/observability/kube-audit',
  },
  requirements: [...NETWORK_POLICY_REQUIREMENTS, ...calicoResources('should')],
  logPath: CALICO_LOG_PATH,
};
