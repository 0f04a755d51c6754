/**
 * What two policies record differently, over every request, not samples.
 *
 * Each condition of a rule is equality with one of finitely many texts, a wildcard or a prefix. So the texts in both
 * policies, and a value that none of them has, stand for all users, namespaces, resources and so on. The requests are
 * parted in one dimension after the other into those that the same rules are left for (`difference/diagram.ts`), and the
 * parts where the two policies record differently are put together again to the fewest classes (`difference/cover.ts`).
 * Which requests can exist at all is said in `request/request-classes.ts`.
 *
 * A difference is what can be seen in the log: the level, the stages at which an event is written, and whether managed
 * fields are in the objects that it holds. A level that records nothing is None, whatever the rule says.
 */
import type {
  Difference,
  Direction,
  NeverLess,
  Recording,
  RequestClass,
  RequestClassChange,
  UndecidedDifference,
} from '../model/difference.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import type {AuditPolicy} from '../model/policy.ts';
import type {RequestAttributes} from '../model/request.ts';
import type {ServedResource} from '../model/served-resources.ts';
import {TooMuch} from './difference/atoms.ts';
import {type Bits, allBits, membersOf} from './difference/bits.ts';
import {Changes, changeAt} from './difference/changes.ts';
import {coverOf} from './difference/cover.ts';
import {leavesOf, referenceTo, shadowingsOf} from './difference/deciding.ts';
import {
  type Scene,
  freshAtomsOf,
  pathClassOf,
  pathExampleOf,
  pathTargetOf,
  resourceClassOf,
  resourceExampleOf,
  resourceTargetOf,
  sceneOf,
  sizesOf,
  traitsOfScene,
} from './difference/describe.ts';
import {type GroupOption, type Leaf, type Node, OVERLAP, diagramOf} from './difference/diagram.ts';
import {inOrder, mergedClasses} from './difference/order.ts';
import {pathSpaceOf} from './difference/path-space.ts';
import {type Effect, type Traits, recordedOf} from './difference/recorded.ts';
import {type ResourceKey, notServedSpaceOf, resourceSpaceOf} from './difference/resource-space.ts';
import {GROUPS, INSIDE, OUTSIDE, type Policies, type Space, policiesOf} from './difference/space.ts';
import {evaluate} from './match.ts';

export interface DifferenceOptions {
  /** Undefined judges as the newest release. */
  readonly serverVersion: KubernetesVersion | undefined;
  /** What the cluster serves. Undefined: any resource may be there. */
  readonly served?: readonly ServedResource[] | undefined;
}

/** What `after` records differently from `before`. */
export function difference(before: AuditPolicy, after: AuditPolicy, options: DifferenceOptions): Difference {
  return unlessTooMuch(() => {
    const {served} = options;
    const policies = policiesOf(before, after, options.serverVersion);
    const classes = mergedClasses(
      classesOf(resourceSpaceOf(policies, served), {
        describe: resourceClassOf,
        example: resourceExampleOf,
        target: resourceTargetOf,
        isFresh: (key) => !key.isNamed,
      }),
      classesOf(pathSpaceOf(policies), {
        describe: pathClassOf,
        example: pathExampleOf,
        target: pathTargetOf,
        isFresh: (key) => key.region.parent === undefined,
      }),
    );
    return {
      kind: 'decided',
      same: classes.length === 0,
      classes: inOrder(classes),
      notServed: served === undefined ? [] : differingResources(notServedSpaceOf(policies, served)),
    };
  });
}

/** Whether `after` records at least what `before` records, of every request that can exist. */
export function neverLess(
  before: AuditPolicy,
  after: AuditPolicy,
  {serverVersion}: Pick<DifferenceOptions, 'serverVersion'>,
): NeverLess {
  return unlessTooMuch(() => {
    const policies = policiesOf(before, after, serverVersion);
    const example =
      exampleOfLess(resourceSpaceOf(policies, undefined), resourceExampleOf) ??
      exampleOfLess(pathSpaceOf(policies), pathExampleOf);
    return example === undefined ? {kind: 'holds'} : {kind: 'fails', example};
  });
}

function unlessTooMuch<Result>(decide: () => Result): Result | UndecidedDifference {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TooMuch) return {kind: 'undecided', tooMuch: error.message, ...error.found};
    throw error;
  }
}

/** Resources or paths in all classes and exceptions: about a second's work to tell them. */
const MAX_TOLD = 1_000_000;

/** What a class needs to know of its space. */
interface Reading<Key> {
  readonly describe: (scene: Scene<Key>) => RequestClass;
  readonly example: (scene: Scene<Key>) => RequestAttributes;
  /** What stands for a target of the space. */
  readonly target: (space: Space<Key>, target: number) => RequestAttributes['target'];
  /** Whether the key stands for what no rule names. */
  readonly isFresh: (key: Key) => boolean;
}

