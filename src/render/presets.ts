/** Presets for people and as preset files, and the sentences about what presets want of a policy. */
import {Document, isScalar, visit} from 'yaml';
import type {
  ConflictingDemand,
  Preset,
  PresetConflict,
  RequestSet,
  Requirement,
  SettingRequirement,
} from '../model/requirement.ts';
import {PRESET_API_VERSION} from '../model/preset-file.ts';
import {renderTable} from './table.ts';
import {jsonText} from './json.ts';

/** One line for each preset. */
export function presetsTable(presets: readonly Preset[]): string {
  const rows = presets.map((preset) => [
    preset.name,
    String(countOf(preset, 'must')),
    String(countOf(preset, 'should')),
    preset.logPath ?? '-',
    preset.source.title,
  ]);
  return `${renderTable(['NAME', 'MUSTS', 'SHOULDS', 'LOG PATH', 'SOURCE'], rows).join('\n')}\n`;
}

function countOf({requirements, settings = []}: Preset, level: Requirement['level']): number {
  return [...requirements, ...settings].filter((each) => each.level === level).length;
}

/** Everything about each preset: its requirements with their reasons, its departures, and where presets contradict each other. */
export function presetsDetails(presets: readonly Preset[], conflicts: readonly PresetConflict[]): string {
  const told =
    conflicts.length === 0 ? [] : [['conflicts', ...conflicts.map((each) => `  ${conflictText(each)}`)].join('\n')];
  return `${[...presets.map(presetDetails), ...told].join('\n\n')}\n`;
}

function presetDetails(preset: Preset): string {
  const {name, title, source, logPath, rotation, requirements, settings = [], departures = []} = preset;
  return [
    `${name}: ${title}`,
    ...field('source', [source.title, source.url].filter((text) => text !== '').join(', ')),
    ...field('log path', logPath),
    ...field('rotation', rotation === undefined ? undefined : rotationText(rotation)),
    '',
    ...requirements.flatMap((requirement) => [...requirementLines(requirement), '']),
    ...settings.flatMap((setting) => [...settingLines(setting, rotation), '']),
    ...(departures.length === 0 ? [] : ['departures from the source']),
    ...departures.flatMap(({what, why}) => [`  - ${what}`, ...wrapped(why, WIDTH - 4).map((line) => `    ${line}`)]),
  ]
    .join('\n')
    .trimEnd();
}

/** Column of the values, and the width of lines. */
const COLUMN = 13;
const WIDTH = 120;

/** Nothing for a field that is not there; a field without a name goes on from the one above. */
function field(name: string, value: string | undefined): string[] {
  if (value === undefined || value === '') return [];
  const [first = '', ...rest] = wrapped(value, WIDTH - COLUMN);
  const label = name === '' ? '' : `  ${name}:`;
  return [label.padEnd(COLUMN) + first, ...rest.map((line) => ' '.repeat(COLUMN) + line)];
}

function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

function rotationText({maxAge, maxBackup, maxSize, mustBeSet}: NonNullable<Preset['rotation']>): string {
  const least = `at least ${maxAge} days, ${maxBackup} files, ${maxSize} MiB each`;
  return mustBeSet === true ? `${least}; each flag must be given` : least;
}

function requirementLines(requirement: Requirement): string[] {
  const {id, level, title, requests, atLeast, atMost, stages, place, elsewhere, reason} = requirement;
  return [
    `${level} ${id}: ${title}`,
    ...requests.flatMap((set, index) => field(index === 0 ? 'requests' : '', requestsText(set))),
    ...field('level', levelText(atLeast, atMost)),
    ...field('stages', stages?.join(' or ')),
    ...field('place', place),
    ...field('elsewhere', elsewhere),
    ...field('why', reason),
  ];
}

function levelText(atLeast: Requirement['atLeast'], atMost: Requirement['atMost']): string {
  if (atMost === undefined) return `${atLeast} or more`;
  return atMost === atLeast ? `${atLeast}, neither less nor more` : `from ${atLeast} to ${atMost}`;
}

