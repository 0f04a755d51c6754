import type {Level, Stage} from './policy.ts';

/**
 * A request as the audit policy sees it.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authorization/authorizer/interfaces.go (Attributes)
 */
export interface RequestAttributes {
  /** Undefined when authentication failed (401): then no rule with users or userGroups matches. */
  readonly user: {readonly name: string; readonly groups: readonly string[]} | undefined;
  /** Lower case: get, list, watch, create, update, patch, delete, deletecollection; may be empty. */
  readonly verb: string;
  readonly target:
    | {
        readonly kind: 'resource';
        readonly group: string;
        readonly resource: string;
        /** Empty for the resource itself. */
        readonly subresource: string;
        /** Empty for cluster-scoped objects and for lists over all namespaces. */
        readonly namespace: string;
        /** Empty for create, list, watch and deletecollection. */
        readonly name: string;
      }
    | {readonly kind: 'nonResource'; /** Decoded, without query, not normalised. */ readonly path: string};
}

/** What the policy decides for one request. */
export interface AuditDecision {
  readonly level: Level;
  /** Union of the policy's and the rule's, in the order of `STAGES`. */
  readonly omitStages: readonly Stage[];
  readonly omitManagedFields: boolean;
  /** Index into `policy.rules` of the rule that decided; undefined when none matched. */
  readonly rule: number | undefined;
}
