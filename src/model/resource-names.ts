/** What people call resources, and what the API calls them: `deploy`, `Deployment` and `deployments.apps` are the same. */
import type {ServedResource} from './served-resources.ts';

/** A resource as requests name it. */
export interface ResourceName {
  /** Empty is the core group. */
  readonly group: string;
  /** The plural name. */
  readonly resource: string;
  /** Empty for the resource itself. */
  readonly subresource: string;
}

/** What a name stands for, or why it stands for nothing. */
export type ResolvedResource =
  | {
      readonly kind: 'resolved';
      readonly name: ResourceName;
      /** Undefined where it is not among the known resources: it is then taken as it is written. */
      readonly served: ServedResource | undefined;
    }
  | {readonly kind: 'refused'; readonly message: string; readonly next: string};

/** `pods`, `pods/exec`, `deployments.apps/scale`: the plural, qualified by its group. */
export function resourceText({group, resource, subresource}: ResourceName): string {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return subresource === '' ? qualified : `${qualified}/${subresource}`;
}

/**
 * Resolves a name as kubectl takes it: plural, singular, kind or short name in any case, alone or followed by its group
 * (`deployments.apps`) or version and group (`deployments.v1.apps`), and then `/SUBRESOURCE`. Of several groups that have the name,
 * the first in `served` counts when it is Kubernetes' own, so the core group comes before all others, as it does in kubectl.
 *
 * A name of a group that is not in `served` is taken as it is written, since custom resources are not known without a cluster.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/schema/group_version.go#L44
 * @see https://github.com/kubernetes/client-go/blob/v0.34.4/restmapper/shortcut.go
 */
export function resolveResource(text: string, served: readonly ServedResource[]): ResolvedResource {
  const [qualified = '', subresource = '', ...rest] = text.split('/');
  if (qualified === '' || rest.length > 0 || (text.includes('/') && subresource === '')) {
    const next = 'write it as pods, deployments.apps or pods/exec';
    return refused(`${quoted(text)} is no resource`, qualified === '' ? `${next}; a path is given with --uri` : next);
  }
  const {name, groups} = splitGroup(qualified);
  const called = served.filter((entry) => entry.subresource === '' && isCalled(entry, name.toLowerCase()));
  if (groups.length === 0) return choose(text, subresource, called, served);

  const ofGroup = called.filter((entry) => groups.includes(entry.group));
  if (ofGroup.length > 0) return choose(text, subresource, ofGroup, served);
  const [group = ''] = groups;
  if (served.some((entry) => entry.group === group)) {
    return refused(`API group ${group} has no resource ${quoted(name)}`, known(served, group));
  }
  return {kind: 'resolved', name: {group, resource: name.toLowerCase(), subresource}, served: undefined};
}

/** The groups that `NAME.REST` may mean: what follows a version in REST, or all of it. */
function splitGroup(qualified: string): {name: string; groups: string[]} {
  const dot = qualified.indexOf('.');
  if (dot === -1) return {name: qualified, groups: []};
  const rest = qualified.slice(dot + 1);
  const afterVersion = /^v\d+(?:(?:alpha|beta)\d+)?(?:\.(.*))?$/.exec(rest);
  return {name: qualified.slice(0, dot), groups: afterVersion === null ? [rest] : [afterVersion[1] ?? '', rest]};
}

function isCalled({resource, singular, kind, shortNames}: ServedResource, name: string): boolean {
  return [resource, singular, kind.toLowerCase(), ...shortNames].includes(name);
}

function choose(
  text: string,
  subresource: string,
  called: readonly ServedResource[],
  served: readonly ServedResource[],
): ResolvedResource {
  const [first] = called;
  if (first === undefined) {
    return refused(
      `no resource is called ${quoted(text)}`,
      'write the plural with its group, as in globalnetworkpolicies.crd.projectcalico.org; `kubectl api-resources` lists all',
    );
  }
  const others = called.filter((entry) => entry.group !== first.group);
  if (others.length > 0 && !isOwn(first)) {
    const names = [first, ...others].map((entry) => resourceText({...entry, subresource}));
    return refused(`${quoted(text)} can be ${names.join(' or ')}`, 'say which: with the API group');
  }
  const name = {group: first.group, resource: first.resource, subresource};
  if (subresource === '') return {kind: 'resolved', name, served: first};
  const found = served.find((entry) => sameResource(entry, name));
  if (found !== undefined) return {kind: 'resolved', name, served: found};
  const subresources = served.filter(
    (entry) => sameResource({...entry, subresource}, name) && entry.subresource !== '',
  );
  const list = [...new Set(subresources.map((entry) => entry.subresource))];
  return refused(
    `${resourceText({...name, subresource: ''})} has no subresource ${quoted(subresource)}`,
    `${list.length === 0 ? 'it has none' : `it has ${list.join(', ')}`}; the name of an object is given apart from it`,
  );
}

function sameResource(left: ResourceName, right: ResourceName): boolean {
  return left.group === right.group && left.resource === right.resource && left.subresource === right.subresource;
}

/** Groups of Kubernetes' own have no dot or end in k8s.io. */
function isOwn({group}: ServedResource): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function known(served: readonly ServedResource[], group: string): string {
  const resources = served.filter((entry) => entry.group === group && entry.subresource === '');
  return `it has ${[...new Set(resources.map((entry) => entry.resource))].join(', ')}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function refused(message: string, next: string): ResolvedResource {
  return {kind: 'refused', message, next};
}
