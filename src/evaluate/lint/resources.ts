/** Entries of `resources` that match nothing: wrong names, wrong groups, wrong wildcards. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {AuditPolicy, GroupResources, PolicyRule} from '../../model/policy.ts';
import type {PathStep} from '../load/decoded-value.ts';
import {NAMELESS_VERBS} from '../request/request-classes.ts';
import type {ResourceCatalogue} from './catalogue.ts';
import {replaceScalar} from './edits.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {whereOf} from './input.ts';

/** One entry of a rule, and where it stands. */
interface Entry {
  readonly rule: PolicyRule;
  readonly entry: GroupResources;
  readonly path: readonly PathStep[];
}

export function resourcesThatMatchNothing(
  input: LintInput,
  {policy}: JudgedPolicy,
  rule: PolicyRule,
  index: number,
): LintFinding[] {
  return rule.resources.flatMap((entry, position) => {
    const at: Entry = {rule, entry, path: ['rules', index, 'resources', position]};
    const ofGroup = groupFindings(input, policy, at);
    return [
      ...ofGroup,
      // Of a wrong group nothing more can be said.
      ...(ofGroup.length > 0 ? [] : entry.resources.flatMap((_, item) => resourceFindings(input, at, item))),
      ...entry.resources.flatMap((_, item) => clusterScoped(input, at, item)),
      ...nameFindings(input, at),
    ];
  });
}

/** @see https://kubernetes.io/docs/reference/using-api/#api-groups */
const CORE_NAMES: readonly string[] = ['core', 'v1', 'api', 'legacy'];

function groupFindings(input: LintInput, policy: AuditPolicy, at: Entry): LintFinding[] {
  const {group} = at.entry;
  const {catalogue} = input;
  if (group === '' || group === '*' || catalogue.isClosed(group)) return [];
  const path = [...at.path, 'group'];
  const where = whereOf(input, path);
  if (CORE_NAMES.includes(group)) {
    return [lintFinding('group-core-name', {value: group}, where, replaceScalar(input, path, ''))];
  }
  const withoutVersion = /^(.+)\.v\d+(?:(?:alpha|beta)\d+)?$/.exec(group)?.[1];
  if (withoutVersion !== undefined) {
    const edit = replaceScalar(input, path, withoutVersion);
    return [lintFinding('group-with-version', {value: group, meant: withoutVersion}, where, edit)];
  }
  const lastMinor = catalogue.groupGone(group);
  if (lastMinor !== undefined) return goneGroup(input, policy, at, `1.${lastMinor}`);
  const meant = catalogue.groupMeantBy(group);
  if (!group.includes('.') || (meant !== undefined && catalogue.source === 'kubernetes')) {
    const edit = meant === undefined ? undefined : replaceScalar(input, path, meant);
    return [lintFinding('group-unknown', {value: group, meant}, where, edit)];
  }
  return catalogue.isNotServed(group) ? [lintFinding('group-not-served', {group}, where)] : [];
}

/** A remnant does no harm where the policy names the resources in their new group too. */
function goneGroup(input: LintInput, policy: AuditPolicy, at: Entry, lastRelease: string): LintFinding[] {
  const {group, resources} = at.entry;
  const moved = resources.flatMap((value, item) => {
    const groups = input.catalogue.groupsOf(baseOf(value));
    if (groups.length === 0 || groups.some((other) => isNamed(policy, other, value))) return [];
    const where = whereOf(input, [...at.path, 'resources', item]);
    return [lintFinding('resource-wrong-group', {value, group, groups}, where)];
  });
  const gone = lintFinding(
    'group-gone',
    {group, resource: undefined, lastRelease},
    whereOf(input, [...at.path, 'group']),
  );
  return moved.length > 0 ? moved : [gone];
}

/** Whether some rule names the resource in that group, alone or with all others. */
function isNamed(policy: AuditPolicy, group: string, resource: string): boolean {
  return policy.rules.some((rule) =>
    rule.resources.some(
      (entry) =>
        (entry.group === group || entry.group === '*') &&
        (entry.resources.length === 0 || entry.resources.includes(resource) || entry.resources.includes('*')),
    ),
  );
}

function baseOf(resource: string): string {
  return resource.split('/')[0] ?? '';
}

