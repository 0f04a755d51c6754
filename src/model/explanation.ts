/** What an audit policy does with one request, and why: the result of `evaluate/explain/explain.ts`. */
import type {Remark} from './asked-target.ts';
import type {Finding} from './finding.ts';
import type {KubectlCondition} from './kubectl-sender.ts';
import type {Level, Stage} from './policy.ts';

/** Who makes the request that is asked about. */
export type Subject =
  /** Someone whom no rule names, in no group but these. */
  | {readonly kind: 'anyone'; readonly groups: readonly string[]}
  | {readonly kind: 'user'; readonly name: string; readonly groups: readonly string[]}
  /** Authentication failed (401): there is no user. */
  | {readonly kind: 'unauthenticated'};

/** What the request is for. */
export type AskedTarget =
  | {
      readonly kind: 'resource';
      readonly group: string;
      readonly resource: string;
      /** Empty for the resource itself. */
      readonly subresource: string;
      /** Empty for cluster-scoped objects and for all namespaces; undefined: one that no rule names. */
      readonly namespace: string | undefined;
      /** Empty for requests without a name; undefined: one that no rule names. */
      readonly name: string | undefined;
      /** Whether such objects are in namespaces; undefined where that is not known. */
      readonly namespaced: boolean | undefined;
      /** Whether another API server answers for the group; `likely` where only a cluster could tell. */
      readonly aggregated: boolean | 'likely';
    }
  | {readonly kind: 'nonResource'; readonly path: string};

/** A request as it is asked about: what is left open stands for any value that no rule names. */
export interface AskedRequest {
  readonly subject: Subject;
  readonly verb: string;
  readonly target: AskedTarget;
}

/** The selectors of a rule, in the order in which the API server looks at them. */
export type Selector =
  'users' | 'userGroups' | 'verbs' | 'namespaces' | 'resources' | 'resourceNames' | 'nonResourceURLs';

/** The first selector of a rule that does not match. */
export interface Mismatch {
  readonly selector: Selector;
  /** What the selector lists; `resources` as `pods/exec` and `deployments.apps`. */
  readonly listed: readonly string[];
  /** What the request has in its place, one value or, for `userGroups`, several; or why it has none. */
  readonly actual: readonly string[] | NoValue;
}

/** `open`: the question leaves it open; `no-user`: authentication failed; `path`, `resource`: the request is of the other kind. */
export type NoValue = 'open' | 'no-user' | 'path' | 'resource';

/** A rule before the one that decides. Rules are counted from 1. */
export interface PassedRule {
  readonly rule: number;
  readonly line: number | undefined;
  readonly mismatch: Mismatch;
}

/** Why an event carries no body of a request or of its response. */
export type NoBody =
  /** Nothing is recorded at all. */
  | 'no-event'
  /** The level is too low. */
  | 'level'
  /** The stage that would carry it is omitted. */
  | 'stage-omitted'
  /** Reads send none. */
  | 'none-sent'
  | 'watch'
  /** exec, attach, portforward, log, proxy. */
  | 'stream'
  | 'non-resource'
  /** Another API server answers; the API server passes the bytes on unread. */
  | 'aggregated'
  /** The same, where only a cluster could tell for sure. */
  | 'likely-aggregated'
  | 'unauthenticated';

/** Whether an event holds a body. */
export type BodyRecord = {readonly recorded: true} | {readonly recorded: false; readonly reason: NoBody};

/** The answer for one request under one policy. */
export interface Explanation {
  readonly level: Level;
  /** The deciding rule, counted from 1; undefined when none matches: then nothing is recorded. */
  readonly rule: {readonly number: number; readonly line: number | undefined} | undefined;
  /** The stages at which an event is written, if the API server does not panic; in the order in which they come. */
  readonly stages: readonly Stage[];
  /** The stages that the request has and that are omitted; empty at level None, where it does not matter. */
  readonly omittedStages: readonly Stage[];
  readonly bodies: {readonly request: BodyRecord; readonly response: BodyRecord};
  readonly omitManagedFields: boolean;
  /** Every rule before the deciding one, or all of them when none decides. */
  readonly passed: readonly PassedRule[];
}

/** One of the requests of a report, with what the user should know of how it was understood. */
export interface ExplainedRequest {
  readonly asked: AskedRequest;
  readonly remarks: readonly Remark[];
  /** Of a kubectl command: what it is for, or what kubectl looks up. */
  readonly role: 'act' | 'read';
  /** Of a kubectl command: when it is sent, if not always. */
  readonly when: KubectlCondition | undefined;
}

/** A policy, the API servers that run with it, and what it does with each request. */
export interface ExplainedPolicy {
  /** The file as it was given, or as the API servers name it; undefined where none is set. */
  readonly file: string | undefined;
  /** Nodes, or pods where no node is known; empty for a given file. */
  readonly servers: readonly string[];
  readonly version: string | undefined;
  readonly outcome:
    | {
        readonly kind: 'decided';
        readonly sha256: string;
        /** What the API server ignores in the policy, in its words. */
        readonly warnings: readonly string[];
        /** Why nothing is written whatever the policy says. */
        readonly problems: readonly Finding[];
        /** One for each request of the report, in its order. */
        readonly answers: readonly Explanation[];
      }
    /** There is no policy: nothing is recorded. */
    | {readonly kind: 'off'; readonly because: Finding}
    | {readonly kind: 'unknown'; readonly because: Finding};
}

/** The public result of `kubectl audit explain`; its contract is `explanation.schema.json`. */
export interface ExplainReport {
  /** The kubectl command that was asked about, if one was. */
  readonly kubectl: {readonly command: string; readonly remarks: readonly Remark[]} | undefined;
  readonly requests: readonly ExplainedRequest[];
  /** At least one; several where API servers differ. */
  readonly policies: readonly ExplainedPolicy[];
}
