/** What there is to say about a policy that was made for presets, one line each. */
import type {
  Exposure,
  GeneratedPolicy,
  MergedPolicy,
  MergedRule,
  PresetRequirement,
  UnmetByMerge,
} from '../model/preset-policy.ts';
import type {Preset, PresetConflict} from '../model/requirement.ts';
import {conflictText} from './presets.ts';

/** Why no policy was made, and what to do. */
export function conflictLines(conflicts: readonly PresetConflict[]): string[] {
  const presets = [...new Set(conflicts.flatMap(({most, least}) => [most.preset, least.preset]))];
  return [
    ...conflicts.map((conflict) => `conflict: ${conflictText(conflict)}`),
    presets.length === 1
      ? `  next: correct preset ${presets.join('')}: no policy can meet it`
      : `  next: no policy meets both; say which one counts: ${presets.map((name) => `--prefer ${name}`).join(' or ')}`,
  ];
}

/** What a generated policy does not meet, and what it puts into the log. */
export function generatedNotes({conflicts, unmet, exposures}: Extract<GeneratedPolicy, {kind: 'generated'}>): string[] {
  const inConflict = conflicts.flatMap(({most, least}) => [most, least]);
  const others = unmet.filter(
    ({preset, requirement}) =>
      !inConflict.some((side) => side.preset === preset && side.requirement === requirement.id),
  );
  return [
    ...conflicts.map((conflict) => settledText(conflict, unmet)),
    ...others.map(
      ({preset, requirement}) =>
        `not met: ${preset}/${requirement.id} (${requirement.level}), as another requirement stands against it`,
    ),
    ...exposures.map(exposureLine),
  ];
}

/** Which side gave way. */
function settledText(conflict: PresetConflict, unmet: readonly PresetRequirement[]): string {
  const {least, most, requests} = conflict;
  const isGivenUp = ({preset, requirement}: PresetConflict['least']): boolean =>
    unmet.some((each) => each.preset === preset && each.requirement.id === requirement);
  const [loser, winner] = isGivenUp(least) ? [least, most] : [most, least];
  const bound = winner === most ? 'at most' : 'at least';
  return `given up: ${loser.preset}/${loser.requirement} for ${requests.join(', ')}, as ${winner.preset}/${winner.requirement} wants ${bound} ${winner.level}`;
}

function exposureLine({resource, askedBy}: Exposure): string {
  return `careful: the log will hold the bodies of ${resource}, as ${askedBy.join(' and ')} asks`;
}

/** What was added to a policy, and what could not be. */
export function mergedNotes(
  {added, unmet, exposures, losesYamlApply}: Extract<MergedPolicy, {kind: 'merged'}>,
  presets: readonly Preset[],
): string[] {
  const names = presets.map(({name}) => name).join(' and ');
  const all = unmet.length === 0 ? `it records all that ${names} asks for` : 'no rule can be added that would help';
  return [
    ...(added.length === 0 ? [`nothing added: ${all}`] : added.map(addedLine)),
    ...unmet.map(unmetLine),
    ...exposures.map(exposureLine),
    ...(losesYamlApply
      ? [
          'careful: the policy omits RequestReceived: of a server-side apply whose body is YAML, and which is recorded with its body, no event is left',
        ]
      : []),
  ];
}

function addedLine({index, beforeLine, requirements}: MergedRule): string {
  const where = beforeLine === undefined ? 'after the last rule' : `before the rule in line ${beforeLine}`;
  const why = requirements.length === 0 ? 'keeps requests out of the next rule' : requirements.join(', ');
  return `added rule ${index + 1}, ${where}: ${why}`;
}

function unmetLine({preset, requirement, because, failure, ruleLine}: UnmetByMerge): string {
  return `not met: ${preset}/${requirement.id} (${requirement.level}): ${failure.text} is recorded at ${failure.gotLevel}; ${whyUnmet(because, ruleLine)}`;
}

function whyUnmet(because: UnmetByMerge['because'], ruleLine: number | undefined): string {
  switch (because) {
    case 'records-more':
      return `${ruleLine === undefined ? 'your rule' : `the rule in line ${ruleLine}`} records more than the preset allows, and a merge lowers nothing`;
    case 'stage-omitted':
      return "the policy's own omitStages drops the stages it needs, for every rule: take them out there";
    case 'conflict':
      return 'another requirement stands against it';
  }
}
