/** What becomes of a policy that is turned into v1: the result of `plan/convert-policy.ts`. */

/** A version that was replaced. */
export interface ConvertedVersion {
  /** Counted from 1. */
  readonly line: number;
  /** `audit.k8s.io/v1beta1`. */
  readonly from: string;
  /** Path inside the file: `data["policy.yaml"]`; undefined where the file is the policy. */
  readonly document: string | undefined;
}

/** What becomes of a text. */
export type Conversion =
  | {
      readonly kind: 'converted';
      readonly text: string;
      readonly versions: readonly ConvertedVersion[];
      /** What the newest API server would ignore in the result, in its words. */
      readonly warnings: readonly string[];
    }
  /** Every policy in it is v1 already. */
  | {readonly kind: 'unchanged'; readonly warnings: readonly string[]}
  | {readonly kind: 'refused'; readonly message: string; readonly line: number | undefined; readonly next: string};
