/**
 * Gives the nodes of a document their values: go-yaml's decoder, for Go's `interface{}`.
 */
import {RefusedText} from '../decoded-value.ts';
import {resolveScalar} from '../resolve-scalar.ts';
import type {ResolvedScalar} from '../resolve-scalar.ts';
import {goSyntaxOf, goSyntaxOfScalar} from './go-syntax.ts';
import {jsonKey} from './json.ts';
import {positionOf} from './mark.ts';
import type {AliasNode, MappingNode, Node, ScalarNode, SequenceNode} from './node.ts';
import type {YamlEntry, YamlMapping, YamlValue} from './value.ts';

/** Takes a decoded value. A collection is handed over before its content is in it. */
interface Receiver {
  receive(value: YamlValue): void;
}

/** A node that is being decoded. `step` does the next part of it, and is false when nothing is left. */
interface Task {
  step(): boolean;
}

/**
 * Nodes can be nested too deep for the stack: what is begun is in a list of tasks.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L226
 */
export class NodeDecoder {
  readonly #tasks: Task[] = [];
  readonly #openAliases = new Set<AliasNode>();
  readonly #duplicates: string[] = [];
  #decodeCount = 0;
  #aliasCount = 0;

  decode(root: Node): YamlValue {
    let result: YamlValue | undefined;
    // go-yaml counts the document as well.
    this.#count();
    this.begin(root, {receive: (value) => (result = value)});
    for (let task = this.#tasks.at(-1); task !== undefined; task = this.#tasks.at(-1)) {
      if (!task.step()) this.#tasks.pop();
    }
    if (result === undefined) throw new Error('a node has no value');
    return result;
  }

  /** What the strict pass says: keys in the order of the text, those of an inner mapping first. */
  duplicateKeys(): string | undefined {
    if (this.#duplicates.length === 0) return undefined;
    return `yaml: unmarshal errors:\n  ${this.#duplicates.join('\n  ')}`;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L350 */
  begin(node: Node, receiver: Receiver): void {
    this.#count();
    switch (node.kind) {
      case 'scalar':
        receiver.receive({kind: 'scalar', at: positionOf(node.start), scalar: valueOf(node)});
        break;
      case 'sequence':
        this.#beginSequence(node, receiver);
        break;
      case 'mapping':
        this.#beginMapping(node, receiver);
        break;
      case 'alias':
        this.#beginAlias(node, () => this.begin(node.target, receiver));
        break;
    }
  }

  #beginSequence(node: SequenceNode, receiver: Receiver): void {
    const items: YamlValue[] = [];
    receiver.receive({kind: 'sequence', at: positionOf(node.start), items});
    this.#tasks.push(new SequenceTask(this, node, items));
  }

  #beginMapping(node: MappingNode, receiver: Receiver): void {
    const mapping: YamlMapping = {kind: 'mapping', at: positionOf(node.start), entries: new Map(), repeated: []};
    receiver.receive(mapping);
    this.#tasks.push(new MappingTask(this, node, mapping));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L390 */
  #beginAlias(node: AliasNode, beginTarget: () => void): void {
    if (this.#openAliases.has(node)) {
      throw new RefusedText(`yaml: anchor '${node.anchor}' value contains itself`, positionOf(node.start));
    }
    this.#openAliases.add(node);
    this.#tasks.push(new AliasTask(beginTarget, () => this.#openAliases.delete(node)));
  }

  /**
   * The value of a `<<`.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L786
   */
  beginMerge(node: Node, mapping: YamlMapping): void {
    if (node.kind === 'sequence') this.#tasks.push(new MergeTask(this, node, mapping));
    else this.mergeOne(node, mapping);
  }

