/**
 * What an audit policy decides for one request: a port of the API server's checker, function by function, in its order.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go
 */
import {isAtLeast} from '../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {STAGES} from '../model/policy.ts';
import type {AuditPolicy, GroupResources, PolicyRule, Stage} from '../model/policy.ts';
import type {AuditDecision, RequestAttributes} from '../model/request.ts';

type ResourceTarget = Extract<RequestAttributes['target'], {kind: 'resource'}>;

/**
 * The decision of `policy` for `request`: the first rule that matches, or level None when none does.
 * `serverVersion` undefined judges as the newest release: the group `*` is a wildcard only from 1.36 on.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L64
 */
export function evaluate(
  policy: AuditPolicy,
  request: RequestAttributes,
  serverVersion?: KubernetesVersion,
): AuditDecision {
  const index = policy.rules.findIndex((rule) => ruleMatches(rule, request, serverVersion));
  const rule = policy.rules[index];
  if (rule === undefined) {
    return {
      level: 'None',
      omitStages: unionStages(policy.omitStages),
      omitManagedFields: policy.omitManagedFields,
      rule: undefined,
    };
  }
  return {
    level: rule.level,
    omitStages: unionStages(policy.omitStages, rule.omitStages),
    omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
    rule: index,
  };
}

/**
 * The stages of all lists, each once, in the order of `STAGES` (the server's own order is that of a Go map: random).
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L40
 */
export function unionStages(...stageLists: (readonly Stage[])[]): Stage[] {
  return STAGES.filter((stage) => stageLists.some((stages) => stages.includes(stage)));
}

/**
 * Whether `rule` matches `request`. Levels play no part.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L95
 */
export function ruleMatches(rule: PolicyRule, request: RequestAttributes, serverVersion?: KubernetesVersion): boolean {
  const {user, verb} = request;
  if (rule.users.length > 0 && (user === undefined || !hasString(rule.users, user.name))) return false;
  if (rule.userGroups.length > 0) {
    if (user === undefined || !user.groups.some((group) => hasString(rule.userGroups, group))) return false;
  }
  // No wildcard here: a verb "*" is valid and matches nothing.
  if (rule.verbs.length > 0 && !hasString(rule.verbs, verb)) return false;

  if (rule.namespaces.length > 0 || rule.resources.length > 0) {
    return ruleMatchesResource(rule, request, serverVersion);
  }
  if (rule.nonResourceURLs.length > 0) return ruleMatchesNonResource(rule, request);
  return true;
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L135 */
function ruleMatchesNonResource(rule: PolicyRule, {target}: RequestAttributes): boolean {
  if (target.kind !== 'nonResource') return false;
  return rule.nonResourceURLs.some((spec) => pathMatches(target.path, spec));
}

/**
 * Whether a request path matches one of a rule's `nonResourceURLs`: a plain string prefix before the trailing `*`.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L151
 */
export function pathMatches(path: string, spec: string): boolean {
  if (spec === '*' || spec === path) return true;
  return spec.endsWith('*') && path.startsWith(trimStars(spec));
}

/** Go's strings.TrimRight(spec, "*"), linear also for a long run of stars that does not end the text. */
function trimStars(spec: string): string {
  let end = spec.length;
  while (end > 0 && spec[end - 1] === '*') end -= 1;
  return spec.slice(0, end);
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L168 */
function ruleMatchesResource(
  rule: PolicyRule,
  {target}: RequestAttributes,
  serverVersion: KubernetesVersion | undefined,
): boolean {
  if (target.kind !== 'resource') return false;
  if (rule.namespaces.length > 0 && !hasString(rule.namespaces, target.namespace)) return false;
  if (rule.resources.length === 0) return true;
  return rule.resources.some(
    (entry) => groupMatches(entry.group, target.group, serverVersion) && groupResourcesMatch(entry, target),
  );
}

/**
 * The wildcard group came with 1.36; before, validation refused it, so it can only stand in policies made in memory.
 * @see https://github.com/kubernetes/apiserver/blob/v0.37.2/pkg/audit/policy/checker.go#L194
 */
function groupMatches(group: string, apiGroup: string, serverVersion: KubernetesVersion | undefined): boolean {
  if (group === apiGroup) return true;
  return group === '*' && (serverVersion === undefined || isAtLeast(serverVersion, 36));
}

function groupResourcesMatch(entry: GroupResources, target: ResourceTarget): boolean {
  if (entry.resources.length === 0) return true;
  if (entry.resourceNames.length > 0 && !hasString(entry.resourceNames, target.name)) return false;
  return entry.resources.some((spec) => resourceMatches(spec, target));
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L198 */
function resourceMatches(spec: string, {resource, subresource}: ResourceTarget): boolean {
  const combinedResource = subresource === '' ? resource : `${resource}/${subresource}`;
  if (spec === combinedResource || spec === '*') return true;
  if (subresource !== '' && spec.startsWith('*/') && spec.slice(2) === subresource) return true;
  // Also without a subresource: `pods/*` matches `pods`.
  return spec.endsWith('/*') && spec.slice(0, -2) === resource;
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L220 */
function hasString(slice: readonly string[], value: string): boolean {
  return slice.includes(value);
}
