import {assert} from 'chai';
import {kubernetesResources} from '../../src/evaluate/request/kubernetes-resources.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {testPolicy} from '../../src/evaluate/policy-test.ts';
import {UsageError} from '../../src/model/errors.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import {parsePolicyExpectations} from '../../src/model/policy-expectations.ts';
import type {TestedCase} from '../../src/model/policy-test-report.ts';

const POLICY = `apiVersion: audit.k8s.io/v1
kind: Policy
rules:
  - level: Request
    verbs: [create]
    resources: [{group: "", resources: [pods/exec]}]
  - level: Metadata
    omitManagedFields: true
    resources: [{group: "", resources: [pods]}]
  - level: RequestResponse
    omitStages: [RequestReceived, ResponseStarted, ResponseComplete]
    resources: [{group: "", resources: [secrets]}]
  - level: Metadata
    resources: [{group: "*", resources: [deployments]}]
  - level: None
    resources: [{group: batch}]
`;

function outcomes(cases: readonly string[], version?: string): TestedCase[] {
  const loaded = loadPolicy(POLICY, {serverVersion: undefined});
  assert(loaded.kind === 'loaded');
  const text = `apiVersion: kubectl-audit/v1alpha1\nkind: PolicyExpectations\ncases:\n${cases.map((item) => `  - ${item}\n`).join('')}`;
  return testPolicy(parsePolicyExpectations(text, 'f').cases, {
    file: 'f',
    policy: loaded.policy,
    serverVersion: version === undefined ? undefined : parseKubernetesVersion(version),
    served: kubernetesResources(),
  });
}

describe('a policy held against expectations', () => {
  const PODS = 'request: {verb: get, resource: pods}';
  /** What fails of each case, request by request. */
  const cases: Readonly<Record<string, readonly (readonly string[])[]>> = {
    [`{${PODS}, expect: {level: Metadata}}`]: [[]],
    [`{${PODS}, expect: {level: Request}}`]: [['level']],
    [`{${PODS}, expect: {atLeast: Metadata, atMost: Metadata}}`]: [[]],
    [`{${PODS}, expect: {atLeast: Request}}`]: [['level']],
    [`{${PODS}, expect: {atMost: None}}`]: [['level']],
    [`{${PODS}, expect: {stages: [ResponseComplete, RequestReceived]}}`]: [[]],
    [`{${PODS}, expect: {stages: [ResponseComplete]}}`]: [['stages']],
    [`{${PODS}, expect: {stages: [RequestReceived, ResponseComplete, Panic]}}`]: [['stages']],
    [`{${PODS}, expect: {rule: 2}}`]: [[]],
    [`{${PODS}, expect: {rule: 1}}`]: [['rule']],
    [`{${PODS}, expect: {rule: none}}`]: [['rule']],
    [`{${PODS}, expect: {omitManagedFields: true}}`]: [[]],
    [`{${PODS}, expect: {omitManagedFields: false}}`]: [['omitManagedFields']],
    [`{${PODS}, expect: {level: None, stages: [], rule: 9, omitManagedFields: false}}`]: [
      ['level', 'stages', 'rule', 'omitManagedFields'],
    ],
    // All stages are omitted: nothing is recorded, whatever the level.
    '{request: {verb: get, resource: secrets}, expect: {atLeast: Metadata, rule: 3}}': [['level']],
    '{request: {verb: get, resource: secrets}, expect: {level: None, stages: []}}': [[]],
    '{request: {verb: get, resource: nodes}, expect: {level: None, rule: none}}': [[]],
    '{request: {uri: POST /api/v1/namespaces/x/pods/y/exec}, expect: {rule: 1}}': [[]],
    // Both requests of exec are meant, and not the lookup of the pod.
    '{request: {kubectl: exec web}, expect: {atLeast: Metadata}}': [['level'], []],
    '{request: {kubectl: exec web}, expect: {atMost: Request}}': [[], []],
    '{request: {kubectl: delete jobs/x}, expect: {level: None, rule: 5}}': [[]],
  };
  for (const [text, failed] of Object.entries(cases)) {
    it(text, () => {
      const [outcome] = outcomes([text]);
      assert.deepEqual(
        outcome?.requests.map((request) => [...request.failed]),
        failed.map((aspects) => [...aspects]),
      );
      assert.equal(
        outcome?.holds,
        failed.every((aspects) => aspects.length === 0),
      );
    });
  }

  it('judges by the release', () => {
    const text = '{request: {verb: get, resource: deploy}, expect: {rule: 4}}';
    assert.deepEqual([outcomes([text], '1.36')[0]?.holds, outcomes([text], '1.35')[0]?.holds], [true, false]);
  });

  for (const request of [
    '{verb: GET, resource: pods}',
    '{verb: get, resource: gizmos}',
    '{uri: x}',
    '{kubectl: frobnicate}',
  ]) {
    it(`refuses ${request} with its line`, () => {
      const second = `{request: ${request}, expect: {rule: 1}}`;
      assert.throws(() => outcomes([`{${PODS}, expect: {rule: 1}}`, second]), UsageError, /^f:5: /);
    });
  }
});
