/**
 * Whether a policy records what requirements ask for: the result of `evaluate/coverage/coverage.ts`.
 */
import type {Level, Stage} from './policy.ts';
import type {RequestAttributes} from './request.ts';
import type {Requirement} from './requirement.ts';

/** One class of requests that the policy does not record as wanted. */
export interface Failure {
  /**
   * `too-little`: below `atLeast`; `too-much`: above `atMost`; `stage-omitted`: the level is right, but none of the
   * wanted stages is written.
   */
  readonly kind: 'too-little' | 'too-much' | 'stage-omitted';
  /**
   * Present where the search was given up, as the policy names too many users, namespaces and names (no policy in use
   * comes near): not known to be met counts as not met, and the text says so. The example is then just some request.
   */
  readonly undecided?: true;
  /** One request of the class, ready for `evaluate` and for `kubectl audit explain`. */
  readonly example: RequestAttributes;
  /** The class as people write it: `create pods by anyone`, `delete secrets in namespace kube-system by anyone`. */
  readonly text: string;
  readonly gotLevel: Level;
  /** The stages at which an event can be written, i.e. those not omitted; empty at level None. */
  readonly gotStages: readonly Stage[];
  readonly wanted: {
    readonly atLeast: Level;
    readonly atMost: Level | undefined;
    /** At least one of these. */
    readonly stages: readonly Stage[];
  };
  /** Index into `policy.rules` of the rule that decides; undefined when none matches. */
  readonly rule: number | undefined;
  /** Line of that rule in the policy's text, where known. */
  readonly ruleLine: number | undefined;
}

/** The answer for one requirement. */
export interface RequirementCoverage {
  readonly requirement: Requirement;
  /** Whether every request that the requirement describes is recorded so; the same as `failures` being empty. */
  readonly met: boolean;
  /** At most one for each pair of verb and resource (or path): its most general class. In the requirement's order. */
  readonly failures: readonly Failure[];
}
