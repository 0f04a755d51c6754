/**
 * Compares a copy of the sources with the checked-in answers and with recorded ones, for `faults.ts`:
 * `node check-copy.ts SRC RECORDING`. Prints the names of what differs as JSON.
 */
import {readFileSync} from 'node:fs';
import {join, resolve} from 'node:path';
import {pathToFileURL} from 'node:url';
import {checkedInAnswers} from './answers.ts';
import {CASES} from './cases.ts';
import {compare} from './compare.ts';
import type {Engine} from './compare.ts';
import {RELEASES} from './protocol.ts';
import type {Answer, Question, Release} from './protocol.ts';

/** What differs, by the two ways in which it can be found. */
export interface Differing {
  readonly cases: readonly string[];
  readonly random: readonly string[];
}

/** One line of a recording: a question with the answers of all releases, in their order. */
export type Recorded = readonly [question: Question, ...answers: Answer[]];

async function engineOf(source: string): Promise<Engine> {
  const load = async (file: string) => (await import(pathToFileURL(join(source, 'evaluate', file)).href)) as Engine;
  const [policies, matching, http] = await Promise.all(
    ['load/load-policy.ts', 'match.ts', 'request/request-info.ts'].map(load),
  );
  if (policies === undefined || matching === undefined || http === undefined) throw new Error('nothing loaded');
  return {
    loadPolicy: policies.loadPolicy,
    policyRuleEvaluator: matching.policyRuleEvaluator,
    requestFromHttp: http.requestFromHttp,
  };
}

function differs(engine: Engine, question: Question, answer: Answer, release: Release): boolean {
  return compare(engine, question, answer, release).difference !== undefined;
}

function differingCases(engine: Engine): string[] {
  return checkedInAnswers().flatMap(({release, byName}) =>
    CASES.filter(({name, ...question}) => {
      const answer = byName.get(name);
      return answer === undefined || differs(engine, question, answer, release);
    }).map(({name}) => `${name} (${release.name})`),
  );
}

function differingRecorded(engine: Engine, recording: string): string[] {
  const lines = readFileSync(recording, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.flatMap((line, number) => {
    const [question, ...answers] = JSON.parse(line) as Recorded;
    return RELEASES.filter((release, index) => {
      const answer = answers[index];
      return answer === undefined || differs(engine, question, answer, release);
    }).map(({name}) => `${number} (${name})`);
  });
}

const [, , source, recording] = process.argv;
if (source === undefined || recording === undefined) throw new Error('usage: node check-copy.ts SRC RECORDING');
const engine = await engineOf(resolve(source));
const differing: Differing = {cases: differingCases(engine), random: differingRecorded(engine, recording)};
console.log(JSON.stringify(differing));
