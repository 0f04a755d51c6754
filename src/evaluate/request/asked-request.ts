/** Turns a question as people put it, verb and resource or method and URI, into the request that is asked about. */
import {type Remark, askedTarget, isAggregated} from '../../model/asked-target.ts';
import {UsageError} from '../../model/errors.ts';
import type {AskedRequest, Subject} from '../../model/explanation.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {resolveResource} from '../../model/resource-names.ts';
import type {ServedResource} from '../../model/served-resources.ts';
import {ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED} from './request-classes.ts';
import {requestFromHttp} from './request-info.ts';

/** A request with what the user should know of how the question was understood. */
export interface Asked {
  readonly request: AskedRequest;
  readonly remarks: readonly Remark[];
}

/**
 * Who asks, with the groups that every such user holds: system:authenticated, those of a service account or of a node, or
 * system:unauthenticated for anonymous requests. Without a user someone whom no rule names.
 * @throws UsageError for a user beside `unauthenticated`
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/group/authenticated_group_adder.go#L39
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/serviceaccount/util.go#L104
 */
export function subjectOf(
  user: string | undefined,
  groups: readonly string[],
  {unauthenticated = false}: {readonly unauthenticated?: boolean} = {},
): Subject {
  if (unauthenticated) {
    if (user === undefined && groups.length === 0) return {kind: 'unauthenticated'};
    throw new UsageError('a request that fails authentication has neither user nor groups', 'leave them out');
  }
  const all = [...new Set([...groups, ...groupsOf(user)])];
  const isSettled = all.includes(AUTHENTICATED) || all.includes(UNAUTHENTICATED);
  const complete = isSettled ? all : [...all, AUTHENTICATED];
  return user === undefined ? {kind: 'anyone', groups: complete} : {kind: 'user', name: user, groups: complete};
}

/** The groups that the API server or its certificates give to a user by its name. */
function groupsOf(user: string | undefined): string[] {
  if (user === ANONYMOUS) return [UNAUTHENTICATED];
  const namespace = /^system:serviceaccount:([^:]+):[^:]+$/.exec(user ?? '')?.[1];
  if (namespace !== undefined) return ['system:serviceaccounts', `system:serviceaccounts:${namespace}`];
  return /^system:node:./.test(user ?? '') ? ['system:nodes'] : [];
}

/** A request as `VERB RESOURCE[/SUB]` with namespace and name. */
export interface AttributesQuestion {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly allNamespaces: boolean;
  readonly name: string | undefined;
}

/** What every question needs besides. */
export interface AskingContext {
  readonly subject: Subject;
  readonly served: readonly ServedResource[];
  /** The namespace of requests for which none was asked. */
  readonly defaultNamespace: string;
}

const VERBS: readonly string[] = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'];
const COLLECTION_VERBS: readonly string[] = ['list', 'watch', 'deletecollection'];

/** @throws UsageError for a verb or a resource that no request can have */
export function askByAttributes(
  question: AttributesQuestion,
  {subject, served, defaultNamespace}: AskingContext,
): Asked {
  const {verb, namespace, allNamespaces, name: objectName} = question;
  if (!VERBS.includes(verb)) throw unknownVerb(verb);
  const resolved = resolveResource(question.resource, served);
  if (resolved.kind === 'refused') throw new UsageError(resolved.message, resolved.next);
  if (resolved.name.subresource !== '' && COLLECTION_VERBS.includes(verb)) {
    throw new UsageError(`no request can ${verb} ${question.resource}: a subresource belongs to one object`, 'use get');
  }
  if (allNamespaces && !['list', 'watch'].includes(verb)) {
    throw new UsageError(`no request can ${verb} in all namespaces at once`, 'only list and watch can');
  }
  const {target, remarks} = askedTarget({
    verb,
    name: resolved.name,
    served: resolved.served,
    namespace,
    defaultNamespace,
    allNamespaces,
    objectName,
  });
  return {request: {subject, verb, target}, remarks};
}

function unknownVerb(verb: string): UsageError {
  const lower = verb.toLowerCase();
  const next = VERBS.includes(lower)
    ? `verbs are written in lower case: ${lower}`
    : `the verbs of requests are ${VERBS.join(', ')}; what a kubectl command sends is shown by --kubectl COMMAND`;
  return new UsageError(`${JSON.stringify(verb)} is no verb of a request`, next);
}

/**
 * A request as `METHOD /path?query`; without a method it is GET.
 * @throws UsageError for a URI that the API server refuses before the policy is asked
 */
export function askByUri(
  text: string,
  {subject, served}: Pick<AskingContext, 'subject' | 'served'>,
  serverVersion?: KubernetesVersion,
): Asked {
  const [first = '', ...rest] = text.trim().split(/\s+/);
  const [method, uri] = rest.length === 0 ? ['GET', first] : [first, rest.join(' ')];
  const resolved = requestFromHttp(method, uri, {serverVersion});
  if (resolved.kind === 'refused') {
    throw new UsageError(
      `the API server refuses ${JSON.stringify(text)} before the policy is asked, and nothing is recorded: ${resolved.message}`,
      'write it as "GET /api/v1/namespaces/default/pods"',
    );
  }
  const {verb, target} = resolved;
  if (target.kind === 'nonResource') return {request: {subject, verb, target}, remarks: []};
  const entry = served.find(({group, resource}) => group === target.group && resource === target.resource);
  const known = {namespaced: entry?.namespaced, aggregated: isAggregated(target.group, entry)};
  return {request: {subject, verb, target: {...target, ...known}}, remarks: []};
}
