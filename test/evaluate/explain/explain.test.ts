import {assert} from 'chai';
import {attributesOf, explain, firstMismatch} from '../../../src/evaluate/explain/explain.ts';
import {loadPolicy} from '../../../src/evaluate/load/load-policy.ts';
import {evaluate, ruleMatches} from '../../../src/evaluate/match.ts';
import type {AskedRequest, AskedTarget, BodyRecord, Mismatch, Subject} from '../../../src/model/explanation.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import type {AuditPolicy} from '../../../src/model/policy.ts';
import type {RequestAttributes} from '../../../src/model/request.ts';

function policyOf(...rules: readonly string[]): AuditPolicy {
  const text = `apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n${rules.map((rule) => `- ${rule}\n`).join('')}`;
  const loaded = loadPolicy(text, {serverVersion: undefined});
  assert(loaded.kind === 'loaded', loaded.kind === 'refused' ? loaded.message : '');
  return loaded.policy;
}

const ANYONE: Subject = {kind: 'anyone', groups: ['system:authenticated']};

/** `get pods/exec`, `list deployments.apps`, `get /healthz`. */
function ask(
  text: string,
  more: Partial<Extract<AskedTarget, {kind: 'resource'}>> = {},
  subject = ANYONE,
): AskedRequest {
  const [verb = '', what = ''] = text.split(' ');
  if (what.startsWith('/')) return {subject, verb, target: {kind: 'nonResource', path: what}};
  const [qualified = '', subresource = ''] = what.split('/');
  const [resource = '', ...group] = qualified.split('.');
  const base = {kind: 'resource', group: group.join('.'), resource, subresource} as const;
  const rest = {namespace: 'default', name: '', namespaced: true, aggregated: false, ...more};
  return {subject, verb, target: {...base, ...rest}};
}

