/** Random requests, by their attributes or by HTTP method and URI, of the words that random policies are made of. */
import type {RequestAttributes} from '../../src/model/request.ts';
import type {AskedRequest, HttpRequest} from './protocol.ts';
import type {Random} from './random-numbers.ts';
import {WORDS} from './random-policies.ts';

/** One request of either kind. */
export function randomRequest(random: Random): AskedRequest {
  return random.chance(0.65) ? randomAttributes(random) : randomHttpRequest(random);
}

function randomAttributes(random: Random): RequestAttributes {
  const user = randomUser(random);
  const verb = random.pick(WORDS.verbs);
  if (random.chance(0.3)) return {user, verb, target: {kind: 'nonResource', path: random.pick(WORDS.paths)}};
  return {
    user,
    verb,
    target: {
      kind: 'resource',
      // No server has such a group; a policy that has it must not match others.
      group: random.chance(0.03) ? '*' : random.pick(WORDS.apiGroups),
      resource: random.pick(WORDS.resources),
      subresource: random.pick(WORDS.subresources),
      namespace: random.pick(WORDS.namespaces),
      name: random.pick(WORDS.names),
    },
  };
}

function randomUser(random: Random): RequestAttributes['user'] {
  if (random.chance(0.1)) return undefined;
  return {name: random.pick(WORDS.users), groups: random.some(WORDS.groups, 0, 3)};
}

