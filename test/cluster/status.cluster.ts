/**
 * `kubectl audit status` on a real control plane with three API servers. Each step builds on the one before it.
 * To accept a change on purpose: UPDATE_EXPECTED=1 npm run test:cluster, then read the difference.
 */
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {spawnSync} from 'node:child_process';
import {setTimeout as sleep} from 'node:timers/promises';
import {expect} from 'chai';
import {PROGRAM, type HandMadeAudit, changeAudit, cluster, kubectlAudit, whyNot, writeAudit} from './control-plane.ts';

const IMAGE = 'lab.local/busybox:1.37';
const POLICY_FILE = join(import.meta.dirname, '..', 'worlds', 'on', 'policy.yaml');
/** The policy in force is given: nothing is read from nodes. */
const GIVEN = ['--policy', POLICY_FILE];
const READ = ['--read-node', '--read-image', IMAGE];
const GOOD_POLICY = readFileSync(POLICY_FILE, 'utf8');
const GOOD: HandMadeAudit = {name: 'good', policy: GOOD_POLICY};
const NONE_FIRST: HandMadeAudit = {
  name: 'none-first',
  policy: GOOD_POLICY.replace('rules:\n', 'rules:\n  - level: None\n'),
};
const UNMOUNTED: HandMadeAudit = {...GOOD, name: 'unmounted', mountLog: false};
/** Port 9 of the bridge's own address: nobody listens there. */
const WEBHOOK: HandMadeAudit = {...GOOD, name: 'webhook', webhook: 'http://10.99.0.1:9/audit'};
const V1BETA1: HandMadeAudit = {
  name: 'v1beta1',
  policy: GOOD_POLICY.replace('audit.k8s.io/v1', 'audit.k8s.io/v1beta1'),
};

/** Enough of the JSON to be typed here; the whole of it is compared with a file. */
interface Status {
  readonly verdict: string;
  readonly servers: readonly {
    readonly node: string;
    readonly version: string;
    readonly verdict: string;
    readonly policy?: {readonly from?: string};
    readonly runtime: {readonly auditing: string};
  }[];
  readonly findings: readonly {readonly code: string; readonly where: {readonly node?: string}}[];
}

async function status(
  name: string | undefined,
  args: readonly string[] = READ,
  kubeconfig = cluster(['kubeconfig']).trim(),
): Promise<{exit: number; status: Status}> {
  const run = await kubectlAudit(['status', '-o', 'json', ...args], kubeconfig);
  if (run.stdout === '') throw new Error(`status printed nothing: ${run.stderr}`);
  if (name !== undefined) compare(name, run.stdout);
  return {exit: run.exit, status: JSON.parse(run.stdout) as Status};
}

/** Compares with a file; what differs from run to run (times, counts, hashes) is replaced first. */
function compare(name: string, actual: string): void {
  const text = withoutLosses(actual)
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ/g, 'TIME')
    .replaceAll(/"(levelTotal|errorTotal)": \{[^}]*\}/g, '"$1": {}')
    .replaceAll(/"eventTotal": \d+/g, '"eventTotal": 0')
    // Which of the two is seen first depends on whether the kubelet answers for its pods at that second.
    .replaceAll(
      /the kubelet runs config [0-9a-f]{32}, the mirror pod shows [0-9a-f]{32}|the mirror pod is Ready, but nobody answers at its address/g,
      'WHY IT IS STALE',
    );
  const file = join(import.meta.dirname, 'expected', `${name}.json`);
  if (process.env['UPDATE_EXPECTED'] !== undefined) writeFileSync(file, text);
  expect(text).to.equal(
    existsSync(file) ? readFileSync(file, 'utf8') : `${file} does not exist: UPDATE_EXPECTED=1 npm run test:cluster`,
  );
}

