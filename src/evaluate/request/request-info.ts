/**
 * What an HTTP request asks for, as the audit policy sees it: a port of the API server's request resolver.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go
 */
import {isAtLeast} from '../../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {goQuote} from '../load/go-quote.ts';
import {fromBytes, parseQuery, parseRequestUri, RefusedUrl} from './go-url.ts';
import type {RequestUrl} from './go-url.ts';
import {isLongRunning} from './request-classes.ts';
import {checkLabelSelector, InvalidSelector, isInteger, requiresExactMatch} from './selectors.ts';

/** What the API server makes of an HTTP request before the audit policy is asked. */
export type HttpRequestAttributes =
  | {
      readonly kind: 'request';
      readonly verb: string;
      readonly target: RequestAttributes['target'];
      /** Whether the request has a stage ResponseStarted of its own: watch, exec, attach, port-forward, log, proxy. */
      readonly longRunning: boolean;
    }
  | {
      /** The request ends before the policy is asked, so no audit event is ever written. */
      readonly kind: 'refused';
      /** The server's own words. */
      readonly message: string;
    };

/** A request as the resolver sees it; texts are byte strings. */
interface RequestInfo {
  readonly verb: string;
  readonly resource?: {
    readonly group: string;
    readonly resource: string;
    readonly subresource: string;
    readonly namespace: string;
    readonly name: string;
  };
}

class RefusedRequest extends Error {}

/**
 * Resolves an HTTP method and a URI: a path with its query, as `requestURI` of an audit event has it. Names, and the path
 * of a request that is for no resource, are decoded; a byte that is no UTF-8 is in them as one half of a surrogate pair.
 *
 * `serverVersion` undefined judges as the newest release. Releases differ in details of selectors only.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/authorization.go#L101
 */
export function requestFromHttp(
  method: string,
  uri: string,
  {serverVersion}: {readonly serverVersion?: KubernetesVersion | undefined} = {},
): HttpRequestAttributes {
  try {
    if (!isToken(method)) throw new RefusedRequest(`invalid method ${goQuote(method)}`);
    const url = parseUriOf(method, uri);
    return attributesOf(requestInfo(method, url, serverVersion), url);
  } catch (error) {
    if (error instanceof RefusedUrl || error instanceof RefusedRequest)
      return {kind: 'refused', message: error.message};
    throw error;
  }
}

