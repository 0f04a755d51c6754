/**
 * Compares the product with the API server's own code on random policies, requests and odd policy texts. Each run has a
 * seed of its own unless one is given; a difference is made small and printed as a case for `cases.ts`.
 */
import {mkdtempSync, readdirSync, readFileSync, rmSync, statSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {performance} from 'node:perf_hooks';
import {parseArgs} from 'node:util';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {requestFromHttp} from '../../src/evaluate/request/request-info.ts';
import {compare} from './compare.ts';
import type {Difference, Engine} from './compare.ts';
import {buildOracle, findGo, GoOracle, SKIPPED} from './go-oracle.ts';
import {RELEASES} from './protocol.ts';
import type {Answer, Question} from './protocol.ts';
import {oddText, questionsFrom, structuredPolicy} from './random-questions.ts';
import {shrink} from './shrink.ts';

const ENGINE: Engine = {loadPolicy, policyRuleEvaluator, requestFromHttp};

/** Asked in one go, while the answers to those before are compared. */
const BATCH = 64;
/** After so many kinds of difference the run ends. */
const MOST_DIFFERENCES = 5;

interface Options {
  readonly seed: number;
  readonly evaluations: number;
  readonly texts: number;
  readonly releases: readonly string[];
  /** A directory of policies to start from, beside random ones; not part of the project. */
  readonly corpus: string | undefined;
}

function readOptions(): Options {
  const {values} = parseArgs({
    options: {
      seed: {type: 'string'},
      evaluations: {type: 'string', default: '200000'},
      texts: {type: 'string', default: '20000'},
      releases: {type: 'string', default: RELEASES.map(({name}) => name).join()},
      corpus: {type: 'string'},
    },
  });
  return {
    seed: numberOf('seed', values.seed ?? String(1 + Math.floor(Math.random() * 1e9))),
    evaluations: numberOf('evaluations', values.evaluations),
    texts: numberOf('texts', values.texts),
    releases: values.releases.split(','),
    corpus: values.corpus ?? process.env['AUDIT_POLICY_CORPUS'],
  };
}

function numberOf(option: string, text: string): number {
  if (!/^\d+$/.test(text)) throw new Error(`--${option} takes a number, not ${text}`);
  return Number(text);
}

/** The three things that are compared for a release, each with its own count. */
const PARTS = ['evaluations', 'texts', 'attributes'] as const;
type Part = (typeof PARTS)[number];

interface Found {
  readonly part: Part;
  readonly question: Question;
  readonly difference: Difference;
}

class Comparison {
  readonly oracle: GoOracle;
  readonly counts: Record<Part, number> = {evaluations: 0, texts: 0, attributes: 0};
  readonly accepted = {texts: 0};
  /** The first of each kind. */
  readonly found: Found[] = [];
  readonly differences: Record<Part, number> = {evaluations: 0, texts: 0, attributes: 0};

  constructor(oracle: GoOracle) {
    this.oracle = oracle;
  }

  take(question: Question, answer: Answer, isText: boolean): void {
    const {evaluations, attributes, difference} = compare(ENGINE, question, answer, this.oracle.release);
    this.counts.evaluations += evaluations;
    this.counts.attributes += attributes;
    if (isText) this.counts.texts += 1;
    if (isText && answer.error === undefined) this.accepted.texts += 1;
    if (difference === undefined) return;
    const part = difference.kind === 'attributes' ? 'attributes' : isText ? 'texts' : 'evaluations';
    this.differences[part] += 1;
    const kind = kindOf(difference);
    if (this.found.every((each) => each.part !== part || kindOf(each.difference) !== kind)) {
      this.found.push({part, question, difference});
    }
  }

  /** Whether a question still shows a difference of that kind. */
  async shows(question: Question, difference: Difference): Promise<boolean> {
    const answer = await this.oracle.ask(question);
    const now = compare(ENGINE, question, answer, this.oracle.release).difference;
    return now !== undefined && kindOf(now) === kindOf(difference);
  }
}

/** Two messages of another kind are another difference; names and numbers in them are not. */
function kindOf({kind, product, server}: Difference): string {
  const words = [product, server].map((each) =>
    typeof each === 'string' && kind !== 'policy' ? each.replaceAll(/"(?:[^"\\]|\\.)*"|\d+/g, '…') : '',
  );
  return JSON.stringify([kind, ...words]);
}

/** Asks all oracles the same questions, until `enough` says so. */
async function run(
  comparisons: readonly Comparison[],
  next: () => Question,
  isText: boolean,
  enough: () => boolean,
): Promise<void> {
  const ask = () => {
    const batch = Array.from({length: BATCH}, next);
    return comparisons.map((comparison) => ({
      comparison,
      answered: Promise.all(batch.map(async (question) => [question, await comparison.oracle.ask(question)] as const)),
    }));
  };
  const take = async (asked: ReturnType<typeof ask>) => {
    for (const {comparison, answered} of asked) {
      for (const [question, answer] of await answered) comparison.take(question, answer, isText);
    }
  };
  if (enough()) return;
  let asked = ask();
  while (!enough() && comparisons.every(({found}) => found.length < MOST_DIFFERENCES)) {
    const coming = ask();
    await take(asked);
    asked = coming;
  }
  await take(asked);
}

