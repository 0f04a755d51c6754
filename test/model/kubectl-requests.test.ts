/**
 * What kubectl sends, as the audit log of a real API server 1.34.4 showed it for kubectl 1.34.4; what a command does only under
 * a condition is marked so here, and was provoked there.
 */
import {assert} from 'chai';
import {kubernetesResources} from '../../src/evaluate/request/kubernetes-resources.ts';
import {UsageError} from '../../src/model/errors.ts';
import {type KubectlRequest} from '../../src/model/kubectl-sender.ts';
import {kubectlRequests} from '../../src/model/kubectl-requests.ts';
import {resourceText} from '../../src/model/resource-names.ts';

const CONTEXT = {served: kubernetesResources(), namespace: 'default'};

/** `act get pods/exec default/web (websocket)`; `*` is any. */
function line({role, verb, target, when}: KubectlRequest): string {
  const condition = when === undefined ? '' : ` (${when})`;
  if (target.kind === 'nonResource') return `${role} ${verb} ${target.path}${condition}`;
  const place = `${target.namespace ?? '*'}/${target.name ?? '*'}`;
  return `${role} ${verb} ${resourceText(target)} ${place}${condition}`;
}

const EXEC = [
  'read get pods default/web',
  'act get pods/exec default/web (websocket)',
  'act create pods/exec default/web (spdy)',
];
const SCALE = ['read get deployments.apps default/web', 'act patch deployments.apps/scale default/web'];
const PATCH = ['read get deployments.apps default/web', 'act patch deployments.apps default/web'];

const COMMANDS: Readonly<Record<string, readonly string[]>> = {
  'exec web -- sh': EXEC,
  'kubectl exec -it web -- sh -c "ls | wc"': EXEC,
  'exec -n prod -it web': EXEC.map((text) => text.replace('default', 'prod')),
  'exec -nprod web': EXEC.map((text) => text.replace('default', 'prod')),
  'exec --namespace=prod web': EXEC.map((text) => text.replace('default', 'prod')),
  'exec -ti -c app web': EXEC,
  exec: EXEC.map((text) => text.replace('web', '*')),
  'exec deploy/web -- sh': [
    'read get deployments.apps default/web',
    'read list pods default/',
    'act get pods/exec default/* (websocket)',
    'act create pods/exec default/* (spdy)',
  ],
  'attach web': EXEC.map((text) => text.replace('exec', 'attach')),
  'port-forward pod/web 8080:80': [
    'read get pods default/web',
    'act get pods/portforward default/web (websocket-forward)',
    'act create pods/portforward default/web (spdy)',
  ],
  'cp web:/etc/passwd x': EXEC,
  'cp /etc/hostname prod/web:/tmp/': EXEC.map((text) => text.replace('default', 'prod')),
  'logs -f web': ['read get pods default/web', 'act get pods/log default/web'],
  'logs -p -n prod web': ['read get pods prod/web', 'act get pods/log prod/web'],
  'logs deploy/web': ['read get deployments.apps default/web', 'read list pods default/', 'act get pods/log default/*'],
  'logs -l app=web': ['read list pods default/', 'act get pods/log default/* (for-each-pod)'],
  'get pods': ['act list pods default/'],
  'get po web': ['act get pods default/web'],
  'get pods -A -o wide': ['act list pods /'],
  'get pods -w': ['act list pods default/', 'act watch pods default/'],
  'get nodes,svc': ['act list nodes /', 'act list services default/'],
  'get ns prod': ['act get namespaces prod/prod'],
  'describe pod web': ['act get pods default/web', 'read list events default/'],
  'apply configmaps/c1': [
    'read get configmaps default/c1',
    'act create configmaps default/ (object-absent)',
    'act patch configmaps default/c1 (object-present)',
  ],
  'apply --server-side configmaps/c1': ['act patch configmaps default/c1'],
  'create configmap c2': ['act create configmaps default/'],
  'create secret generic s1 --from-literal=a=b': ['act create secrets default/'],
  'create ns x': ['act create namespaces /'],
  'create job j --from=cronjob/c': ['read get cronjobs.batch default/c', 'act create jobs.batch default/'],
  'create token sa1 -n ci': ['act create serviceaccounts/token ci/sa1'],
  'replace configmaps/c1': ['read get configmaps default/c1', 'act update configmaps default/c1'],
  'replace --force configmaps/c1': [
    'act delete configmaps default/c1',
    'read get configmaps default/c1 (waiting)',
    'act create configmaps default/',
  ],
  'delete cm c2': ['act delete configmaps default/c2', 'read get configmaps default/c2 (waiting)'],
  'delete cm c1 --wait=false': ['act delete configmaps default/c1'],
  'delete cm --all': [
    'read list configmaps default/',
    'act delete configmaps default/* (for-each-object)',
    'read get configmaps default/* (waiting)',
  ],
  'edit deploy web': PATCH,
  "patch deploy web -p '{}'": PATCH,
  'patch node n1 --subresource=status -p {}': ['read get nodes/status /n1', 'act patch nodes/status /n1'],
  'label pod web a=b c-': ['read get pods default/web', 'act patch pods default/web'],
  'annotate pods --all a=b': ['read list pods default/', 'act patch pods default/* (for-each-object)'],
  'taint node n1 a=b:NoSchedule': ['read get nodes /n1', 'act patch nodes /n1'],
  'set image deploy/web c=y': PATCH,
  'scale deploy web --replicas=4': SCALE,
  'scale deploy/web --replicas 4': SCALE,
  'scale deploy web --replicas=5 --current-replicas=4': [
    'read get deployments.apps default/web',
    'read get deployments.apps/scale default/web',
    'act update deployments.apps/scale default/web',
  ],
  'autoscale deploy web --max=3': [
    'read get deployments.apps default/web',
    'act create horizontalpodautoscalers.autoscaling default/',
  ],
  'expose deploy web --port=80': ['read get deployments.apps default/web', 'act create services default/'],
  'rollout restart deploy web': PATCH,
  'rollout undo deploy/web': [
    'read get deployments.apps default/web',
    'read list replicasets.apps default/',
    'act patch deployments.apps default/web',
  ],
  'rollout status deploy web': [
    'read get deployments.apps default/web',
    'read list deployments.apps default/web',
    'act watch deployments.apps default/web',
  ],
  'cordon n1': ['read get nodes /n1', 'act patch nodes /n1'],
  'drain n1 --force': [
    'read get nodes /n1',
    'act patch nodes /n1',
    'read list pods /',
    'read get daemonsets.apps */* (daemon-set-pods)',
    'act create pods/eviction */* (for-each-pod)',
    'read get pods */* (waiting)',
  ],
  'drain n1 --disable-eviction': [
    'read get nodes /n1',
    'act patch nodes /n1',
    'read list pods /',
    'read get daemonsets.apps */* (daemon-set-pods)',
    'act delete pods */* (for-each-pod)',
    'read get pods */* (waiting)',
  ],
  'top pods': [
    'read get /api',
    'read get /apis',
    'act list pods.metrics.k8s.io default/',
    'read list pods default/ (no-metrics)',
  ],
  'top pod web': ['read get /api', 'read get /apis', 'act get pods.metrics.k8s.io default/web'],
  'top nodes': ['read get /api', 'read get /apis', 'act list nodes.metrics.k8s.io /', 'read list nodes /'],
  'auth can-i get pods': ['act create selfsubjectaccessreviews.authorization.k8s.io /'],
  'auth can-i --list': ['act create selfsubjectrulesreviews.authorization.k8s.io /'],
  'auth whoami': ['act create selfsubjectreviews.authentication.k8s.io /'],
  'certificate approve x': [
    'read get certificatesigningrequests.certificates.k8s.io /x',
    'act update certificatesigningrequests.certificates.k8s.io/approval /x',
  ],
  'run r1 --image=x': ['act create pods default/'],
  'run r4 --image=x -i --rm': [
    'act create pods default/',
    'read list pods default/r4',
    'read watch pods default/r4',
    'act get pods/attach default/r4 (websocket)',
    'act create pods/attach default/r4 (spdy)',
    'read get pods/log default/r4 (attach-failed)',
    'read get pods default/r4 (at-the-end)',
    'act delete pods default/r4 (at-the-end)',
  ],
  'debug web --image=x': ['read get pods default/web', 'act patch pods/ephemeralcontainers default/web'],
  'debug node/n1 --image=x': ['read get nodes /n1', 'act create pods default/'],
};

