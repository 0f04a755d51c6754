/**
 * What go-yaml makes of nodes, before it becomes JSON: keys are still typed.
 */
import type {Position, RepeatedKey} from '../decoded-value.ts';
import type {ResolvedScalar} from '../resolve-scalar.ts';

/** One value, and where it begins. Aliases are replaced by what they refer to. */
export type YamlValue = YamlScalar | YamlSequence | YamlMapping;

/** A value without others in it. */
export interface YamlScalar {
  readonly kind: 'scalar';
  readonly at: Position;
  readonly scalar: ResolvedScalar;
}

/** A list, filled while its nodes are decoded. */
export interface YamlSequence {
  readonly kind: 'sequence';
  readonly at: Position;
  readonly items: YamlValue[];
}

/** Keys with values, filled while its nodes are decoded. */
export interface YamlMapping {
  readonly kind: 'mapping';
  readonly at: Position;
  /** By what makes keys the same in Go. */
  readonly entries: Map<string, YamlEntry>;
  readonly repeated: RepeatedKey[];
}

/** One key and its value. */
export interface YamlEntry {
  readonly key: YamlScalar;
  readonly value: YamlValue;
}
