/**
 * Evaluations per second on one core, beside the API server's own evaluator in Go: the same policy of 20 rules, the same
 * requests, in turn. Requests are parsed anew before each turn, as when a log is replayed. The ratio of the medians counts.
 */
import {spawn, spawnSync} from 'node:child_process';
import type {ChildProcessWithoutNullStreams} from 'node:child_process';
import {mkdtempSync, readFileSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {createInterface} from 'node:readline';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import type {RequestAttributes} from '../../src/model/request.ts';
import {findGo} from '../oracle/go-oracle.ts';

const ROUNDS = 15;
const REQUESTS = 1000;
const PASSES = 200;
const ORACLE = join(import.meta.dirname, '..', 'oracle');
const POLICY = readFileSync(join(import.meta.dirname, 'evaluate', 'policy.yaml'), 'utf8');
const RELEASE = '0.34';

const USERS: readonly (readonly [string, readonly string[]])[] = [
  ['system:kube-controller-manager', []],
  ['system:apiserver', ['system:masters']],
  ['system:node:worker-7', ['system:nodes']],
  ['system:serviceaccount:kube-system:namespace-controller', ['system:serviceaccounts']],
  ['system:serviceaccount:monitoring:agent', ['system:serviceaccounts', 'system:serviceaccounts:monitoring']],
  ['jane@example.com', ['developers', 'team-green']],
];
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const RESOURCES: readonly (readonly [string, string])[] = [
  ['', 'pods'],
  ['', 'pods/exec'],
  ['', 'pods/status'],
  ['', 'nodes/status'],
  ['', 'secrets'],
  ['', 'configmaps'],
  ['', 'events'],
  ['', 'endpoints'],
  ['apps', 'deployments'],
  ['apps', 'deployments/scale'],
  ['rbac.authorization.k8s.io', 'clusterroles'],
  ['coordination.k8s.io', 'leases'],
  ['example.com', 'widgets'],
];
const PATHS = ['/healthz', '/livez', '/version', '/metrics', '/openapi/v3'];

/** Numbers from 0 to below 1, the same in every run (mulberry32). */
function* randomNumbers(seed: number): Generator<number, never> {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
}

function randomRequests(): RequestAttributes[] {
  const numbers = randomNumbers(1);
  const pick = <T>(values: readonly T[]): T => values[Math.floor(numbers.next().value * values.length)] as T;
  return Array.from({length: REQUESTS}, () => {
    const [name, groups] = pick(USERS);
    const user = {name, groups: [...groups, 'system:authenticated']};
    if (numbers.next().value < 0.07) return {user, verb: 'get', target: {kind: 'nonResource', path: pick(PATHS)}};
    const [group, combined] = pick(RESOURCES);
    const [resource = '', subresource = ''] = combined.split('/');
    const namespace = pick(['', 'default', 'kube-system', 'team-green']);
    return {
      user,
      verb: pick(VERBS),
      target: {kind: 'resource', group, resource, subresource, namespace, name: pick(['', 'web', 'cluster-admin'])},
    };
  });
}

function buildGo(go: string, folder: string): string {
  const program = join(folder, 'speed');
  const run = spawnSync(go, ['build', '-o', program, './speed'], {cwd: ORACLE, encoding: 'utf8'});
  if (run.status !== 0) throw new Error(run.stderr);
  return program;
}

class GoEvaluator {
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;

  constructor(program: string) {
    this.#child = spawn(program);
    this.#lines = createInterface({input: this.#child.stdout})[Symbol.asyncIterator]();
  }

  async ask(line: string): Promise<string> {
    this.#child.stdin.write(`${line}\n`);
    const answer = await this.#lines.next();
    if (answer.done === true) throw new Error('the Go evaluator has ended');
    return answer.value;
  }

  end(): void {
    this.#child.stdin.end();
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function main(program: string): Promise<void> {
  const loaded = loadPolicy(POLICY, {serverVersion: parseKubernetesVersion('v1.34.4')});
  if (loaded.kind === 'refused') throw new Error(loaded.message);
  const evaluator = policyRuleEvaluator(loaded.policy, parseKubernetesVersion('v1.34.4'));
  const text = JSON.stringify(randomRequests());
  const go = new GoEvaluator(program);
  const levels = await go.ask(JSON.stringify({policy: POLICY, requests: randomRequests()}));
  const ours = JSON.stringify((JSON.parse(text) as RequestAttributes[]).map((request) => evaluator(request).level));
  if (levels !== ours) throw new Error('the two evaluators do not agree');

  const [goTimes, ourTimes]: [number[], number[]] = [[], []];
  let recorded = 0;
  for (let round = 0; round <= ROUNDS; round += 1) {
    const goTime = Number(await go.ask(String(PASSES)));
    let ourTime = 0;
    for (let pass = 0; pass < PASSES; pass += 1) {
      const requests = JSON.parse(text) as RequestAttributes[];
      const start = performance.now();
      for (const request of requests) if (evaluator(request).level !== 'None') recorded += 1;
      ourTime += (performance.now() - start) * 1e6;
    }
    // The first round compiles.
    if (round === 0) continue;
    goTimes.push(goTime / PASSES / REQUESTS);
    ourTimes.push(ourTime / PASSES / REQUESTS);
  }
  go.end();
  const [goTime, ourTime] = [median(goTimes), median(ourTimes)];
  process.stdout.write(
    `evaluation, 20 rules, ${REQUESTS} requests (${Math.round(recorded / PASSES / (ROUNDS + 1))} recorded)\n` +
      `  k8s.io/apiserver ${RELEASE}   ${goTime.toFixed(0).padStart(5)} ns   ${(1000 / goTime).toFixed(2)} million a second\n` +
      `  kubectl audit           ${ourTime.toFixed(0).padStart(5)} ns   ${(1000 / ourTime).toFixed(2)} million a second   ${(goTime / ourTime).toFixed(2)} x its speed\n`,
  );
}

const go = findGo();
if (go === undefined) process.stdout.write('evaluation: not measured, there is no Go\n');
else {
  const folder = mkdtempSync(join(tmpdir(), 'kubectl-audit-bench-'));
  try {
    await main(buildGo(go, folder));
  } finally {
    rmSync(folder, {recursive: true, force: true});
  }
}