describe('what kubectl sends', () => {
  for (const [text, expected] of Object.entries(COMMANDS)) {
    it(text, () => {
      assert.deepEqual(kubectlRequests(text, CONTEXT).requests.map(line), expected);
    });
  }

  const remarks: Readonly<Record<string, readonly string[]>> = {
    'apply -f x.yaml': ['example-resource'],
    'apply --server-side -f x.yaml': ['example-resource', 'created-by-patch'],
    'delete pods -l a=b': ['no-deletecollection'],
    'get nodes -n prod': ['namespace-without-effect'],
    'get crontabs.stable.example.com': ['scope-unknown'],
    'get crontabs.stable.example.com -n x': [],
    'exec web': [],
  };
  for (const [text, codes] of Object.entries(remarks)) {
    it(`${text} tells ${codes.join(', ') || 'nothing'}`, () => {
      assert.deepEqual(
        kubectlRequests(text, CONTEXT).remarks.map(({code}) => code),
        codes,
      );
    });
  }

  const refused: Readonly<Record<string, RegExp>> = {
    '': /it names no command/,
    'frobnicate x': /what kubectl frobnicate sends is not known here/,
    rollout: /what kubectl rollout sends is not known here/,
    'get gizmos': /no resource is called "gizmos"/,
    'get --raw /healthz': /get --raw/,
    'exec "web': /a double quote is not closed/,
  };
  for (const [text, message] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => kubectlRequests(text, CONTEXT), UsageError, message);
    });
  }

  it('leaves no known command without a request', () => {
    const known = /known are: ([^;]*);/.exec(nextOf(() => kubectlRequests('x', CONTEXT)))?.[1]?.split(', ') ?? [];
    assert.isAbove(known.length, 30);
    for (const command of known) assert.isNotEmpty(kubectlRequests(command, CONTEXT).requests, command);
  });
});

function nextOf(fails: () => unknown): string {
  try {
    fails();
  } catch (error) {
    if (error instanceof UsageError) return error.next;
  }
  return '';
}
