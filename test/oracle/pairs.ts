/**
 * Holds the difference of two policies against the API server's own decisions: random pairs, some requests of each, and
 * the example of each class. Every request has to lie in just the classes that tell how its recording changes.
 */
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {difference} from '../../src/evaluate/difference.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import type {DecidedDifference} from '../../src/model/difference.ts';
import {STAGES} from '../../src/model/policy.ts';
import type {AuditPolicy, Level} from '../../src/model/policy.ts';
import type {AuditDecision, RequestAttributes} from '../../src/model/request.ts';
import {policyText} from '../../src/plan/policy-text.ts';
import {neighbourOf, randomPolicy, requestsOf, vocabularyFrom} from '../evaluate/difference/brute-force.ts';
import {directionOf, faultAt, isIn, shownOf} from '../evaluate/difference/one-request.ts';
import {buildOracle, findGo, GoOracle, SKIPPED} from './go-oracle.ts';
import {RELEASES} from './protocol.ts';
import type {AnsweredRequest} from './protocol.ts';
import {Random} from './random-numbers.ts';

const RELEASE = RELEASES[3];
const SERVER_VERSION = parseKubernetesVersion(RELEASE.serverVersion);
/** Of each pair, beside the examples. */
const REQUESTS = 500;

interface Pair {
  readonly before: AuditPolicy;
  readonly after: AuditPolicy;
  readonly difference: DecidedDifference;
  readonly requests: readonly RequestAttributes[];
}

function pairFrom(seed: number): Pair {
  const random = new Random(seed);
  const vocabulary = vocabularyFrom(random);
  const before = randomPolicy(random, vocabulary, 5);
  const neighbour = neighbourOf(random, vocabulary, before);
  // The API server takes no policy without rules.
  const isNeighbour = neighbour.rules.length > 0 && random.chance(0.6);
  const after = isNeighbour ? neighbour : randomPolicy(random, vocabulary, 5);
  const found = difference(before, after, {serverVersion: SERVER_VERSION});
  if (found.kind === 'undecided') throw new Error(`seed ${seed}: ${found.tooMuch}`);
  const all = [...requestsOf(vocabulary)];
  const some = Array.from({length: REQUESTS}, () => random.pick(all));
  return {before, after, difference: found, requests: [...found.classes.map(({example}) => example), ...some]};
}

/** The server's decisions for all requests of a pair, under one of its policies. */
async function decisionsOf(oracle: GoOracle, policy: AuditPolicy, requests: readonly RequestAttributes[]) {
  const answer = await oracle.ask({policy: policyText(policy), requests});
  if (answer.error !== undefined || answer.requests?.length !== requests.length) {
    throw new Error(`the API server has not answered: ${answer.error ?? 'too few answers'}`);
  }
  const decisions = new Map(requests.map((request, index) => [request, decisionOf(answer.requests?.[index])]));
  return (request: RequestAttributes): AuditDecision => decisions.get(request) ?? decisionOf(undefined);
}

function decisionOf(answer: AnsweredRequest | undefined): AuditDecision {
  if (answer?.level === undefined) throw new Error('the API server has not decided');
  return {
    level: answer.level as Level,
    omitStages: STAGES.filter((stage) => answer.omitStages?.includes(stage)),
    omitManagedFields: answer.omitManagedFields ?? false,
    rule: answer.rule,
  };
}

/** What is wrong with the difference of a pair. */
async function faultOf(
  oracle: GoOracle,
  {before, after, difference: found, requests}: Pair,
): Promise<string | undefined> {
  const deciders = {
    before: await decisionsOf(oracle, before, requests),
    after: await decisionsOf(oracle, after, requests),
  };
  for (const request of requests) {
    const fault = faultAt(request, deciders, found.classes);
    if (fault !== undefined) return `${JSON.stringify(request)}: ${fault}`;
  }
  for (const each of found.classes) {
    const shown = directionOf(shownOf(deciders.before, each.example), shownOf(deciders.after, each.example));
    if (shown !== each.direction || !isIn(each.example, each)) return 'an example that shows nothing';
  }
  return undefined;
}

async function main(): Promise<number> {
  const {values} = parseArgs({
    options: {
      seed: {type: 'string', default: String(1 + Math.floor(Math.random() * 1e6))},
      pairs: {type: 'string', default: '400'},
    },
  });
  const go = findGo();
  if (go === undefined) {
    console.log('Pairs not compared: Go is not installed.\n\n  0 passing\n  1 pending');
    return SKIPPED;
  }
  const directory = mkdtempSync(join(tmpdir(), 'audit-oracle-'));
  const oracle = new GoOracle(await buildOracle(go, RELEASE, directory), RELEASE);
  const [seed, pairs] = [Number(values.seed), Number(values.pairs)];
  let [classes, requests, failing] = [0, 0, 0];
  try {
    for (let each = seed; each < seed + pairs; each += 1) {
      const pair = pairFrom(each);
      classes += pair.difference.classes.length;
      requests += pair.requests.length;
      const fault = await faultOf(oracle, pair);
      if (fault === undefined) continue;
      failing += 1;
      console.log(`seed ${each}: ${fault}`);
    }
  } finally {
    await oracle.stop();
    rmSync(directory, {recursive: true, force: true});
  }
  console.log(
    `seeds ${seed} to ${seed + pairs - 1}: ${pairs} pairs of policies, ${classes} classes, ${requests} requests decided by ` +
      `k8s.io/apiserver ${RELEASE.name} under both: ${failing === 0 ? 'no difference' : `${failing} pairs are told wrongly`}`,
  );
  console.log(`\n  ${failing === 0 ? 1 : 0} passing${failing === 0 ? '' : `\n  ${failing} failing`}`);
  return failing === 0 ? 0 : 1;
}

process.exitCode = await main();
