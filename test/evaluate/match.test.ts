import {assert} from 'chai';
import {evaluate, pathMatches, ruleMatches, unionStages} from '../../src/evaluate/match.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import {ANY_RULE} from '../../src/model/policy.ts';
import type {AuditPolicy, PolicyRule} from '../../src/model/policy.ts';
import type {RequestAttributes} from '../../src/model/request.ts';

const RULE: PolicyRule = {...ANY_RULE, level: 'Metadata'};
const rule = (parts: Partial<PolicyRule>): PolicyRule => ({...RULE, ...parts});
const policy = (...rules: PolicyRule[]): AuditPolicy => ({omitStages: [], omitManagedFields: false, rules});
const of = (group: string, resources: string[] = [], resourceNames: string[] = []) => ({
  group,
  resources,
  resourceNames,
});

const user = {name: 'tim', groups: ['humans', 'system:authenticated']};
const resource = (group: string, name: string, more: Record<string, string> = {}): RequestAttributes => {
  const [main = '', subresource = ''] = name.split('/');
  return {
    user,
    verb: 'get',
    target: {kind: 'resource', group, resource: main, subresource, namespace: 'default', name: 'busybox', ...more},
  };
};

/** Requests and rules by name, as in the server's own checker_test.go. */
const requests: Readonly<Record<string, RequestAttributes>> = {
  pod: resource('', 'pods'),
  podLog: resource('', 'pods/log'),
  node: resource('', 'nodes', {namespace: '', name: 'n'}),
  listAll: {...resource('', 'pods', {namespace: '', name: ''}), verb: 'list'},
  role: resource('rbac.authorization.k8s.io', 'clusterroles', {namespace: '', name: 'edit'}),
  healthz: {user, verb: 'get', target: {kind: 'nonResource', path: '/healthz'}},
  unauthenticated: {...resource('', 'pods'), user: undefined},
};
const rules: Readonly<Record<string, PolicyRule>> = {
  all: rule({}),
  tim: rule({users: ['tim']}),
  humans: rule({userGroups: ['robots', 'humans']}),
  starUser: rule({users: ['*']}),
  get: rule({verbs: ['get']}),
  starVerb: rule({verbs: ['*']}),
  core: rule({resources: [of('')]}),
  pods: rule({resources: [of('', ['pods'])]}),
  podsAll: rule({resources: [of('', ['pods/*'])]}),
  logs: rule({resources: [of('', ['*/log'])]}),
  everyCore: rule({resources: [of('', ['*'])]}),
  starStar: rule({resources: [of('', ['*/*'])]}),
  busybox: rule({resources: [of('', ['pods'], ['busybox'])]}),
  nameless: rule({resources: [of('', ['*'], [''])]}),
  anyGroup: rule({resources: [of('*')]}),
  inDefault: rule({namespaces: ['default']}),
  clusterScoped: rule({namespaces: ['']}),
  urls: rule({nonResourceURLs: ['/healthz*']}),
};

/** Which rules match which request, and no others. */
const table: Readonly<Record<string, string>> = {
  pod: 'all tim humans get core pods podsAll everyCore busybox anyGroup inDefault',
  podLog: 'all tim humans get core podsAll logs everyCore anyGroup inDefault',
  node: 'all tim humans get core everyCore anyGroup clusterScoped',
  listAll: 'all tim humans core pods podsAll everyCore nameless anyGroup clusterScoped',
  role: 'all tim humans get anyGroup clusterScoped',
  healthz: 'all tim humans get urls',
  unauthenticated: 'all get core pods podsAll everyCore busybox anyGroup inDefault',
};

describe('ruleMatches', () => {
  for (const [name, expected] of Object.entries(table)) {
    it(`${name}: ${expected}`, () => {
      const request = requests[name];
      assert(request !== undefined);
      const matching = Object.keys(rules).filter((each) => ruleMatches(rules[each] ?? RULE, request));
      assert.equal(matching.join(' '), expected);
    });
  }

  it('takes the group * for a wildcard from 1.36 on only', () => {
    const request = resource('apps', 'deployments');
    const anyGroup = rule({resources: [of('*')]});
    const matches = ['1.35', '1.36'].map((version) => ruleMatches(anyGroup, request, parseKubernetesVersion(version)));
    assert.deepEqual(matches, [false, true]);
  });
});

describe('pathMatches', () => {
  const rows: readonly (readonly [path: string, spec: string, expected: boolean])[] = [
    ['/healthz', '/healthz', true],
    ['/healthz/', '/healthz', false],
    ['/healthzzz', '/healthz*', true],
    ['/livez', '/livez/*', false],
    ['', '*', true],
    ['/a', '**', true],
    ['/a', '/*', true],
    ['a', '/*', false],
  ];
  for (const [path, spec, expected] of rows) {
    it(`${path} ${expected ? 'matches' : 'does not match'} ${spec}`, () =>
      assert.equal(pathMatches(path, spec), expected));
  }
});

describe('evaluate', () => {
  const pod = resource('', 'pods');

  it('takes the first rule that matches, whatever its level', () => {
    const decision = evaluate(
      policy(rule({users: ['x']}), rule({level: 'None'}), rule({level: 'RequestResponse'})),
      pod,
    );
    assert.deepEqual(decision, {level: 'None', omitStages: [], omitManagedFields: false, rule: 1});
  });

  it('answers None with the policy’s own settings when no rule matches', () => {
    const decision = evaluate({omitStages: ['Panic'], omitManagedFields: true, rules: [rule({users: ['x']})]}, pod);
    assert.deepEqual(decision, {level: 'None', omitStages: ['Panic'], omitManagedFields: true, rule: undefined});
  });

  it('unites stages and lets the rule decide on managed fields', () => {
    const deciding = rule({omitStages: ['Panic', 'RequestReceived'], omitManagedFields: false});
    const decision = evaluate(
      {omitStages: ['ResponseStarted', 'Panic'], omitManagedFields: true, rules: [deciding]},
      pod,
    );
    assert.deepEqual(decision, {
      level: 'Metadata',
      omitStages: ['RequestReceived', 'ResponseStarted', 'Panic'],
      omitManagedFields: false,
      rule: 0,
    });
  });

  it('lists each stage once', () => {
    assert.deepEqual(unionStages(['Panic', 'Panic'], ['Panic']), ['Panic']);
  });
});
