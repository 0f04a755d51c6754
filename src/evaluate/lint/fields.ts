/** The keys of a policy, by the object that has them. */
import {nearest} from './similar.ts';

/** An object of a policy that has keys of its own; `metadata` is an ObjectMeta like any other. */
export type FieldOwner = 'policy' | 'rule' | 'entry' | 'metadata';

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/v1/types.go#L160 */
export const FIELDS: Readonly<Record<FieldOwner, readonly string[]>> = {
  policy: ['apiVersion', 'kind', 'metadata', 'rules', 'omitStages', 'omitManagedFields'],
  rule: [
    'level',
    'users',
    'userGroups',
    'verbs',
    'resources',
    'namespaces',
    'nonResourceURLs',
    'omitStages',
    'omitManagedFields',
  ],
  entry: ['group', 'resources', 'resourceNames'],
  // https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/types.go#L111
  metadata: [
    'name',
    'generateName',
    'namespace',
    'selfLink',
    'uid',
    'resourceVersion',
    'generation',
    'creationTimestamp',
    'deletionTimestamp',
    'deletionGracePeriodSeconds',
    'labels',
    'annotations',
    'ownerReferences',
    'finalizers',
    'managedFields',
  ],
};

/** Other words for a key, in lower case: from RBAC, from flags, and plain misunderstandings. */
const SYNONYMS: Readonly<Record<FieldOwner, Readonly<Record<string, string>>>> = {
  policy: {rule: 'rules', stages: 'omitStages', omitstage: 'omitStages'},
  rule: {
    group: 'userGroups',
    groups: 'userGroups',
    namespace: 'namespaces',
    nonresource: 'nonResourceURLs',
    nonresourcepath: 'nonResourceURLs',
    nonresourcepaths: 'nonResourceURLs',
    nonresourceurl: 'nonResourceURLs',
    paths: 'nonResourceURLs',
    resource: 'resources',
    urls: 'nonResourceURLs',
    stages: 'omitStages',
    user: 'users',
    usergroup: 'userGroups',
    usernames: 'users',
    verb: 'verbs',
  },
  entry: {
    apigroup: 'group',
    apigroups: 'group',
    groups: 'group',
    name: 'resourceNames',
    names: 'resourceNames',
    resource: 'resources',
    resourcename: 'resourceNames',
  },
  metadata: {},
};

/** What a key that its owner does not have was meant to be. */
export type MeantKey =
  | {readonly kind: 'misspelt'; readonly key: string}
  | {readonly kind: 'misplaced'; readonly belongs: 'policy' | 'rule' | 'entry'}
  | {readonly kind: 'unknown'};

/** Looks for what was meant: the same letters in another case, then another place, then other words, then near letters. */
export function meantKey(owner: FieldOwner, key: string): MeantKey {
  const lower = key.toLowerCase();
  const own = FIELDS[owner].find((field) => field.toLowerCase() === lower);
  if (own !== undefined) return {kind: 'misspelt', key: own};
  const belongs = ELSEWHERE[owner].find((other) => FIELDS[other].includes(key));
  if (belongs !== undefined) return {kind: 'misplaced', belongs};
  const synonym = SYNONYMS[owner][lower] ?? nearest(key, FIELDS[owner]);
  return synonym === undefined ? {kind: 'unknown'} : {kind: 'misspelt', key: synonym};
}

/** Where a key of another object is looked for, the nearest first. */
const ELSEWHERE: Readonly<Record<FieldOwner, readonly ('policy' | 'rule' | 'entry')[]>> = {
  policy: ['rule'],
  rule: ['entry', 'policy'],
  entry: ['rule'],
  metadata: [],
};
