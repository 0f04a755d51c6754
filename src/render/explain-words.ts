/** The words of `explain` and `policy test`: requests, and why they are recorded or not. */
import type {Remark} from '../model/asked-target.ts';
import type {
  AskedRequest,
  AskedTarget,
  Explanation,
  Mismatch,
  NoBody,
  NoValue,
  PassedRule,
  Subject,
} from '../model/explanation.ts';
import type {KubectlCondition} from '../model/kubectl-sender.ts';
import type {Level} from '../model/policy.ts';
import {resourceText} from '../model/resource-names.ts';

/** `delete secrets named x in namespace kube-system by anyone`; what is left open is not mentioned. */
export function requestText(request: AskedRequest): string {
  return `${targetText(request)} ${byText(request.subject)}`;
}

/** The same without the subject. */
export function targetText({verb, target}: Pick<AskedRequest, 'verb' | 'target'>): string {
  const parts = [verb === '' ? '(no verb)' : verb];
  if (target.kind === 'nonResource') return [...parts, target.path].join(' ');
  parts.push(resourceText(target));
  if (target.name !== undefined && target.name !== '') parts.push(`named ${target.name}`);
  return [...parts, ...namespaceText(target, verb)].join(' ');
}

type ResourceTarget = Extract<AskedTarget, {kind: 'resource'}>;

function namespaceText({namespace, namespaced, group, resource}: ResourceTarget, verb: string): string[] {
  // The namespace of a request for a Namespace is its name.
  const isSaid = group === '' && resource === 'namespaces';
  if (namespace === undefined || isSaid) return [];
  if (namespace !== '') return [`in namespace ${namespace}`];
  if (namespaced === false) return [];
  return namespaced === true && (verb === 'list' || verb === 'watch') ? ['in all namespaces'] : ['without a namespace'];
}

/** `by anyone`, `by jane`. */
export function byText(subject: Subject): string {
  switch (subject.kind) {
    case 'anyone': {
      const groups = subject.groups.filter((group) => group !== 'system:authenticated');
      return groups.length === 0 ? 'by anyone' : `by anyone in ${groups.join(', ')}`;
    }
    case 'user':
      return `by ${subject.name}`;
    case 'unauthenticated':
      return 'by someone whose authentication fails';
  }
}

/** Whom the answer is about, in full. */
export function subjectText(subject: Subject): string {
  switch (subject.kind) {
    case 'anyone':
      return `someone whom no rule names, in ${subject.groups.join(', ')}; --subject USER asks about somebody`;
    case 'user':
      return `${subject.name}, in ${subject.groups.join(', ')}`;
    case 'unauthenticated':
      return 'nobody: authentication failed (401)';
  }
}

/** `Metadata, by rule 5 (line 23)`, or why nothing is recorded. */
export function decisionText({level, rule, stages}: Explanation): string {
  if (rule === undefined) return 'None: no rule matches, nothing is recorded';
  const by = `${level}, by ${ruleText(rule.number, rule.line)}`;
  if (level === 'None') return `${by}: nothing is recorded`;
  return stages.length === 0 ? `${by}, but all of its stages are omitted: nothing is recorded` : by;
}

export function ruleText(rule: number, line: number | undefined): string {
  return line === undefined ? `rule ${rule}` : `rule ${rule} (line ${line})`;
}

/** The events of a request, as far as there are any. */
export function eventsText({stages, omittedStages}: Explanation): string {
  const omitted = omittedStages.length === 0 ? '' : ` (omitted: ${omittedStages.join(', ')})`;
  return `${stages.length === 0 ? 'none' : stages.join(', ')}${omitted}`;
}

/** Which bodies are in the events, as one line, and why the others are not. */
export function bodiesText(explanation: Explanation, request: AskedRequest): string {
  const {request: sent, response} = explanation.bodies;
  const without = explanation.omitManagedFields ? ', without managedFields' : '';
  if (sent.recorded && response.recorded) return `request and response${without}`;
  const whyNotSent = sent.recorded ? '' : noBodyText(sent.reason, request, 'Request');
  const whyNotResponse = response.recorded ? '' : noBodyText(response.reason, request, 'RequestResponse');
  if (sent.recorded) return `request${without} (response: ${whyNotResponse})`;
  if (response.recorded) return `response${without} (request: ${whyNotSent})`;
  if (sent.reason === 'level' && response.reason === 'level') return `none at level ${explanation.level}`;
  if (sent.reason !== response.reason) return `none (request: ${whyNotSent}; response: ${whyNotResponse})`;
  return `none (${whyNotSent}${hasStatus(explanation) ? '; of a refusal or error the Status is recorded' : ''})`;
}

/** An answer that is the Status of a refusal or an error is an object as well, where all else is none. */
function hasStatus({level, bodies: {response}, stages}: Explanation): boolean {
  if (level !== 'RequestResponse' || stages.length === 0 || response.recorded) return false;
  return ['watch', 'stream', 'non-resource', 'unauthenticated'].includes(response.reason);
}

