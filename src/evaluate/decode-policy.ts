/**
 * Reads the fields of a Policy out of plain data as sigs.k8s.io/json does: case-sensitive, wrong types fatal, and with
 * the notes of its strict mode.
 * @see https://github.com/kubernetes-sigs/json/blob/cfa47c3a1cc8/internal/golang/encoding/json/decode.go
 */
import {RefusedText} from './decoded-value.ts';
import type {DecodedValue} from './decoded-value.ts';
import {goQuote} from './go-quote.ts';

/** A Go type, as far as decoding into it differs. `type` is its name in messages. */
export type FieldType =
  | {readonly kind: 'string' | 'bool' | 'int64' | 'time' | 'raw'; readonly type: string}
  | {readonly kind: 'list'; readonly type: string; readonly item: FieldType}
  | {readonly kind: 'map'; readonly type: string; readonly item: FieldType}
  | {
      readonly kind: 'struct';
      readonly type: string;
      /** The type's name without its package. */
      readonly name: string;
      readonly fields: Readonly<Record<string, FieldType>>;
    };

/** What a Go variable holds after decoding; undefined is Go's zero value. */
export type Field = undefined | string | boolean | readonly Field[] | FieldStruct;

/** Fields by name, with the line of the last object that was decoded into it. */
export interface FieldStruct {
  readonly line: number;
  readonly fields: ReadonlyMap<string, Field>;
}

/** The decoded fields, and what strict decoding notes, such as `unknown field "rules[0].foo"`. */
export interface DecodedFields {
  readonly field: Field;
  readonly strictErrors: readonly string[];
}

/** Decodes `value` into a variable of Go type `type`. Throws `RefusedText` with the server's words at a wrong type. */
export function decodeFields(value: DecodedValue, type: FieldType): DecodedFields {
  const decoder = new FieldDecoder();
  const field = decoder.decode(value, type, undefined, '');
  decoder.refuseWrongTypes();
  return {field, strictErrors: decoder.strictErrors};
}

/** @see https://github.com/kubernetes-sigs/json/blob/cfa47c3a1cc8/internal/golang/encoding/json/kubernetes_patch.go#L89 */
const MAX_STRICT_ERRORS = 100;

class FieldDecoder {
  readonly #strictErrors = new Set<string>();
  #struct = '';
  #path: readonly string[] = [];
  /** The first wrong type: decoding goes on after it, and a fatal error further on would win. */
  #wrongType: RefusedText | undefined;

  get strictErrors(): string[] {
    return [...this.#strictErrors];
  }

  refuseWrongTypes(): void {
    if (this.#wrongType !== undefined) throw this.#wrongType;
  }

  /** `previous` is what the variable holds already: a repeated key is decoded over its earlier value, as in Go. */
  decode(value: DecodedValue, type: FieldType, previous: Field, strictPath: string): Field {
    if (type.kind === 'time') return this.#decodeTime(value, previous);
    if (type.kind === 'raw') return undefined;
    if (value.kind === 'null') return type.kind === 'list' || type.kind === 'map' ? undefined : previous;
    if (type.kind === 'list' && value.kind === 'array')
      return this.#decodeList(value.items, type, previous, strictPath);
    if (type.kind === 'map' && value.kind === 'object') return this.#decodeMap(value.entries, type, strictPath);
    if (type.kind === 'struct' && value.kind === 'object') return this.#decodeStruct(value, type, previous, strictPath);
    if (type.kind === 'string' && value.kind === 'string') return value.value;
    if (type.kind === 'bool' && value.kind === 'bool') return value.value;
    if (type.kind === 'int64' && value.kind === 'number' && isInt64(value.text)) return undefined;
    this.#saveWrongType(value, type);
    return previous;
  }

  #decodeList(
    items: readonly DecodedValue[],
    type: FieldType & {kind: 'list'},
    previous: Field,
    strictPath: string,
  ): Field {
    const before = isList(previous) ? previous : [];
    return items.map((item, index) => this.decode(item, type.item, before[index], `${strictPath}[${index}]`));
  }

  #decodeMap(
    entries: readonly (readonly [string, DecodedValue])[],
    type: FieldType & {kind: 'map'},
    strictPath: string,
  ): Field {
    const seen = new Set<string>();
    for (const [key, value] of entries) {
      if (seen.has(key)) this.#saveStrictError('duplicate field', strictPath, key);
      seen.add(key);
      this.decode(value, type.item, undefined, join(strictPath, key));
    }
    return undefined;
  }