function resourceFindings(input: LintInput, at: Entry, item: number): LintFinding[] {
  const {catalogue} = input;
  const {group} = at.entry;
  const value = at.entry.resources[item] ?? '';
  const path = [...at.path, 'resources', item];
  const where = whereOf(input, path);
  // Odd characters are told by themselves.
  if (value === '' || value === '*' || /\s|["'‘’“”]/.test(value)) return [];

  const [base = '', subresource = '', ...rest] = value.split('/');
  if (value === '*/*' || isWrongGlob(base) || isWrongGlob(subresource) || (rest.length > 0 && value.includes('*'))) {
    return [lintFinding('resource-wildcard', {value, meant: '*'}, where, replaceScalar(input, path, '*'))];
  }
  if (base === '*' || catalogue.find(group, base, '') !== undefined) {
    return subresourceFindings(input, at, item, base, subresource);
  }
  const named = nameForm(catalogue, group, value);
  if (named !== undefined) {
    const edit = named.meant === undefined ? undefined : replaceScalar(input, path, named.meant);
    return [lintFinding('resource-name-form', {value, ...named}, where, edit)];
  }
  if (!catalogue.isClosed(group)) return [];

  const gone = catalogue.gone(group, base);
  if (gone?.until !== undefined) {
    const lastRelease = `1.${gone.until}`;
    return [lintFinding('group-gone', {group, resource: value, lastRelease}, where)];
  }
  const groups = catalogue.groupsOf(base);
  if (groups.length > 0) return [lintFinding('resource-wrong-group', {value, group, groups}, where)];
  if (catalogue.source === 'cluster') return [lintFinding('resource-not-served', {value, group, groups}, where)];
  return [lintFinding('resource-unknown', {value, group, ...meantInstead(catalogue, group, value)}, where)];
}

/** A name that is near, a subresource without its resource, or a short name of another group. */
function meantInstead(catalogue: ResourceCatalogue, group: string, value: string): MeantName {
  const meant = catalogue.nearest(group, value) ?? catalogue.withSubresource(group, value)?.resource;
  const [elsewhere] = meant === undefined ? catalogue.namedBy(value) : [];
  return elsewhere === undefined
    ? {meant, meantGroup: undefined}
    : {meant: elsewhere.resource, meantGroup: elsewhere.group};
}

interface MeantName {
  readonly meant: string | undefined;
  readonly meantGroup: string | undefined;
}

/** A star anywhere but alone. */
function isWrongGlob(segment: string): boolean {
  return segment.includes('*') && segment !== '*';
}

function subresourceFindings(
  input: LintInput,
  at: Entry,
  item: number,
  base: string,
  subresource: string,
): LintFinding[] {
  const {catalogue} = input;
  const {group} = at.entry;
  if (base === '*' || subresource === '' || subresource === '*' || !catalogue.isClosed(group)) return [];
  if (catalogue.find(group, base, subresource) !== undefined) return [];
  const path = [...at.path, 'resources', item];
  const value = `${base}/${subresource}`;
  const meant = catalogue.nearest(group, value);
  const where = whereOf(input, path);
  return [lintFinding('resource-unknown', {value, group, meant, meantGroup: undefined}, where)];
}

/** Undefined where the name has the form of a plural; else what it means, where that is known. */
function nameForm(catalogue: ResourceCatalogue, group: string, value: string): MeantName | undefined {
  const [base = '', subresource = ''] = value.split('/');
  const ending = subresource === '' ? '' : `/${subresource.toLowerCase()}`;
  // RESOURCE.GROUP, as kubectl takes it: no plural has a dot.
  const [word = '', ...suffix] = base.split('.');
  const named = catalogue.namedBy(word);
  const own = named.find((each) => each.group === group);
  if (own !== undefined) return {meant: own.resource + ending, meantGroup: undefined};
  if (suffix.length === 0 && base === base.toLowerCase()) return undefined;
  const other = named.find((each) => each.group === suffix.join('.')) ?? named[0];
  return other === undefined
    ? {meant: undefined, meantGroup: undefined}
    : {meant: other.resource + ending, meantGroup: other.group};
}

/** Requests for objects without a namespace have the empty one. */
function clusterScoped(input: LintInput, {rule, entry, path}: Entry, item: number): LintFinding[] {
  const value = entry.resources[item] ?? '';
  const base = baseOf(value);
  if (rule.namespaces.length === 0 || rule.namespaces.includes('')) return [];
  // The namespace of a request for the Namespace x is x.
  if (
    base === 'namespaces' ||
    input.catalogue.traitsOf({group: entry.group, resource: base, subresource: ''}).scope !== 'cluster'
  )
    return [];
  const where = whereOf(input, [...path, 'resources', item]);
  return [lintFinding('namespace-of-cluster-scoped', {resource: value, namespaces: rule.namespaces}, where)];
}

function nameFindings(input: LintInput, {rule, entry, path}: Entry): LintFinding[] {
  const {resources, resourceNames} = entry;
  const globs = resourceNames.flatMap((value, item) =>
    value.includes('*')
      ? [lintFinding('resource-name-wildcard', {value}, whereOf(input, [...path, 'resourceNames', item]))]
      : [],
  );
  // Requests for subresources do carry a name.
  const isForObjects = resources.every((resource) => !/[*/]/.test(resource));
  if (resourceNames.length === 0 || resourceNames.includes('') || !isForObjects) return globs;
  const verbs = rule.verbs.filter((verb) => NAMELESS_VERBS.includes(verb));
  const where = whereOf(input, [...path, 'resourceNames']);
  return [...globs, ...verbs.map((verb) => lintFinding('resource-names-with-create', {verb, resourceNames}, where))];
}
