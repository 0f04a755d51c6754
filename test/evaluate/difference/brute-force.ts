/**
 * Small random pairs of policies, every request that their constants (and a fresh value for each dimension) can make,
 * and what a class says of a request. Nothing here is taken from the comparison itself.
 */
import type {GroupCondition, RequestClass, ResourceTerm, Values} from '../../../src/model/difference.ts';
import {LEVELS, STAGES} from '../../../src/model/policy.ts';
import type {AuditPolicy, GroupResources, PolicyRule} from '../../../src/model/policy.ts';
import type {RequestAttributes} from '../../../src/model/request.ts';
import type {ServedResource} from '../../../src/model/served-resources.ts';
import {pathMatches} from '../../../src/evaluate/match.ts';
import {canExist, isNonResourcePath} from '../../../src/evaluate/request/request-classes.ts';
import type {Random} from '../../oracle/random-numbers.ts';

/** The few texts of which a pair of policies is made, so that rules meet often. */
export interface Vocabulary {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  readonly verbs: readonly string[];
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly subresources: readonly string[];
  readonly namespaces: readonly string[];
  readonly names: readonly string[];
  readonly paths: readonly string[];
}

const ALL: Vocabulary = {
  users: ['eve', 'bob', 'system:anonymous'],
  groups: ['dev', 'ops', 'system:authenticated', 'system:unauthenticated', 'qa'],
  verbs: ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'post', 'proxy', '*'],
  apiGroups: ['', 'apps', 'example.com', '*'],
  resources: ['pods', 'namespaces', 'nodes', 'things', 'tokenreviews'],
  subresources: ['exec', 'status', 'part', 'proxy'],
  namespaces: ['kube-system', 'prod', 'a', ''],
  names: ['a', 'b', 'kube-system', ''],
  paths: [
    '*',
    '/*',
    '/healthz*',
    '/healthz',
    '/healthz/a*',
    '/api*',
    '/api/v1/*',
    '/debug/pprof/x',
    '/debug*',
    '/apis/a/b',
  ],
};

/** A part of all texts. */
export function vocabularyFrom(random: Random): Vocabulary {
  const few = (values: readonly string[], most: number): string[] => [...new Set(random.some(values, 1, most))];
  return {
    users: few(ALL.users, 2),
    groups: few(ALL.groups, 3),
    verbs: few(ALL.verbs, 3),
    apiGroups: few(ALL.apiGroups, 2),
    resources: few(ALL.resources, 2),
    subresources: few(ALL.subresources, 2),
    namespaces: few(ALL.namespaces, 2),
    names: few(ALL.names, 2),
    paths: few(ALL.paths, 4),
  };
}

/** A policy of up to `most` rules. */
export function randomPolicy(random: Random, vocabulary: Vocabulary, most: number): AuditPolicy {
  return {
    omitStages: random.chance(0.3) ? random.some(STAGES, 1, 2) : [],
    omitManagedFields: random.chance(0.2),
    rules: Array.from({length: 1 + random.below(most)}, () => randomRule(random, vocabulary)),
  };
}

/** The policy with one rule changed, moved, added or taken away: nearly the same. */
export function neighbourOf(random: Random, vocabulary: Vocabulary, policy: AuditPolicy): AuditPolicy {
  const rules = [...policy.rules];
  const index = random.below(rules.length);
  const [rule] = rules.splice(index, 1);
  if (rule === undefined || random.chance(0.2)) return {...policy, rules};
  if (random.chance(0.3)) rules.splice(random.below(rules.length + 1), 0, rule);
  else rules.splice(index, 0, {...rule, ...randomRule(random, vocabulary), level: random.pick(LEVELS)});
  return {...policy, rules};
}

