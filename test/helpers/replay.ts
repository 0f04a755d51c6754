/**
 * A small real HTTPS server for each API server of a world, and one more in front as the load balancer. They answer as a
 * kubeadm cluster answered when it was recorded; a world says in what it differs.
 */
import {readFileSync} from 'node:fs';
import {createServer, type Server} from 'node:https';
import type {AddressInfo} from 'node:net';
import {join} from 'node:path';

/** One API server of a world. */
export interface WorldServer {
  readonly node: string;
  /** Flags after `kube-apiserver`, besides those that every server here has. */
  readonly flags?: readonly string[];
  /** `audits`, `silent` (no audit series), `forbidden`, `refused`; or lines that are added to the metrics of `audits`. */
  readonly metrics?: 'audits' | 'silent' | 'forbidden' | 'refused' | {readonly lines: readonly string[]};
  /** The API server's own address does not answer, the load balancer reaches it. */
  readonly onlyThroughBalancer?: boolean;
  /** Seconds between the container's start by the mirror pod and the process' own start. */
  readonly startedLater?: number;
  /** The hash by the kubelet's own word, where it differs from the mirror pod's. */
  readonly kubeletHash?: string;
  readonly flagz?: readonly string[];
  /** Mounts besides the certificates: `hostPath:mountPath[:type[:ro]]`, `configmap/NAME:mountPath`. */
  readonly mounts?: readonly string[];
  readonly image?: string;
  readonly ready?: boolean;
}

export interface World {
  readonly version?: string;
  readonly context?: string;
  readonly nodes?: readonly {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly providerID?: string;
    readonly osImage?: string;
  }[];
  readonly servers?: readonly WorldServer[];
  readonly apiGroups?: readonly string[];
  readonly namespaces?: readonly string[];
  /** ClusterConfiguration of kubeadm-config; undefined: the ConfigMap does not exist. */
  readonly kubeadmConfig?: string;
  /** Paths (prefixes, query included) that answer 403. */
  readonly forbidden?: readonly string[];
  /** What the reading pod finds on each node, by path. */
  readonly nodeFiles?: Readonly<Record<string, string>>;
  /** Further lines that it prints. */
  readonly nodeLines?: readonly string[];
  /** No login is accepted: every answer is 401. */
  readonly unauthorized?: boolean;
  /** Whole answers by path, query included; they win over everything else. */
  readonly answers?: Readonly<Record<string, unknown>>;
  /** Plain text answers by path. */
  readonly texts?: Readonly<Record<string, {readonly body: string; readonly lastModified?: string}>>;
}

const TLS = join(import.meta.dirname, 'tls');
const STARTED = Date.parse('2026-01-10T08:00:00Z') / 1000;

/** The servers of a world were started a minute apart, in their order. */
function startOf(index: number): number {
  return STARTED + index * 60;
}

export interface Replay {
  /** A kubeconfig for the load balancer, as text. */
  readonly kubeconfig: string;
  /** Every request met, as `METHOD path`. */
  readonly requests: readonly string[];
  /** Ports of this run become 6443, so that output can be compared. */
  readonly normalise: (text: string) => string;
  readonly close: () => Promise<void>;
}

interface Reply {
  readonly status: number;
  readonly body: string;
  readonly type: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export async function replay(world: World): Promise<Replay> {
  const servers = world.servers ?? [];
  const requests: string[] = [];
  const listeners: Server[] = [];
  const ports: number[] = [];
  let turn = 0;
  const listen = async (answer: (path: string, method: string) => Reply): Promise<number> => {
    const server = createServer(
      {key: readFileSync(join(TLS, 'server-key.pem')), cert: readFileSync(join(TLS, 'server.pem'))},
      (request, response) => {
        requests.push(`${request.method} ${request.url}`);
        const reply = answer(request.url ?? '', request.method ?? '');
        response.writeHead(reply.status, {'content-type': reply.type, ...reply.headers}).end(reply.body);
      },
    );
    listeners.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as AddressInfo).port;
  };
  for (const server of servers) {
    const port = await listen((path) => ownAnswer(server, path, servers.indexOf(server)));
    // Port 1 of the loopback address refuses every connection.
    ports.push(server.metrics === 'refused' || server.onlyThroughBalancer === true ? 1 : port);
  }
  const front = await listen((path, method) => {
    if (path === '/metrics') {
      const reachable = servers.filter((server) => server.metrics !== 'refused');
      turn += 1;
      const met = reachable[turn % reachable.length];
      return ownAnswer(met, path, met === undefined ? 0 : servers.indexOf(met));
    }
    return jobAnswer(world, method, path) ?? clusterAnswer(world, ports, path);
  });
  return {
    requests,
    kubeconfig: kubeconfigFor(front, world.context ?? 'world'),
    normalise: (text) =>
      [...ports, front]
        .filter((port) => port !== 1)
        .reduce((result, port) => result.replaceAll(String(port), '6443'), text)
        .replaceAll('127.0.0.1:1/', '127.0.0.1:6443/')
        .replaceAll('127.0.0.1:1 ', '127.0.0.1:6443 '),
    close: async () => {
      await Promise.all(
        listeners.map(
          (server) =>
            new Promise((resolve) => {
              server.close(resolve);
              server.closeAllConnections();
            }),
        ),
      );
    },
  };
}

