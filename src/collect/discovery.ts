/** Reads what a cluster serves: its discovery documents, and which groups other API servers answer for. */
import {type Fact, seen, valueOf} from '../model/fact.ts';
import type {DiscoveredResources, ServedResource} from '../model/served-resources.ts';
import type {ApiClient} from './client.ts';

/**
 * One document for all groups, from 1.27 on; older servers answer with the last form, a list of what to ask.
 * @see https://github.com/kubernetes/client-go/blob/v0.34.4/discovery/discovery_client.go#L66
 */
const ACCEPT =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

const API_SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

/** @see https://github.com/kubernetes/api/blob/v0.34.4/apidiscovery/v2/types.go#L43 */
interface AggregatedDiscovery {
  readonly kind: 'APIGroupDiscoveryList';
  readonly items?: readonly {
    readonly metadata?: {readonly name?: string};
    readonly versions?: readonly {
      readonly version: string;
      /** `Stale`: what the server remembers of an API server that does not answer. */
      readonly freshness?: string;
      readonly resources?: readonly {
        readonly resource: string;
        readonly responseKind?: {readonly kind?: string};
        readonly scope?: string;
        readonly singularResource?: string;
        readonly verbs?: readonly string[];
        readonly shortNames?: readonly string[];
        readonly subresources?: readonly {
          readonly subresource: string;
          readonly responseKind?: {readonly kind?: string};
          readonly verbs?: readonly string[];
        }[];
      }[];
    }[];
  }[];
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/types.go#L1098 */
interface VersionList {
  readonly kind: 'APIVersions';
  readonly versions?: readonly string[];
}

interface GroupList {
  readonly kind: 'APIGroupList';
  readonly groups?: readonly {readonly name: string; readonly versions?: readonly {readonly groupVersion: string}[]}[];
}

interface ResourceList {
  readonly resources?: readonly {
    readonly name: string;
    readonly singularName?: string;
    readonly namespaced?: boolean;
    readonly kind?: string;
    readonly verbs?: readonly string[];
    readonly shortNames?: readonly string[];
  }[];
}

interface ApiServiceList {
  readonly items?: readonly {
    readonly spec?: {readonly group?: string; readonly service?: object | null};
  }[];
}

/** A resource of one version; whether its group is aggregated is known for all at once. */
type VersionedResource = Omit<ServedResource, 'versions' | 'aggregated'> & {readonly version: string};

interface Found {
  readonly resources: readonly VersionedResource[];
  readonly unreadGroups: readonly string[];
}

/**
 * What the cluster serves. Unknown where the documents of the core group or the list of groups cannot be read; a single
 * group that cannot be read is told in the value. Needs no more than what every user may read (system:discovery), and for
 * `aggregated` the right to list APIServices.
 */
export async function discoverResources(client: Pick<ApiClient, 'json'>): Promise<Fact<DiscoveredResources>> {
  const [core, groups, services] = await Promise.all([
    readRoot(client, '/api'),
    readRoot(client, '/apis'),
    client.json<ApiServiceList>(API_SERVICES, 'list apiservices.apiregistration.k8s.io'),
  ]);
  if (core.state !== 'seen') return core;
  if (groups.state !== 'seen') return groups;
  const aggregated = aggregatedGroups(valueOf(services));
  const resources = [...core.value.resources, ...groups.value.resources];
  return seen(
    {
      resources: withVersionsJoined(resources).map((resource) => ({
        ...resource,
        aggregated: aggregated === undefined ? undefined : aggregated.has(resource.group),
      })),
      unreadGroups: [...new Set([...core.value.unreadGroups, ...groups.value.unreadGroups])],
    },
    core.source,
  );
}

/** @see https://github.com/kubernetes/kube-aggregator/blob/v0.34.4/pkg/apis/apiregistration/v1/types.go#L50 */
function aggregatedGroups(list: ApiServiceList | undefined): ReadonlySet<string> | undefined {
  if (list === undefined) return undefined;
  const served = (list.items ?? []).filter(({spec}) => spec?.service !== undefined && spec.service !== null);
  return new Set(served.map(({spec}) => spec?.group ?? ''));
}

async function readRoot(client: Pick<ApiClient, 'json'>, path: '/api' | '/apis'): Promise<Fact<Found>> {
  const root = await client.json<AggregatedDiscovery | VersionList | GroupList>(path, `get ${path}`, {accept: ACCEPT});
  if (root.state !== 'seen') return root;
  const document = root.value;
  switch (document.kind) {
    case 'APIGroupDiscoveryList':
      return seen(fromAggregated(document), root.source);
    case 'APIVersions':
      return seen(
        await readEach(
          client,
          (document.versions ?? []).map((version) => ({group: '', version, path: `/api/${version}`})),
        ),
        root.source,
      );
    case 'APIGroupList':
      return seen(await readEach(client, (document.groups ?? []).flatMap(versionsOf)), root.source);
  }
}

interface GroupVersion {
  readonly group: string;
  readonly version: string;
  readonly path: string;
}

function versionsOf({name, versions}: NonNullable<GroupList['groups']>[number]): GroupVersion[] {
  return (versions ?? []).map(({groupVersion}) => ({
    group: name,
    version: groupVersion.split('/')[1] ?? '',
    path: `/apis/${groupVersion}`,
  }));
}

function fromAggregated({items}: AggregatedDiscovery): Found {
  const resources: VersionedResource[] = [];
  const unreadGroups: string[] = [];
  for (const {metadata, versions} of items ?? []) {
    const group = metadata?.name ?? '';
    for (const {version, freshness, resources: served} of versions ?? []) {
      if (freshness === 'Stale') unreadGroups.push(group);
      for (const each of served ?? []) {
        const whole: VersionedResource = {
          group,
          version,
          resource: each.resource,
          subresource: '',
          kind: each.responseKind?.kind ?? '',
          singular: each.singularResource ?? '',
          shortNames: each.shortNames ?? [],
          namespaced: each.scope === 'Namespaced',
          verbs: each.verbs ?? [],
        };
        resources.push(whole);
        for (const {subresource, responseKind, verbs} of each.subresources ?? []) {
          const kind = responseKind?.kind ?? '';
          resources.push({...whole, subresource, kind, singular: '', shortNames: [], verbs: verbs ?? []});
        }
      }
    }
  }
  return {resources, unreadGroups};
}

/** Asked at once: a cluster has some dozens of group versions, and the client keeps its connections. */
async function readEach(client: Pick<ApiClient, 'json'>, groupVersions: readonly GroupVersion[]): Promise<Found> {
  const lists = await Promise.all(
    groupVersions.map(async (groupVersion) => ({
      groupVersion,
      list: valueOf(await client.json<ResourceList>(groupVersion.path, `get ${groupVersion.path}`)),
    })),
  );
  return {
    resources: lists.flatMap(({groupVersion, list}) =>
      (list?.resources ?? []).map((each) => fromList(groupVersion, each)),
    ),
    unreadGroups: lists.filter(({list}) => list === undefined).map(({groupVersion}) => groupVersion.group),
  };
}

function fromList(
  {group, version}: GroupVersion,
  each: NonNullable<ResourceList['resources']>[number],
): VersionedResource {
  const [resource = '', ...rest] = each.name.split('/');
  return {
    group,
    version,
    resource,
    subresource: rest.join('/'),
    kind: each.kind ?? '',
    singular: each.singularName ?? '',
    shortNames: each.shortNames ?? [],
    namespaced: each.namespaced === true,
    verbs: each.verbs ?? [],
  };
}

/** One entry for a resource, whatever versions serve it; the first one, which the server prefers, names its kind. */
function withVersionsJoined(resources: readonly VersionedResource[]): Omit<ServedResource, 'aggregated'>[] {
  const byName = Map.groupBy(resources, ({group, resource, subresource}) =>
    JSON.stringify([group, resource, subresource]),
  );
  return [...byName.values()].flatMap((same) => {
    const [first] = same;
    if (first === undefined) return [];
    const {version: _, ...rest} = first;
    return [
      {
        ...rest,
        versions: same.map(({version}) => version),
        verbs: [...new Set(same.flatMap(({verbs}) => verbs))],
      },
    ];
  });
}
