/** A class of requests as one fragment: `create of pods/exec in namespace prod by anyone`. */
import type {RequestAttributes} from '../model/request.ts';
import type {GroupCondition, PathSet, RequestClass, ResourceSet, ResourceTerm, Values} from '../model/difference.ts';

/** How many names of a list are written out; the rest is counted. */
export interface Brevity {
  readonly most: number;
}

/** The whole class. */
export function requestClassText(requests: RequestClass, brevity: Brevity): string {
  return [...targetWords(requests, brevity), ...whereWords(requests, brevity), whoText(requests, brevity)].join(' ');
}

const ANY: Values = {kind: 'any'};

function just(...values: string[]): Values {
  return {kind: 'these', values};
}

/** One request, as a class of its own. */
export function requestText({user, verb, target}: RequestAttributes): string {
  const isResource = target.kind === 'resource';
  const requests: RequestClass = {
    verbs: just(verb),
    resources: isResource
      ? {
          these: [
            {groups: just(target.group), resources: just(target.resource), subresources: just(target.subresource)},
          ],
          except: [],
        }
      : undefined,
    paths: isResource ? undefined : [{pattern: target.path, except: []}],
    namespaces: isResource && target.namespace !== '' ? just(target.namespace) : ANY,
    names: isResource && target.name !== '' ? just(target.name) : ANY,
    users: user === undefined ? just() : just(user.name),
    groups: {inOneOfEach: [], inNoneOf: []},
    failedAuthentication: user === undefined,
  };
  return requestClassText(requests, {most: Infinity});
}

/** An exception from a class: only what tells it from the rest of the class. */
export function exceptionText(exception: RequestClass, from: RequestClass, brevity: Brevity): string {
  const {verbs, resources, paths} = exception;
  const isAnyTarget = resources === undefined ? isAnyPath(paths) : isAnyResource(resources);
  const target = isAnyTarget && verbs.kind === 'any' ? [] : targetWords(exception, brevity);
  const who = isAnyoneOf(exception, from) ? [] : [whoText(exception, brevity)];
  return [...target, ...whereWords(exception, brevity), ...who].join(' ');
}

function isAnyoneOf({users, groups, failedAuthentication}: RequestClass, from: RequestClass): boolean {
  const isAnyGroup = groups.inOneOfEach.length === 0 && groups.inNoneOf.length === 0;
  return users.kind === 'any' && isAnyGroup && failedAuthentication === from.failedAuthentication;
}

function targetWords({verbs, resources, paths}: RequestClass, brevity: Brevity): string[] {
  const verb = verbText(verbs);
  const targets = [
    ...(resources === undefined ? [] : [resourcesText(resources, brevity)]),
    ...(paths === undefined ? [] : [pathsText(paths, brevity)]),
  ];
  if (targets.length === 2) return [verb === undefined ? 'any request' : `${verb} of any resource or path`];
  const [target = ''] = targets;
  return verb === undefined ? ['any request for', target] : [verb, 'of', target];
}

function verbText(verbs: Values): string | undefined {
  if (verbs.kind === 'any') return undefined;
  const list = verbs.values.map((verb) => (verb === '' ? 'OPTIONS' : verb)).join(', ');
  return verbs.kind === 'these' ? list : `all verbs but ${list}`;
}

function whereWords({namespaces, names}: RequestClass, brevity: Brevity): string[] {
  return [...nameWords(names, brevity), ...namespaceWords(namespaces, brevity)];
}

function nameWords(names: Values, brevity: Brevity): string[] {
  if (names.kind === 'any') return [];
  const [hasNone, named] = withoutEmpty(names.values);
  const list = listText(named, brevity);
  if (names.kind === 'these') {
    if (named.length === 0) return ['without a name'];
    return [hasNone ? `named ${list} or without a name` : `named ${list}`];
  }
  if (!hasNone) return [`not named ${list}`];
  return [named.length === 0 ? 'with a name' : `with a name other than ${list}`];
}

function namespaceWords(namespaces: Values, brevity: Brevity): string[] {
  if (namespaces.kind === 'any') return [];
  const [hasNone, named] = withoutEmpty(namespaces.values);
  const noun = named.length === 1 ? 'namespace' : 'namespaces';
  const list = listText(named, brevity);
  if (namespaces.kind === 'these') {
    if (named.length === 0) return ['outside namespaces (cluster-scoped or of all namespaces)'];
    return [hasNone ? `in ${noun} ${list} or outside namespaces` : `in ${noun} ${list}`];
  }
  if (!hasNone) return [`not in ${noun} ${list}`];
  return [named.length === 0 ? 'within namespaces' : `within namespaces other than ${list}`];
}

function withoutEmpty(values: readonly string[]): [boolean, string[]] {
  return [values.includes(''), values.filter((value) => value !== '')];
}

function whoText({users, groups, failedAuthentication}: RequestClass, brevity: Brevity): string {
  const inGroups = groupText(groups, brevity);
  const suffix = inGroups === '' ? '' : ` ${inGroups}`;
  switch (users.kind) {
    case 'any':
      if (groups.inOneOfEach.length > 0) return `by users${suffix}`;
      return `by ${failedAuthentication ? 'anyone' : 'any user'}${suffix}`;
    case 'these': {
      if (users.values.length === 0) return 'with failed authentication';
      const named = `by ${listText(users.values, brevity)}${suffix}`;
      return failedAuthentication ? `${named}, or with failed authentication` : named;
    }
    case 'except': {
      if (users.values.join() === 'system:anonymous' && !failedAuthentication) return `by authenticated users${suffix}`;
      return `by ${failedAuthentication ? 'anyone' : 'any user'} but ${listText(users.values, brevity)}${
        suffix === '' ? '' : `,${suffix}`
      }`;
    }
  }
}

