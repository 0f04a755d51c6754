/** What is asked of the oracle and what it answers: one JSON object a line, as in `main.go`. */
import type {RequestAttributes} from '../../src/model/request.ts';

/** A release of k8s.io/apiserver whose own code answers, with the server version it belongs to. */
export interface Release {
  readonly name: string;
  readonly serverVersion: string;
}

/** Oldest first. Their modules are in `modules/`, and in `go.mod`. */
export const RELEASES = [
  {name: '0.23', serverVersion: 'v1.23.17'},
  {name: '0.25', serverVersion: 'v1.25.16'},
  {name: '0.34', serverVersion: 'v1.34.4'},
  {name: '0.37', serverVersion: 'v1.37.2'},
] as const satisfies readonly Release[];

/** The release whose answers to the cases are kept whole. */
export const BASE: Release = RELEASES[2];

/** A request by what HTTP says, instead of by its attributes. */
export interface HttpRequest {
  readonly user: RequestAttributes['user'];
  readonly method: string;
  readonly uri: string;
}

export type AskedRequest = RequestAttributes | HttpRequest;

/** Without a policy only the requests' attributes are asked for. */
export interface Question {
  readonly policy?: string;
  /** A policy that is no UTF-8. */
  readonly policyBase64?: string;
  readonly requests?: readonly AskedRequest[];
}

/** Empty texts and lists are left out. */
export interface Answer {
  readonly error?: string;
  readonly warning?: string;
  readonly policy?: {
    readonly omitStages?: readonly string[];
    readonly omitManagedFields?: boolean;
    readonly rules: readonly AnsweredRule[];
  };
  readonly requests?: readonly AnsweredRequest[];
}

export interface AnsweredRule {
  readonly level: string;
  readonly users?: readonly string[];
  readonly userGroups?: readonly string[];
  readonly verbs?: readonly string[];
  readonly resources?: readonly {
    readonly group?: string;
    readonly resources?: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
  readonly namespaces?: readonly string[];
  readonly nonResourceURLs?: readonly string[];
  readonly omitStages?: readonly string[];
  readonly omitManagedFields?: boolean;
}

export interface AnsweredRequest {
  /** Why a request of HTTP never comes to the policy; then nothing else is told. */
  readonly refused?: string;
  /** Of requests of HTTP only. */
  readonly verb?: string;
  readonly target?: {
    readonly kind: 'resource' | 'nonResource';
    readonly group?: string;
    readonly resource?: string;
    readonly subresource?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly path?: string;
  };
  readonly longRunning?: boolean;
  /** The decision; absent without a policy. */
  readonly level?: string;
  /** Sorted. */
  readonly omitStages?: readonly string[];
  readonly omitManagedFields?: boolean;
  /** Counted from 0; absent when none matched. */
  readonly rule?: number;
}

/** The policy that is asked about, as the product takes it. */
export function policyOf({policy, policyBase64}: Question): string | Uint8Array | undefined {
  return policy ?? (policyBase64 === undefined ? undefined : Buffer.from(policyBase64, 'base64'));
}

/** The question as a line for the oracle. */
export function lineOf(question: Question): string {
  // JSON.stringify leaves out what is undefined, which is what the oracle expects of a user.
  return JSON.stringify(question);
}
