import {assert} from 'chai';
import {kubernetesResources} from '../../src/evaluate/request/kubernetes-resources.ts';
import {resolveResource, resourceText} from '../../src/model/resource-names.ts';
import type {ServedResource} from '../../src/model/served-resources.ts';

const tier = (group: string): ServedResource => ({
  group,
  versions: ['v1'],
  resource: 'tiers',
  subresource: '',
  kind: 'Tier',
  singular: 'tier',
  shortNames: [],
  namespaced: false,
  verbs: ['get'],
  aggregated: undefined,
});
const SERVED = [...kubernetesResources(), tier('projectcalico.org'), tier('crd.projectcalico.org')];

describe('names of resources', () => {
  const resolved: Readonly<Record<string, string>> = {
    pods: 'pods',
    po: 'pods',
    pod: 'pods',
    Pod: 'pods',
    'pods/exec': 'pods/exec',
    'po/log': 'pods/log',
    deploy: 'deployments.apps',
    'deployments.apps': 'deployments.apps',
    'deploy.apps': 'deployments.apps',
    'deployments.v1.apps': 'deployments.apps',
    'deployments.apps/scale': 'deployments.apps/scale',
    'pods.v1.': 'pods',
    events: 'events',
    'events.events.k8s.io': 'events.events.k8s.io',
    netpol: 'networkpolicies.networking.k8s.io',
    ing: 'ingresses.networking.k8s.io',
    crd: 'customresourcedefinitions.apiextensions.k8s.io',
    'tiers.projectcalico.org': 'tiers.projectcalico.org',
    'tiers.v3.projectcalico.org': 'tiers.projectcalico.org',
    // Not known without a cluster.
    'crontabs.stable.example.com': 'crontabs.stable.example.com',
    'crontabs.v1beta1.stable.example.com/status': 'crontabs.stable.example.com/status',
  };
  for (const [text, expected] of Object.entries(resolved)) {
    it(`${text} is ${expected}`, () => {
      const result = resolveResource(text, SERVED);
      assert.equal(result.kind === 'resolved' ? resourceText(result.name) : result.message, expected);
    });
  }

  const refused: Readonly<Record<string, readonly [message: string, next: RegExp]>> = {
    gizmos: ['no resource is called "gizmos"', /api-resources/],
    tiers: ['"tiers" can be tiers.projectcalico.org or tiers.crd.projectcalico.org', /API group/],
    'pods/web': ['pods has no subresource "web"', /it has attach, .*; the name of an object is given apart from it/],
    'gizmos.apps': ['API group apps has no resource "gizmos"', /it has controllerrevisions, daemonsets/],
    '/healthz': ['"/healthz" is no resource', /--uri/],
    'pods/': ['"pods/" is no resource', /pods\/exec/],
    'a/b/c': ['"a/b/c" is no resource', /pods\/exec/],
    '': ['"" is no resource', /pods\/exec/],
  };
  for (const [text, [message, next]] of Object.entries(refused)) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const result = resolveResource(text, SERVED);
      assert(result.kind === 'refused');
      assert.equal(result.message, message);
      assert.match(result.next, next);
    });
  }
});
