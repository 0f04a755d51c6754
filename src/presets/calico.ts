import type {Departure, Preset, Requirement} from '../model/requirement.ts';

/** The log path that Calico's log collector tails; it looks nowhere else. */
export const CALICO_LOG_PATH = '/var/log/calico/audit/kube-audit.log';

/** The verbs of the vendor's sample policy. */
const CHANGES = ['create', 'patch', 'update', 'delete'];

/** The heading under which the vendor lists the resources, and the sample policy below it. */
const PLACE = 'Enable audit logs for Kubernetes resources';

/** What the vendor's documents ask of every cluster: the resources that take part in network policy. */
export const NETWORK_POLICY_REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'pods',
    level: 'must',
    title: 'changes of Pods',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['pods']}],
    atLeast: 'RequestResponse',
    reason: 'The compliance reports follow the endpoints that network policies select.',
    place: PLACE,
  },
  {
    id: 'namespaces',
    level: 'must',
    title: 'changes of Namespaces',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['namespaces']}],
    atLeast: 'RequestResponse',
    reason: 'Namespace selectors of network policies read the labels of Namespaces.',
    place: PLACE,
  },
  {
    id: 'serviceaccounts',
    level: 'must',
    title: 'changes of ServiceAccounts',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['serviceaccounts']}],
    atLeast: 'RequestResponse',
    reason: 'Calico policies select endpoints by ServiceAccount too.',
    place: PLACE,
  },
  {
    id: 'endpoints',
    level: 'must',
    title: 'changes of Endpoints',
    requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['endpoints']}],
    atLeast: 'RequestResponse',
    reason: 'The vendor lists Endpoints among the resources involved in network policy.',
    place: PLACE,
  },
  {
    id: 'networkpolicies',
    level: 'must',
    title: 'changes of NetworkPolicies',
    requests: [{kind: 'resources', verbs: CHANGES, group: 'networking.k8s.io', resources: ['networkpolicies']}],
    atLeast: 'RequestResponse',
    reason:
      'The policies themselves. The sample also names the group extensions, which no API server has served since 1.16.',
    place: PLACE,
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

/** Where a preset departs from both of the vendor's samples. */
export const SAMPLE_DEPARTURES: readonly Departure[] = [
  {
    what: 'The policy has version audit.k8s.io/v1, where the sample has v1beta1.',
    why: 'API servers from 1.24 on refuse v1beta1 and do not start. The fields are the same.',
  },
  {
    what: 'RequestReceived is kept for patches whose bodies are recorded; the sample omits it everywhere.',
    why:
      'The API server loses the ResponseComplete event of a server-side apply whose body is YAML, as it cannot write ' +
      'that body as JSON. RequestReceived is then the only trace of the change.',
  },
  {
    what: 'deletecollection is asked for beside delete (should).',
    why: 'Deleting a Namespace deletes what is in it with this verb: the sample misses such deletions.',
  },
  {
    what: 'EndpointSlices are asked for beside Endpoints (should).',
    why: 'They replace Endpoints, which are deprecated since 1.33.',
  },
  {
    what: 'The API group extensions is left out.',
    why: 'No API server has served NetworkPolicies there since 1.16.',
  },
];

/** The resources of the vendor's own API groups that make policy. */
const CALICO_RESOURCES = ['globalnetworkpolicies', 'networkpolicies', 'tiers'];

/** What records changes of Calico's own policies and tiers. */
const CALICO_POLICIES: readonly Requirement[] = [
  {
    id: 'calico-policies',
    level: 'should',
    title: 'changes of Calico policies and tiers by people',
    requests: [{kind: 'resources', verbs: CHANGES, group: 'projectcalico.org', resources: CALICO_RESOURCES}],
    atLeast: 'Metadata',
    reason:
      "The vendor's sample asks for RequestResponse, but this group is served by Calico's own API server, and " +
      'kube-apiserver never records the bodies of requests that it passes on. The event here names the person; ' +
      'the bodies are in the events of crd.projectcalico.org.',
  },
  {
    id: 'calico-policy-contents',
    level: 'should',
    title: 'contents of Calico policies and tiers',
    requests: [{kind: 'resources', verbs: CHANGES, group: 'crd.projectcalico.org', resources: CALICO_RESOURCES}],
    atLeast: 'RequestResponse',
    reason:
      "Where Calico's API server stores its objects, and where calicoctl and Calico's controllers write directly. " +
      'Without it their changes are recorded nowhere.',
  },
];

/** The same, as the document of Calico Enterprise asks for it: there they are musts. */
export function calicoPolicies(place: string, elsewhere: string): readonly Requirement[] {
  return CALICO_POLICIES.map((requirement) => ({
    ...requirement,
    level: 'must',
    place,
    ...(requirement.atLeast === 'RequestResponse' && {elsewhere}),
  }));
}

/** What Calico and Calico Cloud need for network policy reports. */
export const CALICO: Preset = {
  name: 'calico',
  title: 'Calico: changes of everything that takes part in network policy',
  source: {
    title: 'Calico Cloud documentation: Kubernetes audit logs',
    url: 'https://docs.tigera.io/calico-cloud/observability/kube-audit',
  },
  requirements: [...NETWORK_POLICY_REQUIREMENTS, ...CALICO_POLICIES],
  logPath: CALICO_LOG_PATH,
  departures: [
    ...SAMPLE_DEPARTURES,
    {
      what: "Changes of Calico's own policies and tiers are asked for (should).",
      why: 'The document names the resources of Kubernetes alone. Without these the picture of network policy has a hole.',
    },
  ],
};
