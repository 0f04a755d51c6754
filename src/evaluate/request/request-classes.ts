/**
 * What the API server itself lets a request be, whoever sends it: the frame of every search over all requests.
 *
 * Left aside are requests that no API server can serve, whatever it is set to: those that lack a namespace or have a
 * name where there is none (POST to the path of one object), and verbs that a resource of Kubernetes' own does not
 * have (get of tokenreviews). They come about by mistake, are refused with 404 or 405, and no policy is made for them.
 */
import {STAGES} from '../../model/policy.ts';
import type {Level, Stage} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import type {ServedResource} from '../../model/served-resources.ts';
import {kubernetesResources} from './kubernetes-resources.ts';
import {scopeOf} from './resource-scope.ts';
import type {ResourceScope} from './resource-scope.ts';

type Target = RequestAttributes['target'];
type ResourceTarget = Extract<Target, {kind: 'resource'}>;

/** The group of everyone who was authenticated. */
export const AUTHENTICATED = 'system:authenticated';
/** The group of anonymous requests; nobody holds both. */
export const UNAUTHENTICATED = 'system:unauthenticated';
/** The user of anonymous requests. */
export const ANONYMOUS = 'system:anonymous';

/** Verbs that can ask for the objects of all namespaces at once; there is no such path for the others. */
export const ALL_NAMESPACES_VERBS: readonly string[] = ['list', 'watch'];

/** Verbs whose requests never carry a name, except for subresources. */
export const NAMELESS_VERBS: readonly string[] = ['create', 'deletecollection'];

/**
 * All verbs that a resource request can have. `proxy` is the deprecated path prefix; OPTIONS and the like have none.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L158
 */
export const RESOURCE_VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
  'proxy',
  '',
];

/** The methods of HTTP, as the verbs of non-resource requests. */
export const NON_RESOURCE_VERBS: readonly string[] = [
  'get',
  'head',
  'post',
  'put',
  'patch',
  'delete',
  'options',
  'trace',
  'connect',
];

/**
 * Subresources whose requests are long-running. They carry streams: no object of theirs is ever recorded.
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/controlplane/apiserver/config.go#L183
 */
export const LONG_RUNNING_SUBRESOURCES: readonly string[] = ['attach', 'exec', 'proxy', 'log', 'portforward'];
/** Non-resource requests whose path begins so are long-running. */
export const LONG_RUNNING_PATH = '/debug/pprof/';
const LONG_RUNNING_VERBS: readonly string[] = ['watch', 'proxy'];

/** `base`, made longer until it is none of `constants`. */
export function freshValue(base: string, constants: ReadonlySet<string>): string {
  let value = base;
  while (constants.has(value)) value += '-else';
  return value;
}

/**
 * /api/v1/… and /apis/GROUP/VERSION/… are resource requests.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L129
 */
export function isNonResourcePath(path: string): boolean {
  const parts = trimSlashes(path).split('/');
  if (parts[0] === 'api') return parts.length < 3;
  return parts[0] !== 'apis' || parts.length < 4;
}

function trimSlashes(path: string): string {
  let start = 0;
  let end = path.length;
  while (start < end && path[start] === '/') start += 1;
  while (end > start && path[end - 1] === '/') end -= 1;
  return path.slice(start, end);
}

/** What decides which requests for a resource can exist. */
export type ResourceTraits = Pick<ServedResource, 'verbs' | 'aggregated'> & {readonly scope: ResourceScope};

/** The traits of a resource as Kubernetes serves it; `verbs` is undefined where the resource is not one of its own. */
export function wellKnownTraits({group, resource, subresource}: ResourceName): Partial<ResourceTraits> {
  wellKnown ??= new Map(kubernetesResources().map((known) => [nameOf(known), known]));
  const known = wellKnown.get(nameOf({group, resource, subresource}));
  const scope = scopeOf(group, resource);
  return known === undefined ? {scope} : {scope, verbs: known.verbs, aggregated: false};
}

let wellKnown: ReadonlyMap<string, ServedResource> | undefined;

type ResourceName = Pick<ResourceTarget, 'group' | 'resource' | 'subresource'>;

function nameOf({group, resource, subresource}: ResourceName): string {
  return `${group}/${resource}/${subresource}`;
}

