/** The space of requests for paths. */
import {LONG_RUNNING_PATH, NON_RESOURCE_VERBS, freshValue, isNonResourcePath} from '../request/request-classes.ts';
import {type Atoms, TooMuch} from './atoms.ts';
import {allBits} from './bits.ts';
import {type Traits, joinedTraits, traitsOf} from './recorded.ts';
import {
  Contexts,
  Items,
  type Policies,
  type SingleTarget,
  type Space,
  mergedTargets,
  traitsThatMatter,
} from './space.ts';

/** The paths that match a pattern and none of those below it; a pattern without `*` at its end is a path. */
export interface PathRegion {
  /** As in `nonResourceURLs`. */
  readonly pattern: string;
  /** The region with the next wider pattern; undefined for `*`. */
  readonly parent: PathRegion | undefined;
  readonly children: PathRegion[];
}

/** What stands for all paths of a region. */
export interface PathKey {
  readonly region: PathRegion;
  readonly path: string;
}

/** More than any policy in use has. */
const MAX_PATTERNS = 5000;

/** There is neither a namespace nor a name. */
const NONE: Atoms = {values: [['']], atomOf: new Map(), all: allBits(1), fresh: ''};

/** The space of requests for paths. Throws `TooMuch`. */
export function pathSpaceOf(policies: Policies): Space<PathKey> {
  const {policies: both} = policies;
  const named = new Set(both.flatMap(({rules}) => rules.flatMap((rule) => rule.verbs)));
  // Any method is possible, but nobody has one in mind that HTTP does not define.
  const verbs = [...NON_RESOURCE_VERBS, freshValue('propfind', named)];
  const items = new Items(policies, verbs);
  const contexts = new Contexts();
  const regions = pathRegionsOf(policies);
  const rulesOf = [rulesByPattern(policies, 0), rulesByPattern(policies, 1)] as const;
  const matters = traitsThatMatter(policies).stages;

  const targetOf = (key: PathKey): SingleTarget<PathKey> => {
    const traits = traitsOfPath(matters ? key.path : '/');
    const context = contexts.indexOf(traits.stages.join(), () => ({namespaces: NONE.all, names: [NONE.all], traits}));
    const matching = (side: 0 | 1): number[] =>
      rulesForRegion(key.region, rulesOf[side]).map((rule) => items.indexOf(side, rule, undefined));
    return {
      key,
      matching: [matching(0), matching(1)],
      contexts: verbs.map(() => context),
      shows: verbs.map(() => showsOf(key)),
    };
  };
  const keys = regions.flatMap((region) => {
    const path = pathIn(region);
    return path === undefined ? [] : [{region, path}];
  });
  return {
    policies,
    targets: mergedTargets(keys.map(targetOf), items.all),
    items: items.all,
    contexts: contexts.all,
    verbs,
    namespaces: NONE,
    names: NONE,
  };
}

/** What can be recorded of a request for a path of the region. */
function showsOf({region, path}: PathKey): Traits {
  // Where long-running requests need not be told apart, they are among those of any prefix of their path.
  const prefix = prefixOf(region.pattern);
  const holdsLongRunning = prefix !== undefined && LONG_RUNNING_PATH.startsWith(prefix) && !isApart(region);
  return holdsLongRunning ? joinedTraits(traitsOfPath(path), traitsOfPath(LONG_RUNNING_PATH)) : traitsOfPath(path);
}

function traitsOfPath(path: string): Traits {
  return traitsOf({user: {name: '', groups: []}, verb: 'get', target: {kind: 'nonResource', path}});
}

/** Whether a region within this one has the paths of long-running requests. */
function isApart({children}: PathRegion): boolean {
  return children.some((child) => LONG_RUNNING_PATH.startsWith(prefixOf(child.pattern) ?? '\0'));
}

