/** The parts of the space: the requests that reach a leaf of the diagram by one way. */
import {TooMuch} from './atoms.ts';
import {type Bits, keyOf} from './bits.ts';
import {type Branch, type GroupBranch, type Leaf, type Node, OVERLAP, branch} from './diagram.ts';
import type {Layout, Row} from './rows.ts';
import {ANONYMOUS_USER, FAILED_AUTHENTICATION, GROUPS, INSIDE, OUTSIDE, USER} from './space.ts';

/** Beyond this a person could not read the answer anyway. */
const MAX_PARTS = 20_000;

/** Requests that reach a leaf by one way. Parts of different leaves do not overlap. */
export interface Part {
  readonly row: Row;
  readonly leaf: Leaf;
}

/** All parts. Throws `TooMuch`. */
export function partsOf(root: Node, layout: Layout): Part[] {
  const parts: Part[] = [];
  const add = (row: Row, leaf: Leaf): void => {
    if (parts.length >= MAX_PARTS) throw new TooMuch(OVERLAP);
    parts.push({row, leaf});
  };
  const visit = (node: Node, row: Row): void => {
    switch (node.kind) {
      case 'leaf':
        add(row, node);
        return;
      case 'groups':
        for (const {inside, outside, node: leaf} of node.options) {
          const own = row.slice();
          for (const group of inside) own[layout.starts[GROUPS + group] ?? 0] = INSIDE;
          for (const group of outside) own[layout.starts[GROUPS + group] ?? 0] = OUTSIDE;
          add(own, leaf);
        }
        return;
      case 'branch':
        for (const {atoms, node: next} of node.edges) {
          const own = row.slice();
          own.set(atoms, layout.starts[node.dimension]);
          if (node.dimension === USER && isGroupless(atoms)) own.fill(OUTSIDE, layout.starts[GROUPS]);
          visit(next, own);
        }
    }
  };
  visit(root, layout.full);
  return parts;
}

/** Anonymous requests, and those that fail authentication, are outside all groups that a rule can tell apart. */
function isGroupless(users: Bits): boolean {
  const both = (1 << FAILED_AUTHENTICATION) | (1 << ANONYMOUS_USER);
  return users.every((word, index) => (index === 0 ? (word & ~both) === 0 : word === 0));
}

/** The diagram in which leaves of the same change are one, and with them whatever is then alike. */
export function coarser(root: Node, changeOf: (leaf: Leaf) => number): Node {
  const done = new Map<Node, Node>();
  const leaves = new Map<number, Leaf>();
  const known = new Map<string, Node>();
  const ids = new Map<Node, number>();
  const of = (node: Node): Node => {
    const before = done.get(node);
    if (before !== undefined) return before;
    const made = node.kind === 'leaf' ? leafFor(node) : node.kind === 'groups' ? groupsFor(node) : branchFor(node);
    done.set(node, made);
    if (!ids.has(made)) ids.set(made, ids.size);
    return made;
  };
  const leafFor = (leaf: Leaf): Leaf => {
    const change = changeOf(leaf);
    const first = leaves.get(change) ?? leaf;
    leaves.set(change, first);
    return first;
  };
  const branchFor = ({dimension, edges}: Branch): Node => {
    const merged = branch(
      dimension,
      edges.map(({atoms, node}) => ({atoms, node: of(node)})),
    );
    return once(
      `${dimension} ${merged.edges.map(({atoms, node}) => `${keyOf(atoms)}:${ids.get(node)}`).join(' ')}`,
      merged,
    );
  };
  const groupsFor = ({options}: GroupBranch): Node => {
    const made = options.map((option) => ({...option, node: leafFor(option.node)}));
    const [first] = made;
    if (first !== undefined && made.every(({node}) => node === first.node)) return first.node;
    const key = made.map(({inside, outside, node}) => `${inside.join()}/${outside.join()}/${changeOf(node)}`).join(' ');
    return once(key, {kind: 'groups', options: made});
  };
  const once = (key: string, node: Node): Node => {
    const first = known.get(key) ?? node;
    known.set(key, first);
    return first;
  };
  return of(root);
}
