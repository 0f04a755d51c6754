/**
 * Whether a policy records what requirements ask for, decided over all requests, not samples.
 *
 * For one verb and one resource, a rule is a product of four conditions: on the user, the user's groups, the namespace
 * and the name. Each of them is "any" or membership in a finite set of constants. Two values that are in the same sets
 * cannot be told apart, so the constants of the policy and one fresh value, which is in none of them, stand for all.
 */
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {Failure, RequirementCoverage} from '../../model/coverage.ts';
import {LEVELS, STAGES, atLeast} from '../../model/policy.ts';
import type {AuditPolicy, PolicyRule, Stage} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import type {RequestSet, Requirement} from '../../model/requirement.ts';
import {displayResource, everyPair, textOf, textOfVerbs} from './everything.ts';
import type {Pair} from './everything.ts';
import {evaluate, ruleMatches, unionStages} from '../match.ts';
import {
  ALL_NAMESPACES_VERBS,
  ANONYMOUS,
  AUTHENTICATED,
  NAMELESS_VERBS,
  UNAUTHENTICATED,
  freshValue,
} from '../request/request-classes.ts';
import {scopeOf} from '../request/resource-scope.ts';

export {recordsNothing} from './records-nothing.ts';

type ResourceTarget = Extract<RequestAttributes['target'], {kind: 'resource'}>;
type Target = RequestAttributes['target'];
type User = NonNullable<RequestAttributes['user']>;

const DEFAULT_STAGES: readonly Stage[] = ['ResponseComplete'];

/**
 * For each requirement whether every request that it describes is recorded as it asks. `serverVersion` undefined
 * judges as the newest release. Requests that fail authentication have no user and are not demanded.
 */
export function coverage(
  policy: AuditPolicy,
  requirements: readonly Requirement[],
  serverVersion: KubernetesVersion | undefined,
): RequirementCoverage[] {
  const search = new Search(policy, serverVersion);
  return requirements.map((requirement) => {
    const failures = requirement.requests.flatMap((requests) => search.failuresOf(requests, requirement));
    return {requirement, met: failures.length === 0, failures};
  });
}

function pairsOf(requests: RequestSet, policy: AuditPolicy): Pair[] {
  if (requests.kind === 'everything') return everyPair(policy);
  if (requests.kind === 'nonResource') {
    return requests.verbs.flatMap((verb) =>
      requests.paths.map((path) => ({verb, display: path, target: {kind: 'nonResource' as const, path}})),
    );
  }
  const {group, verbs} = requests;
  const resources = new Set(
    requests.resources.flatMap((resource) => (resource === '*' ? anyResource(policy, group) : [resource])),
  );
  return verbs.flatMap((verb) =>
    [...resources].map((combined) => {
      const [resource = '', ...rest] = combined.split('/');
      const subresource = rest.join('/');
      return {
        verb,
        display: displayResource(group, resource, subresource),
        target: {kind: 'resource' as const, group, resource, subresource},
      };
    }),
  );
}

/** A resource that the policy does not name, then those that it names in this group. */
function anyResource(policy: AuditPolicy, group: string): string[] {
  const named = policy.rules.flatMap((rule) =>
    rule.resources
      .filter((entry) => entry.group === group || entry.group === '*')
      .flatMap((entry) => entry.resources.map((resource) => resource.split('/')[0] ?? '')),
  );
  const constants = new Set(named.filter((resource) => resource !== '' && resource !== '*'));
  return [freshValue('anything', constants), ...constants];
}

/** A value of one dimension. `cost` counts how far it is from "any": the least sum is the most general class. */
interface Choice<T> {
  readonly value: T;
  readonly cost: number;
  /** What the value adds to the text of the class; empty for "any". */
  readonly text: string;
}

/** Undefined stands for any value. */
type Condition = ReadonlySet<string> | undefined;

/** A rule as one pair of verb and resource sees it. */
interface Box {
  readonly index: number;
  readonly users: Condition;
  readonly groups: Condition;
  readonly namespaces: Condition;
  readonly names: Condition;
  /** What is wrong with a request that this rule decides; undefined when nothing is. */
  readonly wrong: Failure['kind'] | undefined;
}

