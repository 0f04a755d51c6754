/**
 * Which resources live in namespaces. It decides which requests can exist: one that creates a Pod always names a
 * namespace, one that creates a Node never does.
 */

/** `unknown` where the API is not one of those listed here, e.g. of a custom resource. */
export type ResourceScope = 'namespaced' | 'cluster' | 'unknown';

/** @see https://kubernetes.io/docs/reference/generated/kubernetes-api/v1.34/ */
const SCOPES: ReadonlyMap<string, Readonly<Record<Exclude<ResourceScope, 'unknown'>, readonly string[]>>> = new Map([
  [
    '',
    {
      namespaced: [
        'bindings',
        'configmaps',
        'endpoints',
        'events',
        'limitranges',
        'persistentvolumeclaims',
        'pods',
        'podtemplates',
        'replicationcontrollers',
        'resourcequotas',
        'secrets',
        'serviceaccounts',
        'services',
      ],
      cluster: ['componentstatuses', 'namespaces', 'nodes', 'persistentvolumes'],
    },
  ],
  [
    'apps',
    {namespaced: ['controllerrevisions', 'daemonsets', 'deployments', 'replicasets', 'statefulsets'], cluster: []},
  ],
  ['authentication.k8s.io', {namespaced: [], cluster: ['tokenreviews', 'selfsubjectreviews']}],
  [
    'authorization.k8s.io',
    {
      namespaced: ['localsubjectaccessreviews'],
      cluster: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews', 'subjectaccessreviews'],
    },
  ],
  ['autoscaling', {namespaced: ['horizontalpodautoscalers'], cluster: []}],
  ['batch', {namespaced: ['cronjobs', 'jobs'], cluster: []}],
  ['certificates.k8s.io', {namespaced: [], cluster: ['certificatesigningrequests']}],
  ['coordination.k8s.io', {namespaced: ['leases'], cluster: []}],
  ['discovery.k8s.io', {namespaced: ['endpointslices'], cluster: []}],
  ['events.k8s.io', {namespaced: ['events'], cluster: []}],
  ['extensions', {namespaced: ['networkpolicies', 'ingresses'], cluster: []}],
  ['networking.k8s.io', {namespaced: ['ingresses', 'networkpolicies'], cluster: ['ingressclasses']}],
  ['policy', {namespaced: ['poddisruptionbudgets'], cluster: ['podsecuritypolicies']}],
  [
    'rbac.authorization.k8s.io',
    {namespaced: ['rolebindings', 'roles'], cluster: ['clusterrolebindings', 'clusterroles']},
  ],
  [
    'crd.projectcalico.org',
    {namespaced: ['networkpolicies', 'networksets'], cluster: ['globalnetworkpolicies', 'tiers']},
  ],
  ['projectcalico.org', {namespaced: ['networkpolicies', 'networksets'], cluster: ['globalnetworkpolicies', 'tiers']}],
]);

/** The scope of a resource of an API group. */
export function scopeOf(group: string, resource: string): ResourceScope {
  const scopes = SCOPES.get(group);
  if (scopes === undefined) return 'unknown';
  if (scopes.namespaced.includes(resource)) return 'namespaced';
  return scopes.cluster.includes(resource) ? 'cluster' : 'unknown';
}
