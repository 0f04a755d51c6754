/**
 * What two audit policies record differently, over every request: the result of `evaluate/difference/`.
 */
import type {Level, Stage} from './policy.ts';
import type {RequestAttributes} from './request.ts';

/** The whole difference of two policies, or why it was not found out. */
export type Difference = DecidedDifference | UndecidedDifference;

export interface DecidedDifference {
  readonly kind: 'decided';
  /** Whether every request (that the cluster serves, where that was given) is recorded alike; then no class is left. */
  readonly same: boolean;
  /** Most important first. Together they hold every request that is recorded differently, and no other. */
  readonly classes: readonly RequestClassChange[];
  /**
   * Resources that a policy names and that would be recorded differently, but that the cluster does not serve:
   * `networkpolicies.extensions`. They are in no class. Empty where it is not known what the cluster serves.
   */
  readonly notServed: readonly string[];
}

/** The comparison was given up, as the policies are far larger than any in use. */
export interface UndecidedDifference {
  readonly kind: 'undecided';
  /** What was too much, one fragment: `the rules tell more than 2000 users apart`. */
  readonly tooMuch: string;
  /** A request that is recorded differently, where that much was found out. */
  readonly example?: RequestAttributes;
}

/**
 * `loses`: `after` records less of each of these requests, or nothing; `gains`: more; `changes`: more of one thing and
 * less of another.
 */
export type Direction = 'loses' | 'gains' | 'changes';

/** One class of requests, and how the recording of each of them changes. */
export interface RequestClassChange {
  readonly requests: RequestClass;
  /** Requests among them that do not belong to the class; "any" is then any within the class. */
  readonly except: readonly RequestClass[];
  readonly direction: Direction;
  readonly before: Recording;
  readonly after: Recording;
  /** One request of the class, for which `evaluate` gives just these decisions. */
  readonly example: RequestAttributes;
  /** Rules that would have recorded more of all these requests, and the rule that takes the requests from each. */
  readonly shadowed: readonly Shadowing[];
}

/** What is recorded of the requests of a class. */
export interface Recording {
  /** None also where every stage that these requests have is omitted. */
  readonly level: Level;
  /** The stages, of those that requests of the class can have, at which an event is written. Empty at level None. */
  readonly stages: readonly Stage[];
  /** Undefined where no object that has managed fields is recorded. */
  readonly omitManagedFields: boolean | undefined;
  /** The rules that decide, in the order of the policy. Several, where they decide parts of the class alike. */
  readonly rules: readonly RuleReference[];
  /** Whether no rule matches some (with `rules` empty: all) of the requests. */
  readonly noRule: boolean;
}

/** A rule of a policy. */
export interface RuleReference {
  /** Index into `policy.rules`; people count from 1. */
  readonly index: number;
  /** Line in the policy's text, where known. */
  readonly line: number | undefined;
}

/** In the policy `policy`, `rule` would have recorded more, but `by` comes first. */
export interface Shadowing {
  readonly policy: 'before' | 'after';
  readonly rule: RuleReference;
  readonly by: RuleReference;
}

/**
 * The requests that meet all of these conditions. Conditions on resources, namespaces and names are for resource
 * requests, those on paths for the others. Combinations that cannot exist (a list in a subresource) do not count.
 */
export interface RequestClass {
  readonly verbs: Values;
  /** Undefined where no resource request is meant. */
  readonly resources: ResourceSet | undefined;
  /** Undefined where no other request is meant. */
  readonly paths: PathSet | undefined;
  /** Empty stands for requests without a namespace: for cluster-scoped objects or for objects of all namespaces. */
  readonly namespaces: Values;
  /** Empty stands for requests without a name: `create`, `deletecollection`, and most of `list` and `watch`. */
  readonly names: Values;
  /** User names. Anonymous requests have the user system:anonymous; requests that fail authentication have none. */
  readonly users: Values;
  readonly groups: GroupCondition;
  /** Whether requests that fail authentication belong to the class: they have no user and no groups. */
  readonly failedAuthentication: boolean;
}

/** `these`: one of the values; `except`: any other value than these. */
export type Values =
  | {readonly kind: 'any'}
  | {readonly kind: 'these'; readonly values: readonly string[]}
  | {readonly kind: 'except'; readonly values: readonly string[]};

/** The groups of a user, who may be in any number of them. Both lists empty: whatever the groups are. */
export interface GroupCondition {
  /** The user is in at least one group of each list. */
  readonly inOneOfEach: readonly (readonly string[])[];
  /** The user is in none of these. */
  readonly inNoneOf: readonly string[];
}

/** The resources of one of the terms `these`, less those of one of the terms `except`. */
export interface ResourceSet {
  readonly these: readonly ResourceTerm[];
  readonly except: readonly ResourceTerm[];
}

/** Every combination of such an API group, resource and subresource. */
export interface ResourceTerm {
  /** API groups; empty is the core group. */
  readonly groups: Values;
  readonly resources: Values;
  /** Empty is the resource itself. */
  readonly subresources: Values;
}

/** The union of its terms. */
export type PathSet = readonly PathTerm[];

/** Patterns as in `nonResourceURLs`: a `*` at the end stands for whatever follows. */
export interface PathTerm {
  readonly pattern: string;
  /** Patterns within `pattern` that are left out. */
  readonly except: readonly string[];
}

/** Whether one policy records at least what another records, of every request. */
export type NeverLess =
  | {readonly kind: 'holds'}
  /** One request of which it records less: a lower level, a stage left out, or managed fields left out. */
  | {readonly kind: 'fails'; readonly example: RequestAttributes}
  | UndecidedDifference;
