/**
 * Asks the API server's own code about every case and writes the answers: those of 0.34 whole, of the other releases what
 * differs from them.
 */
import {mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {CASES} from './cases.ts';
import {BASE, RELEASES} from './protocol.ts';
import type {Answer, Release} from './protocol.ts';
import {buildOracle, findGo, GoOracle, SKIPPED} from './go-oracle.ts';

type Answers = Readonly<Record<string, Answer>>;

async function answersOf(go: string, release: Release, directory: string): Promise<Answers> {
  const oracle = new GoOracle(await buildOracle(go, release, directory), release);
  const answers = await Promise.all(
    CASES.map(async ({name, ...question}) => [name, await oracle.ask(question)] as const),
  );
  await oracle.stop();
  return Object.fromEntries(answers);
}

/** One answer a line, so that a changed one is easy to see. */
function write(release: Release, answers: Answers): void {
  const lines = Object.entries(answers).map(([name, answer]) => `${JSON.stringify(name)}:${JSON.stringify(answer)}`);
  const file = join(import.meta.dirname, `answers-${release.name}.json`);
  writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`);
  console.log(`${release.name}: ${lines.length} answers`);
}

const go = findGo();
if (go === undefined) {
  console.error('Go is needed for this: https://go.dev/doc/install');
  process.exit(SKIPPED);
}
const directory = mkdtempSync(join(tmpdir(), 'audit-oracle-'));
const base = await answersOf(go, BASE, directory);
for (const release of RELEASES) {
  const answers = release.name === BASE.name ? base : await answersOf(go, release, directory);
  const changed = Object.entries(answers).filter(
    ([name, answer]) => release.name === BASE.name || JSON.stringify(answer) !== JSON.stringify(base[name]),
  );
  write(release, Object.fromEntries(changed));
}
rmSync(directory, {recursive: true});
