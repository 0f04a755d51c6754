/**
 * What an audit policy decides for one request: the API server's checker, rule for rule. The server asks every rule in
 * turn for its verbs, group, resources and so on; here the rules that can match a verb and an API group are put together
 * at the first request that has both, so that later ones meet only those. The decisions are the same: a rule's conditions
 * all have to hold, in whatever order they are asked.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go
 */
import {isAtLeast} from '../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {STAGES} from '../model/policy.ts';
import type {AuditPolicy, GroupResources, PolicyRule, Stage} from '../model/policy.ts';
import type {AuditDecision, RequestAttributes} from '../model/request.ts';

type ResourceTarget = Extract<RequestAttributes['target'], {kind: 'resource'}>;
type User = RequestAttributes['user'];

/** Answers for one policy. Decisions are shared between calls: the one object for each rule. */
export type PolicyRuleEvaluator = (request: RequestAttributes) => AuditDecision;

/**
 * The evaluator of `policy`: for a request the decision of the first rule that matches, or level None when none does.
 * `serverVersion` undefined judges as the newest release: the group `*` is a wildcard only from 1.36 on.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L64
 */
export function policyRuleEvaluator(policy: AuditPolicy, serverVersion?: KubernetesVersion): PolicyRuleEvaluator {
  const table = new RuleTable(policy, serverVersion);
  return (request) => table.decide(request);
}

/** One decision of a policy. Who asks more than once makes a `policyRuleEvaluator`. */
export function evaluate(
  policy: AuditPolicy,
  request: RequestAttributes,
  serverVersion?: KubernetesVersion,
): AuditDecision {
  return policyRuleEvaluator(policy, serverVersion)(request);
}

/**
 * Whether `rule` matches `request`. Levels play no part. Who asks more than once makes a `ruleMatcher`.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L95
 */
export function ruleMatches(rule: PolicyRule, request: RequestAttributes, serverVersion?: KubernetesVersion): boolean {
  return ruleMatcher(rule, serverVersion)(request);
}

/** Tells of each request whether `rule` matches it. */
export function ruleMatcher(
  rule: PolicyRule,
  serverVersion?: KubernetesVersion,
): (request: RequestAttributes) => boolean {
  const evaluator = policyRuleEvaluator({omitStages: [], omitManagedFields: false, rules: [rule]}, serverVersion);
  return (request) => evaluator(request).rule === 0;
}

/**
 * The stages of all lists, each once, in the order of `STAGES` (the server's own order is that of a Go map: random).
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L40
 */
export function unionStages(...stageLists: (readonly Stage[])[]): Stage[] {
  return STAGES.filter((stage) => stageLists.some((stages) => stages.includes(stage)));
}

/** A list of values of which one has to be met; `set` where it is long. */
interface Condition {
  readonly values: readonly string[];
  readonly set: ReadonlySet<string> | undefined;
}

/** What is left to ask of a rule once the verb, and the API group of a resource, are known to match. */
interface Candidate {
  readonly decision: AuditDecision;
  /** Undefined: any. */
  readonly users: Condition | undefined;
  readonly userGroups: Condition | undefined;
  readonly namespaces: Condition | undefined;
  /** One of these has to match; undefined: any resource of the group, or any path. */
  readonly resources: readonly ResourceSpec[] | undefined;
  readonly nonResourceURLs: readonly URLSpec[] | undefined;
}

/** One text of `resources` taken apart. Some match in more ways than one, so every way has a key of its own. */
interface ResourceSpec {
  readonly names: Condition | undefined;
  readonly isAny: boolean;
  readonly literal: string;
  /** What stands after a leading star and slash: that subresource of any resource. */
  readonly subresourceOfAny: string | undefined;
  /** What stands before a trailing slash and star: that resource with all that is below it. */
  readonly resourceAndBelow: string | undefined;
}

interface URLSpec {
  readonly isAny: boolean;
  readonly literal: string;
  readonly prefix: string | undefined;
}

/** Verbs and groups remembered: requests may come with any number of made-up ones. */
const MAX_REMEMBERED = 256;

