/** Which rules are reached, against a search through every request of a grid. */
import {expect} from 'chai';
import {RequestSpace} from '../../../src/evaluate/lint/reach.ts';
import type {Reach} from '../../../src/evaluate/lint/reach.ts';
import {ruleMatcher} from '../../../src/evaluate/match.ts';
import {canExist, wellKnownTraits} from '../../../src/evaluate/request/request-classes.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import {ANY_RULE} from '../../../src/model/policy.ts';
import type {AuditPolicy, PolicyRule} from '../../../src/model/policy.ts';
import type {RequestAttributes} from '../../../src/model/request.ts';

function policyOf(...rules: readonly Partial<PolicyRule>[]): AuditPolicy {
  return {omitStages: [], omitManagedFields: false, rules: rules.map((rule) => ({...ANY_RULE, ...rule}))};
}

function reachOf(policy: AuditPolicy, index: number): Reach {
  return new RequestSpace(policy, undefined, wellKnownTraits).reach(index);
}

const core = (...resources: string[]) => [{group: '', resources, resourceNames: []}];

function covered(...by: number[]): object {
  return {kind: 'covered', by};
}

function many(word: string): string[] {
  return Array.from({length: 100}, (_, index) => `${word}${index}`);
}

describe('reach of a rule', () => {
  const table: readonly (readonly [about: string, rules: readonly Partial<PolicyRule>[], expected: object])[] = [
    ['after a rule for everything', [{}, {verbs: ['get']}], covered(0)],
    [
      'after rules that together take everything',
      [{verbs: ['get']}, {verbs: ['create']}, {verbs: ['get', 'create']}],
      covered(0, 1),
    ],
    [
      'the earliest single rule is named',
      [{resources: core('pods')}, {resources: core('*')}, {}, {resources: core('pods')}],
      covered(0),
    ],
    [
      'a rule that adds nothing to the cover is not named',
      [{users: ['a']}, {verbs: ['get']}, {verbs: ['create']}, {verbs: ['get', 'create']}],
      covered(1, 2),
    ],
    ['a wider rule after a narrower one', [{verbs: ['get']}, {}], {kind: 'reached'}],
    ['pods/* takes pods', [{resources: core('pods/*')}, {resources: core('pods', 'pods/exec')}], covered(0)],
    ['pods does not take pods/exec', [{resources: core('pods')}, {resources: core('pods/exec')}], {kind: 'reached'}],
    [
      'no group is the core group alone',
      [{resources: core('*')}, {resources: [{group: 'apps', resources: [], resourceNames: []}]}],
      {kind: 'reached'},
    ],
    [
      'the group * takes every group',
      [{resources: [{group: '*', resources: [], resourceNames: []}]}, {resources: core('pods')}],
      covered(0),
    ],
    [
      'names do not take the nameless',
      [{resources: [{group: '', resources: ['pods'], resourceNames: ['x']}]}, {resources: core('pods')}],
      {kind: 'reached'},
    ],
    [
      'a name and creation exclude one another',
      [{verbs: ['create'], resources: [{group: '', resources: ['pods'], resourceNames: ['x']}]}],
      {kind: 'matches-nothing'},
    ],
    ['a node has no namespace', [{namespaces: ['kube-system'], resources: core('nodes')}], {kind: 'matches-nothing'}],
    ['a Namespace is in itself', [{namespaces: ['x'], resources: core('namespaces')}], {kind: 'reached'}],
    [
      'a Namespace of another name is not',
      [{namespaces: ['x'], resources: [{group: '', resources: ['namespaces'], resourceNames: ['y']}]}],
      {kind: 'matches-nothing'},
    ],
    ['verbs know no wildcard', [{verbs: ['*']}], {kind: 'matches-nothing'}],
    ['neither do pairs', [{resources: core('*/*')}], {kind: 'matches-nothing'}],
    [
      'every user is authenticated or anonymous, but a failed login has none',
      [{userGroups: ['system:authenticated', 'system:unauthenticated']}, {}],
      {kind: 'reached'},
    ],
    [
      'everybody is in system:authenticated',
      [{userGroups: ['system:authenticated']}, {userGroups: ['developers']}],
      covered(0),
    ],
    ['a group does not take its users by name', [{userGroups: ['developers']}, {users: ['jane']}], {kind: 'reached'}],
    ['a path of a resource is none', [{nonResourceURLs: ['/api/v1/pods']}], {kind: 'matches-nothing'}],
    [
      'a prefix takes longer paths',
      [{nonResourceURLs: ['/healthz*']}, {nonResourceURLs: ['/healthz/etcd']}],
      covered(0),
    ],
    [
      'a rule for resources does not take paths',
      [{resources: [{group: '*', resources: [], resourceNames: []}]}, {nonResourceURLs: ['/metrics']}],
      {kind: 'reached'},
    ],
    [
      'a rule for a namespace does not take paths',
      [{namespaces: ['']}, {nonResourceURLs: ['/metrics']}],
      {kind: 'reached'},
    ],
  ];
  for (const [about, rules, expected] of table) {
    it(about, () => {
      expect(reachOf(policyOf(...rules), rules.length - 1)).to.deep.include(expected);
    });
  }

  it('believes that service accounts hold their groups, when asked to', () => {
    const policy = policyOf(
      {userGroups: ['system:serviceaccounts:web']},
      {users: ['system:serviceaccount:web:builder']},
    );
    const space = new RequestSpace(policy, undefined, wellKnownTraits);
    expect(space.reach(1).kind).to.equal('reached');
    expect(space.reach(1, {serviceAccountsHoldTheirGroups: true})).to.deep.include(covered(0));
  });

  it('is judged for the release: before 1.36 the group * is none', () => {
    const policy = policyOf({resources: [{group: '*', resources: [], resourceNames: []}]}, {resources: core('pods')});
    const space = new RequestSpace(policy, parseKubernetesVersion('1.35'), wellKnownTraits);
    expect(space.reach(1).kind).to.equal('reached');
  });

  it('can be asked for some requests only', () => {
    const policy = policyOf({resources: core('secrets')}, {});
    const space = new RequestSpace(policy, undefined, wellKnownTraits);
    const of = (resource: string) => space.reach(1, {resources: [{group: '', resource, subresource: ''}]}).kind;
    expect([of('secrets'), of('configmaps')]).to.deep.equal(['covered', 'reached']);
  });

  it('ends on rules of many combinations', () => {
    const all: Partial<PolicyRule> = {users: many('u'), namespaces: many('n'), verbs: ['get']};
    const rest = many('u').map((user, index) => ({users: [user], namespaces: many('n').toSpliced(index, 1)}));
    const own = many('').map((_, index) => ({users: [`u${index}`], namespaces: [`n${index}`], verbs: ['get']}));
    const policy = policyOf(...own, ...rest, all);
    expect(reachOf(policy, policy.rules.length - 1).kind).to.be.oneOf(['covered', 'undecided']);
  });
});