function groupText({inOneOfEach, inNoneOf}: GroupCondition, brevity: Brevity): string {
  const inside = inOneOfEach.map((groups) =>
    groups.length === 1 ? `in group ${groups[0]}` : `in one of the groups ${listText(groups, brevity)}`,
  );
  const outside =
    inNoneOf.length === 0
      ? []
      : [
          inNoneOf.length === 1
            ? `not in group ${inNoneOf[0]}`
            : `in none of the groups ${listText(inNoneOf, brevity)}`,
        ];
  return [...inside, ...outside].join(' and ');
}

function isAnyResource({these: [term], except}: ResourceSet): boolean {
  return except.length === 0 && term !== undefined && isAnyTerm(term);
}

function isAnyTerm({groups, resources, subresources}: ResourceTerm): boolean {
  return [groups, resources, subresources].every(({kind}) => kind === 'any');
}

function resourcesText({these, except}: ResourceSet, brevity: Brevity): string {
  const rest = except.length === 0 ? '' : ` but ${termsText(except, brevity)}`;
  const [term] = these;
  return term !== undefined && isAnyTerm(term) ? `any resource${rest}` : `${termsText(these, brevity)}${rest}`;
}

/** Names first, then whole groups. */
function termsText(terms: readonly ResourceTerm[], brevity: Brevity): string {
  const named = terms.filter(isNamed).flatMap(namesOf);
  const others = terms.filter((term) => !isNamed(term)).map((term) => wholeText(term, brevity));
  return [...(named.length === 0 ? [] : [listText(named, brevity)]), ...others].join(', ');
}

function isNamed({groups, resources, subresources}: ResourceTerm): boolean {
  return (
    groups.kind !== 'except' &&
    resources.kind === 'these' &&
    (subresources.kind !== 'except' || subresources.values.join() === '')
  );
}

/** `pods`, `deployments.apps/scale`; `pods/*` is any subresource. */
function namesOf({groups, resources, subresources}: ResourceTerm): string[] {
  const groupNames = groups.kind === 'these' ? groups.values : ['*'];
  const names = resources.kind === 'these' ? resources.values : ['*'];
  return groupNames.flatMap((group) =>
    names.flatMap((name) => {
      const qualified = group === '' ? name : `${name}.${group}`;
      switch (subresources.kind) {
        case 'any':
          return [qualified, `${qualified}/*`];
        case 'except':
          return [`${qualified}/*`];
        case 'these':
          return subresources.values.map((subresource) =>
            subresource === '' ? qualified : `${qualified}/${subresource}`,
          );
      }
    }),
  );
}

/** `everything in apps, batch`, `everything in core but secrets`. */
function wholeText({groups, resources, subresources}: ResourceTerm, brevity: Brevity): string {
  const place = groupsText(groups, brevity);
  const rest = resources.kind === 'except' ? ` but ${listText(resources.values, brevity)}` : '';
  const which = resources.kind === 'these' ? listText(resources.values, brevity) : undefined;
  switch (subresources.kind) {
    case 'any':
      return which === undefined ? `everything in ${place}${rest}` : `${which} with all subresources in ${place}`;
    case 'these': {
      const [hasItself, parts] = withoutEmpty(subresources.values);
      const listed = listText(
        parts.map((part) => `*/${part}`),
        brevity,
      );
      const whole = which ?? 'every resource';
      if (parts.length === 0) return `${which ?? 'resources'} without subresources in ${place}${rest}`;
      return `${hasItself ? `${whole} itself and ` : ''}${which === undefined ? listed : `${listed} of ${which}`} in ${place}${rest}`;
    }
    case 'except': {
      const [hasItself, parts] = withoutEmpty(subresources.values);
      const but = parts.length === 0 ? '' : ` other than ${listText(parts, brevity)}`;
      const whole = which ?? 'everything';
      return hasItself
        ? `every subresource${but} of ${which ?? 'any resource'} in ${place}${rest}`
        : `${whole} in ${place}${rest}, without the subresources ${listText(parts, brevity)}`;
    }
  }
}

function groupsText(groups: Values, brevity: Brevity): string {
  if (groups.kind === 'any') return 'any group';
  const named = listText(
    groups.values.map((group) => (group === '' ? 'core' : group)),
    brevity,
  );
  return groups.kind === 'these' ? named : `other groups than ${named}`;
}

function isAnyPath(paths: PathSet | undefined): boolean {
  const [term] = paths ?? [];
  return paths?.length === 1 && term?.pattern === '*' && term.except.length === 0;
}

function pathsText(paths: PathSet, brevity: Brevity): string {
  if (isAnyPath(paths)) return 'any path';
  const plain = paths.filter((term) => term.except.length === 0).map((term) => term.pattern);
  const others = paths
    .filter((term) => term.except.length > 0)
    .map(({pattern, except}) => `${pattern === '*' ? 'any path' : pattern} but ${listText(except, brevity)}`);
  return [...(plain.length === 0 ? [] : [listText(plain, brevity)]), ...others].join(', ');
}

/** The values with commas; beyond the limit by two or more, the rest is counted. */
export function listText(values: readonly string[], {most}: Brevity): string {
  if (values.length <= most + 1) return values.join(', ');
  return `${values.slice(0, most).join(', ')} and ${values.length - most} more`;
}