function randomRule(random: Random, vocabulary: Vocabulary): PolicyRule {
  const maybe = (probability: number, values: readonly string[]): string[] =>
    random.chance(probability) ? random.some(values, 1, 2) : [];
  const isForPaths = random.chance(0.25);
  return {
    level: random.pick(LEVELS),
    users: maybe(0.25, vocabulary.users),
    userGroups: maybe(0.3, vocabulary.groups),
    verbs: maybe(0.4, vocabulary.verbs),
    resources: !isForPaths && random.chance(0.6) ? entriesFrom(random, vocabulary) : [],
    namespaces: isForPaths ? [] : maybe(0.25, vocabulary.namespaces),
    nonResourceURLs: isForPaths ? random.some(vocabulary.paths, 1, 2) : [],
    omitStages: random.chance(0.25) ? random.some(STAGES, 1, 4) : [],
    omitManagedFields: random.chance(0.15) ? random.chance(0.5) : undefined,
    line: undefined,
  };
}

function entriesFrom(random: Random, vocabulary: Vocabulary): GroupResources[] {
  return Array.from({length: 1 + random.below(2)}, () => {
    const specs = random.chance(0.2)
      ? []
      : Array.from({length: 1 + random.below(2)}, () => specFrom(random, vocabulary));
    const hasNames = specs.length > 0 && random.chance(0.3);
    return {
      group: random.pick(vocabulary.apiGroups),
      resources: specs,
      resourceNames: hasNames ? random.some(vocabulary.names, 1, 2) : [],
    };
  });
}

function specFrom(random: Random, {resources, subresources}: Vocabulary): string {
  const resource = random.pick(resources);
  const subresource = random.pick(subresources);
  return random.pick([
    resource,
    resource,
    `${resource}/${subresource}`,
    `${resource}/*`,
    `*/${subresource}`,
    '*',
    '*/*',
  ]);
}

/** Some of the resources that the vocabulary can name, and some that it cannot. */
export function servedFrom(random: Random, {apiGroups, resources, subresources}: Vocabulary): ServedResource[] {
  const served: ServedResource[] = [];
  for (const group of [...apiGroups.filter((each) => each !== '*'), 'other.example.com']) {
    for (const resource of [...resources, 'whatever', 'others']) {
      const namespaced = random.chance(0.5);
      for (const subresource of ['', ...subresources]) {
        if (random.chance(0.4)) continue;
        const verbs = random.some(VERBS.slice(0, 8), 1, 8);
        // Of an API server that is known to be aggregated there are no objects, which the evaluator does not tell.
        const aggregated = random.chance(0.3) ? undefined : false;
        const names = {kind: '', singular: '', shortNames: [], versions: []};
        served.push({...names, group, resource, subresource, namespaced, verbs, aggregated});
      }
    }
  }
  return served;
}

/**
 * Every request that can exist, of the texts of the vocabulary and a fresh one for each dimension; where `served` is
 * given, for these resources only.
 */
export function* requestsOf(vocabulary: Vocabulary, served?: readonly ServedResource[]): Generator<RequestAttributes> {
  const users = [...usersOf(vocabulary)];
  const targets = served === undefined ? resourceTargetsOf(vocabulary) : servedTargetsOf(vocabulary, served);
  for (const [verb, target] of targets) for (const user of users) yield {user, verb, target};
  for (const [verb, target] of pathTargetsOf(vocabulary)) for (const user of users) yield {user, verb, target};
}

function* usersOf({users, groups}: Vocabulary): Generator<RequestAttributes['user']> {
  yield undefined;
  yield {name: 'system:anonymous', groups: ['system:unauthenticated']};
  const own = groups.filter((group) => !group.startsWith('system:'));
  for (const name of new Set(['anybody', ...users])) {
    if (name === 'system:anonymous') continue;
    for (const subset of subsetsOf(own)) yield {name, groups: [...subset, 'system:authenticated']};
  }
}

function subsetsOf(values: readonly string[]): string[][] {
  const [first, ...rest] = values;
  if (first === undefined) return [[]];
  return subsetsOf(rest).flatMap((subset) => [subset, [first, ...subset]]);
}

const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection', 'proxy', ''];
const METHODS = ['get', 'head', 'post', 'put', 'patch', 'delete', 'options', 'trace', 'connect', 'report'];

