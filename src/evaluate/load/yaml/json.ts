/**
 * Turns the value of a document into what Go writes to JSON and reads again.
 */
import {isAtLeast} from '../../../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../../../model/kubernetes-version.ts';
import {RefusedText} from '../decoded-value.ts';
import type {DecodedEntry, DecodedValue} from '../decoded-value.ts';
import {goFloat, goFloat32} from '../go-quote.ts';
import type {ResolvedScalar} from '../resolve-scalar.ts';
import {compareBytes} from './compare-bytes.ts';
import {goSyntaxOf, goSyntaxOfScalar} from './go-syntax.ts';
import {pushReversed} from './push-reversed.ts';
import type {YamlEntry, YamlMapping, YamlScalar, YamlValue} from './value.ts';

/** @see https://github.com/golang/go/blob/go1.26.8/src/encoding/json/scanner.go#L148 */
const MAX_DEPTH = 10_000;

/**
 * Throws `RefusedText` where JSON has no such key or number. Where several keys become the same text, such as 1 and "1",
 * the server takes any of them; this takes the last.
 * @see https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go#L156
 */
export function toJson(value: YamlValue, serverVersion: KubernetesVersion | undefined): DecodedValue {
  const converter = new JsonConverter();
  const converted = converter.convert(value);
  // Keys come first: Go looks at the numbers only when all of them are right.
  if (converter.hasUnsupportedKey) refuseUnsupportedKey(value, serverVersion);
  if (converter.hasUnsupportedNumber) refuseUnsupportedNumber(converted);
  if (converter.depth > MAX_DEPTH) refuseDepth(converted);
  return converted;
}

/** Collections can be nested too deep for the stack: what is to be converted still is in a list. */
class JsonConverter {
  readonly #pending: (() => void)[] = [];
  /** How deep collections are nested. */
  depth = 0;
  hasUnsupportedKey = false;
  hasUnsupportedNumber = false;

  convert(root: YamlValue): DecodedValue {
    const converted = this.#begin(root, 1);
    for (let next = this.#pending.pop(); next !== undefined; next = this.#pending.pop()) next();
    return converted;
  }

  #begin(value: YamlValue, depth: number): DecodedValue {
    if (value.kind === 'scalar') return this.#convertScalar(value);
    this.depth = Math.max(this.depth, depth);
    if (value.kind === 'mapping') return this.#beginMapping(value, depth);
    const items: DecodedValue[] = [];
    this.#pending.push(() => {
      for (const item of value.items) items.push(this.#begin(item, depth + 1));
    });
    return {kind: 'array', ...value.at, items};
  }

  #beginMapping(mapping: YamlMapping, depth: number): DecodedValue {
    const entries: DecodedEntry[] = [];
    this.#pending.push(() => {
      for (const [name, {key, value}] of this.#entriesByName(mapping)) {
        entries.push({key: name, ...key.at, value: this.#begin(value, depth + 1)});
      }
      entries.sort((left, right) => compareBytes(left.key, right.key));
    });
    return {kind: 'object', ...mapping.at, entries, repeated: mapping.repeated};
  }

  #entriesByName({entries}: YamlMapping): Map<string, YamlEntry> {
    const byName = new Map<string, YamlEntry>();
    for (const entry of entries.values()) {
      const name = jsonKey(entry.key.scalar);
      if (name === undefined) this.hasUnsupportedKey = true;
      else byName.set(name, entry);
    }
    return byName;
  }

  #convertScalar({scalar, at}: YamlScalar): DecodedValue {
    switch (scalar.kind) {
      case 'int':
        return {kind: 'number', ...at, text: String(scalar.value)};
      case 'float':
        this.hasUnsupportedNumber ||= !Number.isFinite(scalar.value);
        return {kind: 'number', ...at, text: jsonNumber(scalar.value)};
      case 'string':
        // Bytes that are no UTF-8 can come from base64.
        return {kind: 'string', ...at, value: scalar.value.toWellFormed()};
      case 'bool':
        return {kind: 'bool', ...at, value: scalar.value};
      case 'null':
        return {kind: 'null', ...at};
    }
  }
}

/** @see https://github.com/golang/go/blob/go1.26.8/src/encoding/json/encode.go#L571 */
function jsonNumber(value: number): string {
  if (!Number.isFinite(value)) return goFloat(value);
  return Object.is(value, -0) ? '-0' : String(value);
}

/**
 * The first in the order of the text. Of several in one mapping the server names any.
 * @see https://github.com/kubernetes-sigs/yaml/blob/v1.6.0/yaml.go#L247
 */
function refuseUnsupportedKey(root: YamlValue, serverVersion: KubernetesVersion | undefined): void {
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next.kind === 'sequence') pushReversed(pending, next.items);
    if (next.kind !== 'mapping') continue;
    const entries = [...next.entries.values()];
    const entry = entries.find(({key}) => jsonKey(key.scalar) === undefined);
    if (entry !== undefined) throw unsupportedKey(entry, serverVersion);
    pushReversed(
      pending,
      entries.map(({value}) => value),
    );
  }
}

function unsupportedKey({key, value}: YamlEntry, serverVersion: KubernetesVersion | undefined): Error {
  const isNewer = serverVersion === undefined || isAtLeast(serverVersion, 31);
  const type = key.scalar.kind === 'null' ? '%!s(<nil>)' : 'uint64';
  return new RefusedText(
    `${isNewer ? 'unsupported' : 'Unsupported'} map key of type: ${type}, key: ${goSyntaxOfScalar(key.scalar)}, ` +
      `value: ${goSyntaxOf(value)}`,
    key.at,
  );
}

/**
 * The first in the order of JSON.
 * @see https://github.com/golang/go/blob/go1.26.8/src/encoding/json/encode.go#L574
 */
function refuseUnsupportedNumber(root: DecodedValue): void {
  const pending = [root];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    pushReversed(pending, childrenOf(value));
    if (value.kind === 'number' && !/[0-9]/.test(value.text)) {
      throw new RefusedText(`json: unsupported value: ${value.text}`, value);
    }
  }
}

/** Go reads again what it has written, and then counts how deep it is. */
function refuseDepth(root: DecodedValue): void {
  const pending: {readonly value: DecodedValue; readonly depth: number}[] = [{value: root, depth: 1}];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const {value, depth} = next;
    if (depth > MAX_DEPTH && (value.kind === 'array' || value.kind === 'object')) {
      const character = value.kind === 'array' ? '[' : '{';
      const problem = `invalid character '${character}' exceeded max depth`;
      throw new RefusedText(`couldn't get version/kind; json parse error: ${problem}`, value);
    }
    pushReversed(
      pending,
      childrenOf(value).map((child) => ({value: child, depth: depth + 1})),
    );
  }
}

function childrenOf(value: DecodedValue): readonly DecodedValue[] {
  if (value.kind === 'array') return value.items;
  return value.kind === 'object' ? value.entries.map((entry) => entry.value) : [];
}

/** The text that a key becomes; undefined when it can be none. */
export function jsonKey(key: ResolvedScalar): string | undefined {
  switch (key.kind) {
    case 'null':
      return undefined;
    case 'int':
      return key.value < 2n ** 63n ? String(key.value) : undefined;
    case 'float':
      return SPECIAL_KEYS.get(goFloat32(key.value)) ?? goFloat32(key.value);
    case 'string':
      return key.value.toWellFormed();
    case 'bool':
      return String(key.value);
  }
}

const SPECIAL_KEYS: ReadonlyMap<string, string> = new Map([
  ['+Inf', '.inf'],
  ['-Inf', '-.inf'],
  ['NaN', '.nan'],
]);
