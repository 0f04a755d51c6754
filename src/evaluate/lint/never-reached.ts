/** Rules, and single values of their selectors, that earlier rules leave nothing to decide. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {AuditPolicy, PolicyRule} from '../../model/policy.ts';
import type {PathStep} from '../load/decoded-value.ts';
import {unionStages} from '../match.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {ruleReference, whereOf} from './input.ts';
import type {Reach} from './reach.ts';
import {serviceAccountGroups} from './reach.ts';

export function neverReached(input: LintInput): LintFinding[] {
  const {judged} = input;
  if (judged === undefined) return [];
  return judged.policy.rules.flatMap((rule, index) => ofRule(input, judged, rule, index));
}

function ofRule(input: LintInput, judged: JudgedPolicy, rule: PolicyRule, index: number): LintFinding[] {
  const where = whereOf(input, ['rules', index]);
  const reference = ruleReference(judged, index);
  const reach = judged.space.reach(index);
  switch (reach.kind) {
    case 'matches-nothing':
      return [lintFinding('rule-matches-nothing', {rule: reference}, where)];
    case 'undecided':
      return [lintFinding('not-decided', {rule: reference}, where)];
    case 'covered': {
      const args = {rule: reference, by: reach.by.map((each) => ruleReference(judged, each))};
      const code = decidesAlike(judged.policy, index, reach) ? 'rule-redundant' : 'rule-never-reached';
      return [lintFinding(code, args, where)];
    }
    case 'reached':
      return [...hardlyReached(input, judged, index), ...ofSelectors(input, judged, rule, index)];
  }
}

/** The same, if every service account holds the groups that it always holds. */
function hardlyReached(input: LintInput, judged: JudgedPolicy, index: number): LintFinding[] {
  const {policy, space} = judged;
  const reach = space.reach(index, {serviceAccountsHoldTheirGroups: true});
  if (reach.kind !== 'covered' || decidesAlike(policy, index, reach)) return [];
  const taken = reach.by.flatMap((each) => policy.rules[each]?.userGroups ?? []);
  const held = (policy.rules[index]?.users ?? []).flatMap(serviceAccountGroups);
  const args = {
    rule: ruleReference(judged, index),
    by: reach.by.map((each) => ruleReference(judged, each)),
    groups: [...new Set(taken.filter((group) => held.includes(group)))],
  };
  return [lintFinding('rule-hardly-reached', args, whereOf(input, ['rules', index]))];
}

/** Whether all that the rule matches is decided before just as the rule would. */
function decidesAlike(policy: AuditPolicy, index: number, reach: Extract<Reach, {kind: 'covered'}>): boolean {
  const outcome = outcomeOf(policy, policy.rules[index]);
  return reach.deciding.every((each) => outcomeOf(policy, policy.rules[each]) === outcome);
}

function outcomeOf(policy: AuditPolicy, rule: PolicyRule | undefined): string {
  if (rule === undefined || rule.level === 'None') return 'None';
  const stages = unionStages(policy.omitStages, rule.omitStages);
  return JSON.stringify([rule.level, stages, rule.omitManagedFields ?? policy.omitManagedFields]);
}

/** Each value of each selector of a rule that is reached, as if it stood alone. */
function ofSelectors(input: LintInput, judged: JudgedPolicy, rule: PolicyRule, index: number): LintFinding[] {
  return singleValues(rule).flatMap(({value, path, alone}) => {
    const where = whereOf(input, ['rules', index, ...path]);
    const reach = judged.space.reach(index, {}, alone);
    if (reach.kind === 'matches-nothing') {
      return [lintFinding('selector-matches-nothing', {value, rule: ruleReference(judged, index)}, where)];
    }
    if (reach.kind !== 'covered' || decidesAlike(judged.policy, index, reach)) return [];
    const by = reach.by.map((each) => ruleReference(judged, each));
    return [lintFinding('selector-never-reached', {value, rule: ruleReference(judged, index), by}, where)];
  });
}

interface SingleValue {
  readonly value: string;
  readonly path: readonly PathStep[];
  /** The rule with this value as the only one of its selector. */
  readonly alone: PolicyRule;
}

const LISTS = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const;

function singleValues(rule: PolicyRule): SingleValue[] {
  const ofLists = LISTS.flatMap((selector) =>
    rule[selector].length < 2
      ? []
      : rule[selector].map((value, item) => ({value, path: [selector, item], alone: {...rule, [selector]: [value]}})),
  );
  const isOnly = rule.resources.length === 1;
  const ofEntries = rule.resources.flatMap((entry, position) => {
    const path = ['resources', position];
    if (entry.resources.length === 0) {
      return isOnly ? [] : [{value: entry.group, path, alone: {...rule, resources: [entry]}}];
    }
    if (isOnly && entry.resources.length === 1) return [];
    return entry.resources.map((resource, item) => ({
      value: resource,
      path: [...path, 'resources', item],
      alone: {...rule, resources: [{...entry, resources: [resource]}]},
    }));
  });
  return [...ofLists, ...ofEntries];
}