/** Every request of a small world: the constants of the random policies below, and values that they never name. */
const GRID: readonly RequestAttributes[] = [...gridRequests()];

function* gridRequests(): Generator<RequestAttributes> {
  const users: readonly RequestAttributes['user'][] = [
    undefined,
    {name: 'system:anonymous', groups: ['system:unauthenticated']},
    ...['a', 'other'].flatMap((name) =>
      [[], ['g'], ['h']].map((groups) => ({name, groups: [...groups, 'system:authenticated']})),
    ),
  ];
  for (const user of users) {
    for (const verb of ['get', 'list', 'create', 'update', 'watch', 'delete', 'deletecollection', '']) {
      for (const group of ['', 'other.example.com', 'unnamed.example.com']) {
        for (const resource of ['pods', 'nodes', 'namespaces', 'others']) {
          for (const subresource of ['', 'exec', 'other']) {
            for (const namespace of ['n', '', 'other']) {
              for (const name of ['n', '', 'other']) {
                const request = {
                  user,
                  verb,
                  target: {kind: 'resource' as const, group, resource, subresource, namespace, name},
                };
                if (canExist(verb, request.target)) yield request;
              }
            }
          }
        }
      }
    }
    for (const verb of ['get', 'post', 'head']) {
      for (const path of ['/healthz', '/healthz/', '/healthzz', '/api', '/api/v1', '/api/v1//', '/version', '/other']) {
        yield {user, verb, target: {kind: 'nonResource', path}};
      }
    }
  }
}

