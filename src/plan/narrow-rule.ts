import type {Region} from '../evaluate/coverage/demands.ts';
import {pathMatches, ruleMatches} from '../evaluate/match.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {ANY_RULE} from '../model/policy.ts';
import type {GroupResources, PolicyRule} from '../model/policy.ts';

/**
 * The rule that matches those requests of `region` that `rule` matches; undefined where there are none. Level and stages stay
 * those of `rule`. For any resource of a group it may match subresources as well, as a rule's `*` does.
 */
export function narrowRule(
  rule: PolicyRule,
  region: Region,
  serverVersion: KubernetesVersion | undefined,
): PolicyRule | undefined {
  if (region.kind === 'everything') return rule;
  if (rule.verbs.length > 0 && !rule.verbs.includes(region.verb)) return undefined;
  const narrowed = {...rule, verbs: [region.verb]};
  if (region.kind === 'path') {
    if (rule.resources.length > 0 || rule.namespaces.length > 0) return undefined;
    const isMatched =
      rule.nonResourceURLs.length === 0 || rule.nonResourceURLs.some((spec) => pathMatches(region.path, spec));
    return isMatched ? {...narrowed, nonResourceURLs: [region.path]} : undefined;
  }
  if (rule.nonResourceURLs.length > 0) return undefined;
  const entries =
    rule.resources.length === 0
      ? [ANY_OF_GROUP]
      : rule.resources.filter((entry) => isOfGroup(entry, region.group, serverVersion));
  const resources =
    region.kind === 'group'
      ? entries.flatMap((entry) => ofGroup(entry, region.group))
      : entries.flatMap((entry) => ofResource(entry, region));
  return resources.length === 0 ? undefined : {...narrowed, resources: withoutDuplicates(resources)};
}

/** Stands for a rule without resources: as an entry of whatever group. */
const ANY_OF_GROUP: GroupResources = {group: '*', resources: [], resourceNames: []};

/** Asked of the evaluator itself, which knows from which release on `*` is a wildcard. */
function isOfGroup(entry: GroupResources, group: string, serverVersion: KubernetesVersion | undefined): boolean {
  return matches({group: entry.group, resources: [], resourceNames: []}, group, 'any', serverVersion);
}

function ofResource(
  {resources, resourceNames}: GroupResources,
  region: Extract<Region, {kind: 'resource'}>,
): GroupResources[] {
  const isMatched = matches(
    {group: region.group, resources, resourceNames: []},
    region.group,
    region.resource,
    undefined,
  );
  return isMatched ? [{group: region.group, resources: [region.resource], resourceNames}] : [];
}

function ofGroup({resources, resourceNames}: GroupResources, group: string): GroupResources[] {
  if (resources.length === 0) return [{group, resources: ['*'], resourceNames: []}];
  if (resources.includes('*')) return [{group, resources: ['*'], resourceNames}];
  const whole = resources
    .map((spec) => (spec.endsWith('/*') ? spec.slice(0, -2) : spec))
    .filter((spec) => spec !== '*' && !spec.includes('/'));
  return whole.length === 0 ? [] : [{group, resources: [...new Set(whole)], resourceNames}];
}

function matches(
  entry: GroupResources,
  group: string,
  combined: string,
  serverVersion: KubernetesVersion | undefined,
): boolean {
  const [resource = '', ...rest] = combined.split('/');
  const target = {kind: 'resource' as const, group, resource, subresource: rest.join('/'), namespace: '', name: ''};
  const rule: PolicyRule = {...ANY_RULE, resources: [entry]};
  return ruleMatches(rule, {user: undefined, verb: '', target}, serverVersion);
}

/** An entry for any name makes those for some names of the same resources needless. */
function withoutDuplicates(entries: readonly GroupResources[]): GroupResources[] {
  const different = [...new Map(entries.map((entry) => [JSON.stringify(entry), entry])).values()];
  return different.filter(
    (entry) =>
      entry.resourceNames.length === 0 ||
      !different.some((other) => other.resourceNames.length === 0 && other.resources.join() === entry.resources.join()),
  );
}

/** The rule for all requests of `region`, by anyone. */
export function ruleFor(region: Region): PolicyRule {
  switch (region.kind) {
    case 'everything':
      return ANY_RULE;
    case 'path':
      return {...ANY_RULE, verbs: [region.verb], nonResourceURLs: [region.path]};
    case 'group':
      return {
        ...ANY_RULE,
        verbs: [region.verb],
        resources: [{group: region.group, resources: ['*'], resourceNames: []}],
      };
    case 'resource':
      return {
        ...ANY_RULE,
        verbs: [region.verb],
        resources: [{group: region.group, resources: [region.resource], resourceNames: []}],
      };
  }
}