function kubeconfigFor(port: number, context: string): string {
  const authority = readFileSync(join(TLS, 'ca.pem')).toString('base64');
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': context,
    contexts: [{name: context, context: {cluster: 'world', user: 'world'}}],
    clusters: [
      {name: 'world', cluster: {server: `https://127.0.0.1:${port}`, 'certificate-authority-data': authority}},
    ],
    users: [{name: 'world', user: {token: 'secret-token'}}],
  });
}

function json(value: unknown, status = 200): Reply {
  return {status, body: JSON.stringify(value), type: 'application/json'};
}

function failure(code: number, reason: string): Reply {
  return json({kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message: reason, reason, code}, code);
}

/** The reading Job, its pod and its log; undefined for anything else. */
function jobAnswer(world: World, method: string, path: string): Reply | undefined {
  if (world.nodeFiles === undefined) return undefined;
  if (method === 'POST') return json({}, 201);
  if (method === 'DELETE') return json({});
  if (path.startsWith('/api/v1/namespaces/kubectl-audit/pods?'))
    return json(list([{metadata: {name: 'read-1'}, status: {phase: 'Succeeded'}}]));
  if (path !== '/api/v1/namespaces/kubectl-audit/pods/read-1/log') return undefined;
  const files = Object.entries(world.nodeFiles).map(
    ([file, text]) => `@@file ${file} ${STARTED - 3600}\n${Buffer.from(text).toString('base64')}\n@@end`,
  );
  return {status: 200, type: 'text/plain', body: `${[...files, ...(world.nodeLines ?? [])].join('\n')}\n`};
}

/** What one API server says of itself. */
function ownAnswer(server: WorldServer | undefined, path: string, index: number): Reply {
  if (server === undefined) return failure(503, 'no server');
  if (path === '/flagz' && server.flagz !== undefined) {
    return {
      status: 200,
      type: 'text/plain',
      body: `\nkube-apiserver flags\nWarning: This endpoint is not meant to be machine parseable\n\n${server.flagz.join('\n')}\n`,
    };
  }
  if (path !== '/metrics') return failure(404, 'NotFound');
  if (server.metrics === 'forbidden') return failure(403, 'Forbidden');
  return {status: 200, type: 'text/plain; version=0.0.4', body: metricsOf(server, index)};
}

function metricsOf(server: WorldServer, index: number): string {
  const audits = server.metrics !== 'silent';
  const extra = typeof server.metrics === 'object' ? server.metrics.lines : [];
  return [
    '# HELP apiserver_audit_event_total [ALPHA] Counter of audit events generated and sent to the audit backend.',
    '# TYPE apiserver_audit_event_total counter',
    `apiserver_audit_event_total ${audits ? 4711 : 0}`,
    ...(audits
      ? [
          '# TYPE apiserver_audit_level_total counter',
          'apiserver_audit_level_total{level="None"} 812',
          'apiserver_audit_level_total{level="RequestResponse"} 37',
        ]
      : []),
    '# TYPE apiserver_audit_requests_rejected_total counter',
    'apiserver_audit_requests_rejected_total 0',
    ...extra,
    `kubernetes_build_info{build_date="",major="1",minor="34",git_version="${versionOf(server)}"} 1`,
    `process_start_time_seconds ${startOf(index) + (server.startedLater ?? 0) + 0.47}`,
    '',
  ].join('\n');
}

function versionOf(server: WorldServer): string {
  return /:(v[^:]+)$/.exec(server.image ?? '')?.[1] ?? 'v1.34.4';
}

function clusterAnswer(world: World, ports: readonly number[], path: string): Reply {
  if (world.unauthorized === true) return failure(401, 'Unauthorized');
  const whole = world.answers?.[path];
  if (whole !== undefined) return json(whole);
  const text = world.texts?.[path];
  if (text !== undefined) {
    return {
      status: 200,
      body: text.body,
      type: 'text/plain',
      ...(text.lastModified === undefined ? {} : {headers: {'last-modified': text.lastModified}}),
    };
  }
  if ((world.forbidden ?? []).some((prefix) => path.startsWith(prefix))) return failure(403, 'Forbidden');
  const servers = world.servers ?? [];
  const pods = servers.map((server, index) => serverPod(server, ports[index] ?? 0, index));
  const url = new URL(path, 'https://cluster');
  const kubeletPods = /^\/api\/v1\/nodes\/([^/]+)\/proxy\/pods$/.exec(url.pathname);
  if (kubeletPods !== null)
    return json(
      list(
        servers
          .map((server, index) => kubeletPod(server, ports[index] ?? 0, index))
          .filter((pod) => pod.spec.nodeName === kubeletPods[1]),
      ),
    );
  switch (url.pathname) {
    case '/version':
      return json({major: '1', minor: '34', gitVersion: world.version ?? 'v1.34.4'});
    case '/apis':
      return json({kind: 'APIGroupList', groups: (world.apiGroups ?? ['apps', 'batch']).map((name) => ({name}))});
    case '/api/v1/namespaces/kube-system/pods':
      return json(list(pods));
    case '/api/v1/pods':
      return json(list(url.searchParams.get('labelSelector') === 'component=kube-apiserver' ? pods : []));
    case '/api/v1/nodes':
      return json(
        list((world.nodes ?? servers.map((server) => ({name: server.node}))).map((node) => nodeObject(node, servers))),
      );
    case '/api/v1/namespaces':
      return json(list((world.namespaces ?? ['default', 'kube-system']).map((name) => ({metadata: {name}}))));
    case '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases':
      return json(
        list(
          servers.map((server) => ({
            metadata: {name: `apiserver-${server.node}`, labels: {'kubernetes.io/hostname': server.node}},
          })),
        ),
      );
    case '/apis/discovery.k8s.io/v1/namespaces/default/endpointslices':
      return json(list(servers.length === 0 ? [] : [{endpoints: [{addresses: ['127.0.0.1']}]}]));
    case '/api/v1/namespaces/kube-system/configmaps/kubeadm-config':
      return world.kubeadmConfig === undefined
        ? failure(404, 'NotFound')
        : json({data: {ClusterConfiguration: world.kubeadmConfig}});
    default:
      return failure(404, 'NotFound');
  }
}

