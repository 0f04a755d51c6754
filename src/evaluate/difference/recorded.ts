/** What is recorded of a request, as far as it can be seen in the log, and how two such records compare. */
import type {Direction} from '../../model/difference.ts';
import {LEVELS, STAGES} from '../../model/policy.ts';
import type {AuditPolicy, Level, PolicyRule, Stage} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {unionStages} from '../match.ts';
import {possibleStages, recordsManagedFields} from '../request/request-classes.ts';

/** What a policy asks for where a rule decides, whatever the request is. */
export interface Effect {
  readonly level: Level;
  /** The stages that are not omitted. */
  readonly stages: readonly Stage[];
  readonly omitManagedFields: boolean;
}

/** The effect of `rule`, or that of no rule. */
export function effectOf(policy: AuditPolicy, rule: PolicyRule | undefined): Effect {
  const omitted = unionStages(policy.omitStages, rule?.omitStages ?? []);
  return {
    level: rule?.level ?? 'None',
    stages: STAGES.filter((stage) => !omitted.includes(stage)),
    omitManagedFields: rule?.omitManagedFields ?? policy.omitManagedFields,
  };
}

/** The traits of a request that decide how much of an effect shows. */
export interface Traits {
  readonly stages: readonly Stage[];
  /** Levels at which objects with managed fields are recorded. */
  readonly objectLevels: readonly Level[];
}

/** The traits of a request. */
export function traitsOf(request: RequestAttributes): Traits {
  return {
    stages: possibleStages(request),
    // Without a user nothing is handled, so there is no object.
    objectLevels:
      request.user === undefined
        ? []
        : LEVELS.filter((level) => recordsManagedFields(level, request.verb, request.target)),
  };
}

/** The traits of requests that fail authentication. */
export const FAILED_TRAITS: Traits = {stages: ['ResponseStarted'], objectLevels: []};

/** The traits of no request. */
export const NO_TRAITS: Traits = {stages: [], objectLevels: []};

/** What shows of some request with the one or the other traits. */
export function joinedTraits(one: Traits, other: Traits): Traits {
  const isWithin = other.stages.every((stage) => one.stages.includes(stage));
  if (isWithin && other.objectLevels.every((level) => one.objectLevels.includes(level))) return one;
  return {
    stages: STAGES.filter((stage) => one.stages.includes(stage) || other.stages.includes(stage)),
    objectLevels: LEVELS.filter((level) => one.objectLevels.includes(level) || other.objectLevels.includes(level)),
  };
}

/** What shows in the log of a request. */
export interface Recorded {
  /** None also where no stage is left. */
  readonly level: Level;
  readonly stages: readonly Stage[];
  /** Undefined where no object with managed fields is recorded. */
  readonly managedFields: boolean | undefined;
}

const NOTHING: Recorded = {level: 'None', stages: [], managedFields: undefined};
/** Stages whose events hold objects. */
const OBJECT_STAGES: readonly Stage[] = ['ResponseComplete', 'Panic'];

/** What shows of `effect` for requests with such traits. */
export function recordedOf(effect: Effect, traits: Traits): Recorded {
  if (effect.level === 'None') return NOTHING;
  const stages = effect.stages.filter((stage) => traits.stages.includes(stage));
  if (stages.length === 0) return NOTHING;
  const hasObject = traits.objectLevels.includes(effect.level) && stages.some((stage) => OBJECT_STAGES.includes(stage));
  return {level: effect.level, stages, managedFields: hasObject ? !effect.omitManagedFields : undefined};
}

/** How `after` differs from `before`; undefined where it does not. */
export function directionOf(before: Recorded, after: Recorded): Direction | undefined {
  const gains = hasMore(after, before);
  const loses = hasMore(before, after);
  if (gains) return loses ? 'changes' : 'gains';
  return loses ? 'loses' : undefined;
}

/** Whether `one` has something that `other` has not. */
function hasMore(one: Recorded, other: Recorded): boolean {
  if (LEVELS.indexOf(one.level) > LEVELS.indexOf(other.level)) return true;
  if (one.stages.some((stage) => !other.stages.includes(stage))) return true;
  // Where only one of them records an object, its level or its stages say so.
  return one.managedFields === true && other.managedFields === false;
}
