/**
 * Values of YAML as Go's verb %#v prints them. Some of the server's messages hold whole values.
 */
import {goFloat, goQuote} from '../go-quote.ts';
import type {ResolvedScalar} from '../resolve-scalar.ts';
import {compareBytes} from './compare-bytes.ts';
import {pushReversed} from './push-reversed.ts';
import type {YamlEntry, YamlValue} from './value.ts';

/** @see https://github.com/golang/go/blob/go1.26.8/src/fmt/print.go#L767 */
export function goSyntaxOf(value: YamlValue): string {
  const parts: string[] = [];
  // Collections can be nested too deep for the stack: what is to be printed still is in a list, the next one last.
  const pending: (string | YamlValue)[] = [value];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (typeof next === 'string') parts.push(next);
    else if (next.kind === 'scalar') parts.push(next === value ? goSyntaxOfScalar(next.scalar) : nested(next.scalar));
    else pushReversed(pending, partsOf(next));
  }
  return parts.join('');
}

/** A scalar that is printed by itself. */
export function goSyntaxOfScalar(scalar: ResolvedScalar): string {
  switch (scalar.kind) {
    case 'null':
      return '<nil>';
    case 'string':
      return goQuote(scalar.value);
    case 'int':
      return scalar.value < 2n ** 63n ? String(scalar.value) : `0x${scalar.value.toString(16)}`;
    case 'float':
      return goFloat(scalar.value);
    case 'bool':
      return String(scalar.value);
  }
}

function nested(scalar: ResolvedScalar): string {
  return scalar.kind === 'null' ? 'interface {}(nil)' : goSyntaxOfScalar(scalar);
}

function partsOf(value: Exclude<YamlValue, {kind: 'scalar'}>): (string | YamlValue)[] {
  if (value.kind === 'sequence') return ['[]interface {}{', ...separated(value.items.map((item) => [item])), '}'];
  const entries = [...value.entries.values()].sort(compareKeys).map((entry) => [entry.key, ':', entry.value]);
  return ['map[interface {}]interface {}{', ...separated(entries), '}'];
}

function separated(groups: readonly (readonly (string | YamlValue)[])[]): (string | YamlValue)[] {
  return groups.flatMap((group, index) => (index === 0 ? group : [', ', ...group]));
}

/**
 * Go orders keys of different types by the addresses of these types: as they lie in the server's program.
 * @see https://github.com/golang/go/blob/go1.26.8/src/internal/fmtsort/sort.go#L72
 */
function compareKeys({key: {scalar: left}}: YamlEntry, {key: {scalar: right}}: YamlEntry): number {
  const byType = rankOfType(left) - rankOfType(right);
  if (byType !== 0) return byType;
  if (left.kind === 'string' && right.kind === 'string') return compareBytes(left.value, right.value);
  return compareValues(left, right);
}

const TYPES = ['null', 'string', 'uint64', 'int', 'float', 'bool'];

function rankOfType(scalar: ResolvedScalar): number {
  return TYPES.indexOf(scalar.kind === 'int' && scalar.value >= 2n ** 63n ? 'uint64' : scalar.kind);
}

/** Numbers and booleans; what is not a number comes first. */
function compareValues(left: ResolvedScalar, right: ResolvedScalar): number {
  if (left.kind === 'null' || right.kind === 'null') return 0;
  if (Number.isNaN(left.value)) return Number.isNaN(right.value) ? 0 : -1;
  if (Number.isNaN(right.value) || left.value > right.value) return 1;
  return left.value < right.value ? -1 : 0;
}
