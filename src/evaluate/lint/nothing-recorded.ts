/** Policies and rules that look as if they record, and write no event. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import {STAGES} from '../../model/policy.ts';
import {recordsNothing} from '../coverage/coverage.ts';
import type {LintInput} from './input.ts';
import {omittedStages, ruleReference, whereOf} from './input.ts';

export function nothingRecorded(input: LintInput): LintFinding[] {
  const {judged} = input;
  if (judged === undefined) return [];
  const reason = recordsNothing(judged.policy, input.options.serverVersion);
  if (reason !== undefined) return [lintFinding('records-nothing', {reason}, whereOf(input, ['rules']))];
  return judged.policy.rules.flatMap((rule, index) => {
    if (rule.level === 'None' || omittedStages(judged, rule).length < STAGES.length) return [];
    const path = rule.omitStages.length > 0 ? ['rules', index, 'omitStages'] : ['rules', index];
    return [lintFinding('rule-omits-every-stage', {rule: ruleReference(judged, index)}, whereOf(input, path))];
  });
}