class RuleTable {
  readonly #policy: AuditPolicy;
  readonly #hasGroupWildcard: boolean;
  readonly #decisions: readonly AuditDecision[];
  readonly #noRule: AuditDecision;
  readonly #byVerb = new Map<string, readonly Candidate[]>();
  readonly #byVerbAndGroup = new Map<string, Map<string, readonly Candidate[]>>();

  constructor(policy: AuditPolicy, serverVersion: KubernetesVersion | undefined) {
    this.#policy = policy;
    // Before 1.36 validation refuses it, so it can only stand in policies made in memory.
    // https://github.com/kubernetes/apiserver/blob/v0.37.2/pkg/audit/policy/checker.go#L194
    this.#hasGroupWildcard = serverVersion === undefined || isAtLeast(serverVersion, 36);
    this.#decisions = policy.rules.map((rule, index) => ({
      level: rule.level,
      omitStages: unionStages(policy.omitStages, rule.omitStages),
      omitManagedFields: rule.omitManagedFields ?? policy.omitManagedFields,
      rule: index,
    }));
    this.#noRule = {
      level: 'None',
      omitStages: unionStages(policy.omitStages),
      omitManagedFields: policy.omitManagedFields,
      rule: undefined,
    };
  }

  decide({user, verb, target}: RequestAttributes): AuditDecision {
    if (target.kind === 'nonResource') {
      for (const candidate of this.#candidatesForPaths(verb)) {
        if (userMatches(candidate, user) && pathIsAmong(candidate, target.path)) return candidate.decision;
      }
      return this.#noRule;
    }
    for (const candidate of this.#candidatesForGroup(verb, target.group)) {
      if (userMatches(candidate, user) && resourceIsAmong(candidate, target)) return candidate.decision;
    }
    return this.#noRule;
  }

  #candidatesForPaths(verb: string): readonly Candidate[] {
    return remembered(this.#byVerb, verb, () => this.#candidates(verb, (rule) => pathPart(rule)));
  }

  #candidatesForGroup(verb: string, group: string): readonly Candidate[] {
    const byGroup = remembered(this.#byVerbAndGroup, verb, () => new Map<string, readonly Candidate[]>());
    return remembered(byGroup, group, () => this.#candidates(verb, (rule) => this.#resourcePart(rule, group)));
  }

  #candidates(verb: string, targetOf: (rule: PolicyRule) => TargetPart | undefined): Candidate[] {
    return this.#policy.rules.flatMap((rule, index) => {
      // No wildcard here: a verb "*" is valid and matches nothing.
      if (rule.verbs.length > 0 && !rule.verbs.includes(verb)) return [];
      const target = targetOf(rule);
      const decision = this.#decisions[index];
      if (target === undefined || decision === undefined) return [];
      return [{decision, users: conditionOf(rule.users), userGroups: conditionOf(rule.userGroups), ...target}];
    });
  }

  /** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L168 */
  #resourcePart(rule: PolicyRule, group: string): TargetPart | undefined {
    if (rule.resources.length === 0) {
      // A rule with neither kind of selector is for both kinds of request.
      const isForPaths = rule.namespaces.length === 0 && rule.nonResourceURLs.length > 0;
      return isForPaths ? undefined : {...ANY_TARGET, namespaces: conditionOf(rule.namespaces)};
    }
    const entries = rule.resources.filter(
      (entry) => entry.group === group || (entry.group === '*' && this.#hasGroupWildcard),
    );
    if (entries.length === 0) return undefined;
    // An entry without resources is the whole group; its names then count for nothing.
    const isWholeGroup = entries.some((entry) => entry.resources.length === 0);
    const resources = isWholeGroup ? undefined : entries.flatMap(resourceSpecs);
    return {...ANY_TARGET, namespaces: conditionOf(rule.namespaces), resources};
  }
}

/** What a rule asks of the target of a request. */
type TargetPart = Pick<Candidate, 'namespaces' | 'resources' | 'nonResourceURLs'>;