/** How many events the unreachable webhook has lost by now, and whether any, is chance. */
function withoutLosses(text: string): string {
  const report = JSON.parse(text) as Status;
  const findings = report.findings.filter((item) => item.code !== 'events-lost');
  return `${JSON.stringify({...report, findings}, null, 2)}\n`;
}

/** Enough of `explain -o json` to be typed here. */
interface Explanation {
  readonly policies: readonly {
    readonly answers: readonly {
      readonly level: string;
      readonly stages: readonly string[];
      readonly bodies: {readonly response: {readonly recorded: boolean}};
    }[];
  }[];
}

interface AuditEvent {
  readonly verb: string;
  readonly level: string;
  readonly stage: string;
  readonly objectRef?: {readonly resource?: string; readonly name?: string};
  readonly user: {readonly username: string};
}

/** Makes, reads, changes and deletes a ServiceAccount, and finds the events in the logs of all servers. */
function eventsOfServiceAccount(name: string): AuditEvent[] {
  cluster(['kubectl', 'create', 'serviceaccount', name]);
  cluster(['kubectl', 'get', 'serviceaccount', name]);
  cluster(['kubectl', 'annotate', 'serviceaccount', name, 'example.com/why=explained']);
  cluster(['kubectl', 'delete', 'serviceaccount', name]);
  const log = '/var/log/calico/audit/kube-audit.log';
  const lines = ['cp1', 'cp2', 'cp3'].flatMap((node) =>
    cluster(['node', node, 'sh', '-c', `grep -h '"name":"${name}"' ${log} || true`]).split('\n'),
  );
  return lines
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as AuditEvent)
    .filter(({objectRef, user}) => objectRef?.resource === 'serviceaccounts' && user.username === 'kubernetes-admin');
}

function verdictOf(report: Status, node: string): string | undefined {
  return report.servers.find((server) => server.node === node)?.verdict;
}

function codes(report: Status): string[] {
  return report.findings.map((item) => item.code);
}

function leftovers(): string {
  return cluster(['kubectl', 'get', 'namespaces', '-o', 'name'])
    .split('\n')
    .filter((name) => name.endsWith('/kubectl-audit'))
    .join();
}

// KEEP_CLUSTER=1 leaves it up, to look at by hand.
after(function () {
  this.timeout(120_000);
  if (whyNot() === undefined && process.env['KEEP_CLUSTER'] === undefined) cluster(['down']);
});

