/**
 * Which resources live in namespaces. It decides which requests can exist: one that creates a Pod always names a
 * namespace, one that creates a Node never does.
 */
import {kubernetesResources} from './kubernetes-resources.ts';

/** `unknown` where the API is not one of those known here, e.g. of a custom resource. */
export type ResourceScope = 'namespaced' | 'cluster' | 'unknown';

type Scopes = Readonly<Record<Exclude<ResourceScope, 'unknown'>, readonly string[]>>;

/** @see https://docs.tigera.io/calico/latest/reference/resources/ */
const CALICO: Scopes = {
  namespaced: ['networkpolicies', 'networksets'],
  cluster: ['globalnetworkpolicies', 'tiers'],
};

const CALICO_GROUPS: readonly string[] = ['crd.projectcalico.org', 'projectcalico.org'];

/** The scope of a resource of an API group. */
export function scopeOf(group: string, resource: string): ResourceScope {
  if (CALICO_GROUPS.includes(group)) {
    if (CALICO.namespaced.includes(resource)) return 'namespaced';
    return CALICO.cluster.includes(resource) ? 'cluster' : 'unknown';
  }
  scopes ??= new Map(
    kubernetesResources().map((known) => [
      `${known.group}/${known.resource}`,
      known.namespaced ? 'namespaced' : 'cluster',
    ]),
  );
  return scopes.get(`${group}/${resource}`) ?? 'unknown';
}

let scopes: ReadonlyMap<string, ResourceScope> | undefined;
