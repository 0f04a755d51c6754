/** Runs the program in this process, from the command line to the output and the exit code. */
import {join} from 'node:path';
import {main} from '../../src/cli/main.ts';

/** Read through a function: the type checker does not see that the program sets it. */
function exitCode(): number {
  return Number(process.exitCode ?? 0);
}

const ROOT = join(import.meta.dirname, '..', '..');

export interface Outcome {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment variables are set for the run only; PATH is emptied, so that no other plugin on it is found. */
export async function runAudit(
  argv: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const before = {...process.env};
  const exitBefore = process.exitCode;
  const out: string[] = [];
  const err: string[] = [];
  const stdoutWrite = process.stdout.write;
  const stderrWrite = process.stderr.write;
  Object.assign(process.env, {PATH: '', KUBECONFIG: '', HOME: '/nonexistent', NO_COLOR: '1', ...environment});
  process.exitCode = undefined;
  process.stdout.write = (chunk: string | Uint8Array) => out.push(chunk.toString()) > 0;
  process.stderr.write = (chunk: string | Uint8Array) => err.push(chunk.toString()) > 0;
  try {
    await main([...argv], {root: ROOT, commands: './src/commands/index.ts'});
    return {exit: exitCode(), stdout: out.join(''), stderr: err.join('')};
  } finally {
    process.stdout.write = stdoutWrite;
    process.stderr.write = stderrWrite;
    process.exitCode = exitBefore;
    for (const name of Object.keys(process.env)) if (!(name in before)) delete process.env[name];
    Object.assign(process.env, before);
  }
}
