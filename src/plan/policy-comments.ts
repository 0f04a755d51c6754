/** The comments of a generated policy: for whom it is, and for each rule which requirements it meets and why. */
import type {Origin} from '../evaluate/coverage/demands.ts';
import type {Exposure, PresetRequirement} from '../model/preset-policy.ts';
import type {Preset} from '../model/requirement.ts';
import type {Grid} from './policy-grids.ts';
import type {PolicyComments} from './policy-text.ts';

/** Why RequestReceived is kept where bodies of patches are recorded. */
export const KEPT_RECEIVED =
  'RequestReceived is kept: the API server loses the ResponseComplete event of a server-side apply whose body is YAML.';

const GUARD = 'Not asked for, and kept out of the wider rule below: its bodies hold credentials.';

/** What the header has to admit. */
interface Reservations {
  readonly unmet: readonly PresetRequirement[];
  readonly exposures: readonly Exposure[];
}

/** The comments for a policy made of `grids`, one rule for each. */
export function describePolicy(
  presets: readonly Preset[],
  grids: readonly Grid[],
  reservations: Reservations,
): PolicyComments {
  const rules = ruleComments(
    grids.map(({cells}) => cells.flatMap(({origins}) => origins)),
    presets.length > 1,
  );
  return {
    header: [...headerOf(presets, reservations), ...widerText(presets, grids, reservations)],
    rules: grids.map(({cells}, index) => [
      ...(rules[index] ?? []),
      ...(cells.some(({keepsReceived}) => keepsReceived) ? [KEPT_RECEIVED] : []),
      ...(cells.every(({origins}) => origins.length === 0) ? [GUARD] : []),
    ]),
    footer: grids.some(({cells}) => cells.some(({region}) => region.kind === 'everything'))
      ? []
      : ['No rule is for anything else: it is not recorded.'],
  };
}

/** Requirements that need no rule of their own. */
function widerText(presets: readonly Preset[], grids: readonly Grid[], {unmet}: Reservations): string[] {
  const told = grids.flatMap(({cells}) => cells.flatMap(({origins}) => origins));
  const isTold = (preset: string, id: string): boolean =>
    [...told, ...unmet].some((each) => each.preset === preset && each.requirement.id === id);
  const names = presets.flatMap(({name, requirements}) =>
    requirements.filter(({id}) => !isTold(name, id)).map(({id}) => (presets.length > 1 ? `${name}/${id}` : id)),
  );
  return names.length === 0 ? [] : [`Met by rules that are wider: ${listed(names)}.`];
}

function headerOf(presets: readonly Preset[], {unmet, exposures}: Reservations): string[] {
  const requirements = presets.flatMap((preset) => preset.requirements);
  const musts = requirements.filter(({level}) => level === 'must').length;
  return [
    `Audit policy for ${listed(presets.map(({name}) => name))}, proven over all requests.`,
    ...presets.map(({name, title, source}) => `${name}: ${title}. From: ${sourceText(source)}`),
    unmet.length === 0
      ? `It meets ${counted(musts, 'must')} and ${counted(requirements.length - musts, 'should')}.`
      : `Not met in full, as others stand against it: ${listed(unmet.map((each) => `${each.preset}/${each.requirement.id}`))}.`,
    ...presets.flatMap(({name, logPath}) => (logPath === undefined ? [] : [`For ${name} the log is ${logPath}.`])),
    ...[...Map.groupBy(exposures, ({askedBy}) => listed(askedBy))].map(
      ([askedBy, alike]) =>
        `Careful: bodies of ${listed(alike.map(({resource}) => resource))} end in the log, as ${askedBy} wants it.`,
    ),
  ];
}

function sourceText({title, url}: Preset['source']): string {
  return url === '' ? title : `${title}, ${url}`;
}

function counted(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}

function listed(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}

/**
 * For each rule the requirements it is for: where one comes first with its reason, where it comes again by its name alone.
 * With several presets each is named with its own.
 */
export function ruleComments(rules: readonly (readonly Origin[])[], namesPreset: boolean): string[][] {
  const told = new Set<string>();
  const nameOf = ({preset, requirement}: Origin): string =>
    namesPreset ? `${preset}/${requirement.id}` : requirement.id;
  return rules.map((all) => {
    const origins = [...new Map(all.map((origin) => [nameOf(origin), origin])).values()];
    const again = origins.map(nameOf).filter((name) => told.has(name));
    const first = origins.filter((origin) => !told.has(nameOf(origin)));
    for (const origin of first) told.add(nameOf(origin));
    const alike = Map.groupBy(first, ({requirement: {level, reason}}) =>
      reason === '' ? `(${level})` : `(${level}): ${reason}`,
    );
    return [
      ...[...alike].map(([reason, group]) => `${group.map(nameOf).join(', ')} ${reason}`),
      ...(again.length === 0 ? [] : [`${first.length === 0 ? '' : 'Also '}${again.join(', ')}: see above.`]),
    ];
  });
}