function classesOf<Key>(space: Space<Key>, reading: Reading<Key>): RequestClassChange[] {
  const diagram = diagramOf(space);
  const changes = new Changes(space.policies);
  const different = requestAt(diagram, space, (leaf) => changes.at(leaf) !== 0);
  if (different === undefined) return [];
  const covers = orTooMuch(
    () =>
      coverOf(diagram, {
        sizes: sizesOf(space),
        changeOf: (leaf) => changes.at(leaf),
        fresh: freshAtomsOf(space, reading.isFresh),
      }),
    () => reading.example(sceneOf(space, different)),
  );
  const keys = space.targets.reduce((sum, target) => sum + target.keys.length, 0);
  const products = covers.reduce((sum, {exceptions}) => sum + 1 + exceptions.length, 0);
  if (keys * products > MAX_TOLD) throw new TooMuch(OVERLAP, reading.example(sceneOf(space, different)));
  return covers.map(({change: number, atoms, exceptions, example: exampleAtoms}) => {
    const scene = sceneOf(space, atoms);
    const leaves = leavesOf(diagram, scene).filter((leaf) => changes.at(leaf) === number);
    const change = changes.numbered(number);
    if (change === undefined) throw new Error(`no change ${number}`);
    const example = reading.example(sceneOf(space, exampleAtoms));
    assertDecidedBy(example, leaves, space.policies);
    const traits = traitsOfScene(scene);
    return {
      requests: reading.describe(scene),
      except: exceptions.map((exception) => reading.describe(sceneOf(space, exception, scene.atoms))),
      direction: change.direction,
      before: recordingOf(change.before, leaves, traits, space.policies, 0),
      after: recordingOf(change.after, leaves, traits, space.policies, 1),
      example,
      shadowed: ([0, 1] as const).flatMap((side) =>
        recordsLess(change.direction, side)
          ? shadowingsOf(scene, leaves, side, (target) => reading.target(space, target))
          : [],
      ),
    };
  });
}

/** Why a policy records more is plain; why it records less may be worth a word. */
function recordsLess(direction: Direction, side: 0 | 1): boolean {
  return direction !== (side === 0 ? 'loses' : 'gains');
}

/** What is told of a class is what the evaluator itself says of its example. */
function assertDecidedBy(
  request: RequestAttributes,
  leaves: readonly Leaf[],
  {policies, serverVersion}: Policies,
): void {
  const [before, after] = policies.map(
    (policy) => evaluate(policy, request, serverVersion).rule ?? policy.rules.length,
  );
  if (leaves.some(({rules}) => rules[0] === before && rules[1] === after)) return;
  throw new Error(`the comparison and the evaluator disagree about ${JSON.stringify(request)}`);
}

function recordingOf(
  effect: Effect | undefined,
  leaves: readonly Leaf[],
  traits: Traits,
  {policies}: Policies,
  side: 0 | 1,
): Recording {
  const policy = policies[side];
  const rules = [...new Set(leaves.map((leaf) => leaf.rules[side]))].toSorted((one, other) => one - other);
  const recorded = effect === undefined ? undefined : recordedOf(effect, traits);
  return {
    level: recorded?.level ?? 'None',
    stages: recorded?.stages ?? [],
    omitManagedFields: recorded?.managedFields === undefined ? undefined : !recorded.managedFields,
    rules: rules.filter((rule) => rule < policy.rules.length).map((rule) => referenceTo(policy, rule)),
    noRule: rules.includes(policy.rules.length),
  };
}

/** The resources of the space of which some request is recorded differently. */
function differingResources(space: Space<ResourceKey>): string[] {
  const known = new Map<Node, boolean>();
  const differs = (node: Node): boolean => {
    if (node.kind === 'leaf') return changeAt(node, space.policies) !== undefined;
    const next: readonly {readonly node: Node}[] = node.kind === 'groups' ? node.options : node.edges;
    const answer = known.get(node) ?? next.some((each) => differs(each.node));
    known.set(node, answer);
    return answer;
  };
  return diagramOf(space)
    .edges.filter((edge) => differs(edge.node))
    .flatMap((edge) => [...membersOf(edge.atoms)].flatMap((target) => space.targets[target]?.keys ?? []))
    .map(({group, resource, subresource}) => {
      const qualified = group === '' ? resource : `${resource}.${group}`;
      return subresource === '' ? `${qualified}` : `${qualified}/${subresource}`;
    })
    .toSorted();
}

/** A product of atoms that reaches a wanted leaf; undefined where there is none. */
function requestAt<Key>(
  diagram: Node,
  space: Space<Key>,
  isWanted: (leaf: Leaf) => boolean,
): readonly Bits[] | undefined {
  const seen = new Set<Node>();
  const find = (node: Node, atoms: readonly Bits[]): readonly Bits[] | undefined => {
    if (seen.has(node)) return undefined;
    seen.add(node);
    switch (node.kind) {
      case 'leaf':
        return isWanted(node) ? atoms : undefined;
      case 'groups': {
        const option = node.options.find((each) => isWanted(each.node));
        return option === undefined ? undefined : withGroups(atoms, option);
      }
      case 'branch':
        for (const edge of node.edges) {
          const found = find(edge.node, atoms.with(node.dimension, edge.atoms));
          if (found !== undefined) return found;
        }
        return undefined;
    }
  };
  return find(diagram, sizesOf(space).map(allBits));
}

function withGroups(atoms: readonly Bits[], {inside, outside}: GroupOption): readonly Bits[] {
  const told = [...atoms];
  for (const group of inside) told[GROUPS + group] = Uint32Array.of(INSIDE);
  for (const group of outside) told[GROUPS + group] = Uint32Array.of(OUTSIDE);
  return told;
}

/** A request of which `after` records less. */
function exampleOfLess<Key>(space: Space<Key>, example: Reading<Key>['example']): RequestAttributes | undefined {
  const isLess = (leaf: Leaf): boolean => {
    const direction = changeAt(leaf, space.policies)?.direction;
    return direction === 'loses' || direction === 'changes';
  };
  const atoms = requestAt(diagramOf(space), space, isLess);
  return atoms === undefined ? undefined : example(sceneOf(space, atoms));
}

/** Gives an error that it was too much a request that shows the difference. */
function orTooMuch<Result>(decide: () => Result, example: () => RequestAttributes): Result {
  try {
    return decide();
  } catch (error) {
    if (error instanceof TooMuch) throw new TooMuch(error.message, example());
    throw error;
  }
}
