/**
 * Reads the fields of a Policy out of plain data as sigs.k8s.io/json does: case-sensitive, wrong types fatal, and with
 * the notes of its strict mode.
 * @see https://github.com/kubernetes-sigs/json/blob/cfa47c3a1cc8/internal/golang/encoding/json/decode.go
 */
import {isAtLeast} from '../../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {RefusedText} from './decoded-value.ts';
import type {DecodedEntry, DecodedObject, DecodedValue, Position} from './decoded-value.ts';
import {goQuote} from './go-quote.ts';
import {problemOfTime} from './go-time.ts';

/** A Go type, as far as decoding into it differs. */
export type FieldType = NamedType &
  (
    | {
        readonly kind: 'string' | 'bool' | 'int64' | 'time' | 'raw';
        /** Null takes the value away: of a pointer in every release, of any text up to 1.22, which decoded by json-iterator. */
        readonly isEmptiedByNull?: boolean;
      }
    | {readonly kind: 'list'; readonly item: FieldType}
    | {readonly kind: 'map'; readonly item: FieldType}
    | StructType
  );

interface NamedType {
  /** Its name in messages. */
  readonly type: string;
  /** The struct without a name of its own in JSON that the field comes from. */
  readonly embeddedIn?: string;
}

interface StructType {
  readonly kind: 'struct';
  /** The type's name without its package. */
  readonly name: string;
  readonly fields: Readonly<Record<string, FieldType>>;
}

/** What a Go variable holds after decoding; undefined is Go's zero value. */
export type Field = undefined | string | boolean | FieldList | FieldStruct;

/** A Go slice: what it held before it became shorter comes back when it becomes longer again. */
export interface FieldList {
  readonly items: readonly Field[];
  readonly beyond: readonly Field[];
}

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
export function decodeFields(
  value: DecodedValue,
  type: FieldType,
  serverVersion: KubernetesVersion | undefined,
): DecodedFields {
  const decoder = new FieldDecoder(serverVersion !== undefined && !isAtLeast(serverVersion, 23));
  const field = decoder.decode(value, type, undefined, '');
  decoder.refuseWrongTypes();
  return {field, strictErrors: decoder.strictErrors};
}

/** @see https://github.com/kubernetes-sigs/json/blob/cfa47c3a1cc8/internal/golang/encoding/json/kubernetes_patch.go#L91 */
const MAX_STRICT_ERRORS = 100;

class FieldDecoder {
  readonly #strictErrors = new Set<string>();
  readonly #readsNumbersToSkip: boolean;
  #struct = '';
  #path: readonly string[] = [];
  /** The first wrong type: decoding goes on after it, and a fatal error further on would win. */
  #wrongType: RefusedText | undefined;

  /** @param readsNumbersToSkip as json-iterator does, which decoded up to 1.22: too large ones are fatal in any field */
  constructor(readsNumbersToSkip: boolean) {
    this.#readsNumbersToSkip = readsNumbersToSkip;
  }

