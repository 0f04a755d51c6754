/** Verbs that no request of the rule can have. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import {NON_RESOURCE_VERBS, RESOURCE_VERBS} from '../request/request-classes.ts';
import {replaceScalar} from './edits.ts';
import {whereOf} from './input.ts';
import type {LintInput} from './input.ts';
import {nearest} from './similar.ts';

/** What people write for the verbs of resources: HTTP methods, and verbs of RBAC and of other systems. */
const RESOURCE_SYNONYMS: Readonly<Record<string, string>> = {
  add: 'create',
  edit: 'update',
  insert: 'create',
  modify: 'update',
  post: 'create',
  put: 'update',
  read: 'get',
  remove: 'delete',
  view: 'get',
  write: 'update',
  deleteall: 'deletecollection',
  'delete-collection': 'deletecollection',
  delete_collection: 'deletecollection',
};

/** What people write for HTTP methods. */
const PATH_SYNONYMS: Readonly<Record<string, string>> = {
  create: 'post',
  list: 'get',
  read: 'get',
  update: 'put',
  view: 'get',
  watch: 'get',
};

/** What kind of requests a rule can match. */
type RequestKind = 'resource' | 'path' | 'any';

export function verbsThatMatchNothing(input: LintInput, rule: PolicyRule, index: number): LintFinding[] {
  const kind = kindOf(rule);
  return rule.verbs.flatMap((verb, item) => {
    const path = ['rules', index, 'verbs', item];
    const where = whereOf(input, path);
    // Odd characters are told by themselves; no verb is what the method OPTIONS has.
    if (verb === '' || /\s|["'‘’“”]/.test(verb)) return [];
    if (verb === '*') return [lintFinding('verb-wildcard', {}, where)];
    if (verbsOf(kind).includes(verb)) return [];
    const meant = meantBy(verb, kind);
    const edit = meant === undefined ? undefined : replaceScalar(input, path, meant);
    return meant !== undefined && meant === verb.toLowerCase()
      ? [lintFinding('verb-case', {value: verb, meant}, where, edit)]
      : [lintFinding('verb-unknown', {value: verb, meant, kind}, where, edit)];
  });
}

/** Resources of a rule that offer none of its verbs. */
export function verbsNotOffered(input: LintInput, rule: PolicyRule, index: number): LintFinding[] {
  const verbs = rule.verbs.filter((verb) => verbsOf('resource').includes(verb));
  if (verbs.length === 0 || verbs.length < rule.verbs.length) return [];
  return rule.resources.flatMap(({group, resources}, position) =>
    resources.flatMap((value, item) => {
      const [resource = '', subresource = ''] = value.split('/');
      const offered = input.catalogue.find(group, resource, subresource)?.verbs;
      if (offered === undefined || offered.some((verb) => verbs.includes(verb))) return [];
      const where = whereOf(input, ['rules', index, 'resources', position, 'resources', item]);
      return [lintFinding('verb-not-offered', {verbs, resource: value, offered}, where)];
    }),
  );
}

function kindOf(rule: PolicyRule): RequestKind {
  if (rule.resources.length > 0 || rule.namespaces.length > 0) return 'resource';
  return rule.nonResourceURLs.length > 0 ? 'path' : 'any';
}

function verbsOf(kind: RequestKind): readonly string[] {
  switch (kind) {
    case 'resource':
      return RESOURCE_VERBS;
    case 'path':
      return NON_RESOURCE_VERBS;
    case 'any':
      return [...RESOURCE_VERBS, ...NON_RESOURCE_VERBS];
  }
}

function meantBy(verb: string, kind: RequestKind): string | undefined {
  const lower = verb.toLowerCase();
  const verbs = verbsOf(kind).filter((known) => known !== '');
  if (verbs.includes(lower)) return lower;
  const synonym = (kind === 'path' ? PATH_SYNONYMS : RESOURCE_SYNONYMS)[lower];
  return synonym ?? nearest(verb, verbs);
}
