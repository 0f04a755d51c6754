/** Resources whose bodies are credentials: they stay out of the log unless a requirement asks for their bodies. */
import {coverage} from '../evaluate/coverage/coverage.ts';
import {type Demand, type Region, VERBS} from '../evaluate/coverage/demands.ts';
import {displayResource} from '../evaluate/coverage/everything.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {atLeast} from '../model/policy.ts';
import type {AuditPolicy} from '../model/policy.ts';
import type {Exposure} from '../model/preset-policy.ts';
import type {Requirement} from '../model/requirement.ts';
import type {Cell} from './policy-cells.ts';

interface Sensitive {
  /** The verbs of requests that have such bodies. */
  readonly verbs: readonly string[];
  readonly group: string;
  readonly resource: string;
}

/** Bodies of these hold what opens doors: contents of Secrets, tokens that are asked about, tokens that are issued. */
const SENSITIVE: readonly Sensitive[] = [
  {verbs: VERBS, group: '', resource: 'secrets'},
  {verbs: ['create'], group: '', resource: 'serviceaccounts/token'},
  {verbs: ['create'], group: 'authentication.k8s.io', resource: 'tokenreviews'},
];

/** Credentials that `*` in a rule for that group takes along, although in a requirement it means no subresources. */
export function hiddenSubresources({verb, group}: Extract<Region, {kind: 'group'}>): Region[] {
  return SENSITIVE.filter(
    (sensitive) => sensitive.group === group && sensitive.resource.includes('/') && sensitive.verbs.includes(verb),
  ).map(({resource}) => ({kind: 'resource', verb, group, resource}));
}

/** Cells that keep such subresources out of the rules for a whole group. */
export function guardsOf(cells: readonly Cell[]): Cell[] {
  const everything = cells.find(({region}) => region.kind === 'everything');
  return cells.flatMap(({region, level}) => {
    if (region.kind !== 'group' || !atLeast(level, 'Request')) return [];
    return hiddenSubresources(region)
      .filter((guard) => !cells.some((cell) => JSON.stringify(cell.region) === JSON.stringify(guard)))
      .map((guard) => ({
        region: guard,
        level: everything?.level ?? 'None',
        omitStages: everything?.omitStages ?? [],
        keepsReceived: false,
        origins: [],
      }));
  });
}

/** The credentials that `policy` records the bodies of, over all requests. */
export function exposuresOf(
  policy: AuditPolicy,
  demands: readonly Demand[],
  serverVersion: KubernetesVersion | undefined,
): Exposure[] {
  return SENSITIVE.filter((sensitive) => {
    const [result] = coverage(policy, [withoutBodies(sensitive)], serverVersion);
    return result?.met !== true;
  }).map((sensitive) => ({resource: textOf(sensitive), askedBy: askedBy(sensitive, demands)}));
}

/** The requirement that no body of `sensitive` is recorded. */
function withoutBodies({verbs, group, resource}: Sensitive): Requirement {
  return {
    id: 'credentials',
    level: 'must',
    title: 'credentials',
    requests: [{kind: 'resources', verbs, group, resources: [resource]}],
    atLeast: 'None',
    atMost: 'Metadata',
    reason: 'The log must not become a store of credentials.',
  };
}

function textOf({group, resource}: Sensitive): string {
  const [name = '', subresource = ''] = resource.split('/');
  return displayResource(group, name, subresource);
}

function askedBy({verbs, group, resource}: Sensitive, demands: readonly Demand[]): string[] {
  const asking = demands.filter(({region, level}) => {
    if (!atLeast(level, 'Request')) return false;
    if (region.kind === 'everything') return true;
    if (region.kind === 'path' || region.group !== group || !verbs.includes(region.verb)) return false;
    return region.kind === 'group' ? !resource.includes('/') : region.resource === resource;
  });
  const origins = asking
    .flatMap((demand) => demand.origins)
    .filter(({requirement}) => atLeast(requirement.atLeast, 'Request'));
  return [...new Set(origins.map(({preset, requirement}) => `${preset}/${requirement.id}`))];
}
