/**
 * Requests that stand for all requests there are: with the constants of a policy and one fresh value for each of verb, group,
 * resource, subresource and path, no policy rule tells any other request apart from one of these.
 */
import type {AuditPolicy} from '../../model/policy.ts';
import {NON_RESOURCE_VERBS, RESOURCE_VERBS, freshValue, isNonResourcePath} from '../request/request-classes.ts';

/** One verb with one resource or one path. */
export interface Pair {
  readonly verb: string;
  /** How people write the resource or the path. */
  readonly display: string;
  /** Whether it stands for all that the policy does not name. */
  readonly general?: true;
  readonly target:
    | {readonly kind: 'resource'; readonly group: string; readonly resource: string; readonly subresource: string}
    | {readonly kind: 'nonResource'; readonly path: string};
}

/** The pairs of every request, those that no rule names first. */
export function everyPair(policy: AuditPolicy): Pair[] {
  const resources = resourcesOf(policy);
  const paths = pathsOf(policy);
  const named = new Set(policy.rules.flatMap((rule) => rule.verbs));
  // A client may send a method of its own as well.
  const methods = [...NON_RESOURCE_VERBS, freshValue('method', new Set([...NON_RESOURCE_VERBS, ...named]))];
  return [
    ...RESOURCE_VERBS.flatMap((verb) => resources.map((resource) => ({verb, ...resource}))),
    ...methods.flatMap((verb) => paths.map((path) => ({verb, ...path}))),
  ];
}

type Thing = Omit<Pair, 'verb'>;

function resourcesOf(policy: AuditPolicy): Thing[] {
  const entries = policy.rules.flatMap((rule) => rule.resources);
  // The core group is always there, named or not.
  const groups = new Set(['', ...entries.map(({group}) => group).filter((group) => group !== '*')]);
  const unnamed = freshValue('group.example.com', groups);
  return [unnamed, ...groups].flatMap((group) => {
    const specs = entries.filter((entry) => entry.group === group || entry.group === '*');
    return thingsOf(new Set(specs.flatMap(({resources}) => resources)), group, group === unnamed);
  });
}

/**
 * Resources with and without subresources that the specs of one group tell apart. `*` matches all of them alike; what only
 * `r/*` matches of the subresources and only `*` with a slash of the resources meets where both are named.
 */
function thingsOf(specs: ReadonlySet<string>, group: string, isUnnamed: boolean): Thing[] {
  const parts = [...specs].map((spec) => spec.split('/')).filter(({length}) => length <= 2);
  const resources = new Set(parts.map(([resource = '']) => resource).filter(isName));
  const subresources = new Set(parts.map(([, subresource = '']) => subresource).filter(isName));
  const ofAnyResource = parts.filter(([resource]) => resource === '*').map(([, subresource = '']) => subresource);
  const anything = freshValue('anything', resources);
  const part = freshValue('part', subresources);
  const subresourcesOfAny = [part, ...ofAnyResource.filter(isName)];

  const pairs: [resource: string, subresource: string][] = [
    [anything, ''],
    ...subresourcesOfAny.map((subresource): [string, string] => [anything, subresource]),
    ...[...resources].map((resource): [string, string] => [resource, '']),
  ];
  for (const [resource = '', subresource = ''] of parts) {
    if (!isName(resource)) continue;
    if (isName(subresource)) pairs.push([resource, subresource]);
    if (subresource === '*') for (const each of subresourcesOfAny) pairs.push([resource, each]);
  }
  return [...new Map(pairs.map((pair) => [pair.join('/'), pair])).values()].map(([resource, subresource]) => {
    const target = {kind: 'resource' as const, group, resource, subresource};
    if (!isUnnamed || resource !== anything || !['', part].includes(subresource)) {
      return {display: displayResource(group, resource, subresource), target};
    }
    return {display: subresource === '' ? 'any resource' : 'any subresource', general: true, target};
  });
}

function isName(part: string): boolean {
  return part !== '' && part !== '*';
}

/** A resource as people write it: `deployments.apps/scale`. */
export function displayResource(group: string, resource: string, subresource: string): string {
  const qualified = group === '' ? resource : `${resource}.${group}`;
  return subresource === '' ? qualified : `${qualified}/${subresource}`;
}

function pathsOf(policy: AuditPolicy): Thing[] {
  const specs = new Set(policy.rules.flatMap((rule) => rule.nonResourceURLs));
  const unused = unusedCharacter([...specs].join(''));
  const any = `/${unused}`;
  // A prefix itself can be a path of its own kind: /apis/apps/v1/ is none of a resource, all that goes on from it is.
  const paths = [...specs].flatMap((spec) =>
    spec.endsWith('*') ? [spec.slice(0, -1), spec.slice(0, -1) + unused] : [spec],
  );
  return [
    {display: 'any path', general: true, target: {kind: 'nonResource', path: any}},
    ...[...new Set(paths)]
      .filter((path) => path !== any && path.startsWith('/') && isNonResourcePath(path))
      .map((path) => ({
        display: path.endsWith(unused) ? `${path.slice(0, -unused.length)}…` : path,
        target: {kind: 'nonResource' as const, path},
      })),
  ];
}

/** A character that no spec has: a path that ends in it is matched by prefixes alone. */
function unusedCharacter(text: string): string {
  let code = 'x'.codePointAt(0) ?? 0;
  while (text.includes(String.fromCodePoint(code))) code += 1;
  return String.fromCodePoint(code);
}

/** The requests of a pair as people write them: `get secrets`. */
export function textOf({verb, display}: Pair): string {
  return `${verb === '' ? 'options' : verb} ${display}`;
}

/** Several verbs of one thing; all of them are said in one word. */
export function textOfVerbs(verbs: readonly string[], {display, target}: Pair): string {
  const all = target.kind === 'resource' ? RESOURCE_VERBS.length : NON_RESOURCE_VERBS.length + 1;
  if (verbs.length === all) return `every request for ${display}`;
  return verbs.map((verb) => textOf({verb, display: '', target}).trimEnd()).join(', ') + ` ${display}`;
}