const ANY_TARGET: TargetPart = {namespaces: undefined, resources: undefined, nonResourceURLs: undefined};

/** Undefined where the rule is for resource requests only. */
function pathPart({namespaces, resources, nonResourceURLs}: PolicyRule): TargetPart | undefined {
  if (namespaces.length > 0 || resources.length > 0) return undefined;
  if (nonResourceURLs.length === 0) return ANY_TARGET;
  return {...ANY_TARGET, nonResourceURLs: nonResourceURLs.map(urlSpec)};
}

function remembered<T>(memory: Map<string, T>, key: string, make: () => T): T {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const made = make();
  if (memory.size >= MAX_REMEMBERED) memory.clear();
  memory.set(key, made);
  return made;
}

/** Up to here a search from the front is faster than a hash. */
const SHORT_LIST = 16;

function conditionOf(values: readonly string[]): Condition | undefined {
  if (values.length === 0) return undefined;
  return {values, set: values.length > SHORT_LIST ? new Set(values) : undefined};
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L220 */
function hasString({values, set}: Condition, value: string): boolean {
  if (set !== undefined) return set.has(value);
  for (const each of values) if (each === value) return true;
  return false;
}

/** Without a user, i.e. after failed authentication, no rule with users or userGroups matches. */
function userMatches({users, userGroups}: Candidate, user: User): boolean {
  if (users !== undefined && (user === undefined || !hasString(users, user.name))) return false;
  if (userGroups === undefined) return true;
  if (user === undefined) return false;
  for (const group of user.groups) if (hasString(userGroups, group)) return true;
  return false;
}

function pathIsAmong({nonResourceURLs}: Candidate, path: string): boolean {
  if (nonResourceURLs === undefined) return true;
  for (const spec of nonResourceURLs) if (urlMatches(spec, path)) return true;
  return false;
}

/**
 * Whether a request path matches one of a rule's `nonResourceURLs`: a plain string prefix before the trailing `*`.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L151
 */
export function pathMatches(path: string, spec: string): boolean {
  return urlMatches(urlSpec(spec), path);
}

function urlSpec(text: string): URLSpec {
  return {isAny: text === '*', literal: text, prefix: text.endsWith('*') ? trimStars(text) : undefined};
}

function urlMatches({isAny, literal, prefix}: URLSpec, path: string): boolean {
  return isAny || literal === path || (prefix !== undefined && path.startsWith(prefix));
}

/** Go's strings.TrimRight(text, "*"), linear also for a long run of stars that does not end the text. */
function trimStars(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '*') end -= 1;
  return text.slice(0, end);
}

function resourceIsAmong({namespaces, resources}: Candidate, target: ResourceTarget): boolean {
  if (namespaces !== undefined && !hasString(namespaces, target.namespace)) return false;
  if (resources === undefined) return true;
  for (const spec of resources) {
    if (resourceMatches(spec, target) && (spec.names === undefined || hasString(spec.names, target.name))) return true;
  }
  return false;
}

function resourceSpecs({resources, resourceNames}: GroupResources): ResourceSpec[] {
  const names = conditionOf(resourceNames);
  return resources.map((text) => ({
    names,
    isAny: text === '*',
    literal: text,
    subresourceOfAny: text.startsWith('*/') ? text.slice(2) : undefined,
    resourceAndBelow: text.endsWith('/*') ? text.slice(0, -2) : undefined,
  }));
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L198 */
function resourceMatches(spec: ResourceSpec, {resource, subresource}: ResourceTarget): boolean {
  // `pods/*` matches `pods` too.
  if (spec.isAny || spec.resourceAndBelow === resource) return true;
  if (subresource === '') return spec.literal === resource;
  return spec.subresourceOfAny === subresource || isCombined(spec.literal, resource, subresource);
}

/** Whether `text` is `resource/subresource`, without joining them. */
function isCombined(text: string, resource: string, subresource: string): boolean {
  return (
    text.length === resource.length + 1 + subresource.length &&
    text.startsWith(resource) &&
    text.endsWith(subresource) &&
    text[resource.length] === '/'
  );
}