interface Found {
  readonly box: Box;
  readonly user: Choice<User>;
  readonly namespace: Choice<string>;
  readonly name: Choice<string>;
  readonly cost: number;
}

/** Comparisons of a value with a rule, for one call; about a second's work. */
const MAX_COMPARISONS = 30_000_000;

class Search {
  readonly #policy: AuditPolicy;
  readonly #serverVersion: KubernetesVersion | undefined;
  #comparisons = 0;

  constructor(policy: AuditPolicy, serverVersion: KubernetesVersion | undefined) {
    this.#policy = policy;
    this.#serverVersion = serverVersion;
  }

  /** One failure for each pair of verb and resource (or path); of all requests one for each way to fail. */
  failuresOf(requests: RequestSet, requirement: Requirement): Failure[] {
    const failed: FailedPair[] = [];
    for (const pair of pairsOf(requests, this.#policy)) {
      const failure = this.#worstOf(pair, requirement);
      if (failure !== undefined) failed.push({pair, failure});
    }
    return requests.kind === 'everything' ? fewest(failed) : failed.map(({failure}) => failure);
  }

  /** The most general class of requests of `pair` that is not recorded as `requirement` asks. */
  #worstOf(pair: Pair, requirement: Requirement): Failure | undefined {
    const boxes = this.#boxesOf(pair, requirement);
    if (boxes.every((box) => box.wrong === undefined)) return undefined;
    const found = this.#mostGeneral(pair, boxes);
    if (found === 'undecided') return this.#undecided(pair, requirement, boxes);
    return found === undefined ? undefined : this.#failure(pair, requirement, found);
  }

