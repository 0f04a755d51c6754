import type {Level, Stage} from './policy.ts';

/**
 * A Requirement is what should be recorded: a set of requests and the least that an event about each of them must hold.
 * It is met when **every** request that it describes, by anyone, in any namespace and of any name, is recorded so.
 */
export interface Requirement {
  /** Stable, unique within its preset, e.g. `pods`. */
  readonly id: string;
  /** `must`: without it the preset is not met; `should`: reported, but does not lower the verdict. */
  readonly level: 'must' | 'should';
  /** One fragment for people, e.g. `changes of pods`. */
  readonly title: string;
  readonly requests: readonly RequestSet[];
  /** The least level that satisfies it: from Request on with the request's body, at RequestResponse with both. */
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
  /** Where the preset's source asks for it: `3.2.2`, `V-242403`, `Sample policy`. Undefined: it does not. */
  readonly place?: string;
  /**
   * Another log that may hold what this requirement asks for, and that is not read here. Where the policy alone does not
   * meet it, it is then unknown whether it is met.
   */
  readonly elsewhere?: string;
}

/** A product of verbs and resources (or paths), or all requests there are; every user, namespace and name is meant. */
export type RequestSet =
  | {
      readonly kind: 'resources';
      readonly verbs: readonly string[];
      readonly group: string;
      /** `pods`, or `pods/exec` for a subresource. No wildcards, but for `*`: any resource of the group. */
      readonly resources: readonly string[];
    }
  | {readonly kind: 'nonResource'; readonly verbs: readonly string[]; readonly paths: readonly string[]}
  /** Every request of a user, anonymous ones included. Those that fail authentication have no user. */
  | {readonly kind: 'everything'};

/** The flags that a source may ask for. */
export const SETTING_FLAGS = [
  'audit-policy-file',
  'audit-log-path',
  'audit-log-maxage',
  'audit-log-maxbackup',
  'audit-log-maxsize',
] as const;
export type SettingFlag = (typeof SETTING_FLAGS)[number];

/** What a source asks of one flag. The least value of a rotation flag is that of the preset's `rotation`. */
export interface SettingRequirement {
  readonly id: string;
  readonly level: 'must' | 'should';
  readonly title: string;
  readonly flag: SettingFlag;
  readonly reason: string;
  readonly place?: string;
}

/** Where a preset does not follow its source to the letter. */
export interface Departure {
  readonly what: string;
  readonly why: string;
}

/** A shipped or user-made set of requirements. */
export interface Preset {
  readonly name: string;
  readonly title: string;
  readonly source: {readonly title: string; readonly url: string};
  readonly requirements: readonly Requirement[];
  /** What the source asks of the API server's flags. */
  readonly settings?: readonly SettingRequirement[];
  /** The log path that the preset's consumer reads (Calico's collector tails one exact path), if any. */
  readonly logPath?: string;
  /** Least values of the log's rotation flags, e.g. CIS 1.2.17 to 1.2.19. */
  readonly rotation?: {
    /** Days. */
    readonly maxAge: number;
    /** Files. */
    readonly maxBackup: number;
    /** MiB. */
    readonly maxSize: number;
    /** The flags must be given: a default does not count, and 0 is a number like others, not "no limit". */
    readonly mustBeSet?: boolean;
  };
  readonly departures?: readonly Departure[];
}

/** One side of a conflict: a requirement of a preset. */
export interface ConflictingDemand {
  readonly preset: string;
  readonly requirement: string;
  readonly title: string;
  readonly strength: Requirement['level'];
  readonly place: string | undefined;
  readonly level: Level;
}

/** Two musts that no policy can meet together: for the same requests one wants more than the other allows. */
export interface PresetConflict {
  /** Wants at least its level. */
  readonly least: ConflictingDemand;
  /** Wants at most its level. */
  readonly most: ConflictingDemand;
  /** The requests that both mean, as people write them: `get secrets`. */
  readonly requests: readonly string[];
}