describe('the first selector that does not match', () => {
  const mismatches: readonly (readonly [
    rule: string,
    AskedRequest,
    Mismatch['selector'],
    string[],
    Mismatch['actual'],
  ])[] = [
    [
      '{level: None, users: [a, b]}',
      ask('get pods', {}, {kind: 'user', name: 'jane', groups: []}),
      'users',
      ['a', 'b'],
      ['jane'],
    ],
    ['{level: None, users: [a]}', ask('get pods'), 'users', ['a'], 'open'],
    ['{level: None, users: [a]}', ask('get pods', {}, {kind: 'unauthenticated'}), 'users', ['a'], 'no-user'],
    ['{level: None, userGroups: [g]}', ask('get pods'), 'userGroups', ['g'], ['system:authenticated']],
    ['{level: None, userGroups: [g]}', ask('get pods', {}, {kind: 'unauthenticated'}), 'userGroups', ['g'], 'no-user'],
    ['{level: None, verbs: ["*"]}', ask('get pods'), 'verbs', ['*'], ['get']],
    ['{level: None, namespaces: [kube-system]}', ask('get pods'), 'namespaces', ['kube-system'], ['default']],
    ['{level: None, namespaces: [a]}', ask('get pods', {namespace: undefined}), 'namespaces', ['a'], 'open'],
    ['{level: None, namespaces: [a]}', ask('get /healthz'), 'namespaces', ['a'], 'path'],
    [
      '{level: None, resources: [{group: "", resources: [pods]}, {group: apps}]}',
      ask('get pods/exec'),
      'resources',
      ['pods', '*.apps'],
      ['pods/exec'],
    ],
    [
      '{level: None, resources: [{group: apps, resources: [deployments/scale, "*"]}]}',
      ask('get pods'),
      'resources',
      ['deployments.apps/scale', '*.apps'],
      ['pods'],
    ],
    [
      '{level: None, resources: [{group: ""}]}',
      ask('get deployments.apps'),
      'resources',
      ['* (core group)'],
      ['deployments.apps'],
    ],
    ['{level: None, resources: [{group: ""}]}', ask('get /version'), 'resources', ['* (core group)'], 'path'],
    [
      '{level: None, resources: [{group: "", resources: [secrets], resourceNames: [a]}, {group: "", resources: [pods], resourceNames: [b]}]}',
      ask('get secrets', {name: 'x'}),
      'resourceNames',
      ['a'],
      ['x'],
    ],
    [
      '{level: None, resources: [{group: "", resources: [secrets], resourceNames: [a]}]}',
      ask('get secrets', {name: undefined}),
      'resourceNames',
      ['a'],
      'open',
    ],
    [
      '{level: None, resources: [{group: "", resources: [secrets], resourceNames: [a]}]}',
      ask('create secrets'),
      'resourceNames',
      ['a'],
      [''],
    ],
    ['{level: None, nonResourceURLs: ["/healthz*"]}', ask('get /livez'), 'nonResourceURLs', ['/healthz*'], ['/livez']],
    ['{level: None, nonResourceURLs: ["/healthz*"]}', ask('get pods'), 'nonResourceURLs', ['/healthz*'], 'resource'],
    // The server asks in this order: several that do not match.
    ['{level: None, users: [a], userGroups: [g], verbs: [list]}', ask('get pods'), 'users', ['a'], 'open'],
    [
      '{level: None, userGroups: [g], verbs: [list], namespaces: [x]}',
      ask('get pods'),
      'userGroups',
      ['g'],
      ['system:authenticated'],
    ],
    [
      '{level: None, verbs: [list], namespaces: [x], resources: [{group: apps}]}',
      ask('get pods'),
      'verbs',
      ['list'],
      ['get'],
    ],
    ['{level: None, namespaces: [x], resources: [{group: apps}]}', ask('get pods'), 'namespaces', ['x'], ['default']],
  ];
  for (const [rule, asked, selector, listed, actual] of mismatches) {
    it(`${rule} and ${asked.verb} ${JSON.stringify(asked.target)} by ${asked.subject.kind}`, () => {
      const [passed] = explain(policyOf(rule), asked).passed;
      assert.deepEqual(passed, {rule: 1, line: 4, mismatch: {selector, listed, actual}});
    });
  }

  it('is there exactly where the matcher does not match', () => {
    const policy = policyOf(
      '{level: None}',
      '{level: None, users: [jane], verbs: [get, list]}',
      '{level: None, userGroups: [dev, "system:authenticated"], namespaces: [default, ""]}',
      '{level: None, verbs: [get], resources: [{group: "", resources: [pods, "*/exec"]}, {group: apps, resources: ["deployments/*"]}]}',
      '{level: None, namespaces: [default], resources: [{group: "", resources: [pods], resourceNames: [web, ""]}]}',
      '{level: None, resources: [{group: "*", resources: ["*"]}]}',
      '{level: None, users: [jane], nonResourceURLs: ["/healthz*", /version]}',
    );
    const users: RequestAttributes['user'][] = [
      undefined,
      {name: 'jane', groups: ['dev']},
      {name: 'joe', groups: ['ops', 'system:authenticated']},
    ];
    const targets: RequestAttributes['target'][] = ['', 'web']
      .flatMap((name) => ['', 'default', 'x'].map((namespace) => ({name, namespace})))
      .flatMap((place) => [
        {kind: 'resource', group: '', resource: 'pods', subresource: '', ...place},
        {kind: 'resource', group: '', resource: 'pods', subresource: 'exec', ...place},
        {kind: 'resource', group: 'apps', resource: 'deployments', subresource: 'scale', ...place},
      ]);
    const paths: RequestAttributes['target'][] = ['/healthz/x', '/version', '/x'].map((path) => ({
      kind: 'nonResource',
      path,
    }));
    let matched = 0;
    for (const rule of policy.rules) {
      for (const user of users) {
        for (const verb of ['get', 'list', 'create']) {
          for (const target of [...targets, ...paths]) {
            for (const version of [undefined, parseKubernetesVersion('1.30')]) {
              const request = {user, verb, target};
              const matches = ruleMatches(rule, request, version);
              matched += matches ? 1 : 0;
              const mismatch = firstMismatch(rule, request, version);
              assert.equal(mismatch === undefined, matches, JSON.stringify({rule, request}));
            }
          }
        }
      }
    }
    assert.isAbove(matched, 500, 'the table holds both cases');
  });
});

const word = (record: BodyRecord): string => (record.recorded ? 'yes' : record.reason);

