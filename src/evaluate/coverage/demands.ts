/**
 * What requirements ask of a policy together, request by request, and where they contradict each other.
 */
import {LEVELS, atLeast} from '../../model/policy.ts';
import type {Level, Stage} from '../../model/policy.ts';
import type {ConflictingDemand, Preset, PresetConflict, RequestSet, Requirement} from '../../model/requirement.ts';
import {displayResource} from './everything.ts';

/** Requests that requirements treat alike: by anyone, in any namespace and of any name. */
export type Region =
  /** `resource` is `pods`, or `pods/exec`. */
  | {readonly kind: 'resource'; readonly verb: string; readonly group: string; readonly resource: string}
  /** Any resource of the group, without subresources. */
  | {readonly kind: 'group'; readonly verb: string; readonly group: string}
  | {readonly kind: 'path'; readonly verb: string; readonly path: string}
  | {readonly kind: 'everything'};

/** A requirement and the preset that it belongs to. */
export interface Origin {
  readonly preset: string;
  readonly requirement: Requirement;
}

/** What is asked of one region. */
export interface Demand {
  readonly region: Region;
  /** The level to record it at: the least that all of them ask for, as far as their upper bounds allow. */
  readonly level: Level;
  /** The most that is acceptable. */
  readonly atMost: Level;
  /** Of each list at least one stage must be written; empty where nothing has to be recorded. */
  readonly stages: readonly (readonly Stage[])[];
  /** The requirements that name this very region. */
  readonly origins: readonly Origin[];
  /** The requirements that this level does not satisfy: of conflicting musts, or shoulds that a must stands against. */
  readonly unsatisfied: readonly Origin[];
}

/** All demands, each region once, and the conflicts among them. */
export interface Demands {
  readonly demands: readonly Demand[];
  readonly conflicts: readonly PresetConflict[];
  /** Those of the conflicts that the preferred preset does not settle. */
  readonly unsettled: readonly PresetConflict[];
}

const DEFAULT_STAGES: readonly Stage[] = ['ResponseComplete'];

/** The verbs of Kubernetes' API, which together are said as none. */
export const VERBS: readonly string[] = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
];

/**
 * What `presets` ask together. Where requirements contradict each other, those of the preset named `prefer` count, then musts
 * before shoulds. A conflict of two musts that `prefer` does not settle is unsettled; its level is the lower one.
 */
export function demandsOf(presets: readonly Preset[], prefer?: string): Demands {
  const origins = presets.flatMap(({name, requirements}) =>
    requirements.map((requirement): Origin => ({preset: name, requirement})),
  );
  const regions = new Map<string, Region>();
  for (const {requirement} of origins) {
    for (const region of requirement.requests.flatMap(regionsOf)) regions.set(JSON.stringify(region), region);
  }
  const demands = [...regions.values()].map((region) => demandOf(region, origins, prefer));
  const conflicts = conflictsOf([...regions.values()], origins);
  return {demands, conflicts, unsettled: conflicts.filter((conflict) => !isSettledBy(conflict, prefer))};
}

function isSettledBy({least, most}: PresetConflict, prefer: string | undefined): boolean {
  return least.preset !== most.preset && (least.preset === prefer || most.preset === prefer);
}

function regionsOf(requests: RequestSet): Region[] {
  switch (requests.kind) {
    case 'everything':
      return [{kind: 'everything'}];
    case 'nonResource':
      return requests.paths.flatMap((path) => requests.verbs.map((verb): Region => ({kind: 'path', verb, path})));
    case 'resources':
      return requests.resources.flatMap((resource) =>
        requests.verbs.map((verb): Region => {
          const {group} = requests;
          return resource === '*' ? {kind: 'group', verb, group} : {kind: 'resource', verb, group, resource};
        }),
      );
  }
}

/** Whether all requests of `region` are among `requests`. */
function includes(requests: RequestSet, region: Region): boolean {
  if (requests.kind === 'everything') return true;
  if (region.kind === 'everything' || !requests.verbs.includes(region.verb)) return false;
  if (requests.kind === 'nonResource') return region.kind === 'path' && requests.paths.includes(region.path);
  if (region.kind === 'path' || requests.group !== region.group) return false;
  if (region.kind === 'group') return requests.resources.includes('*');
  if (requests.resources.includes(region.resource)) return true;
  return requests.resources.includes('*') && !region.resource.includes('/');
}

function names(requests: RequestSet, region: Region): boolean {
  return regionsOf(requests).some((each) => JSON.stringify(each) === JSON.stringify(region));
}