/**
 * Whether a resource request can have this verb, namespace and name. `traits` are those of the resource, where they
 * are better known than from what Kubernetes itself serves.
 */
export function canExist(
  verb: string,
  target: Omit<ResourceTarget, 'kind'>,
  traits: Partial<ResourceTraits> = wellKnownTraits(target),
): boolean {
  const {resource, subresource, namespace, name} = target;
  // The path prefix /proxy/ is still understood, but nobody serves it.
  if (verb === 'proxy' || !isServedVerb(verb, subresource, traits) || !canHaveName(verb, subresource, name))
    return false;
  if (resource === 'namespaces') return canBeNamespace(verb, subresource, namespace, name);
  if (traits.scope === 'cluster') return namespace === '';
  if (traits.scope !== 'namespaced' || namespace !== '') return true;
  return subresource === '' && (ALL_NAMESPACES_VERBS.includes(verb) || verb === '');
}

/** What an aggregated API server says of its verbs need not be all. A proxy takes OPTIONS too, and says nothing of it. */
function isServedVerb(verb: string, subresource: string, {verbs, aggregated}: Partial<ResourceTraits>): boolean {
  if (verbs === undefined || aggregated !== false) return true;
  return verbs.includes(verb) || (verb === '' && subresource === 'proxy');
}

/** The path of a subresource holds a name; with a name GET is `get` and DELETE is `delete`. */
const WITHOUT_SUBRESOURCE: readonly string[] = ['list', 'watch', 'deletecollection'];

function canHaveName(verb: string, subresource: string, name: string): boolean {
  if (subresource !== '') return name !== '' && !WITHOUT_SUBRESOURCE.includes(verb);
  if (NAMELESS_VERBS.includes(verb)) return name === '';
  // A field selector gives lists and watches a name.
  return name !== '' || ALL_NAMESPACES_VERBS.includes(verb) || verb === '';
}

/**
 * /api/v1/namespaces/x is a request for the Namespace x in the namespace x; what follows is another resource, but for
 * these subresources.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L193
 */
export const NAMESPACE_SUBRESOURCES: readonly string[] = ['status', 'finalize'];

function canBeNamespace(verb: string, subresource: string, namespace: string, name: string): boolean {
  if (subresource !== '' && !NAMESPACE_SUBRESOURCES.includes(subresource)) return false;
  if (namespace !== '') return namespace === name && verb !== 'list';
  // By a field selector also lists and watches of one name are without a namespace.
  return name === '' || ALL_NAMESPACES_VERBS.includes(verb);
}

/**
 * Whether the request is long-running: only then, and for failed authentication, there is a stage ResponseStarted.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/server/filters/longrunning.go#L28
 */
export function isLongRunning(verb: string, target: Target): boolean {
  if (LONG_RUNNING_VERBS.includes(verb)) return true;
  if (target.kind === 'nonResource') return target.path.startsWith(LONG_RUNNING_PATH);
  return LONG_RUNNING_SUBRESOURCES.includes(target.subresource);
}

/**
 * The stages at which such a request can have an event. One that fails authentication has no other than
 * ResponseStarted.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/audit.go#L84
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/authn_audit.go#L34
 */
export function possibleStages({user, verb, target}: RequestAttributes): readonly Stage[] {
  if (user === undefined) return ['ResponseStarted'];
  return isLongRunning(verb, target) ? STAGES : STAGES.filter((stage) => stage !== 'ResponseStarted');
}

/** Verbs whose requests carry an object that may have managed fields; a patch is recorded as the bytes that came. */
const OBJECT_IN_REQUEST: readonly string[] = ['create', 'update'];
/** Verbs whose responses carry such objects. Those of watches are never recorded. */
const OBJECT_IN_RESPONSE: readonly string[] = [
  'get',
  'list',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];

/**
 * Whether an event of that level can hold an object with managed fields, so that `omitManagedFields` shows. Requests
 * for streams and for paths never have one.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/request.go#L96
 */
export function recordsManagedFields(level: Level, verb: string, target: Target): boolean {
  if (target.kind === 'nonResource' || LONG_RUNNING_SUBRESOURCES.includes(target.subresource)) return false;
  if (level === 'RequestResponse') return OBJECT_IN_RESPONSE.includes(verb);
  return level === 'Request' && OBJECT_IN_REQUEST.includes(verb);
}