  get strictErrors(): string[] {
    return [...this.#strictErrors];
  }

  refuseWrongTypes(): void {
    if (this.#wrongType !== undefined) throw this.#wrongType;
  }

  /** `previous` is what the variable holds already: a repeated key is decoded over its earlier value, as in Go. */
  decode(value: DecodedValue, type: FieldType, previous: Field, strictPath: string): Field {
    if (type.kind === 'time') return this.#decodeTime(value, previous);
    if (type.kind === 'raw') return this.#skip(value);
    if (value.kind === 'null') return isNullable(type) ? undefined : previous;
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
    type: {readonly item: FieldType},
    previous: Field,
    strictPath: string,
  ): Field {
    if (items.length === 0) return {items: [], beyond: []};
    const before = isList(previous) ? [...previous.items, ...previous.beyond] : [];
    return {
      items: items.map((item, index) => this.decode(item, type.item, before[index], `${strictPath}[${index}]`)),
      beyond: before.slice(items.length),
    };
  }

  #decodeMap(entries: readonly DecodedEntry[], type: {readonly item: FieldType}, strictPath: string): Field {
    const seen = new Set<string>();
    for (const {key, value} of entries) {
      if (seen.has(key)) this.#saveStrictError('duplicate field', strictPath, key);
      seen.add(key);
      this.decode(value, type.item, undefined, join(strictPath, key));
    }
    return undefined;
  }

  #decodeStruct(value: Position & DecodedObject, type: StructType, previous: Field, strictPath: string): Field {
    const fields = new Map<string, Field>(isStruct(previous) ? previous.fields : []);
    const seen = new Set<string>();
    const [outerStruct, outerPath] = [this.#struct, this.#path];
    for (const {key, value: child} of value.entries) {
      const fieldType = Object.hasOwn(type.fields, key) ? type.fields[key] : undefined;
      if (fieldType === undefined) {
        this.#saveStrictError('unknown field', strictPath, key);
        this.#skip(child);
        continue;
      }
      if (seen.has(key)) this.#saveStrictError('duplicate field', strictPath, key);
      seen.add(key);
      [this.#struct, this.#path] = [type.name, [...outerPath, ...embeddedPath(fieldType), key]];
      fields.set(key, this.decode(child, fieldType, fields.get(key), join(strictPath, key)));
      [this.#struct, this.#path] = [outerStruct, outerPath];
    }
    return {line: value.line, fields};
  }

  #skip(skipped: DecodedValue): undefined {
    // Not by recursion: it may be nested very deeply.
    const pending = this.#readsNumbersToSkip ? [skipped] : [];
    for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
      if (value.kind === 'number' && !Number.isFinite(Number(value.text))) {
        throw new RefusedText('v1.Policy.readNumberAsString: invalid number', value);
      }
      if (value.kind === 'array') for (const item of value.items) pending.push(item);
      if (value.kind === 'object') for (const entry of value.entries) pending.push(entry.value);
    }
    return undefined;
  }

  /**
   * Fatal at once, whatever is wrong further on.
   * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/time.go#L100
   */
  #decodeTime(value: DecodedValue, previous: Field): Field {
    if (value.kind === 'null') return previous;
    if (value.kind !== 'string') throw this.#wrongTypeOf(value, 'string');
    const problem = problemOfTime(value.value);
    if (problem !== undefined) throw new RefusedText(problem, value);
    return undefined;
  }

  #saveWrongType(value: DecodedValue, type: FieldType): void {
    const isInteger = type.kind === 'int64' && value.kind === 'number';
    this.#wrongType ??= this.#wrongTypeOf(value, type.type, isInteger ? `number ${value.text}` : value.kind);
  }

  #wrongTypeOf(value: DecodedValue, type: string, what: string = value.kind): RefusedText {
    const target = this.#path.length === 0 ? 'Go value' : `Go struct field ${this.#struct}.${this.#path.join('.')}`;
    return new RefusedText(`json: cannot unmarshal ${what} into ${target} of type ${type}`, value);
  }

  #saveStrictError(kind: 'unknown field' | 'duplicate field', strictPath: string, key: string): void {
    if (this.#strictErrors.size < MAX_STRICT_ERRORS)
      this.#strictErrors.add(`${kind} ${goQuote(join(strictPath, key))}`);
  }
}

function embeddedPath({embeddedIn}: FieldType): readonly string[] {
  return embeddedIn === undefined ? [] : [embeddedIn];
}

/** Whether null is a value of the type; otherwise it leaves a variable as it is. */
function isNullable(type: FieldType): boolean {
  if (type.kind === 'list' || type.kind === 'map') return true;
  return type.kind !== 'struct' && type.isEmptiedByNull === true;
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function isList(field: Field): field is FieldList {
  return typeof field === 'object' && 'items' in field;
}

function isStruct(field: Field): field is FieldStruct {
  return typeof field === 'object' && 'fields' in field;
}

function isInt64(text: string): boolean {
  if (!/^-?\d{1,19}$/.test(text)) return false;
  const value = BigInt(text);
  return value >= -(2n ** 63n) && value < 2n ** 63n;
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
  return isList(field) ? field.items : [];
}

const STRING: FieldType = {kind: 'string', type: 'string'};
const STRINGS: FieldType = {kind: 'list', type: '[]string', item: STRING};
const STRING_MAP: FieldType = {kind: 'map', type: 'map[string]string', item: STRING};
const BOOL: FieldType = {kind: 'bool', type: 'bool'};
const OPTIONAL_BOOL: FieldType = {...BOOL, isEmptiedByNull: true};
const INT64: FieldType = {kind: 'int64', type: 'int64'};
const TIME: FieldType = {kind: 'time', type: 'v1.Time'};

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/types.go#L295 */
const OWNER_REFERENCE: FieldType = {
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
};

/**
 * `subresource` came with 1.22.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/types.go#L1341
 */
function managedFieldsEntry(isSince: (minor: number) => boolean): FieldType {
  return {
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
      ...(isSince(22) && {subresource: STRING}),
    },
  };
}

/**
 * `clusterName` went with 1.25.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/types.go#L111
 */
