/** exec, attach and port-forward that are recorded over one protocol and not over the other. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import {STAGES} from '../../model/policy.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {omittedStages, ruleReference, whereOf} from './input.ts';
import type {Decisions} from './reach.ts';

const SUBRESOURCES = ['exec', 'attach', 'portforward'];

/** What becomes of one verb where the other fares otherwise. */
interface Difference {
  readonly subresource: string;
  readonly recorded: 'get' | 'create';
  readonly recordedBy: number;
  readonly lost: 'get' | 'create';
  readonly lostBy: number | undefined;
  readonly whose: string;
}

export function streamsForOneVerb(input: LintInput): LintFinding[] {
  const {judged} = input;
  if (judged === undefined) return [];
  const differences = SUBRESOURCES.flatMap((subresource) => differenceFor(judged, subresource) ?? []);
  const alike = Map.groupBy(differences, ({subresource: _, ...rest}) => JSON.stringify(rest));
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const args = {
      subresources: group.map(({subresource}) => subresource),
      recorded: first.recorded,
      recordedBy: ruleReference(judged, first.recordedBy),
      lost: first.lost,
      lostBy: first.lostBy === undefined ? undefined : ruleReference(judged, first.lostBy),
      whose: first.whose,
    };
    return [lintFinding('exec-for-one-verb', args, whereOf(input, ['rules', first.recordedBy]))];
  });
}

/** The most general requests for which it makes a difference. */
function differenceFor(judged: JudgedPolicy, subresource: string): Difference | undefined {
  const isRecorded = judged.policy.rules.map(
    (rule) => rule.level !== 'None' && omittedStages(judged, rule).length < STAGES.length,
  );
  const resource = {group: '', resource: 'pods', subresource};
  for (const decisions of judged.space.decisions(resource, ['get', 'create'])) {
    const [get, create] = decisions.rules;
    const [recordsGet, recordsCreate] = [get, create].map((rule) => rule !== undefined && isRecorded[rule] === true);
    if (recordsGet === recordsCreate) continue;
    const whose = whoseText(decisions);
    if (recordsGet === true && get !== undefined) {
      return {subresource, recorded: 'get', recordedBy: get, lost: 'create', lostBy: create, whose};
    }
    if (create !== undefined) {
      return {subresource, recorded: 'create', recordedBy: create, lost: 'get', lostBy: get, whose};
    }
  }
  return undefined;
}

/** Empty where it is everybody's, everywhere. */
function whoseText({user, group, namespace, name}: Decisions): string {
  const parts = [
    name === undefined ? '' : `named ${name}`,
    namespace === undefined ? '' : `in namespace ${namespace}`,
    user === undefined ? '' : `by ${user}`,
    group === undefined ? '' : user === undefined ? `by group ${group}` : `in group ${group}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
