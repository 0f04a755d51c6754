/**
 * How long the comparison of two policies takes: of the usual shape for growing numbers of rules, changed in places and
 * not alike at all, and of shapes that are made to be hard. In milliseconds of the main thread; cold is the first
 * comparison of a process, as `diff` makes it.
 */
import {spawnSync} from 'node:child_process';
import {difference} from '../../src/evaluate/difference.ts';
import type {Difference} from '../../src/model/difference.ts';
import type {AuditPolicy, Level, PolicyRule} from '../../src/model/policy.ts';
import {Random} from '../oracle/random-numbers.ts';

const NO_CONDITIONS: Omit<PolicyRule, 'level'> = {
  users: [],
  userGroups: [],
  verbs: [],
  resources: [],
  namespaces: [],
  nonResourceURLs: [],
  omitStages: ['RequestReceived'],
  omitManagedFields: undefined,
  line: undefined,
};

const CONTROLLERS = [
  'system:kube-proxy',
  'system:kube-scheduler',
  'system:kube-controller-manager',
  'system:apiserver',
  'kubelet',
  'cluster-autoscaler',
  ...['endpoint', 'namespace', 'generic-garbage-collector', 'job', 'node', 'replicaset', 'resourcequota'].map(
    (name) => `system:serviceaccount:kube-system:${name}-controller`,
  ),
  ...Array.from({length: 20}, (_, index) => `system:serviceaccount:platform-${index % 5}:operator-${index}`),
];
const GROUPS = ['system:nodes', 'system:masters', 'system:serviceaccounts:kube-system', 'developers', 'auditors'];
const READS = ['get', 'list', 'watch'];
const CHANGES = ['create', 'update', 'patch', 'delete'];
const RESOURCES: readonly (readonly [string, readonly string[]])[] = [
  ['', ['pods', 'services', 'endpoints', 'nodes', 'configmaps', 'secrets', 'events', 'namespaces', 'serviceaccounts']],
  ['', ['pods/status', 'nodes/status', 'pods/exec', 'pods/log', 'serviceaccounts/token', 'services/status']],
  ['apps', ['deployments', 'daemonsets', 'statefulsets', 'replicasets', 'deployments/scale']],
  ['batch', ['jobs', 'cronjobs']],
  ['coordination.k8s.io', ['leases']],
  ['networking.k8s.io', ['networkpolicies', 'ingresses']],
  ['rbac.authorization.k8s.io', ['roles', 'rolebindings', 'clusterroles', 'clusterrolebindings']],
  ['authentication.k8s.io', ['tokenreviews']],
  ['authorization.k8s.io', ['subjectaccessreviews']],
  ['example.com', ['widgets', 'widgets/status', 'gadgets']],
];
const KNOWN_GROUPS = [...new Set(RESOURCES.map(([group]) => group)), 'policy', 'storage.k8s.io', 'autoscaling'];
const NAMESPACES = ['kube-system', 'kube-node-lease', 'monitoring', 'platform-0', 'platform-1'];

/** As the policies of large platforms are: exceptions for controllers first, then sensitive things, then the rest. */
function usualPolicy(random: Random, size: number): AuditPolicy {
  const exceptions = Array.from({length: size - 6}, () => exceptionRule(random));
  const whole = KNOWN_GROUPS.map((group) => ({group, resources: [], resourceNames: []}));
  const tail: PolicyRule[] = [
    {...NO_CONDITIONS, level: 'None', nonResourceURLs: ['/healthz*', '/livez*', '/readyz*', '/version', '/openapi*']},
    {...NO_CONDITIONS, level: 'None', resources: [{group: '', resources: ['events'], resourceNames: []}]},
    {
      ...NO_CONDITIONS,
      level: 'Metadata',
      resources: [
        {group: '', resources: ['secrets', 'configmaps', 'serviceaccounts/token'], resourceNames: []},
        {group: 'authentication.k8s.io', resources: ['tokenreviews'], resourceNames: []},
      ],
    },
    {...NO_CONDITIONS, level: 'Request', verbs: READS, resources: whole},
    {...NO_CONDITIONS, level: 'RequestResponse', resources: whole},
    {...NO_CONDITIONS, level: 'Metadata'},
  ];
  return {omitStages: [], omitManagedFields: false, rules: [...exceptions, ...tail]};
}

function exceptionRule(random: Random): PolicyRule {
  const [group, resources] = random.pick(RESOURCES);
  const isForGroup = random.chance(0.2);
  const levels: readonly Level[] = ['None', 'None', 'None', 'Request', 'Metadata'];
  return {
    ...NO_CONDITIONS,
    level: random.pick(levels),
    users: isForGroup ? [] : [...new Set(random.some(CONTROLLERS, 1, 4))],
    userGroups: isForGroup ? [random.pick(GROUPS)] : [],
    verbs: random.chance(0.5) ? READS.slice(0, 1 + random.below(3)) : CHANGES.slice(1, 2 + random.below(3)),
    resources: [{group, resources: [...new Set(random.some(resources, 1, 3))], resourceNames: []}],
    namespaces: random.chance(0.25) ? [random.pick(NAMESPACES)] : [],
  };
}

