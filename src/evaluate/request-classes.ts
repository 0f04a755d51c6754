/**
 * What the API server itself lets a request be, whoever sends it: the frame of every search over all requests.
 */

/** The group of everyone who was authenticated. */
export const AUTHENTICATED = 'system:authenticated';
/** The group of anonymous requests; nobody holds both. */
export const UNAUTHENTICATED = 'system:unauthenticated';
/** The user of anonymous requests. */
export const ANONYMOUS = 'system:anonymous';

/** Verbs that can ask for the objects of all namespaces at once; there is no such path for the others. */
export const ALL_NAMESPACES_VERBS: readonly string[] = ['list', 'watch'];

/** Verbs whose requests never carry a name, except for subresources. */
export const NAMELESS_VERBS: readonly string[] = ['create', 'deletecollection'];

/** `base`, made longer until it is none of `constants`. */
export function freshValue(base: string, constants: ReadonlySet<string>): string {
  let value = base;
  while (constants.has(value)) value += '-else';
  return value;
}
