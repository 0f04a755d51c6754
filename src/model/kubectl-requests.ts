/**
 * What common kubectl commands really send to the API server, as its audit log shows it.
 *
 * Left out is what every command may send beside: discovery when kubectl's cache of it is old (get of /api, /apis), and the
 * OpenAPI documents by which manifests are checked (get of /openapi/v3).
 * @see https://github.com/kubernetes/kubectl/tree/v0.34.4/pkg/cmd
 */
import type {Remark} from './asked-target.ts';
import {UsageError} from './errors.ts';
import {parseKubectlLine} from './kubectl-line.ts';
import {KubectlSender, type KubectlContext, type KubectlRequest, type NamedObject} from './kubectl-sender.ts';
import type {ServedResource} from './served-resources.ts';

/** The requests of one command line, in the order in which they are sent. */
export interface KubectlRequests {
  /** `exec`, `rollout restart`. */
  readonly command: string;
  readonly requests: readonly KubectlRequest[];
  readonly remarks: readonly Remark[];
}

/**
 * The requests of a kubectl command line; `exec` alone is enough, what is left out stands for any.
 * @throws UsageError for a command that is not known here, or a resource that is not known
 */
export function kubectlRequests(text: string, context: KubectlContext): KubectlRequests {
  const line = parseKubectlLine(text);
  const [first = '', second = ''] = line.words;
  const name = [`${first} ${second}`, first].find((candidate) => COMMANDS.has(candidate));
  const send = name === undefined ? undefined : COMMANDS.get(name);
  if (name === undefined || send === undefined) {
    throw new UsageError(
      `--kubectl ${JSON.stringify(text)}: ${first === '' ? 'it names no command' : `what kubectl ${first} sends is not known here`}`,
      `known are: ${[...COMMANDS.keys()].toSorted().join(', ')}; any request can be given as VERB RESOURCE or by --uri`,
    );
  }
  const sender = new KubectlSender(name, line, context);
  send(sender);
  return {command: name, requests: sender.requests, remarks: sender.remarks};
}

type Send = (sender: KubectlSender) => void;

/** The pod that `web`, `pod/web` or `deploy/web` means; for a workload kubectl looks for one of its pods. */
function readPod(sender: KubectlSender, word: string | undefined): NamedObject {
  const named = word?.includes('/') === true ? sender.typeAndName(word) : sender.one('pods', word);
  const isPod = named.resource.name.resource === 'pods';
  sender.read('get', named);
  if (isPod) return named;
  const pods = sender.one('pods');
  sender.read('list', pods);
  return pods;
}

/**
 * A connection to a container: by WebSocket a GET, by SPDY a POST.
 * @see https://github.com/kubernetes/kubectl/blob/v0.34.4/pkg/cmd/exec/exec.go#L146
 * @see https://github.com/kubernetes/kubectl/blob/v0.30.0/pkg/cmd/exec/exec.go#L144 (by default from here on)
 * @see https://github.com/kubernetes/kubectl/blob/v0.31.0/pkg/cmd/portforward/portforward.go#L145 (port-forward)
 */
function connect(sender: KubectlSender, pod: NamedObject, subresource: 'exec' | 'attach' | 'portforward'): void {
  sender.send('get', pod, {subresource, when: subresource === 'portforward' ? 'websocket-forward' : 'websocket'});
  sender.send('create', pod, {subresource, when: 'spdy'});
}

const exec: Send = (sender) => connect(sender, readPod(sender, sender.words[0]), 'exec');

const attach: Send = (sender) => connect(sender, readPod(sender, sender.words[0]), 'attach');

const portForward: Send = (sender) => {
  const pod = readPod(sender, sender.words[0]);
  sender.read('get', pod);
  connect(sender, pod, 'portforward');
};

