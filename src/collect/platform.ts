/** Collects what tells platforms apart, within whatever the user may read. */
import {type Fact, absent, seen, valueOf} from '../model/fact.ts';
import type {NodeFacts, PlatformFacts} from '../model/facts.ts';
import type {ApiClient} from './client.ts';

interface Known {
  readonly gitVersion: string;
  readonly nodes: Fact<readonly NodeFacts[]>;
  readonly ownMirrorPod: boolean;
}

/** ConfigMaps whose mere existence is a signal, as namespace/name. */
const TELLING_CONFIG_MAPS: readonly (readonly [string, string])[] = [['tkg-system-public', 'tkg-metadata']];

export async function collectPlatform(client: ApiClient, known: Known): Promise<PlatformFacts> {
  const groups = await client.json<{groups: readonly {name: string}[]}>('/apis', 'get /apis');
  const names = (valueOf(groups)?.groups ?? []).map((group) => group.name);
  const tanzu = names.some((name) => name.endsWith('.tanzu.vmware.com')) || known.gitVersion.includes('vmware');
  const [openshiftKinds, configMaps, namespaces] = await Promise.all([
    names.includes('config.openshift.io')
      ? client.json<{resources: readonly {kind: string}[]}>('/apis/config.openshift.io/v1', 'get /apis').then((fact) =>
          fact.state === 'seen'
            ? seen(
                fact.value.resources.map((resource) => resource.kind),
                fact.source,
              )
            : fact,
        )
      : absent<string[]>('GET /apis'),
    tanzu ? existingConfigMaps(client) : [],
    known.ownMirrorPod ? absent<string[]>('not needed: an own API server is visible') : namespacesOf(client),
  ]);
  return {
    serverHost: client.server.hostname,
    context: client.contextName,
    gitVersion: known.gitVersion,
    apiGroups: groups.state === 'seen' ? seen(names, groups.source) : groups,
    openshiftKinds,
    namespaces,
    nodes: known.nodes,
    configMaps,
    ownMirrorPod: known.ownMirrorPod,
  };
}

async function existingConfigMaps(client: ApiClient): Promise<string[]> {
  const facts = await Promise.all(
    TELLING_CONFIG_MAPS.map(async ([namespace, name]) => {
      const fact = await client.json(
        `/api/v1/namespaces/${namespace}/configmaps/${name}`,
        `get configmaps -n ${namespace}`,
      );
      return fact.state === 'seen' ? `${namespace}/${name}` : undefined;
    }),
  );
  return facts.filter((name) => name !== undefined);
}

async function namespacesOf(client: ApiClient): Promise<Fact<string[]>> {
  const fact = await client.json<{items: readonly {metadata: {name: string}}[]}>(
    '/api/v1/namespaces',
    'list namespaces',
  );
  return fact.state === 'seen'
    ? seen(
        fact.value.items.map((item) => item.metadata.name),
        fact.source,
      )
    : fact;
}