  mergeOne(node: Node, mapping: YamlMapping): void {
    const target = node.kind === 'alias' ? node.target : node;
    if (target.kind !== 'mapping') {
      const message = 'yaml: map merge requires map or sequence of maps as the value';
      throw new RefusedText(message, positionOf(node.start));
    }
    this.#count();
    if (node.kind === 'alias') this.#beginAlias(node, () => this.mergeOne(target, mapping));
    else this.#tasks.push(new MappingTask(this, target, mapping));
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L685 */
  set(mapping: YamlMapping, entry: YamlEntry, valueNode: Node): void {
    const {scalar, at} = entry.key;
    const identity = keyIdentity(scalar, mapping);
    const earlier = mapping.entries.get(identity);
    mapping.entries.set(identity, entry);
    if (earlier === undefined) return;
    this.#duplicates.push(`line ${valueNode.start.line + 1}: key ${goSyntaxOfScalar(scalar)} already set in map`);
    mapping.repeated.push({key: jsonKey(scalar) ?? '', ...at, earlier: earlier.key.at});
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L350 */
  #count(): void {
    this.#decodeCount += 1;
    if (this.#openAliases.size > 0) this.#aliasCount += 1;
    if (this.#aliasCount <= 100 || this.#decodeCount <= 1000) return;
    if (this.#aliasCount / this.#decodeCount > allowedAliasRatio(this.#decodeCount)) {
      throw new RefusedText('yaml: document contains excessive aliasing');
    }
  }
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L585 */
class SequenceTask implements Task, Receiver {
  readonly #decoder: NodeDecoder;
  readonly #node: SequenceNode;
  readonly #items: YamlValue[];
  #index = 0;

  constructor(decoder: NodeDecoder, node: SequenceNode, items: YamlValue[]) {
    this.#decoder = decoder;
    this.#node = node;
    this.#items = items;
  }

  step(): boolean {
    const child = this.#node.children[this.#index];
    if (child === undefined) return false;
    this.#index += 1;
    this.#decoder.begin(child, this);
    return true;
  }

  receive(value: YamlValue): void {
    this.#items.push(value);
  }
}

/**
 * Decodes the pairs of a mapping into one, in their order: so `<<` overrides what stands before it and yields to what
 * stands after it.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L623
 */
class MappingTask implements Task, Receiver {
  readonly #decoder: NodeDecoder;
  readonly #children: readonly Node[];
  readonly #mapping: YamlMapping;
  #index = 0;
  #next: 'key' | 'value' | 'entry' = 'key';
  /** Key and value of the current pair, as far as they are decoded. */
  #pair: YamlValue[] = [];

  constructor(decoder: NodeDecoder, node: MappingNode, mapping: YamlMapping) {
    this.#decoder = decoder;
    this.#children = node.children;
    this.#mapping = mapping;
  }

  receive(value: YamlValue): void {
    this.#pair.push(value);
  }

  step(): boolean {
    const keyNode = this.#children[this.#index];
    const valueNode = this.#children[this.#index + 1];
    if (keyNode === undefined || valueNode === undefined) return false;
    if (this.#next === 'key') this.#beginPair(keyNode, valueNode);
    else if (this.#next === 'value') this.#beginValue(valueNode);
    else this.#finishPair(valueNode);
    return true;
  }

  #beginPair(keyNode: Node, valueNode: Node): void {
    if (isMergeKey(keyNode)) {
      this.#index += 2;
      this.#decoder.beginMerge(valueNode, this.#mapping);
      return;
    }
    this.#next = 'value';
    this.#decoder.begin(keyNode, this);
  }

  #beginValue(valueNode: Node): void {
    const [key] = this.#pair;
    if (key !== undefined && key.kind !== 'scalar') {
      throw new RefusedText(`yaml: invalid map key: ${goSyntaxOf(key)}`, key.at);
    }
    this.#next = 'entry';
    this.#decoder.begin(valueNode, this);
  }

  #finishPair(valueNode: Node): void {
    const [key, value] = this.#pair;
    if (key?.kind === 'scalar' && value !== undefined) this.#decoder.set(this.#mapping, {key, value}, valueNode);
    this.#pair = [];
    this.#index += 2;
    this.#next = 'key';
  }
}

/** Decodes what an alias refers to, as if it stood in its place. */
class AliasTask implements Task {
  readonly #beginTarget: () => void;
  readonly #end: () => void;
  #hasBegun = false;

  constructor(beginTarget: () => void, end: () => void) {
    this.#beginTarget = beginTarget;
    this.#end = end;
  }

  step(): boolean {
    if (this.#hasBegun) this.#end();
    else this.#beginTarget();
    this.#hasBegun = !this.#hasBegun;
    return this.#hasBegun;
  }
}

/** Merges a list of mappings from its end on, so that the first wins. */
class MergeTask implements Task {
  readonly #decoder: NodeDecoder;
  readonly #nodes: readonly Node[];
  readonly #mapping: YamlMapping;
  #index: number;

  constructor(decoder: NodeDecoder, {children}: SequenceNode, mapping: YamlMapping) {
    this.#decoder = decoder;
    this.#nodes = children;
    this.#mapping = mapping;
    this.#index = children.length;
  }

  step(): boolean {
    this.#index -= 1;
    const node = this.#nodes[this.#index];
    if (node === undefined) return false;
    this.#decoder.mergeOne(node, this.#mapping);
    return true;
  }
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L334 */
function allowedAliasRatio(decodeCount: number): number {
  if (decodeCount <= 400_000) return 0.99;
  if (decodeCount >= 4_000_000) return 0.1;
  return 0.99 - 0.89 * ((decodeCount - 400_000) / 3_600_000);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L813 */
function isMergeKey(node: Node): boolean {
  return node.kind === 'scalar' && node.value === '<<' && (node.isImplicit || node.tag === MERGE_TAG);
}

const MERGE_TAG = 'tag:yaml.org,2002:merge';

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L411 */
function valueOf({tag, value, isImplicit, start}: ScalarNode): ResolvedScalar {
  if (tag === '' && !isImplicit) return {kind: 'string', value};
  return resolveScalar(tag, value, positionOf(start));
}

/** Equal for keys that Go holds for the same. What is not a number is never the same. */
function keyIdentity(key: ResolvedScalar, {entries}: YamlMapping): string {
  if (key.kind === 'null') return 'null';
  if (key.kind !== 'float') return `${key.kind} ${key.value}`;
  return Number.isNaN(key.value) ? `float ${entries.size} times NaN` : `float ${key.value}`;
}