const logs: Send = (sender) => {
  if (!sender.has('selector')) {
    sender.send('get', readPod(sender, sender.words[0]), {subresource: 'log'});
    return;
  }
  sender.read('list', sender.one('pods'));
  sender.send('get', sender.one('pods'), {subresource: 'log', when: 'for-each-pod'});
};

/** `NAMESPACE/POD:PATH` on either side. */
const copy: Send = (sender) => {
  const place =
    sender.words
      .find((word) => word.includes(':'))
      ?.split(':')[0]
      ?.split('/') ?? [];
  const [pod, namespace] = place.toReversed();
  if (namespace !== undefined) sender.useNamespace(namespace);
  connect(sender, readPod(sender, pod), 'exec');
};

const get: Send = (sender) => {
  const raw = sender.value('raw');
  if (raw !== undefined) {
    throw new UsageError(`kubectl get --raw ${raw}`, `ask for it with --uri ${JSON.stringify(`GET ${raw}`)}`);
  }
  const subresource = sender.value('subresource');
  const options = subresource === undefined ? {} : {subresource};
  for (const object of sender.objects('pods')) {
    const allNamespaces = sender.has('all-namespaces');
    if (!sender.has('watch-only')) {
      sender.send(object.name === undefined ? 'list' : 'get', object, {...options, allNamespaces});
    }
    if (sender.has('watch', 'watch-only')) sender.send('watch', object, {allNamespaces});
  }
};

const describe: Send = (sender) => {
  for (const object of sender.objects('pods')) {
    const allNamespaces = sender.has('all-namespaces');
    sender.send(object.name === undefined ? 'list' : 'get', object, {allNamespaces});
    sender.read('list', sender.one('events'), {allNamespaces});
  }
};

const create: Send = (sender) => {
  // `create secret generic NAME`, `create deployment NAME`: the type is the first word, and no request carries the name.
  const [type] = sender.words;
  if (type === undefined) sender.remark({code: 'example-resource', command: 'create', resource: 'deployments'});
  const from = sender.value('from');
  if (type === 'job' && from?.includes('/') === true) sender.read('get', sender.typeAndName(from));
  sender.send('create', sender.one(type ?? 'deployments'));
};

const createToken: Send = (sender) =>
  sender.send('create', sender.one('serviceaccounts', sender.words[0]), {subresource: 'token'});

const apply: Send = (sender) => {
  for (const object of sender.objects('deployments')) {
    if (sender.has('server-side')) {
      sender.send('patch', object);
      sender.remark({code: 'created-by-patch'});
      continue;
    }
    sender.read('get', object);
    sender.send('create', {...object, name: undefined}, {when: 'object-absent'});
    sender.send('patch', object, {when: 'object-present'});
  }
};

const replace: Send = (sender) => {
  for (const object of sender.objects('deployments')) {
    if (sender.has('force')) {
      sender.send('delete', object);
      sender.read('get', object, {when: 'waiting'});
      sender.send('create', {...object, name: undefined});
      continue;
    }
    sender.read('get', object);
    sender.send('update', object);
  }
};

/** Everything that reads an object and sends back a patch: edit, patch, label, annotate, taint, set, rollout restart … */
function patching(example: string): Send {
  return (sender) => {
    const subresource = sender.value('subresource');
    const options = subresource === undefined ? {} : {subresource};
    for (const object of sender.objects(example)) {
      const isMany = sender.has('all', 'selector');
      sender.read(isMany ? 'list' : 'get', object, options);
      sender.send('patch', object, {...options, ...(isMany ? {when: 'for-each-object' as const} : {})});
    }
  };
}

const remove: Send = (sender) => {
  for (const object of sender.objects('pods')) {
    const isMany = sender.has('all', 'selector', 'field-selector');
    const allNamespaces = sender.has('all-namespaces');
    if (isMany) {
      sender.read('list', object, {allNamespaces});
      sender.send('delete', object, {when: 'for-each-object', anyNamespace: allNamespaces});
      sender.remark({code: 'no-deletecollection'});
    } else {
      sender.send('delete', object);
    }
    if (sender.value('wait') === 'false') continue;
    sender.read('get', object, {when: 'waiting', anyNamespace: allNamespaces});
  }
};

