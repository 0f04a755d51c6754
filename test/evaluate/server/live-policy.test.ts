import {assert} from 'chai';
import {policiesInForce} from '../../../src/evaluate/server/live-policy.ts';
import {absent, seen, unknown} from '../../../src/model/fact.ts';
import type {ClusterFacts, ProcessFacts, ServerFacts} from '../../../src/model/facts.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import type {PolicyInForce} from '../../../src/model/server-policy.ts';

const nobody = unknown<never>({kind: 'not-tried', reason: 'a test'});
const FILE = {text: 'x', from: 'node', modified: 1000, sha256: 'a'.repeat(64)};
const FLAGS = ['--audit-policy-file=/etc/p.yaml', '--audit-log-path=/var/log/a.log'];
const PROCESS: ProcessFacts = {
  metrics: {
    levelTotal: {Metadata: 1},
    eventTotal: 1,
    errorTotal: {},
    requestsRejectedTotal: 0,
    processStartTimeSeconds: 2000,
  },
  version: 'v1.33.1',
  via: 'endpoint',
};

function server(flags: readonly string[], more: Partial<ServerFacts> = {}): ServerFacts {
  return {
    flagsFrom: 'mirror-pod',
    node: 'cp1',
    file: undefined,
    pod: {
      metadata: {name: 'kube-apiserver-cp1', namespace: 'kube-system'},
      spec: {nodeName: 'cp1', containers: [{name: 'kube-apiserver', command: ['kube-apiserver', ...flags]}]},
    },
    kubeletHash: nobody,
    process: seen(PROCESS, 'GET /metrics'),
    flagz: nobody,
    policy: seen(FILE, 'read'),
    webhookConfig: nobody,
    webhookUnreachable: nobody,
    strayManifests: nobody,
    ...more,
  };
}

function inForce(facts: ServerFacts): PolicyInForce {
  const cluster = {servers: [facts], version: 'v1.34.4'} as unknown as ClusterFacts;
  const [first] = policiesInForce(cluster);
  assert(first !== undefined);
  return first.policy;
}

/** `read`, or the code of the finding that says why not. */
function outcome(policy: PolicyInForce): string {
  if (policy.kind !== 'read') return `${policy.kind}: ${policy.because.code}`;
  return ['read', ...policy.problems.map(({code}) => code)].join(': ');
}

const audits = (yes: boolean) =>
  seen({...PROCESS, metrics: {...PROCESS.metrics, levelTotal: yes ? {} : undefined}}, 'GET /metrics');

describe('the policy in force', () => {
  const rows: Readonly<Record<string, readonly [ServerFacts, string]>> = {
    'a file older than the process': [server(FLAGS), 'read'],
    'a file whose age is not known': [server(FLAGS, {policy: seen({...FILE, modified: undefined}, 'x')}), 'read'],
    'a process that was not asked': [server(FLAGS, {process: nobody}), 'read'],
    'a file that was changed after the start': [
      server(FLAGS, {policy: seen({...FILE, modified: 3000}, 'x')}),
      'unknown: policy-stale',
    ],
    'a file that could not be read': [server(FLAGS, {policy: nobody}), 'unknown: policy-unread'],
    'a file that is not there': [server(FLAGS, {policy: absent('x')}), 'unknown: policy-missing'],
    'no backend': [server(FLAGS.slice(0, 1), {process: audits(false)}), 'read: policy-without-backend'],
    'a process that does not audit': [server(FLAGS, {process: audits(false)}), 'read: runtime-off'],
    'no audit flag': [server([], {process: audits(false)}), 'none: auditing-off'],
    'a log without a policy': [server(FLAGS.slice(1), {process: audits(false)}), 'none: log-without-policy'],
    'no audit flag, and a process that audits': [server([]), 'unknown: mirror-stale'],
    'another policy by the process': [
      server(FLAGS, {flagz: seen(new Map([['audit-policy-file', '/other.yaml']]), 'x')}),
      'unknown: flagz-differs',
    ],
    'another log by the process': [server(FLAGS, {flagz: seen(new Map([['audit-log-path', '/b']]), 'x')}), 'read'],
    'a pod that runs no API server': [
      server([], {
        pod: {metadata: {name: 'x'}, spec: {containers: [{name: 'kube-apiserver', command: ['sleep', '1']}]}},
      }),
      'unknown: command-not-understood',
    ],
  };
  for (const [name, [facts, expected]] of Object.entries(rows)) {
    it(`${name}: ${expected}`, () => assert.equal(outcome(inForce(facts)), expected));
  }

  it('takes the version of the process, then the one that is given, then the cluster’s', () => {
    const cluster = {
      servers: [server(FLAGS), server(FLAGS, {process: nobody})],
      version: 'v1.34.4',
    } as unknown as ClusterFacts;
    const versions = (given: string | undefined) =>
      policiesInForce(cluster, given === undefined ? undefined : parseKubernetesVersion(given)).map(
        ({version}) => version?.text,
      );
    assert.deepEqual(versions(undefined), ['v1.33.1', 'v1.34.4']);
    assert.deepEqual(versions('1.30'), ['v1.33.1', '1.30']);
  });
});
