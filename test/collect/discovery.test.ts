/** What a cluster serves, by both forms of its discovery. */
import {expect} from 'chai';
import {discoverResources} from '../../src/collect/discovery.ts';
import {type Fact, absent, seen, unknown} from '../../src/model/fact.ts';
import type {DiscoveredResources} from '../../src/model/served-resources.ts';

const FORBIDDEN = Symbol('forbidden');

/** Answers by path; what is not there is 404. */
async function discover(answers: Readonly<Record<string, unknown>>): Promise<Fact<DiscoveredResources>> {
  return discoverResources({
    json: async <T>(path: string, right: string): Promise<Fact<T>> => {
      const answer = answers[path];
      if (answer === FORBIDDEN) return unknown({kind: 'forbidden', right});
      return answer === undefined ? absent(`GET ${path}`) : seen(answer as T, `GET ${path}`);
    },
  });
}

const SERVICES = '/apis/apiregistration.k8s.io/v1/apiservices';

/** As an API server from 1.27 on answers. */
const AGGREGATED = {
  '/api': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: {},
        versions: [
          {
            version: 'v1',
            freshness: 'Current',
            resources: [
              {
                resource: 'pods',
                responseKind: {kind: 'Pod'},
                scope: 'Namespaced',
                singularResource: 'pod',
                shortNames: ['po'],
                verbs: ['get', 'list'],
                subresources: [{subresource: 'exec', responseKind: {kind: 'PodExecOptions'}, verbs: ['create', 'get']}],
              },
            ],
          },
        ],
      },
    ],
  },
  '/apis': {
    kind: 'APIGroupDiscoveryList',
    items: [
      {
        metadata: {name: 'example.com'},
        versions: ['v2', 'v1'].map((version) => ({
          version,
          freshness: 'Current',
          resources: [
            {
              resource: 'widgets',
              responseKind: {kind: 'Widget'},
              scope: 'Cluster',
              singularResource: 'widget',
              verbs: version === 'v2' ? ['get', 'patch'] : ['get', 'list'],
            },
          ],
        })),
      },
      {metadata: {name: 'down.example.com'}, versions: [{version: 'v1', freshness: 'Stale'}]},
    ],
  },
  [SERVICES]: {
    items: [
      {spec: {version: 'v1'}},
      {spec: {group: 'example.com', version: 'v2', service: {name: 'api', namespace: 'widgets'}}},
      {spec: {group: 'local.example.com', version: 'v1', service: null}},
    ],
  },
};

/** The same, as older API servers answer. */
const LEGACY = {
  '/api': {kind: 'APIVersions', versions: ['v1']},
  '/api/v1': {
    resources: [
      {name: 'pods', singularName: 'pod', namespaced: true, kind: 'Pod', verbs: ['get', 'list'], shortNames: ['po']},
      {name: 'pods/exec', singularName: '', namespaced: true, kind: 'PodExecOptions', verbs: ['create', 'get']},
    ],
  },
  '/apis': {
    kind: 'APIGroupList',
    groups: [
      {name: 'example.com', versions: [{groupVersion: 'example.com/v2'}, {groupVersion: 'example.com/v1'}]},
      {name: 'down.example.com', versions: [{groupVersion: 'down.example.com/v1'}]},
    ],
  },
  '/apis/example.com/v2': {
    resources: [{name: 'widgets', singularName: 'widget', namespaced: false, kind: 'Widget', verbs: ['get', 'patch']}],
  },
  '/apis/example.com/v1': {
    resources: [{name: 'widgets', singularName: 'widget', namespaced: false, kind: 'Widget', verbs: ['get', 'list']}],
  },
  [SERVICES]: AGGREGATED[SERVICES],
};

const EXPECTED: DiscoveredResources = {
  resources: [
    {
      group: '',
      versions: ['v1'],
      resource: 'pods',
      subresource: '',
      kind: 'Pod',
      singular: 'pod',
      shortNames: ['po'],
      namespaced: true,
      verbs: ['get', 'list'],
      aggregated: false,
    },
    {
      group: '',
      versions: ['v1'],
      resource: 'pods',
      subresource: 'exec',
      kind: 'PodExecOptions',
      singular: '',
      shortNames: [],
      namespaced: true,
      verbs: ['create', 'get'],
      aggregated: false,
    },
    {
      group: 'example.com',
      versions: ['v2', 'v1'],
      resource: 'widgets',
      subresource: '',
      kind: 'Widget',
      singular: 'widget',
      shortNames: [],
      namespaced: false,
      verbs: ['get', 'patch', 'list'],
      aggregated: true,
    },
  ],
  unreadGroups: ['down.example.com'],
};

describe('discovery', () => {
  it('reads the one document of newer servers', async () => {
    expect(await discover(AGGREGATED)).to.deep.equal(seen(EXPECTED, 'GET /api'));
  });

  it('reads the lists of older servers, one for each group version', async () => {
    expect(await discover(LEGACY)).to.deep.equal(seen(EXPECTED, 'GET /api'));
  });

  it('does not say who answers for a group when APIServices may not be listed', async () => {
    const fact = await discover({...AGGREGATED, [SERVICES]: FORBIDDEN});
    const resources = fact.state === 'seen' ? fact.value.resources : [];
    expect(resources.map(({aggregated}) => aggregated)).to.deep.equal([undefined, undefined, undefined]);
  });

  for (const path of ['/api', '/apis']) {
    it(`is unknown when ${path} is forbidden`, async () => {
      const obstacle = {kind: 'forbidden', right: `get ${path}`} as const;
      expect(await discover({...AGGREGATED, [path]: FORBIDDEN})).to.deep.equal(unknown(obstacle));
    });
  }

  it('asks for the one document first, and takes the lists', async () => {
    const accepted: (string | undefined)[] = [];
    await discoverResources({
      json: async <T>(path: string, _right: string, call?: {readonly accept?: string}): Promise<Fact<T>> => {
        if (path === '/api' || path === '/apis') accepted.push(call?.accept);
        return absent(path);
      },
    });
    const forms = accepted.map((accept) => accept?.split(','));
    for (const form of forms) {
      expect(form?.[0]).to.equal('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
      expect(form?.at(-1)).to.equal('application/json');
    }
    expect(forms.length).to.equal(2);
  });
});
