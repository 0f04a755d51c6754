/**
 * The audit policy as the API server holds it after decoding, field for field as in audit.k8s.io.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/types.go
 */

/** Audit levels, from nothing to everything. The order is used for comparison only; matching takes the first rule. */
export const LEVELS = ['None', 'Metadata', 'Request', 'RequestResponse'] as const;
export type Level = (typeof LEVELS)[number];

/** The stages of a request at which an event can be written, in the order of the server's own message. */
export const STAGES = ['RequestReceived', 'ResponseStarted', 'ResponseComplete', 'Panic'] as const;
export type Stage = (typeof STAGES)[number];

/** Whether `level` records at least what `floor` records. */
export function atLeast(level: Level, floor: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(floor);
}

/** One entry of a rule's `resources`. An empty list means what an absent list means. */
export interface GroupResources {
  /** API group; empty is the core group, and only that. */
  readonly group: string;
  readonly resources: readonly string[];
  readonly resourceNames: readonly string[];
}

/** One rule. An empty list means what an absent list means: no restriction. */
export interface PolicyRule {
  readonly level: Level;
  readonly users: readonly string[];
  readonly userGroups: readonly string[];
  readonly verbs: readonly string[];
  readonly resources: readonly GroupResources[];
  readonly namespaces: readonly string[];
  readonly nonResourceURLs: readonly string[];
  readonly omitStages: readonly Stage[];
  /** Undefined where the rule does not say: then the policy's own value counts. */
  readonly omitManagedFields: boolean | undefined;
  /** Line of the rule in the text it was read from, counted from 1; undefined for policies made in memory. */
  readonly line: number | undefined;
}

/** A rule without any condition, that records nothing: what other rules are made from. */
export const ANY_RULE: PolicyRule = {
  level: 'None',
  users: [],
  userGroups: [],
  verbs: [],
  resources: [],
  namespaces: [],
  nonResourceURLs: [],
  omitStages: [],
  omitManagedFields: undefined,
  line: undefined,
};

/** A policy that the API server would accept. */
export interface AuditPolicy {
  readonly omitStages: readonly Stage[];
  readonly omitManagedFields: boolean;
  readonly rules: readonly PolicyRule[];
}
