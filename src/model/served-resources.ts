/** What a cluster serves, as its discovery documents tell. It narrows "any resource" to real ones. */

/** One resource or subresource of one API group, over all versions of the group that serve it. */
export interface ServedResource {
  /** Empty is the core group. */
  readonly group: string;
  readonly versions: readonly string[];
  /** The plural name: `pods`. */
  readonly resource: string;
  /** `exec` of `pods/exec`; empty for the resource itself. */
  readonly subresource: string;
  readonly kind: string;
  /** Empty where the server does not say. */
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  /**
   * Whether another API server answers for this group (an APIService with a service): then the API server never has
   * the bodies of its requests. Undefined where that could not be read.
   */
  readonly aggregated: boolean | undefined;
}

/** What the discovery of a cluster told, and what it could not tell. */
export interface DiscoveredResources {
  readonly resources: readonly ServedResource[];
  /** Groups of which a version could not be read, because the API server that answers for it does not: they may have more. */
  readonly unreadGroups: readonly string[];
}
