import type {Preset} from '../model/requirement.ts';

const CHANGES = ['create', 'update', 'patch', 'delete', 'deletecollection'];
const EVERY_VERB = ['get', 'list', 'watch', ...CHANGES];
/** Streams are opened with GET (WebSocket, the default of newer clients) or with POST (SPDY). */
const STREAMS = ['get', 'create'];
/** A proxied request has the verb of its own method. */
const PROXIED = ['get', 'create', 'update', 'patch', 'delete'];

const SENSITIVE =
  'The benchmark wants access recorded, but at Metadata only, so that the log does not become a store of secrets.';

const PLACE = '3.2.2';
/** Version 2.0.0 of the benchmark names two more areas. */
const PLACE_SINCE_2 = '3.2.2, from version 2.0.0 of the benchmark on';

/**
 * CIS Kubernetes Benchmark 3.2.2, the areas that an audit policy must cover, and 1.2.16 to 1.2.19, where and how long the
 * log is kept (numbers of version 1.12).
 */
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
      place: PLACE,
    },
    {
      id: 'configmaps',
      level: 'must',
      title: 'access to ConfigMaps, without their contents',
      requests: [{kind: 'resources', verbs: EVERY_VERB, group: '', resources: ['configmaps']}],
      atLeast: 'Metadata',
      atMost: 'Metadata',
      reason: SENSITIVE,
      place: PLACE,
    },
    {
      id: 'tokenreviews',
      level: 'must',
      title: 'token reviews, without the tokens',
      requests: [{kind: 'resources', verbs: ['create'], group: 'authentication.k8s.io', resources: ['tokenreviews']}],
      atLeast: 'Metadata',
      atMost: 'Metadata',
      reason: `${SENSITIVE} TokenReviews can only be created.`,
      place: PLACE,
    },
    {
      id: 'pods',
      level: 'must',
      title: 'changes of Pods',
      requests: [{kind: 'resources', verbs: CHANGES, group: '', resources: ['pods']}],
      atLeast: 'Metadata',
      reason: 'Named by the benchmark.',
      place: PLACE,
    },
    {
      id: 'deployments',
      level: 'must',
      title: 'changes of Deployments',
      requests: [{kind: 'resources', verbs: CHANGES, group: 'apps', resources: ['deployments']}],
      atLeast: 'Metadata',
      reason: 'Named by the benchmark.',
      place: PLACE,
    },
    {
      id: 'pod-streams',
      level: 'must',
      title: 'use of exec and portforward',
      requests: [{kind: 'resources', verbs: STREAMS, group: '', resources: ['pods/exec', 'pods/portforward']}],
      atLeast: 'Metadata',
      reason:
        'Named by the benchmark. A rule for create alone misses what newer clients do: they open streams with get.',
      place: PLACE,
    },
    {
      id: 'proxies',
      level: 'must',
      title: 'use of the proxies to Pods and Services',
      requests: [{kind: 'resources', verbs: PROXIED, group: '', resources: ['pods/proxy', 'services/proxy']}],
      atLeast: 'Metadata',
      reason: 'Named by the benchmark. A proxied request has the verb of its own method.',
      place: PLACE,
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
      reason: 'They are new credentials. At RequestResponse the log would hold valid tokens.',
      place: PLACE_SINCE_2,
    },
    {
      id: 'certificate-signing-requests',
      level: 'should',
      title: 'issue of client certificates by CertificateSigningRequests',
      requests: [
        {
          kind: 'resources',
          verbs: CHANGES,
          group: 'certificates.k8s.io',
          resources: ['certificatesigningrequests'],
        },
        {
          kind: 'resources',
          verbs: ['update', 'patch'],
          group: 'certificates.k8s.io',
          resources: ['certificatesigningrequests/approval', 'certificatesigningrequests/status'],
        },
      ],
      atLeast: 'Metadata',
      reason: 'They are new credentials: asked for, approved and signed by three different requests.',
      place: PLACE_SINCE_2,
    },
  ],
  settings: [
    {
      id: '3.2.1',
      level: 'must',
      title: 'an audit policy is set',
      flag: 'audit-policy-file',
      reason: 'Without a policy nothing is recorded.',
      place: '3.2.1',
    },
    {
      id: '1.2.16',
      level: 'should',
      title: 'a log is written',
      flag: 'audit-log-path',
      reason: 'The benchmark wants a file. Events that go to a webhook alone are recorded too.',
      place: '1.2.16',
    },
    {
      id: '1.2.17',
      level: 'should',
      title: 'the log is kept long enough',
      flag: 'audit-log-maxage',
      reason: 'No limit by age keeps it longer still.',
      place: '1.2.17',
    },
    {
      id: '1.2.18',
      level: 'should',
      title: 'enough rotated files are kept',
      flag: 'audit-log-maxbackup',
      reason: 'No limit of their number keeps more still.',
      place: '1.2.18',
    },
    {
      id: '1.2.19',
      level: 'should',
      title: 'files are large enough before they are rotated',
      flag: 'audit-log-maxsize',
      reason: 'With the number of files it decides how much is kept.',
      place: '1.2.19',
    },
  ],
  rotation: {maxAge: 30, maxBackup: 10, maxSize: 100},
  departures: [
    {
      what: 'Modification means create, update, patch, delete and deletecollection.',
      why: 'The benchmark does not list verbs. A collection of Pods is deleted without any delete.',
    },
    {
      what: 'exec and portforward are asked for with get and with create.',
      why: 'Newer clients open them with GET (WebSocket), older ones with POST (SPDY).',
    },
    {
      what: 'Tokens of ServiceAccounts and CertificateSigningRequests are shoulds.',
      why: 'The benchmark names them only from version 2.0.0 on.',
    },
    {
      what: 'No exception is made for the requests of the system itself, which version 2.0.0 advises.',
      why: 'A stolen credential of a kubelet is used for just such requests.',
    },
    {
      what: 'attach, ephemeral containers and the proxy to nodes are asked for (should).',
      why: 'Each gives what exec gives.',
    },
    {
      what: '0 counts as enough for the rotation flags.',
      why: 'The benchmark says "or as appropriate", and 0 is no limit. From 1.36 on unset means 366 days, 100 files and 100 MiB.',
    },
  ],
};