const scale: Send = (sender) => {
  for (const object of sender.objects('deployments')) {
    sender.read('get', object);
    if (!sender.has('current-replicas', 'resource-version')) {
      sender.send('patch', object, {subresource: 'scale'});
      continue;
    }
    sender.read('get', object, {subresource: 'scale'});
    sender.send('update', object, {subresource: 'scale'});
  }
};

const autoscale: Send = (sender) => {
  for (const object of sender.objects('deployments')) sender.read('get', object);
  sender.send('create', sender.one('horizontalpodautoscalers'));
};

const expose: Send = (sender) => {
  for (const object of sender.objects('deployments')) sender.read('get', object);
  sender.send('create', sender.one('services'));
};

/** What was before is found in replica sets, or for the other workloads in controller revisions. */
function readHistory(sender: KubectlSender, object: NamedObject): void {
  sender.read('get', object);
  const isDeployment = object.resource.name.resource === 'deployments';
  sender.read('list', sender.one(isDeployment ? 'replicasets' : 'controllerrevisions'));
}

const rolloutUndo: Send = (sender) => {
  for (const object of sender.objects('deployments')) {
    readHistory(sender, object);
    sender.send('patch', object);
  }
};

const rolloutHistory: Send = (sender) => {
  for (const object of sender.objects('deployments')) readHistory(sender, object);
};

/** Also `wait`. */
function watching(example: string): Send {
  return (sender) => {
    for (const object of sender.objects(example)) {
      sender.read('get', object);
      sender.read('list', object);
      sender.send('watch', object);
    }
  };
}

const drain: Send = (sender) => {
  const node = sender.one('nodes', sender.words[0]);
  sender.read('get', node);
  sender.send('patch', node);
  sender.read('list', sender.one('pods'), {allNamespaces: true});
  sender.read('get', sender.one('daemonsets'), {when: 'daemon-set-pods', anyNamespace: true});
  const each = {when: 'for-each-pod', anyNamespace: true} as const;
  if (sender.has('disable-eviction')) sender.send('delete', sender.one('pods'), each);
  else sender.send('create', sender.one('pods'), {...each, subresource: 'eviction'});
  sender.read('get', sender.one('pods'), {anyNamespace: true, when: 'waiting'});
};

const cordon: Send = (sender) => {
  const node = sender.one('nodes', sender.words[0]);
  sender.read('get', node);
  sender.send('patch', node);
};

const topPods: Send = (sender) => {
  const [name] = sender.words;
  sender.path('/api', 'read');
  sender.path('/apis', 'read');
  const metrics = sender.one('pods.metrics.k8s.io', name);
  // Not among Kubernetes' own, but known to be in namespaces.
  const served: NamedObject = {
    ...metrics,
    resource: {...metrics.resource, served: metrics.resource.served ?? IN_NAMESPACES},
  };
  const allNamespaces = sender.has('all-namespaces');
  sender.send(name === undefined ? 'list' : 'get', served, {allNamespaces});
  if (name === undefined) sender.read('list', sender.one('pods'), {allNamespaces, when: 'no-metrics'});
};

const topNodes: Send = (sender) => {
  const [name] = sender.words;
  sender.path('/api', 'read');
  sender.path('/apis', 'read');
  const metrics = sender.one('nodes.metrics.k8s.io', name);
  const served: NamedObject = {
    ...metrics,
    resource: {...metrics.resource, served: metrics.resource.served ?? IN_CLUSTER},
  };
  sender.send(name === undefined ? 'list' : 'get', served);
  sender.read(name === undefined ? 'list' : 'get', sender.one('nodes', name));
};

