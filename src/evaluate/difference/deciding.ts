/** Which rules decide the requests of a class, and which better ones they keep from deciding. */
import type {RuleReference, Shadowing} from '../../model/difference.ts';
import type {AuditPolicy, GroupResources, PolicyRule} from '../../model/policy.ts';
import type {RequestAttributes} from '../../model/request.ts';
import {pathMatches} from '../match.ts';
import {emptyBits, intersects, isWithin, membersOf} from './bits.ts';
import type {Scene} from './describe.ts';
import type {Leaf, Node} from './diagram.ts';
import {directionOf, recordedOf} from './recorded.ts';
import {
  ANONYMOUS_USER,
  FAILED_AUTHENTICATION,
  GROUPS,
  INSIDE,
  NAME,
  NAMESPACE,
  OUTSIDE,
  type Policies,
  TARGET,
  USER,
  VERB,
} from './space.ts';

/** The leaves of the diagram that requests of the scene reach. */
export function leavesOf<Key>(root: Node, {atoms}: Scene<Key>): Leaf[] {
  const seen = new Set<Node>();
  const canBe = (group: number, answer: number): boolean => ((atoms[GROUPS + group]?.[0] ?? 0) & answer) !== 0;
  const visit = (node: Node): void => {
    if (seen.has(node)) return;
    seen.add(node);
    switch (node.kind) {
      case 'leaf':
        return;
      case 'groups':
        for (const {inside, outside, node: leaf} of node.options) {
          const isReached =
            inside.every((group) => canBe(group, INSIDE)) && outside.every((group) => canBe(group, OUTSIDE));
          if (isReached) visit(leaf);
        }
        return;
      case 'branch': {
        const own = atoms[node.dimension] ?? emptyBits(0);
        for (const edge of node.edges) if (intersects(edge.atoms, own)) visit(edge.node);
      }
    }
  };
  visit(root);
  return [...seen].filter((node) => node.kind === 'leaf');
}

/** A rule as people find it. */
export function referenceTo({rules}: AuditPolicy, index: number): RuleReference {
  return {index, line: rules[index]?.line};
}

/**
 * For the policy of that side: rules that match every request of the scene and would record more than the rule which
 * decides. A rule that is more precise than a later one about anything is an exception from it, as it was meant, so it
 * shadows nothing.
 */
export function shadowingsOf<Key>(
  scene: Scene<Key>,
  leaves: readonly Leaf[],
  side: 0 | 1,
  targetOf: (target: number) => RequestAttributes['target'],
): Shadowing[] {
  const {policies} = scene.space;
  const policy = policies.policies[side];
  const later = matchingAll(scene, side);
  const shadowings: Shadowing[] = [];
  for (const deciding of new Set(leaves.map(({rules}) => rules[side])).keys()) {
    const traits = leaves.filter(({rules}) => rules[side] === deciding).map((leaf) => leaf.traits);
    const by = policy.rules[deciding];
    const example = targetFor(scene, side, deciding);
    if (by === undefined || example === undefined) continue;
    const better = later.find((candidate) => {
      const rule = policy.rules[candidate];
      if (candidate <= deciding || rule === undefined || isMorePrecise(by, rule, targetOf(example))) return false;
      return traits.every((each) => gains(policies, side, deciding, candidate, each));
    });
    if (better === undefined) continue;
    shadowings.push({
      policy: side === 0 ? 'before' : 'after',
      rule: referenceTo(policy, better),
      by: referenceTo(policy, deciding),
    });
  }
  return shadowings;
}

/** A target of the scene that a rule is for. */
function targetFor<Key>({space, atoms}: Scene<Key>, side: 0 | 1, rule: number): number | undefined {
  return [...membersOf(atoms[TARGET] ?? emptyBits(0))].find((target) =>
    space.targets[target]?.lists[side].some((item) => space.items[item]?.rule === rule),
  );
}

function gains({effects}: Policies, side: 0 | 1, rule: number, other: number, traits: Leaf['traits']): boolean {
  const [effect, otherEffect] = [effects[side][rule], effects[side][other]];
  if (effect === undefined || otherEffect === undefined) return false;
  return directionOf(recordedOf(effect, traits), recordedOf(otherEffect, traits)) === 'gains';
}

/** The rules that match every request of the scene, in order. */
function matchingAll<Key>({space, atoms}: Scene<Key>, side: 0 | 1): number[] {
  const targets = [...membersOf(atoms[TARGET] ?? emptyBits(0))].map((target) => space.targets[target]);
  const users = [...membersOf(atoms[USER] ?? emptyBits(0))];
  const isForGroups = users.some((user) => user !== FAILED_AUTHENTICATION && user !== ANONYMOUS_USER);
  const matchesRest = (index: number): boolean => {
    const item = space.items[index];
    if (item === undefined) return false;
    for (const dimension of [VERB, NAMESPACE, NAME, USER]) {
      const condition = item.conditions[dimension];
      if (condition !== undefined && !isWithin(atoms[dimension] ?? condition, condition)) return false;
    }
    if (item.groups === undefined || !isForGroups) return true;
    return item.groups.some((group) => atoms[GROUPS + group]?.[0] === INSIDE);
  };
  const [first, ...others] = targets.map(
    (target) =>
      new Set((target?.matching[side] ?? []).filter(matchesRest).map((index) => space.items[index]?.rule ?? -1)),
  );
  return [...(first ?? [])].filter((rule) => others.every((other) => other.has(rule)));
}

/** Whether one rule says more precisely than another, in at least one respect, which requests it is for. */
function isMorePrecise(one: PolicyRule, other: PolicyRule, target: RequestAttributes['target']): boolean {
  const lists = ['users', 'userGroups', 'verbs', 'namespaces'] as const;
  if (lists.some((list) => one[list].length > 0 && other[list].length === 0)) return true;
  return precisionOf(one, target) > precisionOf(other, target);
}

/** How closely the rule names the resource or the path. */
function precisionOf({resources, nonResourceURLs}: PolicyRule, target: RequestAttributes['target']): number {
  if (target.kind === 'nonResource') {
    const matching = nonResourceURLs.filter((spec) => pathMatches(target.path, spec));
    return Math.max(0, ...matching.map((spec) => (spec.endsWith('*') ? spec.length : Infinity)));
  }
  const entries = resources.filter(({group}) => group === target.group || group === '*');
  return Math.max(0, ...entries.map((entry) => precisionOfEntry(entry, target)));
}

function precisionOfEntry(entry: GroupResources, {resource, subresource}: ResourceTarget): number {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`;
  const isNamed = entry.resourceNames.length > 0 ? 0.5 : 0;
  if (entry.resources.includes(combined)) return 3 + isNamed;
  if (entry.resources.includes(`${resource}/*`) || entry.resources.includes(`*/${subresource}`)) return 2 + isNamed;
  return entry.resources.length === 0 || entry.resources.includes('*') ? 1 + isNamed : 0;
}

type ResourceTarget = Extract<RequestAttributes['target'], {kind: 'resource'}>;
