import type {Level, Stage} from './policy.ts';

/**
 * A Requirement is what should be recorded: a set of requests and the least that an event about each of them must hold.
 * It is met when **every** request that it describes, by anyone, in any namespace and of any name, is recorded so.
 */
export interface Requirement {
  /** Stable, kebab-case, unique within its preset, e.g. `pods`. */
  readonly id: string;
  /** `must`: without it the preset is not met; `should`: reported, but does not lower the verdict. */
  readonly level: 'must' | 'should';
  /** One fragment for people, e.g. `changes of pods`. */
  readonly title: string;
  readonly requests: readonly RequestSet[];
  /** The least level that satisfies it. */
  readonly atLeast: Level;
  /**
   * Where a higher level would put secrets into the log, the most that is acceptable (CIS: Metadata for Secrets).
   * Undefined: no upper bound.
   */
  readonly atMost?: Level;
  /** At least one event of these stages must be written for each request. Default: ResponseComplete. */
  readonly stages?: readonly Stage[];
  /** Why it is here; where the preset departs from its source, why it does. */
  readonly reason: string;
}

/** A product of verbs and resources (or paths); every user, namespace and name is meant. */
export type RequestSet =
  | {
      readonly kind: 'resources';
      readonly verbs: readonly string[];
      readonly group: string;
      /** `pods`, or `pods/exec` for a subresource. No wildcards, but for `*`: any resource of the group. */
      readonly resources: readonly string[];
    }
  | {readonly kind: 'nonResource'; readonly verbs: readonly string[]; readonly paths: readonly string[]};

/** A shipped or user-made set of requirements. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly source: {readonly title: string; readonly url: string};
  readonly requirements: readonly Requirement[];
  /** The log path that the preset's consumer reads (Calico's collector tails one exact path), if any. */
  readonly logPath?: string;
  /** Least values of the log's rotation flags, e.g. CIS 1.2.17 to 1.2.19. */
  readonly rotation?: {readonly maxAge: number; readonly maxBackup: number; readonly maxSize: number};
}