const METRICS: Omit<ServedResource, 'resource' | 'kind' | 'namespaced'> = {
  group: 'metrics.k8s.io',
  versions: ['v1beta1'],
  subresource: '',
  singular: '',
  shortNames: [],
  verbs: ['get', 'list'],
  aggregated: undefined,
};
const IN_NAMESPACES: ServedResource = {...METRICS, resource: 'pods', kind: 'PodMetrics', namespaced: true};
const IN_CLUSTER: ServedResource = {...METRICS, resource: 'nodes', kind: 'NodeMetrics', namespaced: false};

const canI: Send = (sender) => {
  const review = sender.has('list') ? 'selfsubjectrulesreviews' : 'selfsubjectaccessreviews';
  sender.send('create', sender.one(review));
};

const certificate: Send = (sender) => {
  const request = sender.one('certificatesigningrequests', sender.words[0]);
  sender.read('get', request);
  sender.send('update', request, {subresource: 'approval'});
};

const run: Send = (sender) => {
  const pod = sender.one('pods', sender.words[0]);
  sender.send('create', {...pod, name: undefined});
  if (sender.has('expose')) sender.send('create', sender.one('services'));
  if (sender.has('stdin', 'tty', 'attach')) attachTo(sender, pod);
  if (sender.has('rm')) {
    sender.read('get', pod, {when: 'at-the-end'});
    sender.send('delete', pod, {when: 'at-the-end'});
  }
};

function attachTo(sender: KubectlSender, pod: NamedObject): void {
  sender.read('list', pod);
  sender.read('watch', pod);
  connect(sender, pod, 'attach');
  sender.read('get', pod, {subresource: 'log', when: 'attach-failed'});
}

const debug: Send = (sender) => {
  const [word] = sender.words;
  const named = word?.includes('/') === true ? sender.typeAndName(word) : sender.one('pods', word);
  sender.read('get', named);
  const makesPod = named.resource.name.resource === 'nodes' || sender.has('copy-to');
  const pod = makesPod ? sender.one('pods', sender.value('copy-to')) : named;
  if (makesPod) sender.send('create', {...pod, name: undefined});
  else sender.send('patch', pod, {subresource: 'ephemeralcontainers'});
  if (sender.has('stdin', 'tty', 'attach')) attachTo(sender, pod);
};

const COMMANDS: ReadonlyMap<string, Send> = new Map([
  ['annotate', patching('pods')],
  ['apply', apply],
  ['attach', attach],
  ['auth can-i', canI],
  ['auth whoami', (sender) => sender.send('create', sender.one('selfsubjectreviews'))],
  ['autoscale', autoscale],
  ['certificate approve', certificate],
  ['certificate deny', certificate],
  ['cordon', cordon],
  ['cp', copy],
  ['create', create],
  ['create token', createToken],
  ['debug', debug],
  ['delete', remove],
  ['describe', describe],
  ['drain', drain],
  ['edit', patching('deployments')],
  ['events', (sender) => sender.send('list', sender.one('events'), {allNamespaces: sender.has('all-namespaces')})],
  ['exec', exec],
  ['expose', expose],
  ['get', get],
  ['label', patching('pods')],
  ['logs', logs],
  ['patch', patching('deployments')],
  ['port-forward', portForward],
  ['replace', replace],
  ['rollout history', rolloutHistory],
  ['rollout pause', patching('deployments')],
  ['rollout restart', patching('deployments')],
  ['rollout resume', patching('deployments')],
  ['rollout status', watching('deployments')],
  ['rollout undo', rolloutUndo],
  ['run', run],
  ['scale', scale],
  ['set env', patching('deployments')],
  ['set image', patching('deployments')],
  ['taint', patching('nodes')],
  ['top node', topNodes],
  ['top nodes', topNodes],
  ['top pod', topPods],
  ['top pods', topPods],
  ['uncordon', cordon],
  ['version', (sender) => sender.path('/version', 'act')],
  ['wait', watching('pods')],
] satisfies [string, Send][]);
