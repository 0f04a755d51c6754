import {assert} from 'chai';
import {difference, neverLess} from '../../src/evaluate/difference.ts';
import type {DifferenceOptions} from '../../src/evaluate/difference.ts';
import {mergedClasses} from '../../src/evaluate/difference/order.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {canExist} from '../../src/evaluate/request/request-classes.ts';
import type {DecidedDifference, Direction, RequestClassChange} from '../../src/model/difference.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import {ANY_RULE, LEVELS} from '../../src/model/policy.ts';
import type {AuditPolicy, PolicyRule} from '../../src/model/policy.ts';
import type {ServedResource} from '../../src/model/served-resources.ts';
import {exceptionText, requestClassText} from '../../src/render/request-class.ts';
import {Random} from '../oracle/random-numbers.ts';
import {neighbourOf, randomPolicy, requestsOf, servedFrom, vocabularyFrom} from './difference/brute-force.ts';
import {directionOf, faultAt, hasMore, isIn, shownOf} from './difference/one-request.ts';

const NEWEST: DifferenceOptions = {serverVersion: undefined};

function policyOf(rules: string): AuditPolicy {
  const loaded = loadPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${rules}`, NEWEST);
  assert(loaded.kind === 'loaded', loaded.kind === 'refused' ? loaded.message : '');
  return loaded.policy;
}

function decided(before: AuditPolicy, after: AuditPolicy, options = NEWEST): DecidedDifference {
  const result = difference(before, after, options);
  assert(result.kind === 'decided', result.kind === 'undecided' ? result.tooMuch : '');
  return result;
}

function numbersOf({rules, noRule}: RequestClassChange['before']): string {
  return [...rules.map(({index}) => index + 1), ...(noRule ? ['none'] : [])].join();
}

/** A class as one line, with the numbers of the rules that decide. */
function told({requests, except, direction, before, after, shadowed}: RequestClassChange): string {
  const all = {most: Infinity};
  const isLevelAlike = before.level === after.level;
  const levels = [before, after].map(({level, stages, omitManagedFields}) => {
    const fields = isLevelAlike && omitManagedFields !== undefined ? ` managedFields ${!omitManagedFields}` : '';
    return isLevelAlike ? `${level} at ${stages.join('+')}${fields}` : level;
  });
  return [
    `${direction}: ${requestClassText(requests, all)}`,
    ...except.map((each) => ` except ${exceptionText(each, requests, all)}`),
    `: ${levels.join(' → ')} (${numbersOf(before)} → ${numbersOf(after)})`,
    ...shadowed.map(({policy, rule, by}) => `; ${policy} ${rule.index + 1} shadowed by ${by.index + 1}`),
  ].join('');
}

const LOG = '- level: Metadata\n';
const NOTHING = '- level: None\n';
const PODS_NONE = '- {level: None, resources: [{group: "", resources: ["pods/*"]}]}\n';
const EXEC = '- {level: Metadata, verbs: [create], resources: [{group: "", resources: [pods/exec]}]}\n';
/** The vendor's sample, as it loads. */
const CALICO = `- level: RequestResponse
  verbs: [create, patch, update, delete]
  resources:
  - {group: networking.k8s.io, resources: [networkpolicies]}
  - {group: extensions, resources: [networkpolicies]}
  - {group: "", resources: [pods, namespaces, serviceaccounts, endpoints]}
`;

type Row = readonly [name: string, before: string, after: string, expected: readonly string[]];

const ROWS: readonly Row[] = [
  ['the same', LOG, LOG, []],
  ['the same in other words', LOG, `- {level: Metadata, verbs: [get]}\n${LOG}`, []],
  ['a rule that nothing can reach', LOG, `${LOG}- {level: None, users: [eve]}\n`, []],
  [
    'None first',
    LOG,
    `${NOTHING}${LOG}`,
    ['loses: any request by anyone: Metadata → None (1 → 1); after 2 shadowed by 1'],
  ],
  [
    'no rule left',
    LOG,
    '- {level: Metadata, verbs: [nothing]}\n',
    ['loses: any request by anyone: Metadata → None (1 → none)'],
  ],
  [
    'all stages omitted is None',
    NOTHING,
    '- {level: Metadata, omitStages: [RequestReceived, ResponseStarted, ResponseComplete, Panic]}\n',
    [],
  ],
  [
    'a stage omitted',
    LOG,
    '- {level: Metadata, omitStages: [RequestReceived]}\n',
    [
      'loses: any request by any user: Metadata at RequestReceived+ResponseStarted+ResponseComplete+Panic → Metadata at ResponseStarted+ResponseComplete+Panic (1 → 1)',
    ],
  ],
  [
    'a stage omitted that only long-running requests have',
    LOG,
    '- {level: Metadata, omitStages: [ResponseStarted]}\n',
    [
      'loses: any request with failed authentication: Metadata → None (1 → 1)',
      'loses: watch of any resource by any user: Metadata at RequestReceived+ResponseStarted+ResponseComplete+Panic → Metadata at RequestReceived+ResponseComplete+Panic (1 → 1)',
      'loses: any request for */attach, */exec, */log, */portforward, */proxy in any group by any user: Metadata at RequestReceived+ResponseStarted+ResponseComplete+Panic → Metadata at RequestReceived+ResponseComplete+Panic (1 → 1)',
      'loses: any request for /debug/pprof/* by any user: Metadata at RequestReceived+ResponseStarted+ResponseComplete+Panic → Metadata at RequestReceived+ResponseComplete+Panic (1 → 1)',
    ],
  ],
  [
    'a stage left that only long-running requests have',
    NOTHING,
    '- {level: Metadata, omitStages: [RequestReceived, ResponseComplete, Panic]}\n',
    [
      'gains: any request with failed authentication: None → Metadata (1 → 1)',
      'gains: watch of any resource by anyone: None → Metadata (1 → 1)',
      'gains: any request for */attach, */exec, */log, */portforward, */proxy in any group by anyone: None → Metadata (1 → 1)',
      'gains: any request for /debug/pprof/* by anyone: None → Metadata (1 → 1)',
    ],
  ],
  [
    'one stage for another',
    '- {level: Metadata, omitStages: [RequestReceived]}\n',
    '- {level: Metadata, omitStages: [Panic]}\n',
    [
      'changes: any request by any user: Metadata at ResponseStarted+ResponseComplete+Panic → Metadata at RequestReceived+ResponseStarted+ResponseComplete (1 → 1)',
    ],
  ],
  [
    'managed fields, where objects are recorded',
    '- {level: Request}\n',
    '- {level: Request, omitManagedFields: true}\n',
    [
      'loses: create, update of everything in any group, without the subresources attach, exec, log, portforward, proxy by any user: Request at RequestReceived+ResponseComplete+Panic managedFields true → Request at RequestReceived+ResponseComplete+Panic managedFields false (1 → 1)',
    ],
  ],
  [
    'managed fields of responses',
    '- {level: RequestResponse, omitManagedFields: true}\n',
    '- {level: RequestResponse}\n',
    [
      'gains: all verbs but watch, OPTIONS of everything in any group, without the subresources attach, exec, log, portforward, proxy by any user: RequestResponse at RequestReceived+ResponseComplete+Panic managedFields false → RequestResponse at RequestReceived+ResponseComplete+Panic managedFields true (1 → 1)',
    ],
  ],
  ['managed fields where no object is', LOG, '- {level: Metadata, omitManagedFields: true}\n', []],
  [
    'a higher level',
    LOG,
    '- {level: RequestResponse}\n',
    ['gains: any request by anyone: Metadata → RequestResponse (1 → 1)'],
  ],
  [
    'more of one and less of another',
    '- {level: Metadata}\n',
    '- {level: Request, omitStages: [RequestReceived]}\n',
    [
      'changes: any request by any user: Metadata → Request (1 → 1)',
      'gains: any request with failed authentication: Metadata → Request (1 → 1)',
    ],
  ],
  [
    'exec, one rule before another',
    `${PODS_NONE}${EXEC}`,
    `${EXEC}${PODS_NONE}`,
    ['gains: create of pods/exec by anyone: None → Metadata (1 → 1); before 2 shadowed by 1'],
  ],
  [
    'a rule shadowed for good',
    `${EXEC}${PODS_NONE}${LOG}`,
    `${PODS_NONE}${EXEC}${LOG}`,
    ['loses: create of pods/exec by anyone: Metadata → None (1 → 1); after 2 shadowed by 1'],
  ],
  [
    'a user left out',
    LOG,
    `- {level: None, users: [eve]}\n${LOG}`,
    ['loses: any request by eve: Metadata → None (1 → 1)'],
  ],
  [
    'users left out, one of them in both',
    `- {level: None, users: [eve]}\n${LOG}`,
    `- {level: None, users: [eve, bob, ann]}\n${LOG}`,
    ['loses: any request by ann, bob: Metadata → None (2 → 1)'],
  ],
  [
    'only one user recorded',
    LOG,
    '- {level: Metadata, users: [eve]}\n',
    ['loses: any request by anyone but eve: Metadata → None (1 → none)'],
  ],
  [
    'a group left out',
    LOG,
    `- {level: None, userGroups: ["system:nodes"]}\n${LOG}`,
    ['loses: any request by users in group system:nodes: Metadata → None (1 → 1)'],
  ],
  [
    'only one group recorded',
    '- {level: Request}\n',
    '- {level: Metadata, userGroups: [dev]}\n',
    [
      'loses: any request by anyone not in group dev: Request → None (1 → none)',
      'loses: any request by users in group dev: Request → Metadata (1 → 1)',
    ],
  ],
  [
    'rules that decide for the members of a group',
    '- {level: Metadata, userGroups: [dev]}\n- {level: Metadata, resources: [{group: ""}]}\n- {level: Metadata, users: [eve]}\n',
    '- {level: Request}\n',
    [
      'gains: any request by users in group dev: Metadata → Request (1 → 1)',
      'gains: any request by eve: Metadata → Request (1,2,3 → 1)',
      'gains: any request for everything in other groups than core by anyone but eve, not in group dev: None → Request (none → 1)',
      'gains: any request for everything in core by anyone: Metadata → Request (1,2 → 1)',
      'gains: any request for any path by anyone but eve, not in group dev: None → Request (none → 1)',
    ],
  ],
  [
    'a rule for other users is not shadowed',
    LOG,
    `- {level: None, userGroups: [dev]}\n- {level: Metadata, userGroups: [ops]}\n${LOG}`,
    ['loses: any request by users in group dev: Metadata → None (1 → 1)'],
  ],
  [
    'overlaps are told once',
    '- {level: Request}\n',
    '- {level: Metadata, userGroups: ["system:authenticated"], nonResourceURLs: ["/healthz*"]}\n',
    [
      'loses: any request for any resource by anyone: Request → None (1 → none)',
      'loses: any request for any path but /healthz* by anyone: Request → None (1 → none)',
      'loses: any request for /healthz* by authenticated users: Request → Metadata (1 → 1)',
      'loses: any request for /healthz* by system:anonymous, or with failed authentication: Request → None (1 → none)',
    ],
  ],
  [
    'one group for another',
    `- {level: None, userGroups: [dev]}\n${LOG}`,
    `- {level: None, userGroups: [ops]}\n${LOG}`,
    [
      'loses: any request by users in group ops and not in group dev: Metadata → None (2 → 1)',
      'gains: any request by users in group dev and not in group ops: None → Metadata (1 → 2)',
    ],
  ],
  [
    'a user in a group',
    LOG,
    `- {level: None, users: [eve], userGroups: [dev, ops]}\n${LOG}`,
    ['loses: any request by eve in one of the groups dev, ops: Metadata → None (1 → 1)'],
  ],
  [
    'two groups are needed to see it',
    `- {level: Metadata, userGroups: [dev]}\n- {level: Request, userGroups: [ops]}\n`,
    `- {level: Request, userGroups: [ops]}\n- {level: Metadata, userGroups: [dev]}\n`,
    ['gains: any request by users in group dev and in group ops: Metadata → Request (1 → 1); before 2 shadowed by 1'],
  ],
  [
    'all who are authenticated',
    LOG,
    `- {level: None, userGroups: ["system:authenticated"]}\n${LOG}`,
    ['loses: any request by authenticated users: Metadata → None (1 → 1)'],
  ],
  [
    'the anonymous user',
    LOG,
    `- {level: None, users: ["system:anonymous"]}\n${LOG}`,
    ['loses: any request by system:anonymous: Metadata → None (1 → 1)'],
  ],
  [
    'nobody is both',
    LOG,
    `- {level: None, users: ["system:anonymous"], userGroups: ["system:authenticated"]}\n${LOG}`,
    [],
  ],
  [
    'everybody by group',
    LOG,
    '- {level: Metadata, userGroups: ["system:authenticated", "system:unauthenticated"]}\n',
    ['loses: any request with failed authentication: Metadata → None (1 → none)'],
  ],
  [
    'a namespace left out',
    LOG,
    `- {level: None, namespaces: [kube-system]}\n${LOG}`,
    ['loses: any request for any resource in namespace kube-system by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'one namespace recorded',
    NOTHING,
    '- {level: Metadata, namespaces: [prod]}\n',
    ['gains: any request for any resource in namespace prod by anyone: None → Metadata (1 → 1)'],
  ],
  [
    'outside namespaces',
    LOG,
    `- {level: None, namespaces: [""]}\n${LOG}`,
    [
      'loses: any request for any resource outside namespaces (cluster-scoped or of all namespaces) by anyone: Metadata → None (1 → 1)',
    ],
  ],
  [
    'a namespace of Pods',
    LOG,
    `- {level: None, namespaces: [kube-system], resources: [{group: "", resources: [pods]}]}\n${LOG}`,
    ['loses: any request for pods in namespace kube-system by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'a Namespace is in the namespace of its name',
    LOG,
    `- {level: None, namespaces: [kube-system], resources: [{group: "", resources: [namespaces]}]}\n${LOG}`,
    ['loses: any request for namespaces in namespace kube-system by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'a namespace that no Node has',
    LOG,
    `- {level: None, namespaces: [kube-system], resources: [{group: "", resources: [nodes]}]}\n${LOG}`,
    [],
  ],
  [
    'names',
    LOG,
    `- {level: None, resources: [{group: "", resources: [configmaps], resourceNames: [leader, other]}]}\n${LOG}`,
    ['loses: any request for configmaps named leader, other by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'names that no request for creation has',
    LOG,
    `- {level: None, verbs: [create, deletecollection], resources: [{group: "", resources: [configmaps], resourceNames: [leader]}]}\n${LOG}`,
    [],
  ],
  [
    'requests without a name',
    LOG,
    `- {level: None, resources: [{group: "", resources: [configmaps], resourceNames: [""]}]}\n${LOG}`,
    ['loses: any request for configmaps without a name by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'verbs',
    LOG,
    `- {level: None, verbs: [get, list, watch]}\n${LOG}`,
    [
      'loses: get, list, watch of any resource by anyone: Metadata → None (1 → 1)',
      'loses: get of any path by anyone: Metadata → None (1 → 1)',
    ],
  ],
  [
    'all but some verbs',
    LOG,
    '- {level: Metadata, verbs: [create, update, patch, delete, deletecollection]}\n',
    [
      'loses: get, list, watch, OPTIONS of any resource by anyone: Metadata → None (1 → none)',
      'loses: all verbs but patch, delete of any path by anyone: Metadata → None (1 → none)',
    ],
  ],
  [
    'verbs that the resource has not',
    LOG,
    `- {level: None, verbs: [get, list], resources: [{group: authentication.k8s.io, resources: [tokenreviews]}]}\n${LOG}`,
    [],
  ],
  [
    'a group of resources',
    LOG,
    `- {level: None, resources: [{group: apps}]}\n${LOG}`,
    ['loses: any request for everything in apps by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'a group but for some',
    LOG,
    `- {level: Metadata, resources: [{group: apps, resources: [deployments, deployments/scale]}]}\n- {level: None, resources: [{group: apps}]}\n${LOG}`,
    [
      'loses: any request for everything in apps but deployments.apps, deployments.apps/scale by anyone: Metadata → None (1 → 2)',
    ],
  ],
  [
    'every group',
    NOTHING,
    '- {level: Metadata, resources: [{group: "*", resources: [secrets]}]}\n',
    ['gains: any request for secrets.* by anyone: None → Metadata (1 → 1)'],
  ],
  [
    'every group, a subresource',
    NOTHING,
    '- {level: Metadata, resources: [{group: "*", resources: ["*/status"]}]}\n',
    ['gains: any request for */status in any group by anyone: None → Metadata (1 → 1)'],
  ],
  [
    'a resource with its subresources',
    LOG,
    `- {level: None, resources: [{group: "", resources: ["pods/*"]}]}\n${LOG}`,
    ['loses: any request for pods, pods/* by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'a resource alone',
    LOG,
    `- {level: None, resources: [{group: "", resources: [pods]}]}\n${LOG}`,
    ['loses: any request for pods by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'resources but no paths',
    LOG,
    '- {level: Metadata, resources: [{group: "*"}]}\n',
    ['loses: any request for any path by anyone: Metadata → None (1 → none)'],
  ],
  [
    'paths',
    LOG,
    `- {level: None, nonResourceURLs: ["/healthz*", /version]}\n${LOG}`,
    ['loses: any request for /healthz*, /version by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'a path in a prefix',
    `- {level: None, nonResourceURLs: ["/healthz*"]}\n${LOG}`,
    `- {level: None, nonResourceURLs: [/healthz]}\n${LOG}`,
    ['gains: any request for /healthz* but /healthz by anyone: None → Metadata (1 → 2)'],
  ],
  [
    'a prefix in a prefix',
    `- {level: None, nonResourceURLs: ["/a*"]}\n${LOG}`,
    `- {level: Metadata, nonResourceURLs: ["/ab*"]}\n- {level: None, nonResourceURLs: ["/a*"]}\n${LOG}`,
    ['gains: any request for /ab* by anyone: None → Metadata (1 → 1)'],
  ],
  [
    'a prefix in a prefix in a prefix',
    LOG,
    `- {level: None, nonResourceURLs: ["/abc*"]}\n- {level: Metadata, nonResourceURLs: ["/ab*"]}\n- {level: None, nonResourceURLs: ["/a*"]}\n${LOG}`,
    ['loses: any request for /abc*, /a* but /ab* by anyone: Metadata → None (1 → 1,3)'],
  ],
  [
    'paths of resources',
    LOG,
    `- {level: None, nonResourceURLs: ["/api/v1/pods*", "/apis/apps/v1/deployments"]}\n${LOG}`,
    [],
  ],
  [
    'every path',
    LOG,
    `- {level: None, nonResourceURLs: ["*"]}\n${LOG}`,
    ['loses: any request for any path by anyone: Metadata → None (1 → 1)'],
  ],
  [
    'every path, said in another way',
    `- {level: None, nonResourceURLs: ["*"]}\n${LOG}`,
    `- {level: None, nonResourceURLs: ["/*"]}\n${LOG}`,
    ['gains: any request for any path but /* by anyone: None → Metadata (1 → 2)'],
  ],
  [
    'exceptions from a class',
    `- {level: None, users: ["system:kube-proxy"], verbs: [watch], resources: [{group: "", resources: [endpoints, services]}]}\n- {level: None, userGroups: ["system:nodes"], verbs: [get], resources: [{group: "", resources: [nodes]}]}\n- {level: Request, resources: [{group: ""}]}\n`,
    CALICO,
    [
      'loses: any request for everything in core by anyone except get of nodes by users in group system:nodes except watch of endpoints, services by system:kube-proxy except create, update, patch, delete of endpoints, namespaces, pods, serviceaccounts: Request → None (3 → none)',
      'gains: create, update, patch, delete of networkpolicies.extensions, networkpolicies.networking.k8s.io by anyone: None → RequestResponse (none → 1)',
      'gains: create, update, patch, delete of endpoints, namespaces, pods, serviceaccounts by anyone: Request → RequestResponse (3 → 1)',
    ],
  ],
  [
    'what a vendor recommends',
    LOG,
    CALICO,
    [
      'loses: any request by anyone except create, update, patch, delete of networkpolicies.extensions, networkpolicies.networking.k8s.io, endpoints, namespaces, pods, serviceaccounts: Metadata → None (1 → none)',
      'gains: create, update, patch, delete of networkpolicies.extensions, networkpolicies.networking.k8s.io, endpoints, namespaces, pods, serviceaccounts by anyone: Metadata → RequestResponse (1 → 1)',
    ],
  ],
];

describe('difference', () => {
  for (const [name, before, after, expected] of ROWS) {
    it(name, () => {
      const {same, classes} = decided(policyOf(`rules:\n${before}`), policyOf(`rules:\n${after}`));
      assert.deepEqual(classes.map(told), expected);
      assert.equal(same, expected.length === 0);
    });
  }

  it('looks at the group * as the release does', () => {
    const after = policyOf('rules:\n- {level: Metadata, resources: [{group: "*", resources: [secrets]}]}\n');
    const nothing = policyOf(`rules:\n${NOTHING}`);
    assert.isTrue(decided(nothing, after, {serverVersion: parseKubernetesVersion('1.35')}).same);
    assert.isFalse(decided(nothing, after, {serverVersion: parseKubernetesVersion('1.36')}).same);
  });

  it('merges groups of users where the exceptions are the same', () => {
    const [change] = decided(policyOf(`rules:\n${LOG}`), policyOf(`rules:\n${NOTHING}`)).classes;
    assert.isDefined(change);
    const inGroup = (group: string): RequestClassChange['requests'] => ({
      ...change.requests,
      groups: {inOneOfEach: [[group]], inNoneOf: []},
    });
    const [dev, ops] = [inGroup('dev'), inGroup('ops')].map((requests) => ({...change, requests}));
    assert(dev !== undefined && ops !== undefined);
    const except = [{...change.requests, users: {kind: 'these', values: ['eve']}}] as const;
    assert.deepEqual(
      mergedClasses([dev, ops], []).map(({requests}) => requests.groups.inOneOfEach),
      [[['dev', 'ops']]],
    );
    assert.deepEqual(mergedClasses([{...dev, except}, ops], []), [{...dev, except}, ops]);
  });

  it('names the lines of the rules', () => {
    const [change] = decided(policyOf(`rules:\n${LOG}`), policyOf(`rules:\n${NOTHING}${LOG}`)).classes;
    assert.deepEqual(change?.before.rules, [{index: 0, line: 4}]);
    assert.deepEqual(change?.shadowed, [{policy: 'after', rule: {index: 1, line: 5}, by: {index: 0, line: 4}}]);
  });
});

/** Compares the difference of a pair made from a seed with what each single request shows. */
function faultOfSeed(seed: number, isServedKnown: boolean): string | undefined {
  const random = new Random(seed);
  const vocabulary = vocabularyFrom(random);
  const before = randomPolicy(random, vocabulary, 4);
  const after = random.chance(0.6) ? neighbourOf(random, vocabulary, before) : randomPolicy(random, vocabulary, 4);
  const known = isServedKnown ? servedFrom(random, vocabulary) : undefined;
  const {same, classes} = decided(before, after, {...NEWEST, served: known});
  const deciders = {before: policyRuleEvaluator(before), after: policyRuleEvaluator(after)};
  const never = neverLess(before, after, NEWEST);
  const directions = new Set<Direction | undefined>();
  const deciding = new Set<string>();
  for (const request of requestsOf(vocabulary, known)) {
    directions.add(directionOf(shownOf(deciders.before, request), shownOf(deciders.after, request)));
    const fault = faultAt(request, deciders, classes);
    if (fault !== undefined) return `seed ${seed}: ${JSON.stringify(request)}: ${fault}`;
    for (const [index, each] of classes.entries()) {
      if (!isIn(request, each)) continue;
      deciding
        .add(`${index} before ${deciders.before(request).rule}`)
        .add(`${index} after ${deciders.after(request).rule}`);
    }
  }
  for (const [index, each] of classes.entries()) {
    const claimed = [
      ...each.before.rules.map((rule) => `${index} before ${rule.index}`),
      ...each.after.rules.map((rule) => `${index} after ${rule.index}`),
    ];
    const wrong = claimed.find((claim) => !deciding.has(claim));
    if (wrong !== undefined) return `seed ${seed}: no request for class ${wrong}`;
  }
  directions.delete(undefined);
  if (same !== (directions.size === 0)) return `seed ${seed}: same is ${same}`;
  for (const each of classes) {
    const {target} = each.example;
    const isPossible = target.kind === 'nonResource' || known !== undefined || canExist(each.example.verb, target);
    if (!isPossible) return `seed ${seed}: an example that cannot exist`;
    const direction = directionOf(shownOf(deciders.before, each.example), shownOf(deciders.after, each.example));
    if (direction !== each.direction || !isIn(each.example, each)) return `seed ${seed}: an example that shows nothing`;
  }
  const isLess = directions.has('loses') || directions.has('changes');
  if (!isServedKnown && isLess !== (never.kind === 'fails')) return `seed ${seed}: never less ${never.kind}`;
  if (
    never.kind === 'fails' &&
    !hasMore(shownOf(deciders.before, never.example), shownOf(deciders.after, never.example))
  ) {
    return `seed ${seed}: an example that is not less`;
  }
  return undefined;
}

/** CI compares more: DIFFERENCE_SEEDS=300. */
const SEEDS = Number(process.env['DIFFERENCE_SEEDS'] ?? 60);

describe('difference, against every request one by one', () => {
  for (let from = 0; from < SEEDS; from += 10) {
    it(`seeds ${from} to ${from + 9}`, () => {
      for (let seed = from; seed < from + 10; seed += 1) assert.isUndefined(faultOfSeed(seed, false));
    });
  }

  for (let from = 0; from < SEEDS / 2; from += 20) {
    it(`what a cluster serves, seeds ${from} to ${from + 19}`, () => {
      for (let seed = from; seed < from + 20; seed += 1) assert.isUndefined(faultOfSeed(seed, true));
    });
  }
});

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

describe('difference for what a cluster serves', () => {
  const rows: readonly (readonly [
    string,
    string,
    string,
    readonly ServedResource[],
    readonly string[],
    readonly string[],
  ])[] = [
    [
      'any resource is one of those',
      LOG,
      `- {level: None, resources: [{group: "", resources: [pods]}]}\n${LOG}`,
      [served('', 'pods')],
      ['loses: any request for any resource by anyone: Metadata → None (1 → 1)'],
      [],
    ],
    [
      'a resource that is not served',
      LOG,
      `- {level: None, resources: [{group: extensions, resources: [networkpolicies, "networkpolicies/status"]}]}\n${LOG}`,
      [served('', 'pods')],
      [],
      ['networkpolicies.extensions', 'networkpolicies.extensions/status'],
    ],
    [
      'a group of which something is served',
      LOG,
      `- {level: None, resources: [{group: example.com}]}\n${LOG}`,
      [served('', 'pods'), served('example.com', 'widgets'), served('example.com', 'widgets', {subresource: 'status'})],
      ['loses: any request for everything in example.com by anyone: Metadata → None (1 → 1)'],
      [],
    ],
    [
      'verbs that are not served',
      LOG,
      `- {level: None, verbs: [get, list], resources: [{group: example.com, resources: [reviews]}]}\n${LOG}`,
      [served('example.com', 'reviews', {verbs: ['create']})],
      [],
      [],
    ],
    [
      'verbs of an aggregated API server',
      LOG,
      `- {level: None, verbs: [get], resources: [{group: example.com, resources: [reviews]}]}\n${LOG}`,
      [served('example.com', 'reviews', {verbs: ['create'], aggregated: true})],
      ['loses: get of any resource by anyone: Metadata → None (1 → 1)'],
      [],
    ],
    [
      'objects of an aggregated API server are never recorded',
      '- {level: RequestResponse}\n',
      '- {level: RequestResponse, omitManagedFields: true}\n',
      [served('example.com', 'reviews', {aggregated: true})],
      [],
      [],
    ],
    [
      'a scope that is not well known',
      LOG,
      `- {level: None, namespaces: [prod], resources: [{group: example.com, resources: [widgets]}]}\n${LOG}`,
      [served('example.com', 'widgets', {namespaced: false})],
      [],
      [],
    ],
  ];
  for (const [name, before, after, resources, expected, notServed] of rows) {
    it(name, () => {
      const options = {...NEWEST, served: resources};
      const result = decided(policyOf(`rules:\n${before}`), policyOf(`rules:\n${after}`), options);
      assert.deepEqual(result.classes.map(told), expected);
      assert.deepEqual(result.notServed, notServed);
    });
  }
});

describe('never less', () => {
  const rows: readonly (readonly [string, string, string, 'holds' | 'fails'])[] = [
    ['the same', LOG, LOG, 'holds'],
    ['more', LOG, '- {level: Request}\n', 'holds'],
    ['less', '- {level: Request}\n', LOG, 'fails'],
    ['less for one user', LOG, `- {level: None, users: [eve]}\n${LOG}`, 'fails'],
    ['less of one path', LOG, `- {level: None, nonResourceURLs: [/healthz]}\n${LOG}`, 'fails'],
    ['a higher level, but a stage less', LOG, '- {level: Request, omitStages: [RequestReceived]}\n', 'fails'],
    ['managed fields less', '- {level: Request}\n', '- {level: Request, omitManagedFields: true}\n', 'fails'],
    ['managed fields less where there are none', LOG, '- {level: Metadata, omitManagedFields: true}\n', 'holds'],
    ['nothing before', NOTHING, '- {level: Metadata, omitStages: [RequestReceived]}\n', 'holds'],
    ['an exception within what another rule records', EXEC, `- {level: Request, resources: [{group: ""}]}\n`, 'holds'],
  ];
  for (const [name, before, after, expected] of rows) {
    it(name, () => {
      const result = neverLess(policyOf(`rules:\n${before}`), policyOf(`rules:\n${after}`), NEWEST);
      assert.equal(result.kind, expected);
    });
  }
});

/** Texts of which some are in several lists. */
function texts(prefix: string, count: number, step: number): string[] {
  return Array.from({length: count}, (_, index) => `${prefix}${(index * step) % 7919}`);
}

describe('difference of policies beyond measure', () => {
  const RULE: PolicyRule = {...ANY_RULE, level: 'Metadata'};
  const hugePolicy = (ruleFor: (index: number) => Partial<PolicyRule>, count = 300): AuditPolicy => ({
    omitStages: [],
    omitManagedFields: false,
    rules: Array.from({length: count}, (_, index) => ({
      ...RULE,
      level: LEVELS[index % LEVELS.length] ?? 'None',
      ...ruleFor(index),
    })),
  });
  const rows: readonly (readonly [string, (index: number) => Partial<PolicyRule>, RegExp])[] = [
    ['users', (index) => ({users: texts('u', 100, index + 1)}), /the rules tell more than 2000 users apart/],
    ['groups', (index) => ({userGroups: texts('g', 100, index + 1)}), /the rules tell more than 2000 groups apart/],
    [
      'namespaces',
      (index) => ({namespaces: texts('n', 100, index + 1)}),
      /the rules tell more than 2000 namespaces apart/,
    ],
    [
      'names',
      (index) => ({resources: [{group: '', resources: ['pods'], resourceNames: texts('x', 100, index + 1)}]}),
      /the rules tell more than 2000 names apart/,
    ],
    [
      'resources',
      (index) => ({resources: [{group: `g${index}`, resources: texts('r', 100, index + 1), resourceNames: []}]}),
      /the rules tell more than 20000 resources apart/,
    ],
    ['paths', (index) => ({nonResourceURLs: texts('/p', 100, index + 1)}), /the rules name \d+ paths/],
    [
      'everything at once',
      (index) => ({
        users: texts('u', 5, index + 1).map((user) => user.slice(0, 3)),
        namespaces: texts('n', 5, index + 2).map((namespace) => namespace.slice(0, 3)),
        resources: [
          {group: '', resources: texts('r', 5, index + 3).map((each) => each.slice(0, 3)), resourceNames: []},
        ],
      }),
      /the rules of the two policies overlap in too many ways/,
    ],
  ];
  for (const [name, ruleFor, expected] of rows) {
    it(name, () => {
      const policy = hugePolicy(ruleFor);
      const result = difference(policy, {...policy, rules: policy.rules.toReversed()}, NEWEST);
      assert(result.kind === 'undecided');
      assert.match(result.tooMuch, expected);
    });
  }

  it('still tells that they differ', () => {
    const policy = hugePolicy((index) => ({userGroups: [`g${index}`]}));
    const result = difference(policy, {...policy, rules: policy.rules.toReversed()}, NEWEST);
    assert(result.kind === 'undecided' && result.example !== undefined);
    const after = {...policy, rules: policy.rules.toReversed()};
    assert.isDefined(
      directionOf(
        shownOf(policyRuleEvaluator(policy), result.example),
        shownOf(policyRuleEvaluator(after), result.example),
      ),
    );
  });

  it('is decided where many names are alike to the rules', () => {
    const many = texts('u', 5000, 1);
    const before = hugePolicy(() => ({users: many}), 2);
    assert.isTrue(decided(before, before).same);
  });
});
