/**
 * Which rule decides a request, what is recorded then, and why the rules before it do not match.
 */
import type {
  AskedRequest,
  AskedTarget,
  BodyRecord,
  Explanation,
  Mismatch,
  NoBody,
  PassedRule,
} from '../../model/explanation.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {ANY_RULE, STAGES, atLeast} from '../../model/policy.ts';
import type {AuditPolicy, GroupResources, Level, PolicyRule, Stage} from '../../model/policy.ts';
import type {AuditDecision, RequestAttributes} from '../../model/request.ts';
import {resourceText} from '../../model/resource-names.ts';
import {evaluate, ruleMatches} from '../match.ts';
import {freshValue} from '../request/request-classes.ts';

/** What `policy` does with `asked`; `serverVersion` undefined judges as the newest release. */
export function explain(policy: AuditPolicy, asked: AskedRequest, serverVersion?: KubernetesVersion): Explanation {
  const request = attributesOf(asked, policy);
  const decision = evaluate(policy, request, serverVersion);
  const deciding = decision.rule === undefined ? undefined : policy.rules[decision.rule];
  const stages = stagesOf(asked);
  const isRecorded = decision.level !== 'None';
  const written = isRecorded ? stages.filter((stage) => !decision.omitStages.includes(stage)) : [];
  return {
    level: decision.level,
    rule: decision.rule === undefined ? undefined : {number: decision.rule + 1, line: deciding?.line},
    stages: written,
    omittedStages: isRecorded ? stages.filter((stage) => decision.omitStages.includes(stage)) : [],
    bodies: bodiesOf(asked, decision, written),
    omitManagedFields: decision.omitManagedFields,
    passed: passedRules(policy, decision, request, asked, serverVersion),
  };
}

/** The request with a value for all that was left open: one that no rule of `policy` names. */
export function attributesOf({subject, verb, target}: AskedRequest, policy: AuditPolicy): RequestAttributes {
  const constants = (read: (rule: PolicyRule) => readonly string[]): Set<string> => new Set(policy.rules.flatMap(read));
  const user = (): RequestAttributes['user'] => {
    switch (subject.kind) {
      case 'anyone':
        return {
          name: freshValue(
            'someone',
            constants((rule) => rule.users),
          ),
          groups: subject.groups,
        };
      case 'user':
        return {name: subject.name, groups: subject.groups};
      case 'unauthenticated':
        return undefined;
    }
  };
  if (target.kind === 'nonResource') return {user: user(), verb, target};
  const namespaces = constants((rule) => rule.namespaces);
  const names = constants((rule) => rule.resources.flatMap((entry) => entry.resourceNames));
  const {kind, group, resource, subresource} = target;
  // The namespace of a request for a Namespace is its name.
  const isNamespace = group === '' && resource === 'namespaces';
  const name = target.name ?? freshValue('something', isNamespace ? new Set([...namespaces, ...names]) : names);
  const namespace = target.namespace ?? (isNamespace ? name : freshValue('somewhere', namespaces));
  return {user: user(), verb, target: {kind, group, resource, subresource, namespace, name}};
}

const LONG_RUNNING_VERBS: readonly string[] = ['watch', 'proxy'];
const STREAMS: readonly string[] = ['attach', 'exec', 'proxy', 'log', 'portforward'];

/** @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/controlplane/apiserver/config.go#L130 */
function isLongRunning({verb, target}: AskedRequest): boolean {
  if (LONG_RUNNING_VERBS.includes(verb)) return true;
  if (target.kind === 'nonResource') return target.path.startsWith('/debug/pprof/');
  return STREAMS.includes(target.subresource);
}

/**
 * The stages that a request passes; Panic takes the place of ResponseComplete when the API server panics. A request whose
 * authentication fails has one event only.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/audit.go#L50
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/authn_audit.go#L33
 */
function stagesOf(asked: AskedRequest): Stage[] {
  if (asked.subject.kind === 'unauthenticated') return ['ResponseStarted'];
  const skipped: Stage = 'ResponseStarted';
  return STAGES.filter((stage) => stage !== 'Panic' && (stage !== skipped || isLongRunning(asked)));
}

function bodiesOf(asked: AskedRequest, {level}: AuditDecision, written: readonly Stage[]): Explanation['bodies'] {
  return {
    request: bodyRecord(noRequestBody(asked), level, 'Request', written),
    response: bodyRecord(noResponseBody(asked), level, 'RequestResponse', written),
  };
}

/** Bodies are known only when the answer is there: RequestReceived never has any. */
function bodyRecord(never: NoBody | undefined, level: Level, needed: Level, written: readonly Stage[]): BodyRecord {
  if (level === 'None') return {recorded: false, reason: 'no-event'};
  if (never !== undefined) return {recorded: false, reason: never};
  if (!atLeast(level, needed)) return {recorded: false, reason: 'level'};
  return written.includes('ResponseComplete') ? {recorded: true} : {recorded: false, reason: 'stage-omitted'};
}

const READS: readonly string[] = ['get', 'list'];

/**
 * Only the handlers of create, update, patch and delete hand a request's body to the event.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/handlers/create.go#L161
 */
