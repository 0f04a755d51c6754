/** What a policy seems to record and, for how the API server works, does not. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {omittedStages, ruleReference, whereOf, writesBodies} from './input.ts';

export function gaps(input: LintInput): LintFinding[] {
  const {judged} = input;
  if (judged === undefined) return [];
  return [
    ...judged.policy.rules.flatMap((rule, index) => [
      ...aggregatedBodies(input, judged, rule, index),
      ...bodiesNeverWritten(input, judged, rule, index),
    ]),
    ...applyEventsLost(input, judged),
    ...failedLoginsLost(input, judged),
  ];
}

function aggregatedBodies(input: LintInput, judged: JudgedPolicy, rule: PolicyRule, index: number): LintFinding[] {
  if (!writesBodies(judged, rule)) return [];
  return rule.resources.flatMap((entry, position) => {
    const {group} = entry;
    const aggregated = input.catalogue.isAggregated(group);
    if (aggregated === undefined || !expectsBodies(judged, {...rule, resources: [entry]}, index)) return [];
    const args = {rule: ruleReference(judged, index), group, seen: aggregated === 'seen'};
    return [lintFinding('aggregated-bodies', args, whereOf(input, ['rules', index, 'resources', position, 'group']))];
  });
}

const WRITES = ['create', 'update', 'patch', 'delete'];
const READS = ['get', 'list'];
/** Groups that can only be read. */
const READ_ONLY_GROUPS: readonly string[] = ['metrics.k8s.io', 'custom.metrics.k8s.io', 'external.metrics.k8s.io'];

/** Whether the rule decides some request that would have a body at its level. */
function expectsBodies({space}: JudgedPolicy, rule: PolicyRule, index: number): boolean {
  const writes = rule.resources.every(({group}) => READ_ONLY_GROUPS.includes(group)) ? [] : WRITES;
  const verbs = rule.level === 'RequestResponse' ? [...writes, ...READS] : writes;
  return verbs.length > 0 && space.reach(index, {verbs, authenticated: true}, rule).kind === 'reached';
}

function bodiesNeverWritten(input: LintInput, judged: JudgedPolicy, rule: PolicyRule, index: number): LintFinding[] {
  const asksForBodies = rule.level === 'Request' || rule.level === 'RequestResponse';
  const omitted = omittedStages(judged, rule);
  // A rule without any stage is told by itself.
  if (!asksForBodies || !omitted.includes('ResponseComplete') || omitted.includes('RequestReceived')) return [];
  return [lintFinding('bodies-never-written', {rule: ruleReference(judged, index)}, whereOf(input, ['rules', index]))];
}

/**
 * A patch that is no JSON cannot be written into an event; the event of RequestReceived has no body and survives.
 * @see https://github.com/kubernetes/kubernetes/issues/110671
 */
function applyEventsLost(input: LintInput, judged: JudgedPolicy): LintFinding[] {
  const losing = judged.policy.rules.flatMap((rule, index) => {
    if (!writesBodies(judged, rule) || !omittedStages(judged, rule).includes('RequestReceived')) return [];
    const reach = judged.space.reach(index, {verbs: ['patch'], authenticated: true, resourcesOnly: true});
    return reach.kind === 'reached' ? [index] : [];
  });
  const [first] = losing;
  if (first === undefined) return [];
  const fromPolicy = judged.policy.omitStages.includes('RequestReceived');
  const path = fromPolicy ? ['omitStages'] : ['rules', first, 'omitStages'];
  const rules = losing.map((index) => ruleReference(judged, index));
  return [lintFinding('apply-events-lost', {rules, fromPolicy}, whereOf(input, path))];
}

/**
 * A request that fails authentication has no user, and one event only.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/authn_audit.go#L33
 */
function failedLoginsLost(input: LintInput, judged: JudgedPolicy): LintFinding[] {
  const index = judged.policy.rules.findIndex((rule, at) => {
    const isForAnyone = rule.users.length === 0 && rule.userGroups.length === 0;
    const isLost = rule.level !== 'None' && omittedStages(judged, rule).includes('ResponseStarted');
    return isForAnyone && isLost && omittedStages(judged, rule).length < 4 && judged.space.reach(at).kind === 'reached';
  });
  if (index === -1) return [];
  const fromPolicy = judged.policy.omitStages.includes('ResponseStarted');
  const path = fromPolicy ? ['omitStages'] : ['rules', index, 'omitStages'];
  return [lintFinding('failed-logins-lost', {rule: ruleReference(judged, index), fromPolicy}, whereOf(input, path))];
}