/** The same policy with one rule in twelve left out, moved or changed. */
function changedPolicy(random: Random, policy: AuditPolicy): AuditPolicy {
  const rules = [...policy.rules];
  for (let change = 0; change < Math.ceil(rules.length / 12); change += 1) {
    const index = random.below(rules.length - 6);
    const [rule] = rules.splice(index, 1);
    if (rule === undefined || random.chance(0.3)) continue;
    if (random.chance(0.5)) rules.splice(random.below(rules.length - 6), 0, rule);
    else rules.splice(index, 0, exceptionRule(random));
  }
  return {...policy, rules};
}

/** Every rule asks about every dimension, and the lists of different rules overlap. */
function entangledPolicy(random: Random, size: number): AuditPolicy {
  const texts = (prefix: string, of: number, most: number): string[] => [
    ...new Set(Array.from({length: 1 + random.below(most)}, () => `${prefix}${random.below(of)}`)),
  ];
  const levels: readonly Level[] = ['None', 'Metadata', 'Request', 'RequestResponse'];
  const rules = Array.from({length: size}, (): PolicyRule => ({
    ...NO_CONDITIONS,
    level: random.pick(levels),
    users: random.chance(0.5) ? texts('user-', 12, 4) : [],
    userGroups: random.chance(0.5) ? texts('group-', 6, 2) : [],
    verbs: random.chance(0.5) ? random.some([...READS, ...CHANGES], 1, 4) : [],
    namespaces: random.chance(0.5) ? texts('namespace-', 6, 3) : [],
    resources: [
      {group: '', resources: texts('resource-', 8, 4), resourceNames: random.chance(0.3) ? texts('n-', 6, 3) : []},
    ],
  }));
  return {omitStages: [], omitManagedFields: false, rules};
}

/** As many rules, each with thousands of names, as somebody might write who wants to do harm. */
function hugePolicy(random: Random, size: number, names: number): AuditPolicy {
  const texts = (prefix: string): string[] => Array.from({length: names}, () => `${prefix}${random.below(names * 10)}`);
  const rules = Array.from({length: size}, (): PolicyRule => ({
    ...NO_CONDITIONS,
    level: 'Metadata',
    users: texts('user-'),
    userGroups: texts('group-'),
    namespaces: texts('namespace-'),
    resources: [{group: '', resources: texts('resource-').slice(0, 300), resourceNames: texts('name-')}],
  }));
  return {omitStages: [], omitManagedFields: false, rules};
}

interface Case {
  readonly name: string;
  /** Made only when it is needed, so that a large case does not burden the others. */
  readonly make: (random: Random) => readonly [AuditPolicy, AuditPolicy];
}

const SIZES = [10, 20, 40, 60, 120];

const CASES: readonly Case[] = [
  ...SIZES.map((size) => ({
    name: `usual, ${size} rules, changed in places`,
    make: (random: Random) => {
      const policy = usualPolicy(random, size);
      return [policy, changedPolicy(random, policy)] as const;
    },
  })),
  ...SIZES.map((size) => ({
    name: `usual, ${size} rules, two of them`,
    make: (random: Random) => [usualPolicy(random, size), usualPolicy(random, size)] as const,
  })),
  ...[5, 10, 20, 40, 60].map((size) => ({
    name: `entangled, ${size} rules`,
    make: (random: Random) => [entangledPolicy(random, size), entangledPolicy(random, size)] as const,
  })),
  {
    name: '300 rules with thousands of names',
    make: (random) => [hugePolicy(random, 300, 2000), hugePolicy(random, 300, 2000)] as const,
  },
];

function pairOf({make}: Case): readonly [AuditPolicy, AuditPolicy] {
  return make(new Random(20_261_123));
}

function outcome(result: Difference): string {
  if (result.kind === 'undecided') return `undecided: ${result.tooMuch}`;
  const exceptions = result.classes.reduce((sum, each) => sum + each.except.length, 0);
  return `${result.classes.length} classes, ${exceptions} exceptions`;
}

/** Milliseconds of the main thread, which other work on the machine changes least. */
function milliseconds(before: AuditPolicy, after: AuditPolicy): [number, Difference] {
  const start = process.threadCpuUsage();
  const result = difference(before, after, {serverVersion: undefined});
  const {user, system} = process.threadCpuUsage(start);
  return [(user + system) / 1000, result];
}

/** One comparison in this process, which has done nothing before. */
function cold(each: Case): void {
  process.stdout.write(String(milliseconds(...pairOf(each))[0]));
}

function warm(): void {
  for (const [index, each] of CASES.entries()) {
    const first = Number(spawnSync(process.execPath, [import.meta.filename, String(index)], {encoding: 'utf8'}).stdout);
    const [before, after] = pairOf(each);
    const times: number[] = [];
    let result: Difference | undefined;
    while (times.length < 7 && times.reduce((sum, time) => sum + time, 0) < 3000) {
      const [time, latest] = milliseconds(before, after);
      times.push(time);
      result = latest;
    }
    const median = times.toSorted((one, other) => one - other)[Math.floor(times.length / 2)] ?? Number.NaN;
    const text = result === undefined ? '' : outcome(result);
    process.stdout.write(
      `${each.name.padEnd(42)} cold ${first.toFixed(0).padStart(5)} ms   median ${median.toFixed(0).padStart(5)} ms   ${text}\n`,
    );
  }
  const memory = process.memoryUsage.rss() / 1024 / 1024;
  process.stdout.write(`memory at the end: ${memory.toFixed(0)} MiB\n`);
}

const [, , index] = process.argv;
const only = index === undefined ? undefined : CASES[Number(index)];
if (only === undefined) warm();
else cold(only);
