/**
 * Whether a policy can record anything at all.
 */
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {STAGES} from '../../model/policy.ts';
import type {AuditPolicy, GroupResources, PolicyRule, Stage} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {policyRuleEvaluator, unionStages} from '../match.ts';
import {
  ALL_NAMESPACES_VERBS,
  ANONYMOUS,
  AUTHENTICATED,
  LONG_RUNNING_PATH,
  LONG_RUNNING_SUBRESOURCES,
  NAMELESS_VERBS,
  NON_RESOURCE_VERBS,
  RESOURCE_VERBS,
  UNAUTHENTICATED,
  freshValue,
  isNonResourcePath,
  possibleStages,
} from '../request/request-classes.ts';

type User = RequestAttributes['user'];
type Target = RequestAttributes['target'];

/** Requests tried in one call. Policies in use need some dozens; beyond it a policy counts as one that may record. */
const MAX_CANDIDATES = 20_000;

/**
 * Why no request can produce an event under `policy`, or undefined where some request can.
 *
 * Each rule above level None that leaves a stage is tried with requests made of its own constants, and of fresh values
 * where it sets no condition: a fresh value matches a rule's condition only if there is none, so if some request gets
 * past the earlier rules, one with fresh values does.
 */
export function recordsNothing(policy: AuditPolicy, serverVersion?: KubernetesVersion): string | undefined {
  const fresh = freshValuesOf(policy);
  const decide = policyRuleEvaluator(policy, serverVersion);
  let candidates = 0;
  for (const [index, rule] of policy.rules.entries()) {
    const stages = stagesOf(policy, rule);
    if (rule.level === 'None' || stages.length === 0) continue;
    for (const request of requestsOf(rule, fresh)) {
      candidates += 1;
      if (candidates > MAX_CANDIDATES) return undefined;
      const canWrite = stages.some((stage) => possibleStages(request).includes(stage));
      if (canWrite && decide(request).rule === index) return undefined;
    }
  }
  return reasonFor(policy);
}

/** The stages that the rule leaves, when it decides. */
function stagesOf(policy: AuditPolicy, rule: PolicyRule): Stage[] {
  const omitted = unionStages(policy.omitStages, rule.omitStages);
  return STAGES.filter((stage) => !omitted.includes(stage));
}

function reasonFor(policy: AuditPolicy): string {
  const silencer = policy.rules.findIndex((rule) => rule.level === 'None' && matchesEverything(rule));
  const before = silencer === -1 ? policy.rules : policy.rules.slice(0, silencer);
  const recording = before.filter((rule) => rule.level !== 'None');
  if (silencer !== -1 && recording.length === 0) {
    return `${nameOf(policy, silencer)} matches every request at level None`;
  }
  if (recording.length === 0) return 'every rule has level None';
  if (recording.every((rule) => stagesOf(policy, rule).length === 0)) {
    return unionStages(policy.omitStages).length === STAGES.length
      ? 'omitStages of the policy omits every stage'
      : 'omitStages omits every stage of every rule above level None';
  }
  const first = policy.rules.findIndex((rule) => rule.level !== 'None' && stagesOf(policy, rule).length > 0);
  if (recording.length === 1) return `no request can reach ${nameOf(policy, first)}, the only rule above level None`;
  return `no request can reach a rule above level None; the first of them is ${nameOf(policy, first)}`;
}

function nameOf(policy: AuditPolicy, index: number): string {
  const line = policy.rules[index]?.line;
  return line === undefined ? `rule ${index + 1}` : `rule ${index + 1} (line ${line})`;
}

function matchesEverything(rule: PolicyRule): boolean {
  const {users, userGroups, verbs, resources, namespaces, nonResourceURLs} = rule;
  return [users, userGroups, verbs, resources, namespaces, nonResourceURLs].every((list) => list.length === 0);
}

interface FreshValues {
  readonly user: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly path: string;
}

function freshValuesOf(policy: AuditPolicy): FreshValues {
  const entries = policy.rules.flatMap((rule) => rule.resources);
  const resources = entries.flatMap((entry) => entry.resources.flatMap((resource) => resource.split('/')));
  const all = (pick: (rule: PolicyRule) => readonly string[]): Set<string> => new Set(policy.rules.flatMap(pick));
  return {
    user: freshValue(
      'someone',
      all((rule) => rule.users),
    ),
    group: freshValue('group.example.com', new Set(entries.map((entry) => entry.group))),
    resource: freshValue('anything', new Set(resources)),
    subresource: freshValue('part', new Set(resources)),
    namespace: freshValue(
      'somewhere',
      all((rule) => rule.namespaces),
    ),
    name: freshValue('something', new Set(entries.flatMap((entry) => entry.resourceNames))),
    // Longer than every constant, so that none is this path or begins with it.
    path: 'x'.repeat(1 + Math.max(0, ...policy.rules.map((rule) => longest(rule.nonResourceURLs)))),
  };
}