function noBodyText(reason: NoBody, {verb, target}: AskedRequest, needed: Level): string {
  const subject = target.kind === 'resource' ? resourceText(target) : target.path;
  switch (reason) {
    case 'no-event':
      return 'nothing is recorded';
    case 'level':
      return `needs level ${needed}`;
    case 'stage-omitted':
      return 'ResponseComplete, which carries it, is omitted';
    case 'none-sent':
      return `a ${verb} sends none`;
    case 'watch':
      return 'a watch has none';
    case 'stream':
      return `${subject} is a stream`;
    case 'non-resource':
      return `${subject} is no resource`;
    case 'aggregated':
      return `another API server answers for ${subject}`;
    case 'likely-aggregated':
      return `another API server usually answers for ${subject}`;
    case 'unauthenticated':
      return 'the request ends before it is read';
  }
}

/** Lists longer than this are cut, unless all is asked for. */
const MAX_LISTED = 6;

/** `rule 2, line 31: verbs [create] do not hold get`. */
export function passedRuleText({rule, line, mismatch}: PassedRule, {isWhole}: {readonly isWhole: boolean}): string {
  const place = line === undefined ? `rule ${rule}` : `rule ${rule}, line ${line}`;
  return `${place}: ${mismatchText(mismatch, isWhole)}`;
}

function mismatchText(mismatch: Mismatch, isWhole: boolean): string {
  const {selector, listed, actual} = mismatch;
  const selected = `${selector} [${shortened(listed, isWhole)}]`;
  if (typeof actual === 'string') return `only for ${selected}${NO_VALUE[actual]}`;
  const [first = '', ...others] = actual;
  const hint = hintOf(mismatch, first);
  if (others.length > 0) return `${selected} hold none of ${actual.join(', ')}${hint}`;
  return `${selected} do not hold ${first === '' ? emptyText(selector) : first}${hint}`;
}

/** What people take such a selector for. */
function hintOf({selector, listed}: Mismatch, actual: string): string {
  if (listed.includes('*') && NO_WILDCARD.includes(selector)) return ' (* is no wildcard here)';
  const [resource = '', subresource] = actual.split('/');
  const isParentListed = selector === 'resources' && subresource !== undefined && listed.includes(resource);
  return isParentListed ? ` (${resource} is without its subresources)` : '';
}

const NO_WILDCARD: readonly string[] = ['users', 'userGroups', 'verbs', 'namespaces', 'resourceNames'];

const NO_VALUE: Readonly<Record<NoValue, string>> = {
  open: '',
  'no-user': ', and there is no user',
  path: '; this is a path',
  resource: '; this is a resource',
};

function emptyText(selector: Mismatch['selector']): string {
  switch (selector) {
    case 'namespaces':
      return '"" (the request has no namespace)';
    case 'resourceNames':
      return '"" (the request carries no name)';
    default:
      return '""';
  }
}

function shortened(listed: readonly string[], isWhole: boolean): string {
  const shown = isWhole ? listed : listed.slice(0, MAX_LISTED);
  const rest = listed.length - shown.length;
  const texts = shown.map((value) => (value === '' ? '""' : value));
  return [...texts, ...(rest === 0 ? [] : [`… ${rest} more`])].join(', ');
}

/** What the user should know of how the question was understood. */
export function remarkText(remark: Remark): string {
  switch (remark.code) {
    case 'name-without-effect':
      return `a ${remark.verb} carries no name in its path, so the policy never sees one; --name is left out`;
    case 'name-as-field-selector':
      return `a ${remark.verb} has a name only by --field-selector metadata.name=NAME; it is taken so`;
    case 'namespace-without-effect':
      return `${remark.resource} are in no namespace; -n is left out`;
    case 'scope-unknown':
      return `whether ${remark.resource} are in namespaces is not known here: -n NAMESPACE if they are, -n "" if not`;
    case 'example-resource':
      return `shown for ${remark.resource}; another resource is named as in --kubectl "${remark.command} configmaps"`;
    case 'no-deletecollection':
      return 'kubectl deletes many objects one after the other and never sends deletecollection; controllers do';
    case 'created-by-patch':
      return 'a server-side apply is a patch also where it creates the object: a rule for create alone misses it';
  }
}

/** When kubectl sends a request. */
export function conditionText(role: 'act' | 'read', when: KubectlCondition | undefined): string {
  const text = when === undefined ? '' : CONDITIONS[when];
  if (role === 'act') return text === '' ? 'always' : text;
  return text === '' ? 'lookup' : `lookup, ${text}`;
}

const CONDITIONS: Readonly<Record<KubectlCondition, string>> = {
  websocket: 'by WebSocket (kubectl 1.30 and newer)',
  'websocket-forward': 'by WebSocket (kubectl 1.31 and newer)',
  spdy: 'by SPDY (older, or no WebSocket)',
  'object-absent': 'if it does not exist',
  'object-present': 'if it exists and differs',
  'for-each-object': 'for each object',
  'for-each-pod': 'for each pod',
  'daemon-set-pods': 'for pods of a DaemonSet',
  'no-metrics': 'if there are no metrics',
  waiting: 'until it is gone',
  'attach-failed': 'if attaching fails',
  'at-the-end': 'at the end',
};