  #mostGeneral(pair: Pair, boxes: readonly Box[]): Found | 'undecided' | undefined {
    const namespaces = namespaceChoices(pair, boxes);
    const names = namesByNamespace(pair, boxes);
    let best: Found | undefined;
    const isWorse = (cost: number): boolean => best !== undefined && cost >= best.cost;
    for (const user of userChoices(boxes)) {
      if (isWorse(user.cost)) continue;
      const byUser = this.#left(boxes, (box) => userMatches(box, user.value));
      for (const namespace of byUser.length === 0 ? [] : namespaces) {
        if (isWorse(user.cost + namespace.cost)) continue;
        const byNamespace = this.#left(byUser, (box) => holds(box.namespaces, namespace.value));
        for (const name of byNamespace.length === 0 ? [] : names(namespace)) {
          const cost = user.cost + namespace.cost + name.cost;
          if (isWorse(cost)) continue;
          const [box] = this.#left(byNamespace, (candidate) => holds(candidate.names, name.value));
          if (box?.wrong !== undefined) best = {box, user, namespace, name, cost};
          if (this.#comparisons > MAX_COMPARISONS) return 'undecided';
        }
      }
      if (this.#comparisons > MAX_COMPARISONS) return 'undecided';
    }
    return best;
  }

  /** The rules that can match the verb and the resource, and at the end the case that none matches. */
  #boxesOf(pair: Pair, requirement: Requirement): Box[] {
    const boxes: Box[] = [];
    for (const [index, rule] of this.#policy.rules.entries()) {
      const box = this.#boxOf(rule, index, pair, requirement);
      if (box === undefined) continue;
      boxes.push(box);
      if (isUnconditional(box)) return boxes;
    }
    const any = {users: undefined, groups: undefined, namespaces: undefined, names: undefined};
    boxes.push({...any, index: -1, wrong: wrongWith(this.#policy, undefined, requirement)});
    return boxes;
  }

  #boxOf(rule: PolicyRule, index: number, pair: Pair, requirement: Requirement): Box | undefined {
    const names = this.#namesOf(rule, pair);
    if (names === 'no-match') return undefined;
    return {
      index,
      users: conditionOf(rule.users),
      groups: conditionOf(rule.userGroups),
      namespaces: conditionOf(rule.namespaces),
      names,
      wrong: wrongWith(this.#policy, rule, requirement),
    };
  }

  /** The names for which the rule's verbs and resources match; what else the rule asks is left aside. */
  #namesOf(rule: PolicyRule, {verb, target}: Pair): Condition | 'no-match' {
    const others = {users: [], userGroups: [], namespaces: []};
    const matches = (candidate: PolicyRule, name: string): boolean => {
      const full: Target = target.kind === 'resource' ? {...target, namespace: '', name} : target;
      return ruleMatches(candidate, {user: undefined, verb, target: full}, this.#serverVersion);
    };
    // A rule with namespaces alone is for resource requests only; without them it would be for all.
    if (rule.namespaces.length > 0 && target.kind === 'nonResource') return 'no-match';
    if (rule.resources.length === 0) return matches({...rule, ...others}, '') ? undefined : 'no-match';

    const names = new Set<string>();
    for (const entry of rule.resources) {
      const [name = ''] = entry.resourceNames;
      if (!matches({...rule, ...others, resources: [entry]}, name)) continue;
      if (entry.resourceNames.length === 0) return undefined;
      for (const each of entry.resourceNames) names.add(each);
    }
    return names.size === 0 ? 'no-match' : names;
  }

  /** The rules left after one more dimension is fixed; none when all of them are right, as then any request is. */
  #left(boxes: readonly Box[], matches: (box: Box) => boolean): Box[] {
    this.#comparisons += boxes.length;
    const left = boxes.filter(matches);
    return left.some((box) => box.wrong !== undefined) ? left : [];
  }

  #failure(pair: Pair, requirement: Requirement, {box, user, namespace, name}: Found): Failure {
    const example = exampleOf(pair, user.value, namespace.value, name.value);
    const texts = [textOf(pair), name.text, namespace.text, user.text];
    return this.#failureAt(box.wrong ?? 'too-little', example, texts, requirement);
  }

  #undecided(pair: Pair, requirement: Requirement, boxes: readonly Box[]): Failure {
    const [namespace = ANYWHERE] = namespaceChoices(pair, boxes);
    const [name = ANYWHERE] = namesByNamespace(pair, boxes)(namespace);
    const [user = ANYONE] = userChoices(boxes);
    const example = exampleOf(pair, user.value, namespace.value, name.value);
    const texts = [textOf(pair), 'by someone (not decided: the policy names too many users, namespaces and names)'];
    return {...this.#failureAt('too-little', example, texts, requirement), undecided: true};
  }

  #failureAt(
    kind: Failure['kind'],
    example: RequestAttributes,
    texts: readonly string[],
    requirement: Requirement,
  ): Failure {
    const decision = evaluate(this.#policy, example, this.#serverVersion);
    return {
      kind,
      example,
      text: texts.filter((text) => text !== '').join(' '),
      gotLevel: decision.level,
      gotStages: decision.level === 'None' ? [] : STAGES.filter((stage) => !decision.omitStages.includes(stage)),
      wanted: {
        atLeast: requirement.atLeast,
        atMost: requirement.atMost,
        stages: requirement.stages ?? DEFAULT_STAGES,
      },
      rule: decision.rule,
      ruleLine: decision.rule === undefined ? undefined : this.#policy.rules[decision.rule]?.line,
    };
  }
}

interface FailedPair {
  readonly pair: Pair;
  readonly failure: Failure;
}

/** Of what fails in the same way, by the same rule, for the same people: the most general requests, or one for all. */
function fewest(failed: readonly FailedPair[]): Failure[] {
  const alike = Map.groupBy(failed, ({pair, failure: {kind, text, rule, gotLevel, gotStages}}) =>
    JSON.stringify([kind, rule, gotLevel, gotStages, pair.target.kind, text.slice(textOf(pair).length)]),
  );
  return [...alike.values()].flatMap((group) => {
    const general = group.filter(({pair}) => pair.general);
    const verbs = new Set(general.map(({pair}) => pair.verb));
    return [...joined(general), ...summed(group.filter(({pair}) => !verbs.has(pair.verb)))];
  });
}

function summed(particular: readonly FailedPair[]): Failure[] {
  const [first] = particular;
  if (first === undefined) return [];
  const others = particular.length - 1;
  const more = others === 0 ? '' : `, and ${others} more ${others === 1 ? 'request' : 'requests'} like it`;
  return [{...first.failure, text: `${first.failure.text}${more}`}];
}

/** One failure for all verbs of what no rule names; where resources fail, subresources need no word. */
function joined(general: readonly FailedPair[]): Failure[] {
  const [first] = general;
  if (first === undefined) return [];
  const {display} = first.pair;
  const told = general.filter(({pair}) => pair.display === display);
  const rest = general.filter(
    ({pair}) => pair.display !== display && !told.some((each) => each.pair.verb === pair.verb),
  );
  const verbs = told.map(({pair}) => pair.verb);
  const ending = first.failure.text.slice(textOf(first.pair).length);
  return [{...first.failure, text: `${textOfVerbs(verbs, first.pair)}${ending}`}, ...joined(rest)];
}

/** What is wrong when `rule` (undefined: no rule) decides. */
function wrongWith(policy: AuditPolicy, rule: PolicyRule | undefined, requirement: Requirement): Box['wrong'] {
  const level = rule?.level ?? 'None';
  if (!atLeast(level, requirement.atLeast)) return 'too-little';
  if (requirement.atMost !== undefined && !atLeast(requirement.atMost, level)) return 'too-much';
  // Nothing was asked for: nothing can be missing.
  if (requirement.atLeast === LEVELS[0]) return undefined;
  const omitted = unionStages(policy.omitStages, rule?.omitStages ?? []);
  const stages = requirement.stages ?? DEFAULT_STAGES;
  return stages.some((stage) => !omitted.includes(stage)) ? undefined : 'stage-omitted';
}

function conditionOf(values: readonly string[]): Condition {
  return values.length === 0 ? undefined : new Set(values);
}

function isUnconditional({users, groups, namespaces, names}: Box): boolean {
  return users === undefined && groups === undefined && namespaces === undefined && names === undefined;
}

function holds(condition: Condition, value: string): boolean {
  return condition === undefined || condition.has(value);
}

function userMatches({users, groups}: Box, user: User): boolean {
  return holds(users, user.name) && (groups === undefined || user.groups.some((group) => groups.has(group)));
}

function constantsOf(boxes: readonly Box[], dimension: 'users' | 'groups' | 'namespaces' | 'names'): Set<string> {
  return new Set(boxes.flatMap((box) => [...(box[dimension] ?? [])]));
}

/**
 * Users that stand for all users.
 *
 * A user may hold any set of groups, but one group beside the one that every user holds is enough. Say some user with
 * the set H is decided by rule k. If k has no condition on groups, or the common group B meets it, then the user with
 * B alone matches k too, and no earlier rule: a condition on groups is "holds any of these", so fewer groups match
 * fewer rules. Else some group g of H meets it, and the user with B and g matches k, and again no earlier rule. If no
 * rule decides, none does for B alone.
 *
 * B is system:authenticated, except for anonymous requests, which hold system:unauthenticated and nothing else;
 * nobody holds both. Beyond that no name is tied to groups: authenticators may give any name any groups.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/group/authenticated_group_adder.go#L39
 */
function* userChoices(boxes: readonly Box[]): Generator<Choice<User>> {
  const names = constantsOf(boxes, 'users');
  const groups = constantsOf(boxes, 'groups');
  // Where no rule names them, anonymous requests differ from others only when rules name system:authenticated.
  const isAnonymousApart = names.has(ANONYMOUS) || groups.has(UNAUTHENTICATED) || groups.has(AUTHENTICATED);
  names.delete(ANONYMOUS);
  groups.delete(UNAUTHENTICATED);
  groups.delete(AUTHENTICATED);

  const someone = freshValue('someone', names);
  yield {...ANYONE, value: {name: someone, groups: [AUTHENTICATED]}};
  for (const group of groups) {
    yield {value: {name: someone, groups: [group, AUTHENTICATED]}, cost: 1, text: `by anyone in group ${group}`};
  }
  for (const name of names) yield {value: {name, groups: [AUTHENTICATED]}, cost: 1, text: `by ${name}`};
  if (isAnonymousApart) {
    yield {value: {name: ANONYMOUS, groups: [UNAUTHENTICATED]}, cost: 1, text: `by ${ANONYMOUS}`};
  }
  for (const name of names) {
    for (const group of groups) {
      yield {value: {name, groups: [group, AUTHENTICATED]}, cost: 2, text: `by ${name} in group ${group}`};
    }
  }
}

const ANYONE: Choice<User> = {value: {name: 'someone', groups: [AUTHENTICATED]}, cost: 0, text: 'by anyone'};
const ANYWHERE: Choice<string> = {value: '', cost: 0, text: ''};

function namespaceChoices({verb, target}: Pair, boxes: readonly Box[]): Choice<string>[] {
  if (target.kind === 'nonResource') return [ANYWHERE];
  const scope = scopeOf(target.group, target.resource);
  if (scope === 'cluster' && !isNamespaceItself(target, verb)) return [ANYWHERE];

  const constants = constantsOf(boxes, 'namespaces');
  // The namespace of a request for a Namespace is its name.
  if (isNamespaceItself(target, verb)) for (const name of constantsOf(boxes, 'names')) constants.add(name);
  constants.delete('');
  const choices: Choice<string>[] = [{value: freshValue('somewhere', constants), cost: 0, text: ''}];
  if (scope === 'unknown') choices.push({value: '', cost: 1, text: 'without a namespace'});
  else if (ALL_NAMESPACES_VERBS.includes(verb) && target.subresource === '' && scope === 'namespaced') {
    choices.push({value: '', cost: 1, text: 'in all namespaces'});
  }
  const word = isNamespaceItself(target, verb) ? 'named' : 'in namespace';
  for (const namespace of constants) choices.push({value: namespace, cost: 1, text: `${word} ${namespace}`});
  return choices;
}

/**
 * /api/v1/namespaces/x is a request for the Namespace x in the namespace x.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/request/requestinfo.go#L193
 */
function isNamespaceItself(target: Pick<ResourceTarget, 'group' | 'resource' | 'subresource'>, verb: string): boolean {
  if (target.group !== '' || target.resource !== 'namespaces') return false;
  return target.subresource !== '' || !(NAMELESS_VERBS.includes(verb) || ALL_NAMESPACES_VERBS.includes(verb));
}

/** The names that a request in a namespace can have: for a Namespace its own, else the same ones everywhere. */
function namesByNamespace(pair: Pair, boxes: readonly Box[]): (namespace: Choice<string>) => Choice<string>[] {
  if (pair.target.kind === 'resource' && isNamespaceItself(pair.target, pair.verb)) {
    return ({value}) => [{value, cost: 0, text: ''}];
  }
  const names = nameChoices(pair, boxes);
  return () => names;
}

function nameChoices({verb, target}: Pair, boxes: readonly Box[]): Choice<string>[] {
  if (target.kind === 'nonResource') return [ANYWHERE];
  if (target.subresource === '' && NAMELESS_VERBS.includes(verb)) return [ANYWHERE];

  const constants = constantsOf(boxes, 'names');
  constants.delete('');
  // Lists and watches have no name, unless the field selector metadata.name gives them one.
  const nameless = target.subresource === '' && ALL_NAMESPACES_VERBS.includes(verb);
  const choices: Choice<string>[] = nameless ? [ANYWHERE] : [];
  const something = freshValue('something', constants);
  choices.push({value: something, cost: nameless ? 1 : 0, text: nameless ? 'of one name' : ''});
  for (const name of constants) choices.push({value: name, cost: 1, text: `named ${name}`});
  return choices;
}

function exampleOf({verb, target}: Pair, user: User, namespace: string, name: string): RequestAttributes {
  return {user, verb, target: target.kind === 'resource' ? {...target, namespace, name} : target};
}
