import {assert} from 'chai';
import {
  canExist,
  isLongRunning,
  isNonResourcePath,
  possibleStages,
  recordsManagedFields,
} from '../../../src/evaluate/request/request-classes.ts';
import {requestFromHttp} from '../../../src/evaluate/request/request-info.ts';
import type {RequestAttributes} from '../../../src/model/request.ts';

/** The request as the API server resolves it. */
function resolved(method: string, uri: string): Pick<RequestAttributes, 'verb' | 'target'> & {longRunning: boolean} {
  const request = requestFromHttp(method, uri);
  assert(request.kind === 'request');
  return request;
}

const POD = '/api/v1/namespaces/prod/pods/web';

describe('requests that can exist', () => {
  const rows: readonly (readonly [method: string, uri: string, expected: boolean])[] = [
    ['GET', POD, true],
    ['GET', '/api/v1/pods', true],
    ['GET', '/api/v1/namespaces/prod/pods?fieldSelector=metadata.name%3Dweb', true],
    ['GET', '/api/v1/watch/namespaces/prod/pods/web', true],
    ['POST', '/api/v1/namespaces/prod/pods', true],
    ['POST', POD, false],
    ['POST', '/api/v1/pods', false],
    ['DELETE', '/api/v1/namespaces/prod/pods', true],
    ['DELETE', '/api/v1/pods', false],
    ['POST', `${POD}/exec`, true],
    ['DELETE', `${POD}/exec`, false],
    ['OPTIONS', `${POD}/proxy`, true],
    ['OPTIONS', POD, false],
    ['GET', '/api/v1/proxy/namespaces/prod/pods/web', false],
    ['GET', '/api/v1/nodes/n1', true],
    ['GET', '/api/v1/namespaces/prod/nodes/n1', false],
    ['GET', '/api/v1/namespaces', true],
    ['GET', '/api/v1/namespaces/prod', true],
    ['GET', '/api/v1/watch/namespaces/prod', true],
    ['PUT', '/api/v1/namespaces/prod/finalize', true],
    ['POST', '/api/v1/namespaces', true],
    ['DELETE', '/api/v1/namespaces', false],
    ['POST', '/apis/authentication.k8s.io/v1/tokenreviews', true],
    ['GET', '/apis/authentication.k8s.io/v1/tokenreviews', false],
    ['GET', '/apis/example.com/v1/widgets/a', true],
    ['GET', '/apis/example.com/v1/namespaces/prod/widgets/a/scale', true],
  ];
  for (const [method, uri, expected] of rows) {
    it(`${method} ${uri}`, () => {
      const {verb, target, longRunning} = resolved(method, uri);
      assert(target.kind === 'resource');
      assert.equal(canExist(verb, target), expected);
      assert.equal(isLongRunning(verb, target), longRunning);
    });
  }

  it('lets an aggregated API server have any verb, and another what it says', () => {
    const target = {group: 'example.com', resource: 'reviews', subresource: '', namespace: '', name: 'a'};
    const traits = {verbs: ['create'], scope: 'cluster'} as const;
    assert.isTrue(canExist('get', target, {...traits, aggregated: true}));
    assert.isFalse(canExist('get', target, {...traits, aggregated: false}));
  });
});

describe('paths that no resource request has', () => {
  const paths = [
    '',
    '/',
    '/api',
    '/api/v1',
    '/api/v1/',
    '/api/v1//',
    '/api/v1/pods',
    '/apis/apps/v1',
    '/apis/apps/v1/x',
    '/apis//v1/x',
    '/x/y/z/z',
  ];
  for (const path of paths) {
    it(`"${path}" as the API server resolves it`, () => {
      const {target} = resolved('GET', path === '' ? 'http://example.com' : path);
      assert.equal(isNonResourcePath(path), target.kind === 'nonResource');
    });
  }

  it('is quick with many slashes', () => {
    assert.isTrue(isNonResourcePath(`${'/'.repeat(500_000)}x`));
  });
});

const EVE = {name: 'eve', groups: []};

describe('what can be recorded of a request', () => {
  it('is at ResponseStarted for long-running requests, and at nothing else for failed authentication', () => {
    assert.deepEqual(possibleStages({user: EVE, ...resolved('GET', POD)}), [
      'RequestReceived',
      'ResponseComplete',
      'Panic',
    ]);
    assert.include(possibleStages({user: EVE, ...resolved('GET', `${POD}/log`)}), 'ResponseStarted');
    assert.include(possibleStages({user: EVE, ...resolved('GET', '/debug/pprof/heap')}), 'ResponseStarted');
    assert.deepEqual(possibleStages({user: undefined, ...resolved('GET', POD)}), ['ResponseStarted']);
  });

  const rows: readonly (readonly [method: string, uri: string, request: boolean, response: boolean])[] = [
    ['GET', POD, false, true],
    ['PUT', POD, true, true],
    ['PATCH', POD, false, true],
    ['DELETE', POD, false, true],
    ['GET', '/api/v1/pods?watch=1', false, false],
    ['POST', `${POD}/exec`, false, false],
    ['GET', '/version', false, false],
  ];
  for (const [method, uri, request, response] of rows) {
    it(`managed fields: ${method} ${uri}`, () => {
      const {verb, target} = resolved(method, uri);
      assert.equal(recordsManagedFields('Request', verb, target), request);
      assert.equal(recordsManagedFields('RequestResponse', verb, target), response);
      assert.isFalse(recordsManagedFields('Metadata', verb, target));
    });
  }
});
