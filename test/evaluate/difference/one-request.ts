/** What the difference of two policies has to say of a single request, by what decides under each of them. */
import {LEVELS} from '../../../src/model/policy.ts';
import type {Level, Stage} from '../../../src/model/policy.ts';
import type {Direction, RequestClassChange} from '../../../src/model/difference.ts';
import type {RequestAttributes} from '../../../src/model/request.ts';
import type {PolicyRuleEvaluator} from '../../../src/evaluate/match.ts';
import {possibleStages, recordsManagedFields} from '../../../src/evaluate/request/request-classes.ts';
import {belongsTo} from './brute-force.ts';

/** What shows of a request in the log, by its decision and the facts about stages and objects alone. */
interface Shown {
  readonly level: Level;
  readonly stages: readonly Stage[];
  readonly managedFields: boolean | undefined;
}

export function shownOf(decide: PolicyRuleEvaluator, request: RequestAttributes): Shown {
  const {level, omitStages, omitManagedFields} = decide(request);
  const stages = possibleStages(request).filter((stage) => !omitStages.includes(stage));
  if (level === 'None' || stages.length === 0) return {level: 'None', stages: [], managedFields: undefined};
  const hasObject =
    request.user !== undefined &&
    recordsManagedFields(level, request.verb, request.target) &&
    (stages.includes('ResponseComplete') || stages.includes('Panic'));
  return {level, stages, managedFields: hasObject ? !omitManagedFields : undefined};
}

export function hasMore(one: Shown, other: Shown): boolean {
  return (
    LEVELS.indexOf(one.level) > LEVELS.indexOf(other.level) ||
    one.stages.some((stage) => !other.stages.includes(stage)) ||
    (one.managedFields === true && other.managedFields === false)
  );
}

export function directionOf(before: Shown, after: Shown): Direction | undefined {
  if (hasMore(after, before)) return hasMore(before, after) ? 'changes' : 'gains';
  return hasMore(before, after) ? 'loses' : undefined;
}

export function isIn(request: RequestAttributes, {requests, except}: RequestClassChange): boolean {
  return belongsTo(request, requests) && !except.some((each) => belongsTo(request, each));
}

/** Whether the recording of a class is what is shown of one of its requests. */
function fits(recording: RequestClassChange['before'], shown: Shown, request: RequestAttributes): boolean {
  const possible = possibleStages(request);
  const stages = recording.stages.filter((stage) => possible.includes(stage));
  return (
    recording.level === shown.level &&
    stages.join() === shown.stages.join() &&
    (shown.managedFields === undefined || recording.omitManagedFields === !shown.managedFields)
  );
}

function hasRule(
  {rules, noRule}: RequestClassChange['before'],
  decide: PolicyRuleEvaluator,
  request: RequestAttributes,
): boolean {
  const {rule} = decide(request);
  return rule === undefined ? noRule : rules.some(({index}) => index === rule);
}

/** Who decides under each of the two policies: the evaluator, or the API server's own. */
interface DecidedPair {
  readonly before: PolicyRuleEvaluator;
  readonly after: PolicyRuleEvaluator;
}

/** What is wrong with the difference as far as one request shows it. */
export function faultAt(
  request: RequestAttributes,
  pair: DecidedPair,
  classes: readonly RequestClassChange[],
): string | undefined {
  const [before, after] = [shownOf(pair.before, request), shownOf(pair.after, request)];
  const direction = directionOf(before, after);
  const own = classes.filter((each) => isIn(request, each));
  if (direction === undefined) return own.length === 0 ? undefined : 'in a class, but recorded alike';
  if (own.length === 0) return 'in no class, but recorded differently';
  for (const each of own) {
    if (each.direction !== direction) return `${direction}, but told as ${each.direction}`;
    if (!fits(each.before, before, request) || !fits(each.after, after, request)) return 'not recorded as told';
    if (!hasRule(each.before, pair.before, request) || !hasRule(each.after, pair.after, request))
      return 'by another rule';
  }
  return undefined;
}