  #decodeStruct(
    value: DecodedValue & {kind: 'object'},
    type: FieldType & {kind: 'struct'},
    previous: Field,
    strictPath: string,
  ): Field {
    const fields = new Map<string, Field>(isStruct(previous) ? previous.fields : []);
    const seen = new Set<string>();
    const [outerStruct, outerPath] = [this.#struct, this.#path];
    for (const [key, child] of value.entries) {
      const fieldType = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
      if (fieldType === undefined) {
        this.#saveStrictError('unknown field', strictPath, key);
        continue;
      }
      if (seen.has(key)) this.#saveStrictError('duplicate field', strictPath, key);
      seen.add(key);
      [this.#struct, this.#path] = [type.name, [...outerPath, key]];
      fields.set(key, this.decode(child, fieldType, fields.get(key), join(strictPath, key)));
      [this.#struct, this.#path] = [outerStruct, outerPath];
    }
    return {line: value.line, fields};
  }

  /** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/time.go#L100 */
  #decodeTime(value: DecodedValue, previous: Field): Field {
    if (value.kind === 'null') return previous;
    if (value.kind !== 'string') {
      throw new RefusedText(`json: cannot unmarshal ${describe(value)} into Go value of type string`, value.line);
    }
    if (isRfc3339(value.value)) return undefined;
    const text = goQuote(value.value);
    throw new RefusedText(`parsing time ${text} as "2006-01-02T15:04:05Z07:00": cannot parse ${text}`, value.line);
  }

  #saveWrongType(value: DecodedValue, type: FieldType): void {
    if (this.#wrongType !== undefined) return;
    const what = type.kind === 'int64' && value.kind === 'number' ? `number ${value.text}` : describe(value);
    const target =
      this.#path.length === 0
        ? `Go value of type ${type.type}`
        : `Go struct field ${this.#struct}.${this.#path.join('.')} of type ${type.type}`;
    this.#wrongType = new RefusedText(`json: cannot unmarshal ${what} into ${target}`, value.line);
  }

  #saveStrictError(kind: 'unknown field' | 'duplicate field', strictPath: string, key: string): void {
    if (this.#strictErrors.size < MAX_STRICT_ERRORS)
      this.#strictErrors.add(`${kind} ${goQuote(join(strictPath, key))}`);
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function describe(value: DecodedValue): string {
  return value.kind;
}

function isList(field: Field): field is readonly Field[] {
  return Array.isArray(field);
}

function isStruct(field: Field): field is FieldStruct {
  return typeof field === 'object' && !isList(field);
}

function isInt64(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
}

function isRfc3339(text: string): boolean {
  const match = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:[.,]\d+)?(?:Z|[-+]([01]\d|2[0-4]):[0-5]\d)$/.exec(text);
  if (match === null) return false;
  return (
    !Number.isNaN(Date.parse(`${text.slice(0, 19)}Z`)) &&
    Number(match[3]) === new Date(`${text.slice(0, 19)}Z`).getUTCDate()
  );
}

/** The text of a string field; empty when it was not given. */
export function textOf(struct: FieldStruct | undefined, name: string): string {
  const field = struct?.fields.get(name);
  return typeof field === 'string' ? field : '';
}

/** The texts of a list of strings; an entry that is null counts as the empty text. */
export function textsOf(struct: FieldStruct | undefined, name: string): string[] {
  return listOf(struct, name).map((field) => (typeof field === 'string' ? field : ''));
}

/** The value of a boolean field; undefined when it was not given. */
export function flagOf(struct: FieldStruct | undefined, name: string): boolean | undefined {
  const field = struct?.fields.get(name);
  return typeof field === 'boolean' ? field : undefined;
}

/** The structs of a list; an entry that is null is undefined. */
export function structsOf(struct: FieldStruct | undefined, name: string): (FieldStruct | undefined)[] {
  return listOf(struct, name).map(asStruct);
}

/** `field` when it is a struct. */
export function asStruct(field: Field): FieldStruct | undefined {
  return isStruct(field) ? field : undefined;
}

function listOf(struct: FieldStruct | undefined, name: string): readonly Field[] {
  const field = struct?.fields.get(name);
  return isList(field) ? field : [];
}

const STRING: FieldType = {kind: 'string', type: 'string'};
const STRINGS: FieldType = {kind: 'list', type: '[]string', item: STRING};
const STRING_MAP: FieldType = {kind: 'map', type: 'map[string]string', item: STRING};
const BOOL: FieldType = {kind: 'bool', type: 'bool'};
const INT64: FieldType = {kind: 'int64', type: 'int64'};
const TIME: FieldType = {kind: 'time', type: 'v1.Time'};

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/types.go#L111 */
const OBJECT_META: FieldType = {
  kind: 'struct',
  type: 'v1.ObjectMeta',
  name: 'ObjectMeta',
  fields: {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    selfLink: STRING,
    uid: {kind: 'string', type: 'types.UID'},
    resourceVersion: STRING,
    generation: INT64,
    creationTimestamp: TIME,
    deletionTimestamp: TIME,
    deletionGracePeriodSeconds: INT64,
    labels: STRING_MAP,
    annotations: STRING_MAP,
    ownerReferences: {
      kind: 'list',
      type: '[]v1.OwnerReference',
      item: {
        kind: 'struct',
        type: 'v1.OwnerReference',
        name: 'OwnerReference',
        fields: {
          apiVersion: STRING,
          kind: STRING,
          name: STRING,
          uid: {kind: 'string', type: 'types.UID'},
          controller: BOOL,
          blockOwnerDeletion: BOOL,
        },
      },
    },
    finalizers: STRINGS,
    managedFields: {
      kind: 'list',
      type: '[]v1.ManagedFieldsEntry',
      item: {
        kind: 'struct',
        type: 'v1.ManagedFieldsEntry',
        name: 'ManagedFieldsEntry',
        fields: {
          manager: STRING,
          operation: {kind: 'string', type: 'v1.ManagedFieldsOperationType'},
          apiVersion: STRING,
          time: TIME,
          fieldsType: STRING,
          fieldsV1: {kind: 'raw', type: 'v1.FieldsV1'},
          subresource: STRING,
        },
      },
    },
  },
};

/**
 * The Policy of an API version, as Go's type; `omitManagedFields` came with 1.23.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/v1/types.go#L160
 */
export function policyType(version: string, hasOmitManagedFields: boolean): FieldType {
  const stages: FieldType = {
    kind: 'list',
    type: `[]${version}.Stage`,
    item: {kind: 'string', type: `${version}.Stage`},
  };
  const omitManagedFields: Readonly<Record<string, FieldType>> = hasOmitManagedFields ? {omitManagedFields: BOOL} : {};
  const groupResources: FieldType = {
    kind: 'struct',
    type: `${version}.GroupResources`,
    name: 'GroupResources',
    fields: {group: STRING, resources: STRINGS, resourceNames: STRINGS},
  };
  const rule: FieldType = {
    kind: 'struct',
    type: `${version}.PolicyRule`,
    name: 'PolicyRule',
    fields: {
      level: {kind: 'string', type: `${version}.Level`},
      users: STRINGS,
      userGroups: STRINGS,
      verbs: STRINGS,
      resources: {kind: 'list', type: `[]${version}.GroupResources`, item: groupResources},
      namespaces: STRINGS,
      nonResourceURLs: STRINGS,
      omitStages: stages,
      ...omitManagedFields,
    },
  };
  return {
    kind: 'struct',
    type: `${version}.Policy`,
    name: 'Policy',
    fields: {
      kind: STRING,
      apiVersion: STRING,
      metadata: OBJECT_META,
      rules: {kind: 'list', type: `[]${version}.PolicyRule`, item: rule},
      omitStages: stages,
      ...omitManagedFields,
    },
  };
}
