/** What would change if a wanted policy took the place of those in force: the result of `plan/policy-change.ts`. */
import type {Difference} from './difference.ts';
import type {Finding} from './finding.ts';

/** A policy text and what people call it: a file's name, `preset calico`, `/etc/kubernetes/audit/policy.yaml on cp1`. */
export interface NamedPolicy {
  readonly name: string;
  readonly text: string;
}

/** What became of the comparison of one policy in force with the wanted one. */
export type ChangeOutcome =
  | {
      readonly kind: 'compared';
      readonly difference: Difference;
      /** The texts as `diff -u` compares them; empty when they are the same. */
      readonly unifiedDiff: string;
    }
  /** One of the two is no policy for this release, in the server's words. */
  | {
      readonly kind: 'refused';
      readonly which: 'inForce' | 'wanted';
      readonly message: string;
      readonly line: number | undefined;
    }
  | {readonly kind: 'unknown'; readonly because: Finding};

/** One policy in force, of all servers that hold the same under the same release. */
export interface PolicyChange {
  /** Node names; empty for a policy that was given as a file. */
  readonly servers: readonly string[];
  /** `1.34`; undefined where it is not known and the newest release was taken. */
  readonly release: string | undefined;
  /** Undefined where there is none, or where it is unknown. */
  readonly inForce: NamedPolicy | undefined;
  /** Why nothing is recorded whatever the policy says, or why there is none. */
  readonly problems: readonly Finding[];
  readonly outcome: ChangeOutcome;
}

export interface PolicyChanges {
  readonly wanted: NamedPolicy;
  readonly changes: readonly PolicyChange[];
}