const METHODS = ['GET', 'GET', 'GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'DELETE'];
const ODD_METHODS = [
  'OPTIONS',
  'TRACE',
  'CONNECT',
  'get',
  'Get',
  'WATCH',
  'proxy',
  'LIST',
  'x-y',
  'G T',
  '',
  'GÉT',
  'A:B',
];
const PREFIXES = [
  '/api/v1',
  '/api/v1',
  '/apis/apps/v1',
  '/apis/example.com/v1beta1',
  '/apis/core/v1',
  '/apis/autoscaling/v2',
];
const ODD_PREFIXES = [
  '',
  '/api',
  '/apis',
  '/apis/apps',
  '/API/v1',
  '//api//v1',
  '/api/',
  '/apis//v1',
  '/openapi/v2',
  'api/v1',
];
const SEGMENTS = [
  ...WORDS.resources,
  ...WORDS.subresources,
  ...WORDS.names,
  'namespaces',
  'namespaces',
  'default',
  'watch',
  'proxy',
  'status',
  'finalize',
  'attach',
  'portforward',
];
const ODD_SEGMENTS = [
  '%2F',
  'a%2Fb',
  '%zz',
  '%',
  '%4',
  '%41',
  '%C3%A9',
  'é',
  '%ff',
  '%ed%a0%80',
  '.',
  '..',
  'a b',
  'a+b',
  'a;b',
  ':',
  '%00',
  '%25',
  '\t',
  '#x',
  '[',
  '\ud83d\ude00',
];
const PATHS = [
  '/healthz',
  '/healthz/ping',
  '/debug/pprof/',
  '/debug/pprof',
  '/debug/pprof/heap',
  '/',
  '//',
  '',
  '*',
  '/*',
  '/version',
];
const ODD_URIS = [
  'http://example.com/api/v1/pods',
  'https://example.com:6443/healthz?x',
  'HTTP://a@example.com/api/v1/watch',
  'http://example.com',
  'http://example.com:x/',
  'http://exa mple.com/',
  'http://%41/',
  'mailto:x',
  ':x',
  '1:x',
  'a%zz:/x',
  'example.com:443',
  '/api/v1/watch?x=é',
  '/api/v1/watch/?',
  '//api/v1/proxy/%2f/',
  '/api/v1/watch/%7e%20#',
];
const WATCHES = [
  '',
  '=',
  '=1',
  '=true',
  '=0',
  '=false',
  '=FALSE',
  '=fal%C5%BFe',
  '=no',
  '=%30',
  '=0&watch=1',
  '=1&watch=0',
];
const FIELD_SELECTORS = [
  'metadata.name=a',
  'metadata.name%3Db',
  'metadata.name==a',
  'metadata.name!=a',
  'metadata.name=',
  'metadata.name=.',
  'metadata.name=a%2Fb',
  'metadata.name=%252',
  'metadata.name=b,metadata.name=a',
  'metadata.name=a,status.phase=Running',
  'metadata.name==b,metadata.name=a',
  'status.phase=Running',
  'metadata.name',
  'metadata.name=a%5C,b',
  'metadata.name=a%5C%5C',
  'metadata.name=a%5C',
  'metadata.name=a%5Cb',
  'metadata.name=a=b',
  'metadata.name=%5C=%ff',
  'metadata.name=%ff',
  'metadata.namespace=a',
  ',,metadata.name=a,',
  '+metadata.name=a',
  'metadata.name=+a',
  '=',
  '!=a',
  '%00',
  'a!metadata.name=b',
  'metadata.name=%C3%A9,b',
];
const LABEL_TOKENS = [
  'a',
  'b',
  'in',
  'notin',
  'example.com/a',
  'A_b.c',
  '-',
  'a/b/c',
  '/a',
  '(',
  ')',
  ',',
  ',',
  '=',
  '==',
  '!=',
  '!',
  '<',
  '>',
  '1',
  '-1',
  '%00',
  '+',
  '+',
  'é',
  'x'.repeat(64),
];
const LABEL_SELECTORS = [
  'a',
  'a=b',
  'a==b,c!=d',
  'a in (b,c)',
  'a in (b,,c)',
  'a in (b,,)',
  'a in (,)',
  'a in ()',
  'a notin (in)',
  '!a',
  'a>1',
  'a<x',
  'a=',
  '',
  'a=b c',
  'in in (in)',
  'a in (b',
  'a in (,,)',
  'a in (,,,b)',
];
const OTHER_PARAMETERS = [
  'limit=500',
  'limit=',
  'limit=x',
  'limit=-1',
  'limit=9223372036854775808',
  'limit=+0009223372036854775807',
  'limit=1_0',
  'timeoutSeconds=5',
  'timeoutSeconds=1.5',
  'timeoutSeconds=-9223372036854775808',
  'resourceVersion=0',
  'resourceVersionMatch=x',
  'allowWatchBookmarks=x',
  'sendInitialEvents=maybe',
  'continue=%zz',
  'pretty',
  ';',
  'a;watch=1',
  'watch;=1',
  '%zz=1',
  'watch=%zz',
  '%77atch=1',
  'Watch=1',
  'a+b=c+d',
  '',
  '?watch',
];

function randomHttpRequest(random: Random): HttpRequest {
  const method = random.chance(0.85) ? random.pick(METHODS) : random.pick(ODD_METHODS);
  return {user: randomUser(random), method, uri: randomUri(random)};
}

function randomUri(random: Random): string {
  if (random.chance(0.04)) return random.pick(ODD_URIS);
  const query = random.chance(0.45) ? `?${randomQuery(random)}` : '';
  if (random.chance(0.12)) return `${random.pick(PATHS)}${query}`;
  const prefix = random.chance(0.9) ? random.pick(PREFIXES) : random.pick(ODD_PREFIXES);
  const segments = Array.from({length: random.below(6)}, () =>
    random.chance(0.94) ? random.pick(SEGMENTS) : random.pick(ODD_SEGMENTS),
  );
  const end = random.chance(0.05) ? random.pick(['/', '//', '/.', '?']) : '';
  return `${[prefix, ...segments].join('/')}${end}${query}`;
}

function randomQuery(random: Random): string {
  return Array.from({length: 1 + random.below(3)}, () => randomParameter(random)).join('&');
}

function randomParameter(random: Random): string {
  switch (random.below(5)) {
    case 0:
      return `watch${random.pick(WATCHES)}`;
    case 1:
    case 2:
      return `fieldSelector=${random.pick(FIELD_SELECTORS)}`;
    case 3:
      return `labelSelector=${randomLabelSelector(random)}`;
    default:
      return random.pick(OTHER_PARAMETERS);
  }
}

function randomLabelSelector(random: Random): string {
  if (random.chance(0.5)) return random.pick(LABEL_SELECTORS).replaceAll(' ', '+');
  return random.some(LABEL_TOKENS, 1, 8).join(random.pick(['', '+']));
}
