/** What fills the log: whole answers, doubled events, and requests that the cluster makes for itself without end. */
import type {LintFinding, NoiseName} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {evaluate} from '../match.ts';
import {AUTHENTICATED, UNAUTHENTICATED, ANONYMOUS} from '../request/request-classes.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {omittedStages, ruleReference, whereOf, writesBodies} from './input.ts';

export function volume(input: LintInput): LintFinding[] {
  const {judged} = input;
  if (judged === undefined) return [];
  return [
    ...judged.policy.rules.flatMap((rule, index) => readsWithBodies(input, judged, rule, index)),
    ...requestReceivedKept(input, judged),
    ...noiseRecorded(input, judged),
  ];
}

/** Verbs whose whole answer is recorded at RequestResponse; what a watch sends never is. */
const READS = ['get', 'list'];

function readsWithBodies(input: LintInput, judged: JudgedPolicy, rule: PolicyRule, index: number): LintFinding[] {
  if (rule.level !== 'RequestResponse' || !writesBodies(judged, rule)) return [];
  const reached = READS.filter(
    (verb) => judged.space.reach(index, {verbs: [verb], authenticated: true, resourcesOnly: true}).kind === 'reached',
  );
  if (reached.length === 0) return [];
  const args = {rule: ruleReference(judged, index), verbs: reached, resources: namedResources(rule)};
  return [lintFinding('reads-with-bodies', args, whereOf(input, ['rules', index]))];
}

/** Empty where the rule does not name all of them. */
function namedResources({resources}: PolicyRule): string[] {
  const specs = resources.flatMap((entry) => (entry.resources.length === 0 ? ['*'] : entry.resources));
  return specs.some((spec) => spec.startsWith('*')) ? [] : [...new Set(specs)];
}

function requestReceivedKept(input: LintInput, judged: JudgedPolicy): LintFinding[] {
  const keeping = judged.policy.rules.flatMap((rule, index) => {
    if (rule.level === 'None' || omittedStages(judged, rule).includes('RequestReceived')) return [];
    return judged.space.reach(index, {authenticated: true}).kind === 'reached' ? [index] : [];
  });
  const [first] = keeping;
  if (first === undefined) return [];
  const rules = keeping.map((index) => ruleReference(judged, index));
  return [lintFinding('request-received-kept', {rules}, whereOf(input, ['rules', first]))];
}

/** A request that every cluster makes again and again. */
interface Noise {
  readonly name: NoiseName;
  readonly request: RequestAttributes;
}

const NODE = {name: 'system:node:node1', groups: ['system:nodes', AUTHENTICATED]};

function ofResource(
  group: string,
  resource: string,
  namespace: string,
  name: string,
  subresource = '',
): RequestAttributes['target'] {
  return {kind: 'resource', group, resource, subresource, namespace, name};
}

/**
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/kubelet/kubelet.go#L1050 (leases of nodes)
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/cluster/gce/gci/configure-helper.sh#L1131 (what is usually left out)
 */
const NOISE: readonly Noise[] = [
  {
    name: 'leases',
    request: {
      user: NODE,
      verb: 'update',
      target: ofResource('coordination.k8s.io', 'leases', 'kube-node-lease', 'node1'),
    },
  },
  {
    name: 'leases',
    request: {
      user: {name: 'system:kube-controller-manager', groups: [AUTHENTICATED]},
      verb: 'update',
      target: ofResource('coordination.k8s.io', 'leases', 'kube-system', 'kube-controller-manager'),
    },
  },
  {name: 'events', request: {user: NODE, verb: 'create', target: ofResource('', 'events', 'default', '')}},
  {
    name: 'events',
    request: {
      user: {name: 'system:kube-scheduler', groups: [AUTHENTICATED]},
      verb: 'create',
      target: ofResource('events.k8s.io', 'events', 'default', ''),
    },
  },
  ...(['', 'discovery.k8s.io'] as const).map((group): Noise => {
    const user = {
      name: 'system:serviceaccount:kube-system:kube-proxy',
      groups: ['system:serviceaccounts', 'system:serviceaccounts:kube-system', AUTHENTICATED],
    };
    const target = ofResource(group, group === '' ? 'services' : 'endpointslices', '', '');
    return {name: 'kube-proxy', request: {user, verb: 'watch', target}};
  }),
  {name: 'node-status', request: {user: NODE, verb: 'patch', target: ofResource('', 'nodes', '', 'node1', 'status')}},
  ...['/livez', '/readyz'].map((path): Noise => ({
    name: 'probes',
    request: {
      user: {name: ANONYMOUS, groups: [UNAUTHENTICATED]},
      verb: 'get',
      target: {kind: 'nonResource', path},
    },
  })),
];

function noiseRecorded(input: LintInput, judged: JudgedPolicy): LintFinding[] {
  const recorded = NOISE.flatMap(({name, request}) => {
    const {level, rule, omitStages} = evaluate(judged.policy, request, input.options.serverVersion);
    return level === 'None' || rule === undefined || omitStages.length === 4 ? [] : [{name, rule}];
  });
  const names = [...new Set(recorded.map(({name}) => name))];
  const [first] = recorded;
  if (first === undefined) return [];
  const requests = names.flatMap((name) => {
    const found = recorded.find((each) => each.name === name);
    return found === undefined ? [] : [{name, rule: ruleReference(judged, found.rule)}];
  });
  return [lintFinding('noise-recorded', {requests}, whereOf(input, ['rules', first.rule]))];
}
