import {assert} from 'chai';
import {coverage, recordsNothing} from '../../../src/evaluate/coverage/coverage.ts';
import {loadPolicy} from '../../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../../src/evaluate/match.ts';
import type {Failure} from '../../../src/model/coverage.ts';
import {STAGES, atLeast} from '../../../src/model/policy.ts';
import type {AuditPolicy, PolicyRule} from '../../../src/model/policy.ts';
import type {RequestAttributes} from '../../../src/model/request.ts';
import type {Preset, Requirement} from '../../../src/model/requirement.ts';
import {PRESETS, presetNamed} from '../../../src/presets/index.ts';

function policyOf(rules: string): AuditPolicy {
  const loaded = loadPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${rules}`, {serverVersion: undefined});
  assert(loaded.kind === 'loaded', loaded.kind === 'refused' ? loaded.message : '');
  return loaded.policy;
}

function requirementOf(
  verbs: string[],
  group: string,
  resources: string[],
  more: Partial<Requirement> = {},
): Requirement {
  return {
    id: 'it',
    level: 'must',
    title: 'it',
    requests: [{kind: 'resources', verbs, group, resources}],
    atLeast: 'Metadata',
    reason: '',
    ...more,
  };
}

const failuresOf = (rules: string, requirement: Requirement): readonly Failure[] =>
  coverage(policyOf(rules), [requirement], undefined)[0]?.failures ?? [];
const texts = (failures: readonly Failure[]): string[] => failures.map(({kind, text}) => `${kind}: ${text}`);

const createPods = requirementOf(['create'], '', ['pods']);
const getPods = requirementOf(['get'], '', ['pods']);
const listPods = requirementOf(['list'], '', ['pods']);
const LOG = '- level: Metadata\n';

const many = (prefix: string): string => `[${Array.from({length: 3000}, (_, index) => prefix + index).join(',')}]`;

const unmet = (policy: AuditPolicy, {requirements}: Preset, level: Requirement['level']): string[] =>
  coverage(
    policy,
    requirements.filter((requirement) => requirement.level === level),
    undefined,
  )
    .filter(({met}) => !met)
    .map(({requirement}) => requirement.id);

describe('coverage', () => {
  const rows: readonly (readonly [name: string, rules: string, requirement: Requirement, expected: string[]])[] = [
    ['met', LOG, createPods, []],
    ['no rule', '- level: Metadata\n  verbs: [get]\n', createPods, ['too-little: create pods by anyone']],
    [
      'one failure for each verb and resource',
      '- level: None\n',
      requirementOf(['create', 'delete'], '', ['pods', 'secrets']),
      ['create pods', 'create secrets', 'delete pods', 'delete secrets'].map((text) => `too-little: ${text} by anyone`),
    ],
    ['a user left out', `- level: None\n  users: [eve]\n${LOG}`, createPods, ['too-little: create pods by eve']],
    [
      'a group left out',
      `- level: None\n  userGroups: [system:nodes]\n${LOG}`,
      createPods,
      ['too-little: create pods by anyone in group system:nodes'],
    ],
    [
      'a user in a group left out',
      `- level: None\n  users: [eve]\n  userGroups: [dev]\n${LOG}`,
      createPods,
      ['too-little: create pods by eve in group dev'],
    ],
    [
      'all authenticated left out',
      `- level: None\n  userGroups: ['system:authenticated']\n${LOG}`,
      createPods,
      ['too-little: create pods by anyone'],
    ],
    [
      'only authenticated recorded',
      `- level: Metadata\n  userGroups: ['system:authenticated']\n`,
      createPods,
      ['too-little: create pods by system:anonymous'],
    ],
    [
      'anonymous left out',
      `- level: None\n  users: ['system:anonymous']\n${LOG}`,
      createPods,
      ['too-little: create pods by system:anonymous'],
    ],
    [
      'authenticated and unauthenticated recorded',
      `- level: Metadata\n  userGroups: ['system:authenticated', 'system:unauthenticated']\n`,
      createPods,
      [],
    ],
    [
      'nobody is both',
      `- level: None\n  users: ['system:anonymous']\n  userGroups: ['system:authenticated']\n${LOG}`,
      createPods,
      [],
    ],
    [
      'a group that an earlier rule takes',
      `- level: Metadata\n  userGroups: [dev]\n- level: None\n  users: [eve]\n  userGroups: [dev]\n${LOG}`,
      createPods,
      [],
    ],
    [
      'a namespace left out',
      `- level: None\n  namespaces: [kube-system]\n${LOG}`,
      createPods,
      ['too-little: create pods in namespace kube-system by anyone'],
    ],
    [
      'one namespace recorded',
      '- level: Metadata\n  namespaces: [prod]\n',
      createPods,
      ['too-little: create pods by anyone'],
    ],
    ['a namespace that no Pod can lack', `- level: None\n  namespaces: [""]\n${LOG}`, createPods, []],
    [
      'lists over all namespaces',
      `- level: None\n  namespaces: [""]\n${LOG}`,
      listPods,
      ['too-little: list pods in all namespaces by anyone'],
    ],
    [
      'cluster-scoped',
      `- level: None\n  namespaces: [""]\n${LOG}`,
      requirementOf(['get'], '', ['nodes']),
      ['too-little: get nodes by anyone'],
    ],
    [
      'custom resources may have either scope',
      `- level: None\n  namespaces: [""]\n${LOG}`,
      requirementOf(['get'], 'example.com', ['things']),
      ['too-little: get things.example.com without a namespace by anyone'],
    ],
    [
      'a name left out',
      `- level: None\n  resources: [{group: "", resources: [pods], resourceNames: [x]}]\n${LOG}`,
      getPods,
      ['too-little: get pods named x by anyone'],
    ],
    [
      'creation has no name',
      `- level: None\n  resources: [{group: "", resources: [pods], resourceNames: [x]}]\n${LOG}`,
      createPods,
      [],
    ],
    [
      'creation of a subresource has a name',
      `- level: None\n  resources: [{group: "", resources: ["pods/*"], resourceNames: [x]}]\n${LOG}`,
      requirementOf(['create'], '', ['pods/exec']),
      ['too-little: create pods/exec named x by anyone'],
    ],
    [
      'a list by field selector has a name',
      `- level: None\n  resources: [{group: "", resources: [pods], resourceNames: [x]}]\n${LOG}`,
      listPods,
      ['too-little: list pods named x by anyone'],
    ],
    [
      'only names recorded',
      '- level: Metadata\n  resources: [{group: "", resources: [pods], resourceNames: [x]}]\n',
      getPods,
      ['too-little: get pods by anyone'],
    ],
    [
      'a Namespace is in the namespace of its name',
      `- level: None\n  namespaces: [kube-system]\n${LOG}`,
      requirementOf(['delete'], '', ['namespaces']),
      ['too-little: delete namespaces named kube-system by anyone'],
    ],
    [
      'name and namespace of a Namespace agree',
      `- level: None\n  namespaces: [a]\n  resources: [{group: "", resources: [namespaces], resourceNames: [b]}]\n${LOG}`,
      requirementOf(['delete'], '', ['namespaces']),
      [],
    ],
    [
      'the most general class',
      `- level: None\n  users: [eve]\n  namespaces: [a]\n- level: None\n  namespaces: [b]\n${LOG}`,
      createPods,
      ['too-little: create pods in namespace b by anyone'],
    ],
    [
      'all dimensions',
      `- level: None\n  users: [eve]\n  namespaces: [a]\n  resources: [{group: "", resources: [pods], resourceNames: [x]}]\n${LOG}`,
      getPods,
      ['too-little: get pods named x in namespace a by eve'],
    ],
    [
      'subresources are apart',
      '- level: Metadata\n  resources: [{group: "", resources: [pods]}]\n',
      requirementOf(['create'], '', ['pods', 'pods/exec']),
      ['too-little: create pods/exec by anyone'],
    ],
    [
      'qualified names',
      '- level: None\n',
      requirementOf(['patch'], 'apps', ['deployments/scale']),
      ['too-little: patch deployments.apps/scale by anyone'],
    ],
    [
      'any resource of a group',
      '- level: None\n  resources: [{group: apps, resources: [deployments]}]\n- level: Metadata\n  resources: [{group: apps}]\n',
      requirementOf(['create'], 'apps', ['*']),
      ['too-little: create deployments.apps by anyone'],
    ],
    [
      'an unnamed resource of a group',
      '- level: Metadata\n  resources: [{group: apps, resources: [deployments]}]\n',
      requirementOf(['create'], 'apps', ['*']),
      ['too-little: create anything.apps by anyone'],
    ],
    [
      'too much',
      '- level: Request\n',
      requirementOf(['get'], '', ['secrets'], {atMost: 'Metadata'}),
      ['too-much: get secrets by anyone'],
    ],
    [
      'a stage omitted',
      '- level: Metadata\n  omitStages: [ResponseComplete]\n',
      createPods,
      ['stage-omitted: create pods by anyone'],
    ],
    [
      'a stage omitted for all',
      'X- level: Metadata\nomitStages: [ResponseComplete]\n',
      createPods,
      ['stage-omitted: create pods by anyone'],
    ],
    [
      'one of the stages is enough',
      '- level: Metadata\n  omitStages: [ResponseComplete]\n',
      requirementOf(['create'], '', ['pods'], {stages: ['ResponseComplete', 'RequestReceived']}),
      [],
    ],
    [
      'paths',
      '- level: Metadata\n  nonResourceURLs: ["/healthz*"]\n',
      requirementOf([], '', [], {requests: [{kind: 'nonResource', verbs: ['get'], paths: ['/healthz', '/version']}]}),
      ['too-little: get /version by anyone'],
    ],
    [
      'namespaces do not match paths',
      '- level: Metadata\n  namespaces: [""]\n',
      requirementOf([], '', [], {requests: [{kind: 'nonResource', verbs: ['get'], paths: ['/version']}]}),
      ['too-little: get /version by anyone'],
    ],
  ];
  for (const [name, rules, requirement, expected] of rows) {
    it(name, () => {
      assert.deepEqual(texts(failuresOf(`rules:\n${rules.replace(/^X/, '')}`, requirement)), expected);
    });
  }

  it('tells what was got, what was wanted, and by which rule', () => {
    const [failure] = failuresOf(`rules:\n- level: None\n  users: [eve]\n${LOG}`, createPods);
    assert.deepEqual(failure, {
      kind: 'too-little',
      text: 'create pods by eve',
      example: {
        user: {name: 'eve', groups: ['system:authenticated']},
        verb: 'create',
        target: {kind: 'resource', group: '', resource: 'pods', subresource: '', namespace: 'somewhere', name: ''},
      },
      gotLevel: 'None',
      gotStages: [],
      wanted: {atLeast: 'Metadata', atMost: undefined, stages: ['ResponseComplete']},
      rule: 0,
      ruleLine: 4,
    });
  });

  it('gives up on a policy with too many constants, and says so', () => {
    const rule = `- level: None\n  users: ${many('u')}\n  userGroups: ${many('g')}\n  namespaces: ${many('n')}\n  resources: [{group: "", resources: [secrets], resourceNames: ${many('x')}}]\n`;
    const hidden = `- level: Metadata\n  users: ${many('u')}\n- level: None\n  users: [u0]\n  userGroups: ${many('g')}\n  namespaces: ${many('n')}\n`;
    const [failure] = failuresOf(`rules:\n${hidden}${rule}${LOG}`, getPods);
    assert.equal(failure?.undecided, true);
    assert.include(failure?.text, 'not decided');
  }).timeout(20_000);

  it('agrees with brute force on random policies', () => {
    const random = generator(20_260_101);
    for (let round = 0; round < 1500; round += 1) {
      const policy = randomPolicy(random);
      for (const requirement of RANDOM_REQUIREMENTS) {
        const [result] = coverage(policy, [requirement], undefined);
        const isRecorded = recordedBy(policy, requirement);
        const bad = allRequests(requirement).filter((request) => !isRecorded(request));
        assert.equal(
          result?.met,
          bad.length === 0,
          JSON.stringify({policy, requirement: requirement.requests, bad: bad[0]}),
        );
        for (const failure of result?.failures ?? []) assert.isFalse(isRecorded(failure.example));
      }
    }
  }).timeout(60_000);
});

/** A small generator of numbers from 0 to 1 (mulberry32), so that every run is the same. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const RANDOM_REQUIREMENTS: readonly Requirement[] = [
  createPods,
  getPods,
  listPods,
  requirementOf(['get'], '', ['secrets'], {atMost: 'Metadata'}),
  requirementOf(['delete'], '', ['namespaces'], {atLeast: 'Request'}),
  requirementOf(['create'], '', ['pods/exec']),
  requirementOf(['get'], 'example.com', ['things'], {stages: ['RequestReceived', 'Panic']}),
];

function randomPolicy(random: () => number): AuditPolicy {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = <T>(chance: number, values: readonly T[]): T[] =>
    random() < chance ? [pick(values), pick(values)] : [];
  const rules: PolicyRule[] = Array.from({length: 1 + Math.floor(random() * 6)}, () => ({
    level: pick(['None', 'Metadata', 'Metadata', 'Request', 'RequestResponse'] as const),
    users: some(0.3, ['eve', 'bob', 'system:anonymous']),
    userGroups: some(0.35, ['dev', 'ops', 'system:authenticated', 'system:unauthenticated']),
    verbs: some(0.3, ['get', 'create', 'list', 'delete']),
    resources: some(0.5, [
      {group: '', resources: ['pods'], resourceNames: []},
      {group: '', resources: ['pods', 'pods/exec'], resourceNames: ['a', 'b']},
      {group: '', resources: ['*'], resourceNames: ['a']},
      {group: '', resources: ['*'], resourceNames: ['']},
      {group: '', resources: ['secrets', 'namespaces'], resourceNames: []},
      {group: '', resources: [], resourceNames: []},
      {group: '*', resources: [], resourceNames: []},
      {group: 'example.com', resources: ['things'], resourceNames: ['b']},
    ]),
    namespaces: some(0.3, ['a', 'b', '']),
    nonResourceURLs: [],
    omitStages: some(0.2, STAGES),
    omitManagedFields: undefined,
    line: undefined,
  }));
  return {omitStages: some(0.1, STAGES), omitManagedFields: false, rules};
}

/** Every request that can be told apart by such policies, with every set of groups, written out independently. */
function allRequests({requests}: Requirement): RequestAttributes[] {
  return requests.flatMap((set) => {
    assert(set.kind === 'resources');
    const [verb = ''] = set.verbs;
    const [resource = '', subresource = ''] = (set.resources[0] ?? '').split('/');
    const places: (readonly [namespace: string, name: string])[] = [];
    const names = subresource === '' && verb === 'create' ? [''] : ['a', 'b', 'zz'];
    if (verb === 'list') names.push('');
    const namespaces = ['a', 'b', 'zz'];
    if (verb === 'list' || set.group === 'example.com') namespaces.push('');
    for (const name of names) {
      if (resource === 'namespaces') places.push([name, name]);
      else for (const namespace of namespaces) places.push([namespace, name]);
    }
    const users: {name: string; groups: string[]}[] = [{name: 'system:anonymous', groups: ['system:unauthenticated']}];
    for (const name of ['eve', 'bob', 'zz']) {
      for (const groups of [[], ['dev'], ['ops'], ['dev', 'ops']])
        users.push({name, groups: [...groups, 'system:authenticated']});
    }
    return users.flatMap((user) =>
      places.map(([namespace, name]) => ({
        user,
        verb,
        target: {kind: 'resource' as const, group: set.group, resource, subresource, namespace, name},
      })),
    );
  });
}

function recordedBy(policy: AuditPolicy, requirement: Requirement): (request: RequestAttributes) => boolean {
  const decide = policyRuleEvaluator(policy);
  return (request) => {
    const {level, omitStages} = decide(request);
    if (!atLeast(level, requirement.atLeast)) return false;
    if (requirement.atMost !== undefined && !atLeast(requirement.atMost, level)) return false;
    return (requirement.stages ?? ['ResponseComplete']).some((stage) => !omitStages.includes(stage));
  };
}

describe('recordsNothing', () => {
  const ALL_STAGES = '[RequestReceived, ResponseStarted, ResponseComplete, Panic]';
  const rows: readonly (readonly [name: string, rules: string, expected: string | undefined])[] = [
    ['one None', '- level: None\n', 'rule 1 (line 4) matches every request at level None'],
    ['None first', `- level: None\n${LOG}`, 'rule 1 (line 4) matches every request at level None'],
    [
      'None second',
      `- level: None\n  users: [a]\n- level: None\n${LOG}`,
      'rule 2 (line 6) matches every request at level None',
    ],
    ['only special None', '- level: None\n  users: [a]\n', 'every rule has level None'],
    ['a rule for one user', `- level: Metadata\n  users: [a]\n- level: None\n`, undefined],
    [
      'None for one user first',
      `- level: None\n  users: [a]\n- level: Metadata\n  users: [a]\n`,
      'no request can reach rule 2 (line 6), the only rule above level None',
    ],
    [
      'wildcard verb',
      '- level: Metadata\n  verbs: ["*"]\n',
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    [
      'upper-case verb',
      '- level: Metadata\n  verbs: [GET]\n',
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    [
      'star star',
      '- level: Metadata\n  resources: [{group: "", resources: ["*/*"]}]\n',
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    [
      'names of created objects',
      '- level: Metadata\n  verbs: [create]\n  resources: [{group: "", resources: [pods], resourceNames: [x]}]\n',
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    [
      'names of subresources',
      '- level: Metadata\n  verbs: [create]\n  resources: [{group: "", resources: [pods/exec], resourceNames: [x]}]\n',
      undefined,
    ],
    [
      'paths that are resources',
      '- level: Metadata\n  nonResourceURLs: ["/apis/apps/v1/*", /api/v1/pods]\n',
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    ['discovery', '- level: Metadata\n  nonResourceURLs: ["/apis/*"]\n', undefined],
    [
      'all resources None',
      '- level: None\n  resources: [{group: "*"}]\n- level: Metadata\n  namespaces: [a]\n',
      'no request can reach rule 2 (line 6), the only rule above level None',
    ],
    [
      'two out of reach',
      '- level: None\n  resources: [{group: "*"}]\n- level: Metadata\n  namespaces: [a]\n- level: Request\n  namespaces: [b]\n',
      'no request can reach a rule above level None; the first of them is rule 2 (line 6)',
    ],
    ['all resources None, paths left', `- level: None\n  resources: [{group: "*"}]\n${LOG}`, undefined],
    [
      'all groups None: failed authentication is left',
      `- level: None\n  userGroups: ['system:authenticated', 'system:unauthenticated']\n${LOG}`,
      undefined,
    ],
    ['every stage of the policy', `${LOG}omitStages: ${ALL_STAGES}\n`, 'omitStages of the policy omits every stage'],
    [
      'every stage of the rule',
      `- level: Metadata\n  omitStages: ${ALL_STAGES}\n`,
      'omitStages omits every stage of every rule above level None',
    ],
    [
      'every stage together',
      `- level: Metadata\n  omitStages: [Panic, RequestReceived]\nomitStages: [ResponseStarted, ResponseComplete]\n`,
      'omitStages omits every stage of every rule above level None',
    ],
    [
      'a stage of long-running requests only',
      '- level: Metadata\n  users: [a]\n  verbs: [create]\n  resources: [{group: "", resources: [pods]}]\n  omitStages: [RequestReceived, ResponseComplete, Panic]\n',
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    [
      'exec is long-running',
      '- level: Metadata\n  users: [a]\n  verbs: [create]\n  resources: [{group: "", resources: ["pods/*"]}]\n  omitStages: [RequestReceived, ResponseComplete, Panic]\n',
      undefined,
    ],
    [
      'nobody is anonymous and authenticated',
      "- level: Metadata\n  users: ['system:anonymous']\n  userGroups: ['system:authenticated']\n",
      'no request can reach rule 1 (line 4), the only rule above level None',
    ],
    ['some level', LOG, undefined],
  ];
  for (const [name, rules, expected] of rows) {
    it(name, () => {
      assert.equal(recordsNothing(policyOf(`rules:\n${rules}`)), expected);
    });
  }
});

describe('presets', () => {
  /** The sample of the vendor's documents, as v1. */
  const SAMPLE = policyOf(`omitStages: [RequestReceived]
rules:
- level: RequestResponse
  verbs: [create, patch, update, delete]
  resources:
  - group: networking.k8s.io
    resources: ['networkpolicies']
  - group: extensions
    resources: ['networkpolicies']
  - group: ''
    resources: ['pods', 'namespaces', 'serviceaccounts', 'endpoints']
`);

  it('have unique names and, in each, unique ids', () => {
    assert.equal(new Set(PRESETS.map(({name}) => name)).size, PRESETS.length);
    for (const {requirements} of PRESETS) {
      assert.equal(new Set(requirements.map(({id}) => id)).size, requirements.length);
    }
  });

  it('are found by name', () => {
    for (const preset of PRESETS) assert.equal(presetNamed(preset.name), preset);
    assert.throws(() => presetNamed('x'), 'no preset named "x": there are calico, calico-enterprise, cis');
  });

  it('calico: the sample of the vendor meets every must', () => {
    assert.deepEqual(unmet(SAMPLE, presetNamed('calico'), 'must'), []);
    assert.deepEqual(unmet(SAMPLE, presetNamed('calico'), 'should'), [
      'deletecollection',
      'endpointslices',
      'calico-policies',
      'calico-policy-contents',
    ]);
  });

  it('calico-enterprise: asks for Calico policies too', () => {
    assert.deepEqual(unmet(SAMPLE, presetNamed('calico-enterprise'), 'must'), [
      'calico-policies',
      'calico-policy-contents',
    ]);
  });

  it('cis: Metadata for all is met, more for all is too much', () => {
    assert.deepEqual(unmet(policyOf(`rules:\n${LOG}`), presetNamed('cis'), 'must'), []);
    assert.deepEqual(unmet(policyOf('rules:\n- level: Request\n'), presetNamed('cis'), 'must'), [
      'secrets',
      'configmaps',
      'tokenreviews',
    ]);
    assert.deepEqual(
      unmet(policyOf(`rules:\n- level: Metadata\n  verbs: [create]\n`), presetNamed('cis'), 'must').length,
      6,
    );
  });

  it('can each be met', () => {
    const policy = policyOf('rules:\n- level: RequestResponse\n');
    for (const name of ['calico', 'calico-enterprise']) {
      assert.deepEqual(
        [...unmet(policy, presetNamed(name), 'must'), ...unmet(policy, presetNamed(name), 'should')],
        [],
      );
    }
  });
});