function* resourceTargetsOf(vocabulary: Vocabulary): Generator<[string, RequestAttributes['target']]> {
  const {apiGroups, resources, subresources, namespaces, names} = vocabulary;
  for (const group of new Set([...apiGroups.filter((each) => each !== '*'), 'other.example.com'])) {
    for (const resource of [...resources, 'whatever']) {
      for (const subresource of new Set(['', ...subresources, 'exec', 'finalize', 'section'])) {
        for (const namespace of new Set([...namespaces, ...names, '', 'elsewhere'])) {
          for (const name of new Set([...names, ...namespaces, '', 'elsewhere', 'thing'])) {
            for (const verb of VERBS) {
              if (!canExist(verb, {group, resource, subresource, namespace, name})) continue;
              yield [verb, {kind: 'resource', group, resource, subresource, namespace, name}];
            }
          }
        }
      }
    }
  }
}

function* servedTargetsOf(
  {namespaces, names}: Vocabulary,
  served: readonly ServedResource[],
): Generator<[string, RequestAttributes['target']]> {
  for (const {group, resource, subresource, namespaced, verbs, aggregated} of served) {
    const traits = {verbs, aggregated, scope: namespaced ? 'namespaced' : 'cluster'} as const;
    for (const namespace of new Set([...namespaces, ...names, '', 'elsewhere'])) {
      for (const name of new Set([...names, ...namespaces, '', 'elsewhere', 'thing'])) {
        for (const verb of VERBS) {
          const target = {kind: 'resource', group, resource, subresource, namespace, name} as const;
          if (canExist(verb, target, traits)) yield [verb, target];
        }
      }
    }
  }
}

const PATHS = [
  '',
  '/',
  '/healthz',
  '/healthz/',
  '/healthz/abc',
  '/healthzz',
  '/api',
  '/api/v1',
  '/api/v1/',
  '/api/v1//',
];

function* pathTargetsOf({paths}: Vocabulary): Generator<[string, RequestAttributes['target']]> {
  const own = paths.flatMap((path) => [path, path.replace(/\*+$/, ''), path.replace(/\*+$/, 'q')]);
  for (const path of new Set([...own, ...PATHS, '/apis/a/b', '/debug/pprof/', '/debug/pprof/z', '/debug/', '/zzz'])) {
    if (!isNonResourcePath(path) || path === '*') continue;
    for (const verb of METHODS) yield [verb, {kind: 'nonResource', path}];
  }
}

/** Whether the request is one of the class. */
export function belongsTo({user, verb, target}: RequestAttributes, requests: RequestClass): boolean {
  if (!has(requests.verbs, verb) || !hasUser(requests, user)) return false;
  if (target.kind === 'nonResource') {
    return (requests.paths ?? []).some(
      ({pattern, except}) =>
        pathMatches(target.path, pattern) && !except.some((inner) => pathMatches(target.path, inner)),
    );
  }
  const {resources, namespaces, names} = requests;
  if (resources === undefined || !has(namespaces, target.namespace) || !has(names, target.name)) return false;
  return (
    resources.these.some((term) => hasResource(term, target)) &&
    !resources.except.some((term) => hasResource(term, target))
  );
}

function has(values: Values, value: string): boolean {
  return values.kind === 'any' || values.values.includes(value) === (values.kind === 'these');
}

function hasUser({users, groups, failedAuthentication}: RequestClass, user: RequestAttributes['user']): boolean {
  if (user === undefined) return failedAuthentication;
  return has(users, user.name) && hasGroups(groups, user.groups);
}

function hasGroups({inOneOfEach, inNoneOf}: GroupCondition, groups: readonly string[]): boolean {
  const isInOneOf = (list: readonly string[]): boolean => groups.some((group) => list.includes(group));
  return inOneOfEach.every(isInOneOf) && !isInOneOf(inNoneOf);
}

function hasResource(
  {groups, resources, subresources}: ResourceTerm,
  target: Extract<RequestAttributes['target'], {kind: 'resource'}>,
): boolean {
  return has(groups, target.group) && has(resources, target.resource) && has(subresources, target.subresource);
}