function originsOf(region: Region, origins: readonly Origin[]): Origin[] {
  return origins.filter(({requirement}) => requirement.requests.some((requests) => includes(requests, region)));
}

function demandOf(region: Region, origins: readonly Origin[], prefer: string | undefined): Demand {
  const asking = originsOf(region, origins);
  const byWeight = [
    asking.filter(({preset, requirement}) => preset === prefer && requirement.level === 'must'),
    asking.filter(({preset}) => preset === prefer),
    asking.filter(({requirement}) => requirement.level === 'must'),
    asking,
  ];
  let range: LevelRange = {least: 'None', most: 'RequestResponse'};
  for (const group of byWeight) range = narrowed(range, group);
  const {least: level, most: atMost} = range;
  return {
    region,
    level,
    atMost,
    stages:
      level === 'None'
        ? []
        : asking
            .filter(({requirement}) => requirement.atLeast !== 'None')
            .map(({requirement}) => requirement.stages ?? DEFAULT_STAGES),
    origins: asking.filter(({requirement}) => requirement.requests.some((requests) => names(requests, region))),
    unsatisfied: asking.filter(({requirement}) => !isSatisfied(requirement, level)),
  };
}

function isSatisfied(requirement: Requirement, level: Level): boolean {
  return atLeast(level, requirement.atLeast) && atLeast(requirement.atMost ?? 'RequestResponse', level);
}

interface LevelRange {
  readonly least: Level;
  readonly most: Level;
}

/** Upper bounds first: where requirements of the same weight contradict each other, the log holds rather less. */
function narrowed(range: LevelRange, origins: readonly Origin[]): LevelRange {
  const bounds = origins.map(({requirement}) => requirement.atMost ?? 'RequestResponse');
  const most = higher(lowest([range.most, ...bounds]), range.least);
  const least = lowest([most, highest([range.least, ...origins.map(({requirement}) => requirement.atLeast)])]);
  return {least, most};
}

function lowest(levels: readonly Level[]): Level {
  return LEVELS.find((level) => levels.includes(level)) ?? 'None';
}

function highest(levels: readonly Level[]): Level {
  return LEVELS.findLast((level) => levels.includes(level)) ?? 'None';
}

function higher(one: Level, other: Level): Level {
  return highest([one, other]);
}

/** Musts that no level satisfies together, with the requests where they meet. */
function conflictsOf(regions: readonly Region[], origins: readonly Origin[]): PresetConflict[] {
  const found = new Map<string, {least: Origin; most: Origin; regions: Region[]}>();
  for (const region of regions) {
    const musts = originsOf(region, origins).filter(({requirement}) => requirement.level === 'must');
    for (const most of musts) {
      for (const least of musts) {
        if (most.requirement.atMost === undefined || atLeast(most.requirement.atMost, least.requirement.atLeast)) {
          continue;
        }
        const key = JSON.stringify([least.preset, least.requirement.id, most.preset, most.requirement.id]);
        const before = found.get(key);
        if (before === undefined) found.set(key, {least, most, regions: [region]});
        else before.regions.push(region);
      }
    }
  }
  return [...found.values()].map(({least, most, regions: shared}) => ({
    least: sideOf(least, least.requirement.atLeast),
    most: sideOf(most, most.requirement.atMost ?? 'RequestResponse'),
    requests: textsOf(shared),
  }));
}

function sideOf({preset, requirement}: Origin, level: Level): ConflictingDemand {
  const {id, title, level: strength, place} = requirement;
  return {preset, requirement: id, title, strength, place, level};
}

/** The regions as people write them, the verbs of one resource together. */
export function textsOf(regions: readonly Region[]): string[] {
  const byThing = Map.groupBy(regions, thingOf);
  return [...byThing].map(([thing, alike]) => {
    const verbs = alike.flatMap((region) => (region.kind === 'everything' ? [] : [region.verb]));
    if (verbs.length === 0) return thing;
    if (VERBS.every((verb) => verbs.includes(verb))) return `every request for ${thing}`;
    return `${verbs.join(', ')} ${thing}`;
  });
}

function thingOf(region: Region): string {
  switch (region.kind) {
    case 'everything':
      return 'every request';
    case 'path':
      return region.path;
    case 'group':
      return `any resource of ${region.group === '' ? 'the core group' : region.group}`;
    case 'resource': {
      const [resource = '', ...subresource] = region.resource.split('/');
      return displayResource(region.group, resource, subresource.join('/'));
    }
  }
}
