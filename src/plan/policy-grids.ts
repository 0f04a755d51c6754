/** Puts cells that are recorded alike together, so that a policy has few rules. */
import {VERBS} from '../evaluate/coverage/demands.ts';
import type {Level, Stage} from '../model/policy.ts';
import type {Cell} from './policy-cells.ts';

/** What one rule can say: some verbs, each with all of some resources, or with all of some paths. */
export interface Grid {
  readonly level: Level;
  readonly omitStages: readonly Stage[];
  /** Empty for all verbs. */
  readonly verbs: readonly string[];
  readonly targets: Targets;
  readonly cells: readonly Cell[];
}

/** Both empty for everything. */
interface Targets {
  readonly resources: readonly {readonly group: string; readonly resource: string}[];
  readonly paths: readonly string[];
}

/**
 * Few grids that cover `cells` and nothing else, by resource or by verb, whichever is less to read; in the order of the
 * cells. No two cells may be about the same requests.
 */
export function gridsOf(cells: readonly Cell[]): Grid[] {
  const alike = Map.groupBy(cells, ({region, level, omitStages, keepsReceived}) =>
    JSON.stringify([region.kind === 'path', level, omitStages, keepsReceived]),
  );
  const grids = [...alike.values()].flatMap((group) => {
    const byThing = merged(group, thingOf, verbOf).map(gridOf);
    const byVerb = merged(group, verbOf, thingOf).map(gridOf);
    return toRead(byVerb) < toRead(byThing) ? byVerb : byThing;
  });
  const rank = new Map(cells.map((cell, index) => [cell, index]));
  const first = (grid: Grid): number => Math.min(...grid.cells.map((cell) => rank.get(cell) ?? 0));
  return grids.toSorted((one, other) => first(one) - first(other));
}

/** How much there is to read: each rule has its level and stages, and then its verbs and resources. */
function toRead(grids: readonly Grid[]): number {
  const sizes = grids.map(({verbs, targets}) => 4 + verbs.length + targets.resources.length + targets.paths.length);
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** The cells of each `row`, rows together that have the same columns. */
function merged(cells: readonly Cell[], row: (cell: Cell) => string, column: (cell: Cell) => string): Cell[][] {
  const rows = [...Map.groupBy(cells, row).values()];
  const together = Map.groupBy(rows, (each) => JSON.stringify(each.map(column).toSorted()));
  return [...together.values()].map((group) => group.flat());
}

function thingOf({region}: Cell): string {
  const {verb: _verb, ...thing} = {verb: '', ...region};
  return JSON.stringify(thing);
}

function verbOf({region}: Cell): string {
  return region.kind === 'everything' ? '' : region.verb;
}

function gridOf(cells: readonly Cell[]): Grid {
  const verbs = [...new Set(cells.map(verbOf))].filter((verb) => verb !== '').toSorted(byOrderOfVerbs);
  const things = [...new Map(cells.map((cell) => [thingOf(cell), cell.region])).values()];
  const [first] = cells;
  return {
    level: first?.level ?? 'None',
    omitStages: first?.omitStages ?? [],
    verbs,
    targets: {
      resources: things.flatMap((region) => {
        if (region.kind === 'resource') return [{group: region.group, resource: region.resource}];
        return region.kind === 'group' ? [{group: region.group, resource: '*'}] : [];
      }),
      paths: things.flatMap((region) => (region.kind === 'path' ? [region.path] : [])),
    },
    cells,
  };
}

function byOrderOfVerbs(one: string, other: string): number {
  return rankOf(one) - rankOf(other) || (one < other ? -1 : 1);
}

function rankOf(verb: string): number {
  return VERBS.includes(verb) ? VERBS.indexOf(verb) : VERBS.length;
}
