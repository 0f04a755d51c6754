/**
 * Which resources there are: those that a cluster serves, or, without one, those of Kubernetes itself.
 */
import type {DiscoveredResources, ServedResource} from '../../model/served-resources.ts';
import {kubernetesResources} from '../request/kubernetes-resources.ts';
import type {KubernetesResource} from '../request/kubernetes-resources.ts';
import {wellKnownTraits} from '../request/request-classes.ts';
import type {ResourceTraits} from '../request/request-classes.ts';
import type {ResourceClass} from './reach.ts';
import {nearest} from './similar.ts';

/** A resource in its group, as a finding proposes it. */
export interface MeantResource {
  readonly group: string;
  /** With its subresource: `pods/exec`. */
  readonly resource: string;
}

/**
 * Groups that other API servers usually answer for. Which ones do on a cluster, its APIServices tell.
 * @see https://github.com/kubernetes/metrics/tree/v0.34.4/pkg/apis (metrics; the others are Calico's, OLM's, KubeVirt's and OpenShift's)
 */
const USUALLY_AGGREGATED: readonly string[] = [
  'metrics.k8s.io',
  'custom.metrics.k8s.io',
  'external.metrics.k8s.io',
  'projectcalico.org',
  'packages.operators.coreos.com',
  'subresources.kubevirt.io',
  'upload.cdi.kubevirt.io',
  'apps.openshift.io',
  'authorization.openshift.io',
  'build.openshift.io',
  'image.openshift.io',
  'oauth.openshift.io',
  'project.openshift.io',
  'route.openshift.io',
  'template.openshift.io',
  'user.openshift.io',
];

/** What is known of resources when a policy is judged. */
export class ResourceCatalogue {
  readonly source: 'cluster' | 'kubernetes';
  readonly #minor: number;
  readonly #served: readonly ServedResource[];
  readonly #unreadGroups: readonly string[];

  /**
   * @param discovered what the cluster serves; undefined: no cluster was asked
   * @param minor the minor release of Kubernetes 1 that is judged for
   */
  constructor(discovered: DiscoveredResources | undefined, minor: number) {
    this.source = discovered === undefined ? 'kubernetes' : 'cluster';
    this.#minor = minor;
    this.#served = discovered?.resources ?? kubernetesResources().filter((resource) => !this.#isGone(resource));
    this.#unreadGroups = discovered?.unreadGroups ?? [];
  }

  /** The resource or subresource of that name in that group. */
  find(group: string, resource: string, subresource: string): ServedResource | undefined {
    return this.#served.find(
      (served) => served.group === group && served.resource === resource && served.subresource === subresource,
    );
  }

  /** Whether all resources of the group are known, so that any other word matches nothing. */
  isClosed(group: string): boolean {
    return !this.#unreadGroups.includes(group) && this.#served.some((served) => served.group === group);
  }

  /** Whether the cluster was asked, and answered that it has no such group. */
  isNotServed(group: string): boolean {
    if (this.source === 'kubernetes' || this.#unreadGroups.includes(group)) return false;
    return !this.#served.some((served) => served.group === group);
  }

  /** Groups with this resource, by its plural. */
  groupsOf(resource: string): string[] {
    const groups = this.#served.filter((served) => served.resource === resource && served.subresource === '');
    return [...new Set(groups.map((served) => served.group))];
  }

  /** The resources that a word means as a kind, a singular or a short name, or as a plural in another case. */
  namedBy(word: string): MeantResource[] {
    const lower = word.toLowerCase();
    return this.#served
      .filter(({subresource}) => subresource === '')
      .filter(
        ({kind, singular, shortNames, resource}) =>
          resource === lower || kind.toLowerCase() === lower || singular === lower || shortNames.includes(lower),
      )
      .map(({group, resource}) => ({group, resource}));
  }

  /** The resource that has a subresource of this name, where only one of the group has. */
  withSubresource(group: string, subresource: string): MeantResource | undefined {
    const owners = this.#served.filter((served) => served.group === group && served.subresource === subresource);
    const [only] = owners;
    return owners.length === 1 && only !== undefined ? {group, resource: `${only.resource}/${subresource}`} : undefined;
  }

  /** The resource of the group, with its subresource, whose name is nearest to a word. */
  nearest(group: string, word: string): string | undefined {
    const names = this.#served
      .filter((served) => served.group === group)
      .map(({resource, subresource}) => (subresource === '' ? resource : `${resource}/${subresource}`));
    return nearest(word, names);
  }

  /** The known group that a wrong name means: `rbac` or `rbac.authorisation.k8s.io`. */
  groupMeantBy(group: string): string | undefined {
    const groups = [...new Set(this.#served.map((served) => served.group))].filter((known) => known !== '');
    const beginning = groups.filter((known) => known.startsWith(`${group}.`));
    return beginning.length === 1 ? beginning[0] : nearest(group, groups);
  }

  /** What older releases served and the release that is judged for does not; also when a cluster was asked. */
  gone(group: string, resource: string): KubernetesResource | undefined {
    return kubernetesResources().find(
      (known) => known.group === group && known.resource === resource && this.#isGone(known),
    );
  }

  /** The last release that served anything of a group; undefined where it still is served, or never was. */
  groupGone(group: string): number | undefined {
    const all = kubernetesResources().filter((known) => known.group === group);
    if (all.length === 0 || !all.every((known) => this.#isGone(known))) return undefined;
    return Math.max(...all.map((known) => known.until ?? 0));
  }

  /** Whether another API server answers for the group; undefined where nothing speaks for it. */
  isAggregated(group: string): 'seen' | 'usually' | undefined {
    const served = this.#served.filter((resource) => resource.group === group);
    if (served.some((resource) => resource.aggregated === true)) return 'seen';
    if (this.source === 'cluster' && served.some((resource) => resource.aggregated === false)) return undefined;
    return USUALLY_AGGREGATED.includes(group) ? 'usually' : undefined;
  }

  /** What decides which requests for a resource can be. */
  traitsOf(resource: ResourceClass): Partial<ResourceTraits> {
    const served =
      this.source === 'cluster' ? this.find(resource.group, resource.resource, resource.subresource) : undefined;
    if (served === undefined) return wellKnownTraits(resource);
    return {scope: served.namespaced ? 'namespaced' : 'cluster', verbs: served.verbs, aggregated: served.aggregated};
  }

  #isGone(resource: KubernetesResource): boolean {
    return resource.until !== undefined && resource.until < this.#minor;
  }
}