/** Rules that can match requests for paths, by pattern; those that match any path by `*`. */
function rulesByPattern({policies}: Policies, side: 0 | 1): Map<string, Set<number>> {
  const rulesOf = new Map<string, Set<number>>();
  for (const [index, rule] of policies[side].rules.entries()) {
    if (rule.resources.length > 0 || rule.namespaces.length > 0) continue;
    for (const spec of rule.nonResourceURLs.length === 0 ? ['*'] : rule.nonResourceURLs) {
      const pattern = normalPattern(spec);
      const known = rulesOf.get(pattern) ?? new Set();
      rulesOf.set(pattern, known.add(index));
    }
  }
  return rulesOf;
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/checker.go#L151 */
function rulesForRegion(region: PathRegion, rulesOf: ReadonlyMap<string, ReadonlySet<number>>): number[] {
  const rules = new Set<number>();
  for (let wider: PathRegion | undefined = region; wider !== undefined; wider = wider.parent) {
    for (const rule of rulesOf.get(wider.pattern) ?? []) rules.add(rule);
  }
  return [...rules].toSorted((one, other) => one - other);
}

/** All patterns in both policies as a tree, `*` first and wider ones before those within them. */
function pathRegionsOf(policies: Policies): PathRegion[] {
  const specs = policies.policies.flatMap(({rules}) => rules.flatMap((rule) => rule.nonResourceURLs));
  const longRunning = traitsThatMatter(policies).stages ? [`${LONG_RUNNING_PATH}*`] : [];
  const patterns = [...new Set([...specs, ...longRunning].map(normalPattern))].filter((pattern) => pattern !== '*');
  if (patterns.length > MAX_PATTERNS) throw new TooMuch(`the rules name ${patterns.length} paths`);
  const everything: PathRegion = {pattern: '*', parent: undefined, children: []};
  const regions = [everything];
  // Sorted, all that begins with a prefix follows it at once, so the open prefixes are a stack.
  const open = [everything];
  for (const pattern of patterns.toSorted((one, other) => compareTexts(sortKey(one), sortKey(other)))) {
    const text = prefixOf(pattern) ?? pattern;
    while (!text.startsWith(prefixOf(open.at(-1)?.pattern ?? '*') ?? '')) open.pop();
    const parent = open.at(-1) ?? everything;
    const region: PathRegion = {pattern, parent, children: []};
    parent.children.push(region);
    regions.push(region);
    if (pattern.endsWith('*')) open.push(region);
  }
  return regions;
}

/** A prefix goes before the path that it is itself. */
function sortKey(pattern: string): readonly [string, number] {
  const prefix = prefixOf(pattern);
  return prefix === undefined ? [pattern, 1] : [prefix, 0];
}

function compareTexts([one, rank]: readonly [string, number], [other, otherRank]: readonly [string, number]): number {
  if (one === other) return rank - otherRank;
  return one < other ? -1 : 1;
}

/** `/a**` matches what `/a*` matches. */
function normalPattern(spec: string): string {
  if (!spec.endsWith('*')) return spec;
  let end = spec.length;
  while (spec[end - 1] === '*') end -= 1;
  return `${spec.slice(0, end)}*`;
}

function prefixOf(pattern: string): string | undefined {
  return pattern.endsWith('*') ? pattern.slice(0, -1) : undefined;
}

/** Words of different beginnings. */
const WORDS: readonly string[] = ['anything', 'something', 'else', 'other', 'more', 'what', 'x', 'y', 'z'];

/**
 * Some path of the region; undefined where only resource requests have such paths. If there is one, one of those tried
 * here will do: what follows a prefix is nothing, a word that no other pattern begins with, or slashes alone. A word
 * gives the fewest parts, beside slashes at the end, which do not count.
 */
function pathIn({pattern, children}: PathRegion): string | undefined {
  const prefix = prefixOf(pattern);
  if (prefix === undefined) return isNonResourcePath(pattern) ? pattern : undefined;
  const isFree = (path: string): boolean =>
    isNonResourcePath(path) &&
    children.every((child) => {
      const inner = prefixOf(child.pattern);
      return inner === undefined ? child.pattern !== path : !path.startsWith(inner);
    });
  // Paths begin with a slash, but for requests that give no path at all.
  const start = prefix === '' ? '/' : prefix;
  const word = freshWord(new Set(children.map((child) => child.pattern[start.length] ?? '')));
  const tried = [...(prefix === '' ? [] : [prefix]), start + word, prefix].find(isFree);
  if (tried !== undefined) return tried;
  for (let count = 1; count <= children.length + 1; count += 1) {
    const path = start + '/'.repeat(count);
    if (isFree(path)) return path;
  }
  return undefined;
}

/** A word that begins with none of these characters. */
function freshWord(beginnings: ReadonlySet<string>): string {
  const word = WORDS.find((each) => !beginnings.has(each.charAt(0)));
  if (word !== undefined) return word;
  let code = 0xe0;
  while (beginnings.has(String.fromCharCode(code))) code += 1;
  return String.fromCharCode(code);
}
