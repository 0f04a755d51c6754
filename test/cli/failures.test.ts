/** Every failure names what was tried and what to do next, in one line each, without a stack and without a credential. */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {createServer} from 'node:net';
import type {AddressInfo} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {replay} from '../helpers/replay.ts';
import {type Outcome, runAudit} from '../helpers/run.ts';

interface Case {
  readonly name: string;
  readonly args: (folder: string) => readonly string[];
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
  readonly exit: number;
  readonly says: RegExp;
}

const kubeconfig = (server: string, user: object = {token: 'secret-token'}, cluster: object = {}): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'here',
    contexts: [{name: 'here', context: {cluster: 'c', user: 'u'}}],
    clusters: [{name: 'c', cluster: {server, ...cluster}}],
    users: [{name: 'u', user}],
  });

const CASES: readonly Case[] = [
  {
    name: 'no kubeconfig at all',
    args: () => [],
    exit: 3,
    says: /found no kubeconfig.*\n {2}next: pass --kubeconfig FILE/,
  },
  {
    name: 'a kubeconfig that does not exist',
    args: () => ['--kubeconfig', '/nonexistent/config'],
    exit: 2,
    says: /--kubeconfig \/nonexistent\/config: no such file/,
  },
  {
    name: '$KUBECONFIG names no file',
    args: () => [],
    environment: () => ({KUBECONFIG: '/nonexistent/a:/nonexistent/b'}),
    exit: 3,
    says: /\$KUBECONFIG names no file that exists: \/nonexistent\/a, \/nonexistent\/b/,
  },
  {
    name: 'a kubeconfig that is no YAML',
    args: (folder) => ['--kubeconfig', join(folder, 'broken')],
    exit: 3,
    says: /read kubeconfig .*broken: /,
  },
  {
    name: 'a context that is not there',
    args: (folder) => ['--kubeconfig', join(folder, 'refused'), '--context', 'there'],
    exit: 2,
    says: /--context "there" is not in the kubeconfig\n {2}next: it has: here/,
  },
  {
    name: 'a cluster that is not there',
    args: (folder) => ['--kubeconfig', join(folder, 'refused'), '--cluster', 'x'],
    exit: 2,
    says: /--cluster "x" is not in the kubeconfig/,
  },
  {
    name: 'a server that refuses',
    args: (folder) => ['--kubeconfig', join(folder, 'refused')],
    exit: 3,
    says: /127\.0\.0\.1:1 refused the connection\n {2}next: check --context, --server/,
  },
  {
    name: 'a name that does not exist',
    args: (folder) => ['--kubeconfig', join(folder, 'refused'), '--server', 'https://nowhere.invalid'],
    exit: 3,
    says: /the name nowhere\.invalid cannot be resolved/,
  },
  {
    name: 'a server that never answers',
    args: (folder) => ['--kubeconfig', join(folder, 'mute'), '--request-timeout', '300ms'],
    exit: 3,
    says: /no answer within 0\.3 s/,
  },
  {
    name: 'an untrusted certificate',
    args: (folder) => ['--kubeconfig', join(folder, 'untrusted')],
    exit: 3,
    says: /ask the API server https:\/\/127\.0\.0\.1:\d+ for its version: .*(certificate|self-signed|unable to)/i,
  },
  {
    name: 'an expired login',
    args: (folder) => ['--kubeconfig', join(folder, 'expired')],
    exit: 3,
    says: /does not accept this login \(401 Unauthorized\)\n {2}next: log in again/,
  },
  {
    name: 'a credential plugin that fails',
    args: (folder) => ['--kubeconfig', join(folder, 'plugin')],
    exit: 3,
    says: /get credentials for context "here"/,
  },
  {
    name: 'a timeout that is no duration',
    args: (folder) => ['--kubeconfig', join(folder, 'refused'), '--request-timeout', 'soon'],
    exit: 2,
    says: /--request-timeout "soon" is no duration/,
  },
  {name: 'an unknown flag', args: () => ['--bogus'], exit: 2, says: /Nonexistent flag: --bogus/},
  {
    name: 'an unknown preset',
    args: () => ['--preset', 'pci'],
    exit: 2,
    says: /Expected --preset=pci to be one of: calico, calico-enterprise, cis/,
  },
  {
    name: 'an unknown output',
    args: () => ['-o', 'xml'],
    exit: 2,
    says: /Expected --output=xml to be one of: table, wide, json, yaml/,
  },
  {
    name: 'a version that is none',
    args: () => ['--server-version', 'latest'],
    exit: 2,
    says: /--server-version "latest" is no Kubernetes version/,
  },
  {
    name: 'a manifest that does not exist',
    args: () => ['--manifest', '/nonexistent.yaml'],
    exit: 2,
    says: /--manifest \/nonexistent\.yaml: ENOENT/,
  },
  {
    name: 'a policy that does not exist',
    args: () => ['--manifest', 'test/example/kube-apiserver.yaml', '--policy', '/nonexistent.yaml'],
    exit: 2,
    says: /--policy \/nonexistent\.yaml: ENOENT/,
  },
  {
    name: 'standard input twice',
    args: () => ['--manifest', '-', '--policy', '-'],
    exit: 2,
    says: /both read standard input/,
  },
];

describe('failures', () => {
  let folder = '';
  const closing: (() => Promise<unknown> | void)[] = [];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'kubectl-audit-'));
    const file = (name: string, text: string): void => writeFileSync(join(folder, name), text);
    file('broken', '{"clusters": [');
    file('refused', kubeconfig('https://127.0.0.1:1'));
    file(
      'plugin',
      kubeconfig('https://127.0.0.1:1', {
        exec: {apiVersion: 'client.authentication.k8s.io/v1', command: '/nonexistent/login', interactiveMode: 'Never'},
      }),
    );
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
    closing.push(() => void mute.close());
    file('mute', kubeconfig(`https://127.0.0.1:${(mute.address() as AddressInfo).port}`));
    const world = await replay({});
    closing.push(world.close);
    const parsed = JSON.parse(world.kubeconfig) as {clusters: [{cluster: {server: string}}]};
    file('untrusted', kubeconfig(parsed.clusters[0].cluster.server));
    const unauthorized = await replay({unauthorized: true});
    closing.push(unauthorized.close);
    file('expired', unauthorized.kubeconfig);
  });

  after(async () => {
    for (const close of closing) await close();
    rmSync(folder, {recursive: true});
  });

  for (const {name, args, environment, exit, says} of CASES) {
    it(name, async () => {
      const outcome: Outcome = await runAudit(['status', ...args(folder)], environment?.(folder) ?? {});
      expect(outcome.stderr).to.match(says);
      expect(outcome.exit).to.equal(exit);
      expect(outcome.stdout, 'nothing on standard output').to.equal('');
      expect(outcome.stderr).to.not.match(/secret-token|Bearer|\n\s+at /);
      expect(outcome.stderr.trimEnd().split('\n').length, 'a line, and what to do next').to.be.at.most(2);
    });
  }
});
