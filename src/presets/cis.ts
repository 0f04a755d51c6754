import type {Preset} from '../model/requirement.ts';

const CHANGES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const EVERY_VERB = ['get', 'list', 'watch', ...CHANGES];
/** Streams are opened with GET (WebSocket, the default of newer clients) or with POST (SPDY). */
const STREAMS = ['get', 'create'];
/** A proxied request has the verb of its own method. */
const PROXIED = ['get', 'create', 'update', 'patch', 'delete'];

const SENSITIVE =
  'The benchmark wants access recorded, but at Metadata only, so that the log does not become a store of secrets.';

/** CIS Kubernetes Benchmark 3.2.2, the areas that an audit policy must cover, and 1.2.17 to 1.2.19, how long the log is kept. */
export const CIS: Preset = {
  name: 'cis',
  title: 'CIS Kubernetes Benchmark: key security concerns (3.2.2) and log rotation (1.2.17 to 1.2.19)',
  source: {title: 'CIS Kubernetes Benchmark', url: 'https://www.cisecurity.org/benchmark/kubernetes'},
  requirements: [
    {
      id: 'secrets',
      level: 'must',
      title: 'access to Secrets, without their contents',
      requests: [{kind: 'resources', verbs: EVERY_VERB, group: '', resources: ['secrets']}],
      atLeast: 'Metadata',
      atMost: 'Metadata',
      reason: SENSITIVE,
    },
    {
      id: 'configmaps',
      level: 'must',
      title: 'access to ConfigMaps, without their contents',
      requests: [{kind: 'resources', verbs: EVERY_VERB, group: '', resources: ['configmaps']}],
      atLeast: 'Metadata',
      atMost: 'Metadata',
      reason: SENSITIVE,
    },
    {
      id: 'tokenreviews',
      level: 'must',
      title: 'token reviews, without the tokens',
      requests: [{kind: 'resources', verbs: ['create'], group: 'authentication.k8s.io', resources: ['tokenreviews']}],
      atLeast: 'Metadata',
      atMost: 'Metadata',
      reason: `${SENSITIVE} TokenReviews can only be created.`,
    },
    {
      id: 'pods',
      level: 'must',
      title: 'changes of Pods',
      requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['pods']}],
      atLeast: 'Metadata',
      reason: 'Named by the benchmark.',
    },
    {
      id: 'deployments',
      level: 'must',
      title: 'changes of Deployments',
      requests: [{kind: 'resources', verbs: CHANGES, group: 'apps', resources: ['deployments']}],
      atLeast: 'Metadata',
      reason: 'Named by the benchmark.',
    },
    {
      id: 'pod-streams',
      level: 'must',
      title: 'use of exec and portforward',
      requests: [{kind: 'resources', verbs: STREAMS, group: '', resources: ['pods/exec', 'pods/portforward']}],
      atLeast: 'Metadata',
      reason:
        'Named by the benchmark. A rule for create alone misses what newer clients do: they open streams with get.',
    },
    {
      id: 'proxies',
      level: 'must',
      title: 'use of the proxies to Pods and Services',
      requests: [{kind: 'resources', verbs: PROXIED, group: '', resources: ['pods/proxy', 'services/proxy']}],
      atLeast: 'Metadata',
      reason: 'Named by the benchmark. A proxied request has the verb of its own method.',
    },
    {
      id: 'pod-side-doors',
      level: 'should',
      title: 'other ways into running Pods',
      requests: [
        {kind: 'resources', verbs: STREAMS, group: '', resources: ['pods/attach']},
        {kind: 'resources', verbs: ['update', 'patch'], group: '', resources: ['pods/ephemeralcontainers']},
        {kind: 'resources', verbs: PROXIED, group: '', resources: ['nodes/proxy']},
      ],
      atLeast: 'Metadata',
      reason: 'Not named by the benchmark, but each gives what exec gives, so a record of exec alone can be evaded.',
    },
    {
      id: 'service-account-tokens',
      level: 'should',
      title: 'issue of ServiceAccount tokens, without the tokens',
      requests: [{kind: 'resources', verbs: ['create'], group: '', resources: ['serviceaccounts/token']}],
      atLeast: 'Metadata',
      atMost: 'Metadata',
      reason: 'Not named by the benchmark. At RequestResponse the log would hold valid tokens.',
    },
  ],
  rotation: {maxAge: 30, maxBackup: 10, maxSize: 100},
};
