/** What a policy has to decide about each region of requests. */
import type {Demand, Origin, Region} from '../evaluate/coverage/demands.ts';
import {atLeast} from '../model/policy.ts';
import type {Level, Stage} from '../model/policy.ts';

/** One region with the level and stages it is to be recorded with. */
export interface Cell {
  readonly region: Region;
  readonly level: Level;
  readonly omitStages: readonly Stage[];
  /** The stage RequestReceived is left in for `losesYaml` alone. */
  readonly keepsReceived: boolean;
  readonly origins: readonly Origin[];
}

/** The cell of a demand: RequestReceived, which says nothing that later stages do not say, is omitted where that is safe. */
export function cellOf({region, level, stages, origins}: Demand): Cell {
  const isDispensable = stages.every((some) => some.some((stage) => stage !== 'RequestReceived'));
  const keepsReceived = isDispensable && losesYaml(region, level);
  const omits = level !== 'None' && isDispensable && !keepsReceived;
  return {region, level, omitStages: omits ? ['RequestReceived'] : [], keepsReceived, origins};
}

/**
 * Whether some of these requests leave no event of a later stage than RequestReceived. From level Request on the body of a
 * patch is written into the event as it is, as if it were JSON; of a server-side apply it may be YAML, and the event of the
 * request, which is done and answered, is then lost.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/request.go#L129
 */
export function losesYaml(region: Region, level: Level): boolean {
  return atLeast(level, 'Request') && (region.kind === 'everything' || region.verb === 'patch');
}

/** The cell whose rule decides this one where it has no rule of its own: that of the whole group, or of everything. */
export function fallsThroughTo({region}: Cell, cells: readonly Cell[]): Cell | undefined {
  if (region.kind === 'everything') return undefined;
  const everything = cells.find((cell) => cell.region.kind === 'everything');
  if (region.kind !== 'resource') return everything;
  const ofGroup = cells.find(
    (cell) => cell.region.kind === 'group' && cell.region.group === region.group && cell.region.verb === region.verb,
  );
  return ofGroup ?? everything;
}