function noRequestBody({subject, verb, target}: AskedRequest): NoBody | undefined {
  if (subject.kind === 'unauthenticated') return 'unauthenticated';
  if (target.kind === 'nonResource') return 'non-resource';
  const passedOn = notOwn(target, verb);
  if (passedOn !== undefined) return passedOn;
  if (verb === 'watch') return 'watch';
  return READS.includes(verb) ? 'none-sent' : undefined;
}

/**
 * An answer is handed to the event where it is an object: of every verb but watch, of the discovery documents, and never of
 * a stream. (The Status of a refusal or an error is one as well, whatever the request was for.)
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/handlers/responsewriters/writers.go#L346
 */
function noResponseBody({subject, verb, target}: AskedRequest): NoBody | undefined {
  if (subject.kind === 'unauthenticated') return 'unauthenticated';
  if (target.kind === 'nonResource') return DISCOVERY.test(target.path) ? undefined : 'non-resource';
  if (verb === 'watch') return 'watch';
  return notOwn(target, verb);
}

/** `/api`, `/apis` and the documents of their groups and versions. */
const DISCOVERY = /^\/(?:api(?:\/[^/]+)?|apis(?:\/[^/]+){0,2})\/?$/;

function notOwn(target: Extract<AskedTarget, {kind: 'resource'}>, verb: string): NoBody | undefined {
  if (target.aggregated === true) return 'aggregated';
  if (STREAMS.includes(target.subresource) || verb === 'proxy') return 'stream';
  return target.aggregated === 'likely' ? 'likely-aggregated' : undefined;
}

function passedRules(
  policy: AuditPolicy,
  decision: AuditDecision,
  request: RequestAttributes,
  asked: AskedRequest,
  serverVersion: KubernetesVersion | undefined,
): PassedRule[] {
  return policy.rules.slice(0, decision.rule).flatMap((rule, index) => {
    const mismatch = firstMismatch(rule, request, serverVersion);
    if (mismatch === undefined) return [];
    return [{rule: index + 1, line: rule.line, mismatch: withoutOpenValues(mismatch, asked)}];
  });
}

/**
 * The first selector of `rule` that `request` does not meet, in the API server's order; undefined when the rule matches.
 * Each is asked on its own of the matcher itself, so that the answer cannot differ from its.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L95
 */
export function firstMismatch(
  rule: PolicyRule,
  request: RequestAttributes,
  serverVersion?: KubernetesVersion,
): Mismatch | undefined {
  const meets = (part: Partial<PolicyRule>): boolean => ruleMatches({...ANY_RULE, ...part}, request, serverVersion);
  const {user, verb, target} = request;
  const {users, userGroups, verbs, namespaces, resources, nonResourceURLs} = rule;
  if (!meets({users})) return {selector: 'users', listed: users, actual: user === undefined ? 'no-user' : [user.name]};
  if (!meets({userGroups})) return {selector: 'userGroups', listed: userGroups, actual: user?.groups ?? 'no-user'};
  if (!meets({verbs})) return {selector: 'verbs', listed: verbs, actual: [verb]};
  if (!meets({namespaces})) {
    return {
      selector: 'namespaces',
      listed: namespaces,
      actual: target.kind === 'resource' ? [target.namespace] : 'path',
    };
  }
  if (!meets({resources})) return resourceMismatch(resources, target, meets);
  // A rule with both kinds is refused; in one made in memory the paths are not looked at.
  if (namespaces.length > 0 || resources.length > 0 || meets({nonResourceURLs})) return undefined;
  const actual: Mismatch['actual'] = target.kind === 'nonResource' ? [target.path] : 'resource';
  return {selector: 'nonResourceURLs', listed: nonResourceURLs, actual};
}

function resourceMismatch(
  resources: readonly GroupResources[],
  target: RequestAttributes['target'],
  meets: (part: Partial<PolicyRule>) => boolean,
): Mismatch {
  const listed = resources.flatMap(displayEntry);
  if (target.kind === 'nonResource') return {selector: 'resources', listed, actual: 'path'};
  const named = resources.filter((entry) => meets({resources: [{...entry, resourceNames: []}]}));
  if (named.length > 0) {
    const names = named.flatMap((entry) => entry.resourceNames);
    return {selector: 'resourceNames', listed: names, actual: [target.name]};
  }
  return {selector: 'resources', listed, actual: [resourceText(target)]};
}

/** As a request's resource is written; a whole group as `*.apps`. */
function displayEntry({group, resources}: GroupResources): string[] {
  return (resources.length === 0 ? ['*'] : resources).map((spec) => {
    if (spec === '*' && group === '') return '* (core group)';
    const [resource = '', ...rest] = spec.split('/');
    return resourceText({group, resource, subresource: rest.join('/')});
  });
}

/** A value made up for what the question leaves open is not shown as if it had been asked about. */
function withoutOpenValues(mismatch: Mismatch, {subject, target}: AskedRequest): Mismatch {
  const isOpen =
    (mismatch.selector === 'users' && subject.kind === 'anyone') ||
    (target.kind === 'resource' &&
      ((mismatch.selector === 'resourceNames' && target.name === undefined) ||
        (mismatch.selector === 'namespaces' && target.namespace === undefined)));
  return isOpen ? {...mismatch, actual: 'open'} : mismatch;
}