/** As the audit log of a real API server showed them at level RequestResponse. */
describe('stages and bodies', () => {
  const ORDINARY = 'RequestReceived ResponseComplete';
  const LONG = 'RequestReceived ResponseStarted ResponseComplete';
  const rows: readonly (readonly [AskedRequest, stages: string, request: string, response: string])[] = [
    [ask('create pods'), ORDINARY, 'yes', 'yes'],
    [ask('update pods/status'), ORDINARY, 'yes', 'yes'],
    [ask('patch deployments.apps/scale'), ORDINARY, 'yes', 'yes'],
    [ask('delete secrets'), ORDINARY, 'yes', 'yes'],
    [ask('deletecollection configmaps'), ORDINARY, 'yes', 'yes'],
    [ask('create pods/eviction'), ORDINARY, 'yes', 'yes'],
    [ask('create serviceaccounts/token'), ORDINARY, 'yes', 'yes'],
    [ask('get secrets'), ORDINARY, 'none-sent', 'yes'],
    [ask('list secrets'), ORDINARY, 'none-sent', 'yes'],
    [ask('watch secrets'), LONG, 'watch', 'watch'],
    [ask('get pods/exec'), LONG, 'stream', 'stream'],
    [ask('create pods/attach'), LONG, 'stream', 'stream'],
    [ask('create pods/portforward'), LONG, 'stream', 'stream'],
    [ask('get pods/log'), LONG, 'stream', 'stream'],
    [ask('create services/proxy'), LONG, 'stream', 'stream'],
    [ask('proxy nodes'), LONG, 'stream', 'stream'],
    [ask('get /healthz'), ORDINARY, 'non-resource', 'non-resource'],
    [ask('get /debug/pprof/heap'), LONG, 'non-resource', 'non-resource'],
    [ask('post /x'), ORDINARY, 'non-resource', 'non-resource'],
    // Discovery answers with objects.
    [ask('get /api'), ORDINARY, 'non-resource', 'yes'],
    [ask('get /api/v1'), ORDINARY, 'non-resource', 'yes'],
    [ask('get /apis/apps/v1'), ORDINARY, 'non-resource', 'yes'],
    [ask('get /openapi/v3'), ORDINARY, 'non-resource', 'non-resource'],
    [ask('list pods.metrics.k8s.io', {aggregated: true}), ORDINARY, 'aggregated', 'aggregated'],
    [ask('create tiers.projectcalico.org', {aggregated: 'likely'}), ORDINARY, 'likely-aggregated', 'likely-aggregated'],
    [ask('create pods', {}, {kind: 'unauthenticated'}), 'ResponseStarted', 'unauthenticated', 'unauthenticated'],
  ];
  for (const [asked, stages, request, response] of rows) {
    it(`${asked.verb} ${JSON.stringify(asked.target)} by ${asked.subject.kind}`, () => {
      const answer = explain(policyOf('{level: RequestResponse}'), asked);
      assert.equal(answer.stages.join(' '), stages);
      assert.deepEqual([word(answer.bodies.request), word(answer.bodies.response)], [request, response]);
    });
  }

  const levels: readonly (readonly [
    rule: string,
    stages: string,
    omitted: string,
    request: string,
    response: string,
  ])[] = [
    ['{level: None}', '', '', 'no-event', 'no-event'],
    ['{level: Metadata}', ORDINARY, '', 'level', 'level'],
    ['{level: Request}', ORDINARY, '', 'yes', 'level'],
    [
      '{level: Request, omitStages: [RequestReceived, ResponseStarted]}',
      'ResponseComplete',
      'RequestReceived',
      'yes',
      'level',
    ],
    [
      '{level: RequestResponse, omitStages: [ResponseComplete]}',
      'RequestReceived',
      'ResponseComplete',
      'stage-omitted',
      'stage-omitted',
    ],
    ['{level: Metadata, omitStages: [ResponseComplete, RequestReceived]}', '', ORDINARY, 'level', 'level'],
  ];
  for (const [rule, stages, omitted, request, response] of levels) {
    it(`create pods under ${rule}`, () => {
      const answer = explain(policyOf(rule), ask('create pods'));
      assert.equal(answer.stages.join(' '), stages);
      assert.equal(answer.omittedStages.join(' '), omitted);
      assert.deepEqual([word(answer.bodies.request), word(answer.bodies.response)], [request, response]);
    });
  }
});

describe('explain', () => {
  it('counts rules from 1 and says which line decides', () => {
    const answer = explain(
      policyOf('{level: None, verbs: [list]}', '{level: Request, omitManagedFields: true}'),
      ask('get pods'),
    );
    assert.deepEqual(answer.rule, {number: 2, line: 5});
    assert.equal(answer.level, 'Request');
    assert.isTrue(answer.omitManagedFields);
    assert.deepEqual(
      answer.passed.map(({rule}) => rule),
      [1],
    );
  });

  it('tells of every rule when none matches', () => {
    const answer = explain(
      policyOf('{level: Request, verbs: [list]}', '{level: Request, verbs: [watch]}'),
      ask('get pods'),
    );
    assert.isUndefined(answer.rule);
    assert.equal(answer.level, 'None');
    assert.deepEqual(
      answer.passed.map(({rule}) => rule),
      [1, 2],
    );
  });

  it('judges by the release', () => {
    const policy = policyOf('{level: Metadata, resources: [{group: "*"}]}');
    assert.equal(explain(policy, ask('get deployments.apps'), parseKubernetesVersion('1.36')).level, 'Metadata');
    assert.equal(explain(policy, ask('get deployments.apps'), parseKubernetesVersion('1.35')).level, 'None');
  });

  it('puts values that no rule names where the question leaves them open', () => {
    const policy = policyOf(
      '{level: Metadata, users: [someone, someone-else], namespaces: [somewhere]}',
      '{level: Request, resources: [{group: "", resources: [pods], resourceNames: [something]}]}',
      '{level: None}',
    );
    const asked = ask('get pods', {namespace: undefined, name: undefined});
    assert.equal(evaluate(policy, attributesOf(asked, policy)).level, 'None');
    const namespace = attributesOf(ask('get namespaces', {namespace: undefined, name: undefined}), policy).target;
    assert(namespace.kind === 'resource');
    assert.equal(namespace.name, namespace.namespace, 'the namespace of a Namespace is its name');
  });
});
