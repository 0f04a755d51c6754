import {assert} from 'chai';
import {askByAttributes, askByUri, subjectOf} from '../../../src/evaluate/request/asked-request.ts';
import {kubernetesResources} from '../../../src/evaluate/request/kubernetes-resources.ts';
import {UsageError} from '../../../src/model/errors.ts';
import type {AskedTarget} from '../../../src/model/explanation.ts';
import {resourceText} from '../../../src/model/resource-names.ts';

describe('the subject of a question', () => {
  const rows: readonly (readonly [string | undefined, string[], name: string | undefined, groups: string[]])[] = [
    [undefined, [], undefined, ['system:authenticated']],
    [undefined, ['dev'], undefined, ['dev', 'system:authenticated']],
    [undefined, ['system:unauthenticated'], undefined, ['system:unauthenticated']],
    ['jane', [], 'jane', ['system:authenticated']],
    ['jane', ['dev', 'system:authenticated'], 'jane', ['dev', 'system:authenticated']],
    ['system:anonymous', [], 'system:anonymous', ['system:unauthenticated']],
    [
      'system:serviceaccount:ci:deployer',
      [],
      'system:serviceaccount:ci:deployer',
      ['system:serviceaccounts', 'system:serviceaccounts:ci', 'system:authenticated'],
    ],
    ['system:serviceaccount:ci', [], 'system:serviceaccount:ci', ['system:authenticated']],
    ['system:node:cp1', [], 'system:node:cp1', ['system:nodes', 'system:authenticated']],
  ];
  for (const [user, given, name, groups] of rows) {
    it(`${user ?? 'nobody named'} with ${given.join(', ') || 'no groups'}`, () => {
      const expected = name === undefined ? {kind: 'anyone', groups} : {kind: 'user', name, groups};
      assert.deepEqual(subjectOf(user, given), expected as ReturnType<typeof subjectOf>);
    });
  }

  it('has no user where authentication fails', () => {
    assert.deepEqual(subjectOf(undefined, [], {unauthenticated: true}), {kind: 'unauthenticated'});
    assert.throws(() => subjectOf('jane', [], {unauthenticated: true}), UsageError);
    assert.throws(() => subjectOf(undefined, ['dev'], {unauthenticated: true}), UsageError);
  });
});

const CONTEXT = {
  subject: subjectOf(undefined, []),
  served: kubernetesResources(),
  defaultNamespace: 'default',
};

/** `pods/exec default/web`; `*` is any. */
function text(target: AskedTarget): string {
  if (target.kind === 'nonResource') return target.path;
  return `${resourceText(target)} ${target.namespace ?? '*'}/${target.name ?? '*'}`;
}

describe('a question by verb and resource', () => {
  const rows: readonly (readonly [question: string, expected: string, remarks: string[]])[] = [
    ['get pods', 'pods default/*', []],
    ['get pods -n prod --name web', 'pods prod/web', []],
    ['get pods/exec', 'pods/exec default/*', []],
    ['create pods/exec --name web', 'pods/exec default/web', []],
    ['list pods', 'pods default/', []],
    ['list pods -A', 'pods /', []],
    ['list pods --name web', 'pods default/web', ['name-as-field-selector']],
    ['create pods --name web', 'pods default/', ['name-without-effect']],
    ['deletecollection pods --name web', 'pods default/', ['name-without-effect']],
    ['get nodes', 'nodes /*', []],
    ['get nodes -n prod', 'nodes /*', ['namespace-without-effect']],
    ['get namespaces', 'namespaces */*', []],
    ['get namespaces --name prod', 'namespaces prod/prod', []],
    ['update namespaces/finalize --name prod', 'namespaces/finalize prod/prod', []],
    ['list namespaces --name prod', 'namespaces /prod', ['name-as-field-selector']],
    ['create namespaces', 'namespaces /', []],
    ['get crontabs.stable.example.com', 'crontabs.stable.example.com */*', ['scope-unknown']],
    ['get crontabs.stable.example.com -n x', 'crontabs.stable.example.com x/*', []],
  ];
  for (const [question, expected, remarks] of rows) {
    it(question, () => {
      const [verb = '', resource = '', ...flags] = question.split(' ');
      const value = (flag: string): string | undefined =>
        flags.includes(flag) ? flags[flags.indexOf(flag) + 1] : undefined;
      const asked = askByAttributes(
        {verb, resource, namespace: value('-n'), allNamespaces: flags.includes('-A'), name: value('--name')},
        CONTEXT,
      );
      assert.equal(asked.request.verb, verb);
      assert.equal(text(asked.request.target), expected);
      assert.deepEqual(
        asked.remarks.map(({code}) => code),
        remarks,
      );
    });
  }

  const refused: readonly (readonly [verb: string, resource: string, allNamespaces: boolean, RegExp])[] = [
    ['GET', 'pods', false, /"GET" is no verb/],
    ['use', 'podsecuritypolicies', false, /"use" is no verb/],
    ['list', 'pods/exec', false, /no request can list pods\/exec/],
    ['delete', 'pods', true, /no request can delete in all namespaces/],
    ['get', 'gizmos', false, /no resource is called/],
  ];
  for (const [verb, resource, allNamespaces, message] of refused) {
    it(`refuses ${verb} ${resource}`, () => {
      const question = {verb, resource, namespace: undefined, allNamespaces, name: undefined};
      assert.throws(() => askByAttributes(question, CONTEXT), UsageError, message);
    });
  }
});

describe('a question by URI', () => {
  const rows: Readonly<Record<string, string>> = {
    '/healthz?verbose': 'get /healthz',
    'GET /api/v1/namespaces/default/pods/web': 'get pods default/web',
    'POST /api/v1/namespaces/default/pods/web/exec?command=sh': 'create pods/exec default/web',
    'GET /apis/apps/v1/deployments?watch=1': 'watch deployments.apps /',
    ' DELETE  /api/v1/namespaces/x ': 'delete namespaces x/x',
  };
  for (const [uri, expected] of Object.entries(rows)) {
    it(uri, () => {
      const {request} = askByUri(uri, CONTEXT);
      assert.equal(`${request.verb} ${text(request.target)}`, expected);
    });
  }

  it('refuses what the API server refuses before the policy is asked', () => {
    assert.throws(() => askByUri('GET api/v1', CONTEXT), UsageError, /nothing is recorded/);
  });

  it('knows what other API servers usually answer', () => {
    const {target} = askByUri('/apis/metrics.k8s.io/v1beta1/nodes', CONTEXT).request;
    assert(target.kind === 'resource');
    assert.equal(target.aggregated, 'likely');
  });
});
