import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {ApiClient} from '../../src/collect/client.ts';

/** A server that breaks off that many connections before it answers, and a client of it. */
async function clientOfFlaky(breaks: number): Promise<{client: ApiClient; seen: () => number; close: () => void}> {
  let seen = 0;
  const server = createServer((request, response) => {
    seen += 1;
    if (seen <= breaks) request.socket.resetAndDestroy();
    else response.end('{"gitVersion": "v1.34.4"}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-audit-'));
  const kubeconfig = join(folder, 'config');
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': 'here',
      contexts: [{name: 'here', context: {cluster: 'c', user: 'u'}}],
      clusters: [{name: 'c', cluster: {server: address}}],
      users: [{name: 'u', user: {}}],
    }),
  );
  const client = ApiClient.open({
    kubeconfig,
    context: undefined,
    cluster: undefined,
    user: undefined,
    server: undefined,
    token: undefined,
    certificateAuthority: undefined,
    tlsServerName: undefined,
    // Without it client-node refuses plain HTTP.
    insecureSkipTlsVerify: true,
    as: undefined,
    asGroups: [],
    requestTimeout: 5000,
    trace: undefined,
  });
  const close = (): void => {
    server.close();
    rmSync(folder, {recursive: true});
  };
  return {client, seen: () => seen, close};
}

describe('a connection that breaks off', () => {
  it('is tried again for a read, as a load balancer then finds another server', async () => {
    const {client, seen, close} = await clientOfFlaky(2);
    try {
      expect(await client.json('/version', 'get /version')).to.deep.include({
        state: 'seen',
        value: {gitVersion: 'v1.34.4'},
      });
      expect(seen()).to.equal(3);
    } finally {
      close();
    }
  });

  it('is not tried again for a change', async () => {
    const {client, seen, close} = await clientOfFlaky(1);
    try {
      const failure = await client.call('/api/v1/namespaces', {method: 'POST', body: {}}).catch(String);
      expect(failure).to.include('closed the connection');
      expect(seen()).to.equal(1);
    } finally {
      close();
    }
  });
});
