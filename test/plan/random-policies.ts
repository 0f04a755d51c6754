/** Small random policies, and every request that can be told apart by them, written out one by one. */
import {STAGES} from '../../src/model/policy.ts';
import type {AuditPolicy, PolicyRule} from '../../src/model/policy.ts';
import type {RequestAttributes} from '../../src/model/request.ts';

/** Numbers from 0 to 1 (mulberry32): every run is the same. */
export function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const ENTRIES = [
  {group: '', resources: ['pods'], resourceNames: []},
  {group: '', resources: ['pods', 'pods/exec'], resourceNames: ['a']},
  {group: '', resources: ['pods/*'], resourceNames: []},
  {group: '', resources: ['*/status', 'secrets'], resourceNames: []},
  {group: '', resources: ['*'], resourceNames: ['a']},
  {group: '', resources: [], resourceNames: []},
  {group: '', resources: ['serviceaccounts/token', 'secrets'], resourceNames: []},
  {group: 'apps', resources: ['*'], resourceNames: []},
  {group: '*', resources: ['things'], resourceNames: []},
];

/** A policy of one to six rules. */
export function randomPolicy(random: () => number): AuditPolicy {
  const pick = <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)] as T;
  const some = <T>(chance: number, values: readonly T[]): T[] =>
    random() < chance ? [...new Set([pick(values), pick(values)])] : [];
  const rules = Array.from({length: 1 + Math.floor(random() * 6)}, (): PolicyRule => {
    const isForPaths = random() < 0.15;
    return {
      level: pick(['None', 'None', 'Metadata', 'Request', 'RequestResponse']),
      users: some(0.25, ['eve', 'system:anonymous']),
      userGroups: some(0.25, ['dev', 'system:authenticated']),
      verbs: some(0.35, ['get', 'create', 'patch', 'delete']),
      resources: isForPaths ? [] : some(0.6, ENTRIES),
      namespaces: isForPaths ? [] : some(0.25, ['a', 'b', '']),
      nonResourceURLs: isForPaths ? some(1, ['/healthz*', '/metrics', '*']) : [],
      omitStages: some(0.25, STAGES),
      omitManagedFields: random() < 0.2 ? random() < 0.5 : undefined,
      line: undefined,
    };
  });
  return {omitStages: some(0.15, STAGES), omitManagedFields: random() < 0.2, rules};
}

const USERS: readonly RequestAttributes['user'][] = [
  undefined,
  {name: 'system:anonymous', groups: ['system:unauthenticated']},
  ...['eve', 'somebody'].flatMap((name) => [
    {name, groups: ['system:authenticated']},
    {name, groups: ['dev', 'system:authenticated']},
  ]),
];

const THINGS: readonly (readonly [group: string, resource: string, subresource: string])[] = [
  ['', 'pods', ''],
  ['', 'pods', 'exec'],
  ['', 'pods', 'status'],
  ['', 'pods', 'part'],
  ['', 'secrets', ''],
  ['', 'serviceaccounts', ''],
  ['', 'serviceaccounts', 'token'],
  ['', 'anything', ''],
  ['', 'anything', 'part'],
  ['', 'anything', 'status'],
  ['', 'things', ''],
  ['apps', 'deployments', ''],
  ['apps', 'deployments', 'part'],
  ['other', 'things', ''],
  ['other', 'anything', ''],
];

/** Users of every kind, verbs named and not, resources, paths, namespaces and names: what `randomPolicy` tells apart. */
export const REQUESTS: readonly RequestAttributes[] = USERS.flatMap((user) =>
  ['get', 'list', 'create', 'patch', 'delete'].flatMap((verb) => [
    ...THINGS.flatMap(([group, resource, subresource]) =>
      ['a', 'b', 'somewhere', ''].flatMap((namespace) =>
        ['a', 'something', ''].map((name): RequestAttributes => ({
          user,
          verb,
          target: {kind: 'resource', group, resource, subresource, namespace, name},
        })),
      ),
    ),
    ...['/healthz', '/healthz/x', '/metrics', '/other'].map((path): RequestAttributes => ({
      user,
      verb,
      target: {kind: 'nonResource', path},
    })),
  ]),
);

/** Requests that can exist: names go with verbs, and built-in resources live in namespaces or do not. */
export function canExist({user, verb, target}: RequestAttributes): boolean {
  if (user === undefined) return false;
  if (target.kind === 'nonResource') return ['get', 'patch', 'delete'].includes(verb);
  const {group, resource, subresource, namespace, name} = target;
  const isNamespaced = group === '' && ['pods', 'secrets', 'serviceaccounts'].includes(resource);
  if ((isNamespaced || (group === 'apps' && resource === 'deployments')) && namespace === '') {
    if (verb !== 'list' || subresource !== '') return false;
  }
  if (subresource !== '') return name !== '';
  if (verb === 'create') return name === '';
  return verb === 'list' || name !== '';
}