function settingLines(setting: SettingRequirement, rotation: Preset['rotation']): string[] {
  return [
    `${setting.level} ${setting.id}: ${setting.title}`,
    ...field('flag', `--${setting.flag}${leastOf(setting, rotation)}`),
    ...field('place', setting.place),
    ...field('why', setting.reason),
  ];
}

function leastOf({flag}: SettingRequirement, rotation: Preset['rotation']): string {
  switch (flag) {
    case 'audit-policy-file':
    case 'audit-log-path':
      return ', set';
    case 'audit-log-maxage':
      return `, at least ${rotation?.maxAge ?? 0}`;
    case 'audit-log-maxbackup':
      return `, at least ${rotation?.maxBackup ?? 0}`;
    case 'audit-log-maxsize':
      return `, at least ${rotation?.maxSize ?? 0}`;
  }
}

function requestsText(requests: RequestSet): string {
  switch (requests.kind) {
    case 'everything':
      return 'every request';
    case 'nonResource':
      return `${requests.verbs.join(', ')} of ${requests.paths.join(', ')}`;
    case 'resources': {
      const {group} = requests;
      const things = requests.resources.map((resource) => (group === '' ? resource : `${resource} (${group})`));
      return `${requests.verbs.join(', ')} of ${things.join(', ').replaceAll(` (${group}), `, ', ')}`;
    }
  }
}

/** What two presets want that no policy can meet. */
export function conflictText({least, most, requests}: PresetConflict): string {
  return `${sideText(most)} wants at most ${most.level} of ${requests.join(', ')}; ${sideText(least)} wants at least ${least.level}`;
}

function sideText({preset, requirement, strength, place}: ConflictingDemand): string {
  return `${preset}/${requirement} (${[strength, place].filter((text) => text !== undefined).join('; ')})`;
}

/** One preset as a preset file, several as a list of them. */
export function presetsObject(presets: readonly Preset[]): object {
  const [first, second] = presets;
  if (first !== undefined && second === undefined) return {...HEAD, kind: 'Preset', ...presetObject(first)};
  return {
    ...HEAD,
    kind: 'PresetList',
    items: presets.map((preset) => ({...HEAD, kind: 'Preset', ...presetObject(preset)})),
  };
}

const HEAD = {apiVersion: PRESET_API_VERSION};

function presetObject({name, title, source, requirements, settings, ...rest}: Preset): object {
  return {
    name,
    title,
    source: {title: source.title, url: source.url === '' ? undefined : source.url},
    requirements: requirements.map((requirement) => ({
      ...withoutEmptyReason(requirement),
      requests: requirement.requests.map(requestsObject),
    })),
    settings: settings?.map(withoutEmptyReason),
    ...rest,
  };
}

function withoutEmptyReason({reason, ...rest}: Requirement | SettingRequirement): object {
  return {...rest, reason: reason === '' ? undefined : reason};
}

function requestsObject(requests: RequestSet): object {
  switch (requests.kind) {
    case 'everything':
      return {everything: true};
    case 'nonResource':
      return {verbs: requests.verbs, nonResourceURLs: requests.paths};
    case 'resources':
      return {verbs: requests.verbs, group: requests.group, resources: requests.resources};
  }
}

/** `-o json`. */
export function presetsJson(presets: readonly Preset[]): string {
  return jsonText(presetsObject(presets));
}

/** `-o yaml`: of one preset a file that `--preset FILE` reads. */
export function presetsYaml(presets: readonly Preset[]): string {
  // Through JSON first, so that both forms leave out the same keys.
  const document = new Document(JSON.parse(presetsJson(presets)), {aliasDuplicateObjects: false});
  visit(document, {
    Seq: (_key, list) => {
      list.flow = list.items.every(isScalar);
    },
  });
  return document.toString({flowCollectionPadding: false, lineWidth: WIDTH});
}
