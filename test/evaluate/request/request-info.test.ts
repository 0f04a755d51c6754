/** What requestFromHttp promises beyond the oracle's answers: see test/oracle/http-cases.ts for those. */
import {assert} from 'chai';
import {requestFromHttp} from '../../../src/evaluate/request/request-info.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';

/** `verb group/resource/subresource namespace name`, or `verb path`; `…` for what is long-running. */
function summary(line: string, version?: string): string {
  const [method = '', uri = ''] = line.split(' ');
  const serverVersion = version === undefined ? undefined : parseKubernetesVersion(version);
  const request = requestFromHttp(method, uri, {serverVersion});
  if (request.kind === 'refused') return `refused: ${request.message}`;
  const {verb, target, longRunning} = request;
  const end = longRunning ? ' …' : '';
  if (target.kind === 'nonResource') return `${verb} ${target.path}${end}`;
  const {group, resource, subresource, namespace, name} = target;
  return `${verb} ${group}/${resource}/${subresource} ns=${namespace} name=${name}${end}`;
}

const table: Readonly<Record<string, string>> = {
  'GET /api/v1/namespaces/foo': 'get /namespaces/ ns=foo name=foo',
  'GET /api/v1/namespaces': 'list /namespaces/ ns= name=',
  'GET /apis/apps/v1/deployments?watch=true': 'watch apps/deployments/ ns= name= …',
  'DELETE /apis/apps/v1/namespaces/x/deployments': 'deletecollection apps/deployments/ ns=x name=',
  'GET /api/v1/namespaces/x/pods?fieldSelector=metadata.name%3Da': 'list /pods/ ns=x name=a',
  'GET /api/v1/namespaces/x/pods/a/exec?command=sh': 'get /pods/exec ns=x name=a …',
  'POST /api/v1/namespaces/x/pods/a/exec?command=sh': 'create /pods/exec ns=x name=a …',
  'GET /apis/apps/v1': 'get /apis/apps/v1',
  'get /api/v1/pods': ' /pods/ ns= name=',
  'OPTIONS /healthz': 'options /healthz',
  'GET /debug/pprof/heap': 'get /debug/pprof/heap …',
  'GET /%zz': 'refused: parse "/%zz": invalid URL escape "%zz"',
  'GET /api/v1/watch': 'refused: unable to determine kind and namespace from url, /api/v1/watch',
};

describe('requestFromHttp', () => {
  for (const [line, expected] of Object.entries(table)) {
    it(line, () => assert.equal(summary(line), expected));
  }

  it('keeps bytes that are no UTF-8 apart from all that a policy can name', () => {
    assert.equal(summary('GET /a%ffb'), 'get /a\udcffb');
    assert.equal(summary('GET /%ed%a0%80'), 'get /\udced\udca0\udc80');
    assert.equal(summary('GET /api/v1/pods/%c3%a9'), 'get /pods/ ns= name=é');
  });

  // Kubernetes 1.22 was built with Go 1.16, whose net/url still separated by semicolons.
  it('separates parameters by semicolons up to 1.22', () => {
    const line = 'GET /api/v1/pods?a;watch=1';
    assert.deepEqual(
      ['1.22', '1.23'].map((version) => summary(line, version)),
      ['watch /pods/ ns= name= …', 'list /pods/ ns= name='],
    );
  });

  it('takes two commas at the end of a label selector from 1.35 on', () => {
    const line = 'GET /api/v1/pods?labelSelector=a%20in%20(b,,)&fieldSelector=metadata.name%3Da';
    assert.deepEqual(
      ['1.34', '1.35', undefined].map((version) => summary(line, version)),
      ['list /pods/ ns= name=', 'list /pods/ ns= name=a', 'list /pods/ ns= name=a'],
    );
  });

  it('answers long input in time that grows with its length only', () => {
    const long = 'a'.repeat(200_000);
    assert.equal(summary(`GET /${'/'.repeat(200_000)}api`), `get /${'/'.repeat(200_000)}api`);
    assert.match(summary(`GET /${'%'.repeat(200_000)}`), /invalid URL escape "%%%"$/);
    assert.equal(summary(`GET /api/v1/pods?labelSelector=${'('.repeat(200_000)}`), 'list /pods/ ns= name=');
    assert.equal(summary(`GET /api/v1/pods?fieldSelector=${'\\'.repeat(200_001)}`), 'list /pods/ ns= name=');
    assert.equal(summary(`GET /api/v1/pods?fieldSelector=metadata.name%3D${long}`), `list /pods/ ns= name=${long}`);
  });
});