/** Numbers that look random, the same in each run. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

function randomPolicy(random: () => number): AuditPolicy {
  const some = (values: readonly string[], chance: number): string[] =>
    random() < chance ? values.filter(() => random() < 0.4) : [];
  const entry = () => ({
    group: random() < 0.1 ? '*' : random() < 0.8 ? '' : 'other.example.com',
    resources: some(['pods', 'pods/exec', 'pods/*', '*', '*/exec', '*/*', 'nodes', 'namespaces'], 0.8),
    resourceNames: [] as string[],
  });
  const withNames = (made: ReturnType<typeof entry>) =>
    made.resources.length === 0 ? made : {...made, resourceNames: some(['n', ''], 0.3)};
  const rule = (): Partial<PolicyRule> => {
    const forPaths = random() < 0.2;
    return {
      users: some(['a', 'system:anonymous'], 0.3),
      userGroups: some(['g', 'h', 'system:authenticated', 'system:unauthenticated'], 0.3),
      verbs: some(['get', 'list', 'create', 'update', '*', 'post'], 0.4),
      resources: forPaths ? [] : Array.from({length: Math.floor(random() * 3)}, () => withNames(entry())),
      namespaces: forPaths ? [] : some(['n', ''], 0.3),
      nonResourceURLs: forPaths ? some(['/healthz', '/healthz*', '/api/v1/*', '/api*', '*'], 0.9) : [],
    };
  };
  return policyOf(...Array.from({length: 2 + Math.floor(random() * 4)}, rule));
}

const POLICIES = Number(process.env['LINT_POLICIES'] ?? 100);
const SEED = Number(process.env['LINT_SEED'] ?? 4);

describe('reach of rules, against every request of a grid', () => {
  // Verbs that no random policy names are all in the grid, since resources differ in those that they offer.
  it(`agrees on ${POLICIES} random policies`, () => {
    const random = generator(SEED);
    const kinds = new Map<string, number>();
    for (let run = 0; run < POLICIES; run += 1) {
      const policy = randomPolicy(random);
      const space = new RequestSpace(policy, undefined, wellKnownTraits);
      const matching = policy.rules.map((rule) => GRID.filter(ruleMatcher(rule)));
      for (const [index, requests] of matching.entries()) {
        const earlier = policy.rules.slice(0, index).map((rule) => ruleMatcher(rule));
        const left = requests.filter((request) => !earlier.some((isMatched) => isMatched(request)));
        const expected = requests.length === 0 ? 'matches-nothing' : left.length === 0 ? 'covered' : 'reached';
        const actual = space.reach(index);
        const shown = JSON.stringify({rules: policy.rules.slice(0, index + 1), left: left[0], actual});
        expect(actual.kind, shown).to.equal(expected);
        kinds.set(expected, (kinds.get(expected) ?? 0) + 1);
        if (actual.kind !== 'covered') continue;
        const takes = (by: readonly number[]): boolean => {
          const takers = by.map((other) => ruleMatcher(policy.rules[other]!));
          return requests.every((request) => takers.some((isTaken) => isTaken(request)));
        };
        expect(takes(actual.by), shown).to.equal(true);
        for (const one of actual.by) {
          if (actual.by.length > 1) expect(takes(actual.by.filter((other) => other !== one)), shown).to.equal(false);
        }
      }
    }
    for (const kind of ['reached', 'covered', 'matches-nothing']) expect(kinds.get(kind)).to.be.greaterThan(20);
  });
});