/** @see https://github.com/golang/net/blob/v0.38.0/http/httpguts/httplex.go#L195 */
function isToken(method: string): boolean {
  return /^[-!#$%&'*+.^_`|~0-9A-Za-z]+$/.test(method);
}

/**
 * The URI of CONNECT is a host, unless it begins with a slash.
 * @see https://github.com/golang/go/blob/go1.24.0/src/net/http/request.go#L1118
 */
function parseUriOf(method: string, uri: string): RequestUrl {
  return parseRequestUri(method === 'CONNECT' && !uri.startsWith('/') ? `http://${uri}` : uri);
}

function attributesOf(info: RequestInfo, {path}: RequestUrl): HttpRequestAttributes {
  const {verb} = info;
  const target = targetOf(info, path);
  return {kind: 'request', verb, target, longRunning: isLongRunning(verb, target)};
}

function targetOf({resource}: RequestInfo, path: string): RequestAttributes['target'] {
  if (resource === undefined) return {kind: 'nonResource', path: fromBytes(path)};
  return {
    kind: 'resource',
    group: fromBytes(resource.group),
    resource: fromBytes(resource.resource),
    subresource: fromBytes(resource.subresource),
    namespace: fromBytes(resource.namespace),
    name: fromBytes(resource.name),
  };
}

/** Verbs that older clients put into the path: `/api/v1/watch/pods`. */
const SPECIAL_VERBS: readonly string[] = ['proxy', 'watch'];

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L131 */
function requestInfo(method: string, url: RequestUrl, serverVersion: KubernetesVersion | undefined): RequestInfo {
  const nonResource: RequestInfo = {verb: method.toLowerCase()};
  const [prefix = '', ...parts] = splitPath(url.path);
  if (prefix !== 'api' && prefix !== 'apis') return nonResource;
  const hasGroup = prefix === 'apis';
  if (parts.length < (hasGroup ? 3 : 2)) return nonResource;
  const group = hasGroup ? (parts[0] ?? '') : '';
  // After the version, which the policy never sees.
  let currentParts = parts.slice(hasGroup ? 2 : 1);

  let verb = verbOf(method);
  const [first = ''] = currentParts;
  if (SPECIAL_VERBS.includes(first)) {
    if (currentParts.length < 2) {
      throw new RefusedRequest(`unable to determine kind and namespace from url, ${fromBytes(url.text)}`);
    }
    verb = first;
    currentParts = currentParts.slice(1);
  }

  const {namespace, rest} = splitNamespace(currentParts);
  const [resource = '', name = '', third = ''] = rest;
  const subresource = verb === 'proxy' ? '' : third;
  const named = name === '' ? nameless(verb, url, serverVersion) : {verb, name};
  return {verb: named.verb, resource: {group, resource, subresource, namespace, name: named.name}};
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L305 */
function splitPath(path: string): readonly string[] {
  return path
    .replace(/^\/+/, '')
    .replace(/(?<!\/)\/+$/, '')
    .split('/');
}

function verbOf(method: string): string {
  switch (method) {
    case 'POST':
      return 'create';
    case 'GET':
    case 'HEAD':
      return 'get';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    default:
      return '';
  }
}

/** Of `/namespaces/x` the namespace is x too, and stays so below it. */
function splitNamespace(parts: readonly string[]): {readonly namespace: string; readonly rest: readonly string[]} {
  const [first, namespace = '', third] = parts;
  if (first !== 'namespaces') return {namespace: '', rest: parts};
  const isOfNamespace = third === undefined || third === 'status' || third === 'finalize';
  return {namespace, rest: isOfNamespace ? parts : parts.slice(2)};
}

/** Without a name it is the collection that is got or deleted. */
function nameless(
  verb: string,
  {rawQuery}: RequestUrl,
  serverVersion: KubernetesVersion | undefined,
): {readonly verb: string; readonly name: string} {
  if (verb === 'delete') return {verb: 'deletecollection', name: ''};
  if (verb !== 'get') return {verb, name: ''};
  // Kubernetes 1.22 was the last to be built with Go 1.16.
  const parameters = parseQuery(rawQuery, serverVersion !== undefined && !isAtLeast(serverVersion, 23));
  const options = listOptions(parameters, serverVersion);
  return {verb: options.watch ? 'watch' : 'list', name: isPathSegmentName(options.name) ? options.name : ''};
}

interface ListOptions {
  readonly watch: boolean;
  /** What the field selector requires of metadata.name. */
  readonly name: string;
}

/** When one parameter does not parse, the selectors are lost, but not `watch`. */
function listOptions(
  parameters: ReadonlyMap<string, string>,
  serverVersion: KubernetesVersion | undefined,
): ListOptions {
  const watch = parameters.get('watch');
  try {
    for (const key of ['timeoutSeconds', 'limit']) {
      if (!isInteger(parameters.get(key) ?? '0')) throw new InvalidSelector();
    }
    const commasMayEnd = serverVersion === undefined || isAtLeast(serverVersion, 35);
    checkLabelSelector(parameters.get('labelSelector') ?? '', {commasMayEnd});
    const name = requiresExactMatch(parameters.get('fieldSelector') ?? '', 'metadata.name') ?? '';
    return {watch: watch !== undefined && !isFalse(foldLongS(watch)), name};
  } catch (error) {
    if (!(error instanceof InvalidSelector)) throw error;
    return {watch: watch !== undefined && !isFalse(watch), name: ''};
  }
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/conversion.go#L86 */
function isFalse(value: string): boolean {
  return value === '0' || value.toLowerCase() === 'false';
}

/** Go's strings.EqualFold takes the long s for an s, its strings.ToLower does not. */
function foldLongS(bytes: string): string {
  return bytes.replaceAll('\xc5\xbf', 's');
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/api/validation/path/name.go#L31 */
function isPathSegmentName(name: string): boolean {
  return name !== '.' && name !== '..' && !/[/%]/.test(name);
}
