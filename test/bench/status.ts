/**
 * `kubectl audit status` against `kubectl get pods -A` on the control plane of test/cluster: whole processes, in turn, so
 * that a slow moment of the machine meets both. The ratio of the medians is the result.
 */
import {spawnSync} from 'node:child_process';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';

const ROUNDS = 15;
const TOOL = join(import.meta.dirname, '..', 'cluster', 'cluster');
const PROGRAM = join(import.meta.dirname, '..', '..', 'bin', 'run.js');
const POLICY = join(import.meta.dirname, '..', 'worlds', 'on', 'policy.yaml');

function tool(...args: string[]): string {
  const run = spawnSync(TOOL, args, {encoding: 'utf8'});
  if (run.status !== 0) throw new Error(run.stderr);
  return run.stdout;
}

/** Milliseconds of one whole process. */
function time(command: string, args: readonly string[], env: NodeJS.ProcessEnv): number {
  const start = performance.now();
  const run = spawnSync(command, args, {env, stdio: 'ignore'});
  if (run.error !== undefined) throw run.error;
  return performance.now() - start;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function main(): void {
  const check = spawnSync(TOOL, ['check'], {encoding: 'utf8'});
  if (check.status !== 0) {
    process.stdout.write(`not measured: ${check.stdout.trim()}\n`);
    return;
  }
  tool('up', '3');
  const kubeconfig = tool('kubeconfig').trim();
  const path = /PATH=([^:]+):/.exec(tool('env'))?.[1]?.replaceAll(/["']/g, '') ?? '';
  const env = {...process.env, KUBECONFIG: kubeconfig};
  const commands: readonly (readonly [string, string, readonly string[]])[] = [
    ['kubectl get pods -A', join(path, 'kubectl'), ['get', 'pods', '-A']],
    ['kubectl audit status', process.execPath, [PROGRAM, 'status', '--policy', POLICY]],
    ['kubectl audit --help', process.execPath, [PROGRAM, '--help']],
  ];
  const times = new Map<string, number[]>(commands.map(([name]) => [name, []]));
  for (let round = 0; round <= ROUNDS; round += 1) {
    for (const [name, command, args] of commands) {
      const milliseconds = time(command, args, env);
      // The first round fills caches.
      if (round > 0) times.get(name)?.push(milliseconds);
    }
  }
  const base = median(times.get('kubectl get pods -A') ?? []);
  for (const [name, values] of times) {
    const value = median(values);
    process.stdout.write(
      `${name.padEnd(22)} median ${value.toFixed(0).padStart(5)} ms   ${(value / base).toFixed(2)} x kubectl get pods -A\n`,
    );
  }
}

main();