function corpusTexts(directory: string | undefined): readonly string[] {
  if (directory === undefined) return [];
  const names = readdirSync(directory, {recursive: true, encoding: 'utf8'}).toSorted();
  const files = names.map((name) => join(directory, name)).filter((file) => statSync(file).isFile());
  return files.map((file) => readFileSync(file, 'utf8'));
}

/** Makes the differences small and prints each once, with the releases that show it. */
async function report(comparisons: readonly Comparison[]): Promise<void> {
  const releasesByText = new Map<string, string[]>();
  for (const comparison of comparisons) {
    for (const found of comparison.found.slice(0, MOST_DIFFERENCES)) {
      const text = await describe(comparison, found);
      releasesByText.set(text, [...(releasesByText.get(text) ?? []), comparison.oracle.release.name]);
    }
  }
  for (const [text, releases] of releasesByText) console.log(`\n${[...new Set(releases)].join(', ')}: ${text}`);
}

async function describe(comparison: Comparison, {question, difference}: Found): Promise<string> {
  const small = await shrink(question, difference.request, (each) => comparison.shows(each, difference));
  const answer = await comparison.oracle.ask(small);
  const {kind, product, server} = compare(ENGINE, small, answer, comparison.oracle.release).difference ?? difference;
  return [
    kind,
    `  here:       ${printed(product)}`,
    `  API server: ${printed(server)}`,
    '  as a case:',
    `  ${JSON.stringify({name: 'found: (say what it is)', ...small})},`,
  ].join('\n');
}

function printed(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function count(number: number): string {
  return number.toLocaleString('en');
}

async function main(): Promise<number> {
  const options = readOptions();
  const releases = RELEASES.filter(({name}) => options.releases.includes(name));
  if (releases.length === 0) throw new Error(`--releases takes some of ${RELEASES.map(({name}) => name).join()}`);
  const go = findGo();
  if (go === undefined) {
    console.log('Not compared: Go is not installed, and the API server’s own code is Go (https://go.dev/doc/install).');
    console.log('\n  0 passing\n  1 pending');
    return SKIPPED;
  }
  const started = performance.now();
  const directory = mkdtempSync(join(tmpdir(), 'audit-oracle-'));
  const comparisons: Comparison[] = [];
  try {
    for (const release of releases) {
      comparisons.push(new Comparison(new GoOracle(await buildOracle(go, release, directory), release)));
    }
    const built = performance.now();
    console.log(`seed ${options.seed}; built in ${seconds(built - started)}`);
    const bases = corpusTexts(options.corpus);
    for (const policy of bases) {
      for (const comparison of comparisons) comparison.take({policy}, await comparison.oracle.ask({policy}), true);
    }
    const all = (part: Part, least: number) => () => comparisons.every(({counts}) => counts[part] >= least);
    await run(
      comparisons,
      questionsFrom(options.seed, structuredPolicy),
      false,
      all('evaluations', options.evaluations),
    );
    const oddTexts = questionsFrom(options.seed + 1, (random) => oddText(random, bases));
    await run(comparisons, oddTexts, true, all('texts', options.texts + bases.length));
    await report(comparisons);
  } finally {
    await Promise.all(comparisons.map(({oracle}) => oracle.stop()));
    rmSync(directory, {recursive: true, force: true});
  }
  return summary(comparisons, options, performance.now() - started);
}

function summary(comparisons: readonly Comparison[], {seed}: Options, duration: number): number {
  console.log();
  let failing = 0;
  for (const {oracle, counts, accepted, differences} of comparisons) {
    const different = PARTS.filter((part) => differences[part] > 0);
    failing += different.length;
    console.log(
      `${oracle.release.name}: ${count(counts.evaluations)} evaluations, ${count(counts.attributes)} requests of HTTP, ` +
        `${count(counts.texts)} odd texts (${count(accepted.texts)} load): ` +
        (different.length === 0
          ? 'no difference'
          : different.map((part) => `questions that differ in ${part}: ${count(differences[part])}`).join(', ')),
    );
  }
  const names = comparisons.map(({oracle}) => oracle.release.name).join(', ');
  console.log(
    failing === 0
      ? `The product and k8s.io/apiserver ${names} agree.`
      : `They differ. Again with: npm run test:oracle -- --seed ${seed}`,
  );
  console.log(`\n  ${comparisons.length * PARTS.length - failing} passing (${seconds(duration)})`);
  if (failing > 0) console.log(`  ${failing} failing`);
  return failing === 0 ? 0 : 1;
}

function seconds(milliseconds: number): string {
  return `${Math.round(milliseconds / 1000)}s`;
}

process.exitCode = await main();
