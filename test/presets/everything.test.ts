import {assert} from 'chai';
import {coverage} from '../../src/evaluate/coverage/coverage.ts';
import {evaluate, policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {ANY_RULE, atLeast} from '../../src/model/policy.ts';
import type {AuditPolicy, Level} from '../../src/model/policy.ts';
import type {Requirement} from '../../src/model/requirement.ts';
import {REQUESTS, canExist, generator, randomPolicy} from '../plan/random-policies.ts';

function everything(level: Level): Requirement {
  return {id: 'all', level: 'must', title: 'all', requests: [{kind: 'everything'}], atLeast: level, reason: ''};
}

function policyOf(rules: string): AuditPolicy {
  const loaded = loadPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${rules}`, {serverVersion: undefined});
  assert(loaded.kind === 'loaded');
  return loaded.policy;
}

describe('coverage of every request', () => {
  const rows: readonly (readonly [name: string, rules: string, expected: string[]])[] = [
    ['the sample', 'rules: [{level: RequestResponse}]', []],
    [
      'Metadata',
      'rules: [{level: Metadata}]',
      ['every request for any resource by anyone', 'every request for any path by anyone'],
    ],
    [
      'one verb is missing',
      'rules: [{level: Metadata, verbs: [list]}, {level: RequestResponse}]',
      ['list any resource by anyone'],
    ],
    [
      'resources alone',
      'rules: [{level: RequestResponse, namespaces: [""]}, {level: RequestResponse, resources: [{group: "*"}]}]',
      ['every request for any path by anyone'],
    ],
    [
      'named resources, one failure for the rule that decides them',
      'rules: [{level: None, verbs: [get], resources: [{group: "", resources: [events, nodes]}]}, {level: RequestResponse}]',
      ['get events by anyone, and 1 more request like it'],
    ],
    [
      'a subresource of any resource',
      'rules: [{level: Metadata, verbs: [get], resources: [{group: apps, resources: ["*/scale"]}]}, {level: RequestResponse}]',
      ['get anything.apps/scale by anyone'],
    ],
    [
      'every subresource of one resource',
      'rules: [{level: Metadata, verbs: [get], resources: [{group: "", resources: ["pods/*"]}]}, {level: RequestResponse}]',
      ['get pods by anyone, and 1 more request like it'],
    ],
    [
      'a path that is one of discovery, and all that goes on from it one of resources',
      'rules: [{level: None, nonResourceURLs: ["/apis/apps/v1/*"]}, {level: RequestResponse}]',
      ['get /apis/apps/v1/ by anyone, and 9 more requests like it'],
    ],
    [
      'paths of resources are no paths',
      'rules: [{level: None, nonResourceURLs: ["/apis/apps/v1/deployments*"]}, {level: RequestResponse}]',
      [],
    ],
    [
      'a user',
      'rules: [{level: None, users: [eve]}, {level: RequestResponse}]',
      ['every request for any resource by eve', 'every request for any path by eve'],
    ],
  ];
  for (const [name, rules, expected] of rows) {
    it(name, () => {
      const [result] = coverage(policyOf(rules), [everything('RequestResponse')], undefined);
      assert.deepEqual(
        result?.failures.map(({text}) => text),
        expected,
      );
      assert.equal(result?.met, expected.length === 0);
    });
  }

  it('agrees with brute force on random policies', () => {
    const random = generator(20_261_123);
    const met = new Set<boolean>();
    for (let round = 0; round < 400; round += 1) {
      const policy = randomPolicy(random);
      // Without a last rule hardly any policy records everything.
      if (random() < 0.7)
        policy.rules.filter(({level}) => level === 'None').forEach((rule) => Object.assign(rule, {level: 'Metadata'}));
      const full: AuditPolicy = {...policy, omitStages: [], rules: [...policy.rules, {...LAST}]};
      const [result] = coverage(full, [everything('Metadata')], undefined);
      const decide = policyRuleEvaluator(full);
      const isRecorded = (request: (typeof REQUESTS)[number]): boolean => {
        const {level, omitStages} = decide(request);
        return atLeast(level, 'Metadata') && !omitStages.includes('ResponseComplete');
      };
      const bad = REQUESTS.filter((request) => canExist(request) && !isRecorded(request));
      // Brute force knows a part of the requests only: what it finds must be found, and what is found must be true.
      if (bad.length > 0) assert.equal(result?.met, false, JSON.stringify({full, bad: bad[0]}));
      for (const {example} of result?.failures ?? []) {
        const {level, omitStages} = evaluate(full, example);
        assert.isTrue(!atLeast(level, 'Metadata') || omitStages.includes('ResponseComplete'), JSON.stringify(example));
      }
      met.add(result?.met === true);
    }
    assert.equal(met.size, 2, 'some are met, some are not');
  }).timeout(30_000);
});

const LAST = {...ANY_RULE, level: 'Metadata'} as const;