describe('status on three API servers', function () {
  before(function () {
    const reason = whyNot();
    if (reason !== undefined) {
      process.stdout.write(`  skipped: ${reason}\n`);
      this.skip();
    }
    this.timeout(45 * 60_000);
    cluster(['down']);
    cluster(['up', '3']);
  });

  it('audit off: off, exit 1', async () => {
    const {exit, status: report} = await status('off');
    expect([report.verdict, exit]).to.deep.equal(['off', 1]);
  });

  it('one node enabled by hand: drift', async () => {
    await changeAudit({cp1: GOOD});
    const {exit, status: report} = await status('one-enabled');
    expect([report.verdict, verdictOf(report, 'cp1'), exit]).to.deep.equal(['off', 'on', 1]);
    expect(codes(report)).to.include('servers-differ');
  });

  it('on the node itself its policy is read as a file, without a pod', async () => {
    await waitForNoLeftovers();
    const args = ['env', 'KUBECONFIG=/etc/kubernetes/admin.conf', process.execPath, PROGRAM, 'status', '-o', 'json'];
    // It ends with 1, for the other servers are off: the tool passes that on, and it is not a failure here.
    const output = cluster(['node', 'cp1', 'sh', '-c', '"$@" || [ $? -eq 1 ]', 'run', ...args]);
    const report = JSON.parse(output) as Status;
    expect([verdictOf(report, 'cp1'), report.servers[0]?.policy?.from]).to.deep.equal(['on', 'node']);
    expect(leftovers()).to.equal('');
  });

  it('all enabled with a policy that meets calico: on, exit 0, with proof by the processes', async () => {
    await changeAudit({cp2: GOOD, cp3: GOOD});
    const {exit, status: report} = await status('on');
    expect([report.verdict, exit]).to.deep.equal(['on', 0]);
    expect(report.servers.map((server) => server.runtime.auditing)).to.deep.equal(['on', 'on', 'on']);
  });

  it('the reading pods and their namespace are gone afterwards, also after Ctrl-C', async () => {
    await waitForNoLeftovers();
    const run = spawnSync(
      'timeout',
      [
        '--signal=INT',
        '3',
        process.execPath,
        join(import.meta.dirname, '..', '..', 'bin', 'run.js'),
        'status',
        '--read-node',
        '--read-image',
        'lab.local/never-there:1',
      ],
      {
        env: {...process.env, KUBECONFIG: cluster(['kubeconfig']).trim()},
        encoding: 'utf8',
      },
    );
    expect(run.status, run.stderr).to.not.equal(0);
    await waitForNoLeftovers();
  });

  it('the reading pods are gone also when the program is killed, and the next run takes the namespace with it', async () => {
    const kubeconfig = cluster(['kubeconfig']).trim();
    const program = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
    spawnSync('timeout', ['--signal=KILL', '1.5', process.execPath, program, 'status', ...READ], {
      env: {...process.env, KUBECONFIG: kubeconfig},
    });
    const end = Date.now() + 120_000;
    while (readingPods() !== '' && Date.now() < end) await sleep(2000);
    expect(readingPods()).to.equal('');
    const {status: report} = await status(undefined);
    expect(report.verdict).to.equal('on');
    await waitForNoLeftovers();
  });

  it('without consent the policy stays unread: unknown, exit 3, and nothing is created', async () => {
    const {exit, status: report} = await status('no-consent', []);
    expect([report.verdict, exit]).to.deep.equal(['unknown', 3]);
    expect(leftovers()).to.equal('');
  });

  it('a user with ClusterRole view only: unknown, exit 3, each missing right named', async () => {
    const {exit, status: report} = await status('view', GIVEN, cluster(['view-kubeconfig']).trim());
    expect([report.verdict, exit]).to.deep.equal(['unknown', 3]);
    expect(codes(report)).to.include.members(['not-found-out', 'runtime-unproven']);
  });

  it('a server that cannot be reached: unknown, exit 3', async () => {
    spawnSync('ip', ['route', 'add', 'blackhole', '10.99.0.12/32']);
    try {
      await sleep(4000);
      const {exit, status: report} = await status('unreachable', GIVEN);
      expect([report.verdict, verdictOf(report, 'cp2'), exit]).to.deep.equal(['unknown', 'unknown', 3]);
    } finally {
      spawnSync('ip', ['route', 'del', 'blackhole', '10.99.0.12/32']);
      await sleep(4000);
    }
  });

  it('None first: silent; a log that is not mounted: partial; a webhook that the node cannot reach', async () => {
    await changeAudit({cp1: NONE_FIRST, cp2: UNMOUNTED, cp3: WEBHOOK});
    const {exit, status: report} = await status('silent-and-unmounted');
    expect([report.verdict, verdictOf(report, 'cp1'), verdictOf(report, 'cp2'), exit]).to.deep.equal([
      'silent',
      'silent',
      'partial',
      1,
    ]);
    expect(codes(report)).to.include.members([
      'policy-records-nothing',
      'path-not-mounted',
      'webhook-plain-http',
      'webhook-unreachable',
    ]);
    expect(JSON.stringify(report)).to.not.include('secret-token');
  });

  it('mended by hand: on again', async () => {
    await changeAudit({cp1: GOOD, cp2: GOOD, cp3: GOOD});
    const {exit, status: report} = await status(undefined);
    expect([report.verdict, exit]).to.deep.equal(['on', 0]);
  });

  it('diff finds the policies in force alike, and explain says what the logs then hold', async () => {
    const kubeconfig = cluster(['kubeconfig']).trim();
    const diff = await kubectlAudit(['diff', '--want', POLICY_FILE, ...READ], kubeconfig);
    expect(diff.stdout).to.include('every request is recorded alike');
    expect(diff.exit).to.equal(0);
    const events = eventsOfServiceAccount('explained');
    for (const verb of ['get', 'create', 'patch', 'delete']) {
      const args = ['explain', verb, 'serviceaccounts', '--subject', 'kubernetes-admin', '-o', 'json', ...READ];
      const run = await kubectlAudit(args, kubeconfig);
      const {policies} = JSON.parse(run.stdout) as Explanation;
      const answers = policies.flatMap((policy) => policy.answers);
      const logged = events.filter((event) => event.verb === verb);
      expect(
        answers.map(({level}) => level),
        verb,
      ).to.deep.equal([logged[0]?.level ?? 'None']);
      expect(answers[0]?.stages ?? [], verb).to.deep.equal(logged.map(({stage}) => stage));
      expect(answers[0]?.bodies.response.recorded, verb).to.equal(logged.some((event) => 'responseObject' in event));
    }
  });

  it('the first minute after a v1beta1 policy took a server down: never on', async () => {
    writeAudit('cp3', V1BETA1);
    const verdicts: (string | undefined)[] = [];
    const start = Date.now();
    let isCompared = false;
    while (Date.now() < start + 60_000) {
      // By half of the minute the old process is gone for sure, and the mirror pod still shows the old manifest.
      const compares: boolean = !isCompared && Date.now() > start + 30_000;
      const {status: report} = await status(compares ? 'first-minute' : undefined, GIVEN);
      isCompared ||= compares;
      verdicts.push(verdictOf(report, 'cp3'));
    }
    expect(verdicts.length).to.be.greaterThan(10);
    expect(verdicts.filter((verdict) => verdict === 'on' || verdict === undefined)).to.deep.equal([]);
  });

  it('and after that minute: the policy is refused in the words of the server, until it is mended', async () => {
    const {exit, status: report} = await status(undefined);
    expect(report.verdict).to.be.oneOf(['broken', 'unknown']);
    expect(exit).to.not.equal(0);
    // The very manifest from before: the mirror pod never showed another, so only the verdict tells when it is back.
    writeAudit('cp3', GOOD);
    const end = Date.now() + 240_000;
    let mended = await status(undefined);
    while (mended.status.verdict !== 'on' && Date.now() < end) {
      await sleep(3000);
      mended = await status(undefined);
    }
    expect([mended.status.verdict, mended.exit]).to.deep.equal(['on', 0]);
  });
});

const NEWER = '1.37.2';

describe('status on a newer API server', function () {
  before(function () {
    if (whyNot() !== undefined || cluster(['nodes']).trim() === '') this.skip();
    this.timeout(30 * 60_000);
    cluster(['api-server-version', 'cp1', NEWER]);
  });

  it(`${NEWER}: its own version and defaults, its flags compared with /flagz`, async () => {
    const {exit, status: report} = await status('newer', GIVEN);
    expect([report.verdict, exit]).to.deep.equal(['on', 0]);
    expect(report.servers.map((server) => server.version)).to.deep.equal([`v${NEWER}`, 'v1.34.4', 'v1.34.4']);
    expect(codes(report)).to.not.include('flagz-differs');
  });
});

function readingPods(): string {
  return cluster(['kubectl', 'get', 'jobs,pods', '-n', 'kubectl-audit', '-o', 'name', '--ignore-not-found']).trim();
}

async function waitForNoLeftovers(): Promise<void> {
  const end = Date.now() + 60_000;
  while (leftovers() !== '') {
    if (Date.now() > end) throw new Error('the namespace kubectl-audit is still there after 60 s');
    await sleep(1000);
  }
}
