/** Builds the oracle for a release and asks it. */
import {execFile, spawn, spawnSync} from 'node:child_process';
import type {ChildProcessByStdio} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {createInterface} from 'node:readline';
import type {Readable, Writable} from 'node:stream';
import {promisify} from 'node:util';
import {lineOf} from './protocol.ts';
import type {Answer, Question, Release} from './protocol.ts';

/** What CI counts as skipped, as in the test protocols of GNU Automake and Meson. */
export const SKIPPED = 77;

/** The command that runs Go, or undefined where there is none. */
export function findGo(): string | undefined {
  // The second is where Go's own packages put it.
  return ['go', '/usr/local/go/bin/go'].find((command) => spawnSync(command, ['version']).status === 0);
}

/** Builds the oracle of `release` into `directory`; returns the program. Throws with Go's words. */
export async function buildOracle(go: string, release: Release, directory: string): Promise<string> {
  const program = join(directory, `oracle-${release.name}`);
  const modules = release.name === '0.34' ? [] : [`-modfile=modules/${release.name}.mod`];
  await promisify(execFile)(go, ['build', ...modules, '-ldflags=-s -w', '-o', program, '.'], {
    cwd: import.meta.dirname,
  });
  return program;
}

/** A running oracle. Answers come in the order of the questions. */
export class GoOracle {
  readonly release: Release;
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #waiting: PromiseWithResolvers<Answer>[] = [];

  constructor(program: string, release: Release) {
    this.release = release;
    this.#process = spawn(program, {stdio: ['pipe', 'pipe', 'inherit']});
    const lines = createInterface({input: this.#process.stdout, crlfDelay: Infinity});
    lines.on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line) as Answer));
    lines.on('close', () => {
      for (const {reject} of this.#waiting.splice(0)) reject(new Error(`the oracle of ${release.name} has ended`));
    });
  }

  ask(question: Question): Promise<Answer> {
    const waiting = Promise.withResolvers<Answer>();
    this.#waiting.push(waiting);
    this.#process.stdin.write(`${lineOf(question)}\n`);
    return waiting.promise;
  }

  async stop(): Promise<void> {
    this.#process.stdin.end();
    if (this.#process.exitCode === null) await once(this.#process, 'exit');
  }
}
