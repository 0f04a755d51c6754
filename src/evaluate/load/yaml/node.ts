/**
 * The nodes of a text: a tree, but for aliases, which refer to a node elsewhere.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L22
 */
import {RefusedText} from '../decoded-value.ts';
import type {Position} from '../decoded-value.ts';
import type {AliasEvent, CollectionEvent, Event, ScalarEvent} from './event.ts';
import {positionOf} from './mark.ts';
import type {Mark} from './mark.ts';
import {Parser} from './parser.ts';

/** One node, and where it begins. */
export type Node = ScalarNode | SequenceNode | MappingNode | AliasNode;

/** A text, whose tag or form decides what it means. */
export interface ScalarNode {
  readonly kind: 'scalar';
  readonly start: Mark;
  /** Empty when there is none. */
  readonly tag: string;
  readonly value: string;
  /** Plain and without a tag, or with the tag `!`. */
  readonly isImplicit: boolean;
}

/** A list. */
export interface SequenceNode {
  readonly kind: 'sequence';
  readonly start: Mark;
  readonly children: readonly Node[];
}

/** Keys with values. */
export interface MappingNode {
  readonly kind: 'mapping';
  readonly start: Mark;
  /** Keys and values in turn. */
  readonly children: readonly Node[];
}

/** Another node once more. */
export interface AliasNode {
  readonly kind: 'alias';
  readonly start: Mark;
  readonly anchor: string;
  readonly target: AnchoredNode;
}

/** The first document of a text. */
export interface YamlDocument {
  /** Undefined when the text has no document. */
  readonly root: Node | undefined;
  /** Where another document begins, or whatever else stands after the first; undefined when nothing does. */
  readonly unreadFrom: Position | undefined;
}

/**
 * Reads the first document of `content` and nothing behind it. Throws `RefusedText` in go-yaml's words.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L141
 */
export function parseYaml(content: string | Uint8Array): YamlDocument {
  const parser = new Parser(content);
  parser.next();
  if (parser.next().kind === 'stream-end') return {root: undefined, unreadFrom: undefined};
  const root = new Composer().compose(parser);
  const rest = parser.markOfRest();
  return {root, unreadFrom: rest && positionOf(rest)};
}

/** A node that an alias can refer to. */
type AnchoredNode = Exclude<Node, AliasNode>;

/**
 * Builds the tree from the events. Collections can be nested too deep for the stack: those that are open are in a list.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L170
 */
class Composer {
  /** The children of each collection that is open, the innermost last. */
  readonly #open: Node[][] = [];
  readonly #anchors = new Map<string, AnchoredNode>();

  /** The root of the document that has just begun. */
  compose(parser: Parser): Node {
    let root: Node | undefined;
    for (let event = parser.next(); event.kind !== 'document-end'; event = parser.next()) {
      if (event.kind === 'sequence-end' || event.kind === 'mapping-end') {
        this.#open.pop();
        continue;
      }
      const children = this.#open.at(-1);
      const node = this.#nodeOf(event);
      root ??= node;
      children?.push(node);
    }
    if (root === undefined) throw new Error('a document has no node');
    return root;
  }

  #nodeOf(event: Event): Node {
    switch (event.kind) {
      case 'alias':
        return this.#alias(event);
      case 'scalar':
        return this.#anchor(event, scalarOf(event));
      case 'sequence-start':
        return this.#anchor(event, {kind: 'sequence', start: event.start, children: this.#begin()});
      case 'mapping-start':
        return this.#anchor(event, {kind: 'mapping', start: event.start, children: this.#begin()});
      default:
        throw new Error(`${event.kind} within a document`);
    }
  }

  #begin(): Node[] {
    const children: Node[] = [];
    this.#open.push(children);
    return children;
  }

  /**
   * Known from its beginning on, so also within itself.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L135
   */
  #anchor(event: ScalarEvent | CollectionEvent, node: AnchoredNode): AnchoredNode {
    if (event.anchor !== undefined) this.#anchors.set(event.anchor, node);
    return node;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L180 */
  #alias({anchor, start}: AliasEvent): AliasNode {
    const target = this.#anchors.get(anchor);
    if (target !== undefined) return {kind: 'alias', start, anchor, target};
    throw new RefusedText(`yaml: unknown anchor '${anchor}' referenced`, positionOf(start));
  }
}

function scalarOf({start, tag, value, isImplicit}: ScalarEvent): ScalarNode {
  return {kind: 'scalar', start, tag, value, isImplicit};
}