function list(items: readonly unknown[]) {
  return {kind: 'List', apiVersion: 'v1', metadata: {resourceVersion: '1'}, items};
}

type WorldNode = NonNullable<World['nodes']>[number];

function nodeObject(node: WorldNode, servers: readonly WorldServer[]) {
  const controlPlane = servers.some((server) => server.node === node.name)
    ? {'node-role.kubernetes.io/control-plane': ''}
    : {};
  return {
    metadata: {name: node.name, labels: {...controlPlane, ...node.labels}, annotations: node.annotations ?? {}},
    spec: {providerID: node.providerID ?? ''},
    status: {
      addresses: [{type: 'InternalIP', address: '127.0.0.1'}],
      conditions: [{type: 'Ready', status: 'True'}],
      nodeInfo: {osImage: node.osImage ?? 'Debian GNU/Linux 12 (bookworm)'},
    },
  };
}

const HASH = '0f3c1c2b7a9d4e5f60718293a4b5c6d7';

function kubeletPod(server: WorldServer, port: number, index: number) {
  const pod = serverPod(server, port, index);
  const annotations: Record<string, string> = {
    ...pod.metadata.annotations,
    'kubernetes.io/config.hash': server.kubeletHash ?? HASH,
  };
  delete annotations['kubernetes.io/config.mirror'];
  return {...pod, metadata: {...pod.metadata, annotations}};
}

/** A mirror pod as kubeadm 1.34 and the kubelet make it. */
function serverPod(server: WorldServer, port: number, index: number) {
  const mounts = (server.mounts ?? []).map(mountOf);
  return {
    metadata: {
      name: `kube-apiserver-${server.node}`,
      namespace: 'kube-system',
      labels: {component: 'kube-apiserver', tier: 'control-plane'},
      annotations: {
        'kubernetes.io/config.hash': HASH,
        'kubernetes.io/config.mirror': HASH,
        'kubernetes.io/config.source': 'file',
      },
      ownerReferences: [{apiVersion: 'v1', controller: true, kind: 'Node', name: server.node}],
    },
    spec: {
      nodeName: server.node,
      hostNetwork: true,
      containers: [
        {
          name: 'kube-apiserver',
          image: server.image ?? 'example.com/kube-apiserver:v1.34.4',
          command: [
            'kube-apiserver',
            '--advertise-address=127.0.0.1',
            `--secure-port=${port}`,
            '--etcd-servers=https://127.0.0.1:2379',
            ...(server.flags ?? []),
          ],
          volumeMounts: [
            {name: 'k8s-certs', mountPath: '/etc/kubernetes/pki', readOnly: true},
            ...mounts.map((mount) => mount.volumeMount),
          ],
        },
      ],
      volumes: [
        {name: 'k8s-certs', hostPath: {path: '/etc/kubernetes/pki', type: 'DirectoryOrCreate'}},
        ...mounts.map((mount) => mount.volume),
      ],
    },
    status: {
      phase: 'Running',
      podIP: '127.0.0.1',
      hostIP: '127.0.0.1',
      conditions: [{type: 'Ready', status: server.ready === false ? 'False' : 'True'}],
      containerStatuses: [
        {
          name: 'kube-apiserver',
          ready: server.ready !== false,
          restartCount: 0,
          state: {running: {startedAt: new Date(startOf(index) * 1000).toISOString()}},
        },
      ],
    },
  };
}

function mountOf(text: string, index: number) {
  const [source = '', mountPath = '', type = '', mode = ''] = text.split(':');
  const name = `mount-${index}`;
  const volume = source.startsWith('configmap/')
    ? {name, configMap: {name: source.slice('configmap/'.length)}}
    : source === 'emptyDir'
      ? {name, emptyDir: {}}
      : {name, hostPath: {path: source, type}};
  return {volume, volumeMount: {name, mountPath, ...(mode === 'ro' ? {readOnly: true} : {})}};
}
