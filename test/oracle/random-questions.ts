/** Random questions for the oracle. */
import type {AskedRequest, Question} from './protocol.ts';
import {Random} from './random-numbers.ts';
import {randomPolicy, writePolicy} from './random-policies.ts';
import {randomRequest} from './random-requests.ts';
import {randomText} from './random-texts.ts';

const REQUESTS_PER_POLICY = 60;

/** Every question comes from a seed of its own, so that none depends on how many were asked before. */
export function questionsFrom(seed: number, make: (random: Random) => Question): () => Question {
  let index = 0;
  return () => make(new Random(Math.imul(seed, 0x9e3779b1) ^ Math.imul(++index, 0x85ebca6b)));
}

/** A policy that is well-formed, with many requests. */
export function structuredPolicy(random: Random): Question {
  const policy = writePolicy(random, randomPolicy(random));
  if (random.chance(0.005)) return {policy, requests: manyRequests(random)};
  return {policy, requests: Array.from({length: REQUESTS_PER_POLICY}, () => randomRequest(random))};
}

/** With more verbs and groups than anyone would remember. */
function manyRequests(random: Random): AskedRequest[] {
  return Array.from({length: 1000}, () => {
    const request = randomRequest(random);
    if ('method' in request || random.chance(0.3)) return request;
    const {target} = request;
    if (target.kind === 'resource' && random.chance(0.5)) {
      return {...request, target: {...target, group: `group-${random.below(500)}`}};
    }
    return {...request, verb: `verb-${random.below(500)}`};
  });
}

/** A text that is mostly not, with a few. `bases` are texts to start from. */
export function oddText(random: Random, bases: readonly string[]): Question {
  return {...randomText(random, bases), requests: Array.from({length: 4}, () => randomRequest(random))};
}
