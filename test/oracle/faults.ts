/**
 * The power of the tests: plants every fault of `fault-list.ts` in a copy of the sources, one at a time, and shows which of
 * them the checked-in cases and a short random run find.
 */
import {execFile} from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import {availableParallelism, tmpdir} from 'node:os';
import {join} from 'node:path';
import {promisify} from 'node:util';
import {CASES, KNOWN_DIFFERENCES} from './cases.ts';
import type {Differing} from './check-copy.ts';
import {FAULTS} from './fault-list.ts';
import type {Fault} from './fault-list.ts';
import {buildOracle, findGo, GoOracle, SKIPPED} from './go-oracle.ts';
import {RELEASES} from './protocol.ts';
import type {Question} from './protocol.ts';
import {oddText, questionsFrom, structuredPolicy} from './random-questions.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SOURCE = join(ROOT, 'src');
const SEED = 1;
const POLICIES = 400;
const TEXTS = 1500;
/** A fault may make it run for ever, which is to be found as well. */
const MOST_SECONDS = 120;

/** Writes the answers of all releases to random questions into `file`. */
async function record(go: string, directory: string, file: string): Promise<void> {
  const oracles: GoOracle[] = [];
  for (const release of RELEASES) {
    oracles.push(new GoOracle(await buildOracle(go, release, directory), release));
  }
  const policies = Array.from({length: POLICIES}, questionsFrom(SEED, structuredPolicy));
  const texts = Array.from(
    {length: TEXTS},
    questionsFrom(SEED, (random) => oddText(random, [])),
  );
  const answer = async (question: Question) => {
    const answers = await Promise.all(oracles.map((oracle) => oracle.ask(question)));
    return `${JSON.stringify([question, ...answers])}\n`;
  };
  for (const question of [...policies, ...texts]) appendFileSync(file, await answer(question));
  await Promise.all(oracles.map((oracle) => oracle.stop()));
}

/** Why a fault cannot be planted; undefined when it can. */
function whyNot({name, file, text}: Fault): string | undefined {
  const times = readFileSync(join(SOURCE, 'evaluate', file), 'utf8').split(text).length - 1;
  if (times === 1) return undefined;
  return `${name}: its text ${times === 0 ? 'no longer stands' : `stands ${times} times`} in ${file}`;
}

/** A copy of the sources, with `fault` planted. */
function plant(fault: Fault | undefined, directory: string): string {
  mkdirSync(directory, {recursive: true});
  const source = join(directory, 'src');
  cpSync(SOURCE, source, {recursive: true});
  cpSync(join(ROOT, 'package.json'), join(directory, 'package.json'));
  symlinkSync(join(ROOT, 'node_modules'), join(directory, 'node_modules'));
  if (fault === undefined) return source;
  const file = join(source, 'evaluate', fault.file);
  writeFileSync(file, readFileSync(file, 'utf8').split(fault.text).join(fault.replacement));
  return source;
}

/** What differs in a copy. Throws when the comparison does not come to an end, or not to a good one. */
async function differing(source: string, recording: string): Promise<Differing> {
  const program = join(import.meta.dirname, 'check-copy.ts');
  const options = {timeout: MOST_SECONDS * 1000, maxBuffer: 2 ** 26};
  const {stdout} = await promisify(execFile)(process.execPath, [program, source, recording], options);
  return JSON.parse(stdout) as Differing;
}

interface Row {
  readonly name: string;
  readonly cases: number;
  readonly random: number;
}

/** What a fault changes beyond what differs without it. */
function rowOf(name: string, found: Differing | 'crash', before: Differing): Row {
  if (found === 'crash') return {name, cases: Infinity, random: Infinity};
  return {
    name,
    cases: countOfNew(found.cases, before.cases),
    random: countOfNew(found.random, before.random),
  };
}

function countOfNew(names: readonly string[], known: readonly string[]): number {
  return names.filter((name) => !known.includes(name)).length;
}

function cell(count: number): string {
  return (Number.isFinite(count) ? String(count) : 'crash').padStart(8);
}

function printRows(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({name}) => name.length));
  console.log(`\n${'fault'.padEnd(width)}     cases   random`);
  for (const {name, cases, random} of rows) console.log(`${name.padEnd(width)}  ${cell(cases)} ${cell(random)}`);
  console.log(
    `\nFound by so many of ${CASES.length} cases and ${POLICIES + TEXTS} random questions, each in ${RELEASES.length} releases.`,
  );
}

/** Names of cases that differ already, though they should not. */
function unexpected({cases, random}: Differing): readonly string[] {
  const known = new Set(
    [...KNOWN_DIFFERENCES].flatMap((name) => RELEASES.map((release) => `${name} (${release.name})`)),
  );
  return [...cases.filter((name) => !known.has(name)), ...random.map((number) => `random question ${number}`)];
}

async function main(): Promise<number> {
  const go = findGo();
  if (go === undefined) {
    console.log('Not shown: Go is not installed, and the API server’s own code is Go (https://go.dev/doc/install).');
    console.log('\n  0 passing\n  1 pending');
    return SKIPPED;
  }
  const outdated = FAULTS.flatMap((fault) => whyNot(fault) ?? []);
  if (outdated.length > 0) {
    console.log(`The code has changed: write these faults anew in fault-list.ts.\n${outdated.join('\n')}`);
    console.log(`\n  0 passing\n  ${outdated.length} failing`);
    return 1;
  }
  const directory = mkdtempSync(join(tmpdir(), 'audit-faults-'));
  try {
    const planted = FAULTS.map((fault, index) => ({fault, source: plant(fault, join(directory, `fault-${index}`))}));
    const recording = join(directory, 'recording.jsonl');
    await record(go, directory, recording);
    const before = await differing(plant(undefined, join(directory, 'as-it-is')), recording);
    const rows = await inTurns(planted, async ({fault, source}) =>
      rowOf(fault.name, await differing(source, recording).catch(() => 'crash' as const), before),
    );
    printRows(rows);
    return summary(rows, unexpected(before));
  } finally {
    rmSync(directory, {recursive: true, force: true});
  }
}

/** As many at a time as there are processors; the results in the order of `items`. */
async function inTurns<T, R>(items: readonly T[], check: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) {
      const item = items[index];
      if (item !== undefined) results[index] = await check(item);
    }
  };
  await Promise.all(Array.from({length: availableParallelism()}, worker));
  return results;
}

function summary(rows: readonly Row[], differences: readonly string[]): number {
  const missed = rows.filter(({cases, random}) => cases === 0 || random === 0);
  for (const {name, cases} of missed) console.log(`not found by the ${cases === 0 ? 'cases' : 'random run'}: ${name}`);
  if (differences.length > 0) {
    console.log(`differs without any fault: ${differences.slice(0, 5).join('; ')}`);
    console.log(`  (${differences.length} in all: npm test and npm run test:oracle tell more)`);
  }
  const failing = missed.length + (differences.length > 0 ? 1 : 0);
  console.log(`\n  ${rows.length + 1 - failing} passing`);
  if (failing > 0) console.log(`  ${failing} failing`);
  return failing === 0 ? 0 : 1;
}

process.exitCode = await main();
