/** The public result of `kubectl audit policy test`; its contract is `policy-test-report.schema.json`. */
import type {AskedRequest, Explanation} from './explanation.ts';
import type {Expectation} from './policy-expectations.ts';

/** What of an expectation does not hold. */
export type FailedAspect = 'level' | 'stages' | 'rule' | 'omitManagedFields';

/** A request of a case with what the policy does with it. */
export interface TestedRequest {
  readonly asked: AskedRequest;
  readonly answer: Explanation;
  /** Empty where all holds. */
  readonly failed: readonly FailedAspect[];
}

/** A case with its outcome. */
export interface TestedCase {
  readonly name: string | undefined;
  readonly line: number;
  readonly expect: Expectation;
  /** More than one for a kubectl command that is for several. */
  readonly requests: readonly TestedRequest[];
  readonly holds: boolean;
}

/** A file of expectations with its outcome. */
export interface TestedFile {
  readonly file: string;
  readonly policy: {readonly file: string; readonly sha256: string};
  readonly serverVersion: string | undefined;
  /** What the API server warns about in the policy, in its words. */
  readonly warnings: readonly string[];
  readonly cases: readonly TestedCase[];
}

export interface PolicyTestReport {
  readonly files: readonly TestedFile[];
}