function longest(texts: readonly string[]): number {
  return texts.reduce((length, text) => Math.max(length, text.length), 0);
}

function* requestsOf(rule: PolicyRule, fresh: FreshValues): Generator<RequestAttributes> {
  for (const target of targetsOf(rule, fresh)) {
    for (const verb of verbsOf(rule, target)) {
      for (const user of usersOf(rule, fresh)) yield {user, verb, target};
    }
  }
}

function* usersOf({users, userGroups}: PolicyRule, fresh: FreshValues): Generator<User> {
  // A request that fails authentication has no user: it gets past every rule that asks for one.
  if (users.length === 0 && userGroups.length === 0) yield undefined;
  const groups = userGroups.filter((group) => group !== UNAUTHENTICATED && group !== AUTHENTICATED);
  for (const name of users.length === 0 ? [fresh.user] : users) {
    if (name === ANONYMOUS) continue;
    yield {name, groups: [AUTHENTICATED]};
    for (const group of groups) yield {name, groups: [group, AUTHENTICATED]};
  }
  if (users.length === 0 || users.includes(ANONYMOUS)) yield {name: ANONYMOUS, groups: [UNAUTHENTICATED]};
}

/** The verbs of the rule that such a request can have, given whether it has a name and a namespace. */
function verbsOf({verbs}: PolicyRule, target: Target): readonly string[] {
  const possible =
    target.kind === 'resource' ? RESOURCE_VERBS.filter((verb) => canHave(verb, target)) : NON_RESOURCE_VERBS;
  return verbs.length === 0 ? possible : possible.filter((verb) => verbs.includes(verb));
}

function canHave(verb: string, {subresource, name}: Extract<Target, {kind: 'resource'}>): boolean {
  if (subresource !== '') return name !== '';
  if (NAMELESS_VERBS.includes(verb)) return name === '';
  return ALL_NAMESPACES_VERBS.includes(verb) || verb === '' || name !== '';
}

function* targetsOf(rule: PolicyRule, fresh: FreshValues): Generator<Target> {
  if (rule.nonResourceURLs.length === 0) yield* resourceTargetsOf(rule, fresh);
  if (rule.resources.length === 0 && rule.namespaces.length === 0) yield* pathTargetsOf(rule, fresh);
}

const EVERYTHING: GroupResources = {group: '*', resources: [], resourceNames: []};

function* resourceTargetsOf(rule: PolicyRule, fresh: FreshValues): Generator<Target> {
  for (const entry of rule.resources.length === 0 ? [EVERYTHING] : rule.resources) {
    const group = entry.group === '*' ? fresh.group : entry.group;
    for (const {resource, subresource} of resourcesOf(entry, fresh)) {
      for (const name of new Set(entry.resourceNames.length === 0 ? [fresh.name, ''] : entry.resourceNames)) {
        for (const namespace of rule.namespaces.length === 0 ? [fresh.namespace] : rule.namespaces) {
          yield {kind: 'resource', group, resource, subresource, namespace, name};
        }
      }
    }
  }
}

/** Resources that an entry matches: with and without a subresource where it matches both. */
function resourcesOf(entry: GroupResources, fresh: FreshValues): {resource: string; subresource: string}[] {
  return (entry.resources.length === 0 ? ['*'] : entry.resources).flatMap((spec) => {
    const [first = '', ...rest] = spec.split('/');
    const second = rest.join('/');
    const resource = first === '*' ? fresh.resource : first;
    if (spec === '*' || second === '*') {
      // The long-running ones last: only they have the stage ResponseStarted.
      return ['', fresh.subresource, ...LONG_RUNNING_SUBRESOURCES].map((subresource) => ({resource, subresource}));
    }
    return [{resource, subresource: second}];
  });
}

function* pathTargetsOf({nonResourceURLs}: PolicyRule, fresh: FreshValues): Generator<Target> {
  for (const spec of nonResourceURLs.length === 0 ? ['*'] : nonResourceURLs) {
    for (const path of pathsOf(spec, fresh)) if (isNonResourcePath(path)) yield {kind: 'nonResource', path};
  }
}

function pathsOf(spec: string, fresh: FreshValues): string[] {
  if (!spec.endsWith('*')) return [spec];
  const prefix = spec === '*' ? '/' : spec.slice(0, -1);
  const longRunning = LONG_RUNNING_PATH.startsWith(prefix) ? [LONG_RUNNING_PATH + fresh.path] : [];
  return [prefix + fresh.path, ...longRunning];
}