function objectMeta(isSince: (minor: number) => boolean): NamedType & StructType {
  return {
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
      ownerReferences: {kind: 'list', type: '[]v1.OwnerReference', item: OWNER_REFERENCE},
      finalizers: STRINGS,
      ...(!isSince(25) && {clusterName: STRING}),
      managedFields: {kind: 'list', type: '[]v1.ManagedFieldsEntry', item: managedFieldsEntry(isSince)},
    },
  };
}

/**
 * The Policy of an API version, as Go's type in that release (undefined: the newest). `omitManagedFields` came with 1.23.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/v1/types.go#L160
 */
export function policyType(version: string, serverVersion: KubernetesVersion | undefined): FieldType {
  const isSince = (minor: number): boolean => serverVersion === undefined || isAtLeast(serverVersion, minor);
  const stages: FieldType = {
    kind: 'list',
    type: `[]${version}.Stage`,
    item: {kind: 'string', type: `${version}.Stage`},
  };
  const groupResources: FieldType = {
    kind: 'struct',
    type: `${version}.GroupResources`,
    name: 'GroupResources',
    fields: {
      group: {kind: 'string', type: 'string', isEmptiedByNull: !isSince(23)},
      resources: STRINGS,
      resourceNames: STRINGS,
    },
  };
  const rule: FieldType = {
    kind: 'struct',
    type: `${version}.PolicyRule`,
    name: 'PolicyRule',
    fields: {
      level: {kind: 'string', type: `${version}.Level`, isEmptiedByNull: !isSince(23)},
      users: STRINGS,
      userGroups: STRINGS,
      verbs: STRINGS,
      resources: {kind: 'list', type: `[]${version}.GroupResources`, item: groupResources},
      namespaces: STRINGS,
      nonResourceURLs: STRINGS,
      omitStages: stages,
      ...(isSince(23) && {omitManagedFields: OPTIONAL_BOOL}),
    },
  };
  return {
    kind: 'struct',
    type: `${version}.Policy`,
    name: 'Policy',
    fields: {
      kind: STRING,
      apiVersion: STRING,
      metadata: objectMeta(isSince),
      rules: {kind: 'list', type: `[]${version}.PolicyRule`, item: rule},
      omitStages: stages,
      ...(isSince(23) && {omitManagedFields: BOOL}),
    },
  };
}

/**
 * The Policy without a version, as Go's type: its fields have Go's names, and those of its metadata are its own. The
 * server decodes into it what has no apiVersion, and then refuses it.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/types.go#L165
 */
export function internalPolicyType(serverVersion: KubernetesVersion | undefined): FieldType {
  const isSince = (minor: number): boolean => serverVersion === undefined || isAtLeast(serverVersion, minor);
  // From 1.35 on messages name the struct that a field is embedded in.
  const embeddedIn = isSince(35) ? {embeddedIn: 'ObjectMeta'} : {};
  const metadata = Object.entries(objectMeta(isSince).fields).map(([name, type]) => [name, {...type, ...embeddedIn}]);
  const omitStages: FieldType = {kind: 'list', type: '[]audit.Stage', item: {kind: 'string', type: 'audit.Stage'}};
  // Nothing comes of the values, so it does not matter that it is optional in a rule.
  const omitManagedFields: Readonly<Record<string, FieldType>> = isSince(23) ? {OmitManagedFields: BOOL} : {};
  const groupResources: FieldType = {
    kind: 'struct',
    type: 'audit.GroupResources',
    name: 'GroupResources',
    fields: {Group: STRING, Resources: STRINGS, ResourceNames: STRINGS},
  };
  const rule: FieldType = {
    kind: 'struct',
    type: 'audit.PolicyRule',
    name: 'PolicyRule',
    fields: {
      Level: {kind: 'string', type: 'audit.Level'},
      Users: STRINGS,
      UserGroups: STRINGS,
      Verbs: STRINGS,
      Resources: {kind: 'list', type: '[]audit.GroupResources', item: groupResources},
      Namespaces: STRINGS,
      NonResourceURLs: STRINGS,
      OmitStages: omitStages,
      ...omitManagedFields,
    },
  };
  return {
    kind: 'struct',
    type: 'audit.Policy',
    name: 'Policy',
    fields: {
      kind: STRING,
      apiVersion: STRING,
      ...Object.fromEntries(metadata),
      Rules: {kind: 'list', type: '[]audit.PolicyRule', item: rule},
      OmitStages: omitStages,
      ...omitManagedFields,
    },
  };
}
