/**
 * Reads a policy text as the API server does at its start: a port of LoadPolicyFromBytes and of the decoders under it.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/reader.go
 */
import {isAtLeast} from '../../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {LEVELS, STAGES} from '../../model/policy.ts';
import type {AuditPolicy, Level, Stage} from '../../model/policy.ts';
import {decodeJson} from './decode-json.ts';
import {
  asStruct,
  decodeFields,
  flagOf,
  internalPolicyType,
  policyType,
  structsOf,
  textOf,
  textsOf,
} from './decode-policy.ts';
import type {FieldStruct} from './decode-policy.ts';
import {decodeUtf8} from './decode-utf8.ts';
import {decodeYaml} from './decode-yaml.ts';
import {RefusedText, positionAt} from './decoded-value.ts';
import type {DecodedValue, Position, ReadingContext} from './decoded-value.ts';
import {goQuote} from './go-quote.ts';
import {AUDIT_GROUP, isInternalPolicy, kindOfPolicy, nameOfKind, refuseOtherKind} from './policy-kind.ts';
import type {PolicyKind} from './policy-kind.ts';
import {validatePolicy} from './validate-policy.ts';
import type {UnvalidatedPolicy, UnvalidatedRule} from './validate-policy.ts';

/** What becomes of a policy text. */
export type LoadedPolicy =
  | {
      readonly kind: 'loaded';
      readonly policy: AuditPolicy;
      /**
       * What the server would note without refusing the policy, in its words: `unknown field "rules[0].foo"`. Joined
       * by ", " they are what follows `strict decoding error: ` in its log.
       */
      readonly warnings: readonly string[];
    }
  | RefusedPolicy;

/** A policy text that the server refuses, and then does not start. */
export interface RefusedPolicy {
  readonly kind: 'refused';
  readonly step: RefusingStep;
  /** The server's own message, without the prefix `loading audit policy file: ` and the suffix `: from file …`. */
  readonly message: string;
  /** Of the first fault, counted from 1, where known. */
  readonly line?: number;
  /** Of the first fault, counted from 1, where known. */
  readonly column?: number;
  /** Of a fault of syntax: what was being read, and where that began. */
  readonly context?: ReadingContext;
  /** Every fault that `message` joins, in its order: more than one after validation only. */
  readonly faults: readonly PolicyFault[];
}

/** The step of loading at which a policy is refused: each is reached only when those before it hold. */
export type RefusingStep = 'decode' | 'group-version' | 'validation' | 'no-rules';

/** One reason for a refusal, in the server's words; the place is that of the value at fault, where known. */
export interface PolicyFault {
  readonly message: string;
  readonly line: number | undefined;
  readonly column: number | undefined;
}

/** A text as plain data, before any meaning of a policy is given to it. */
export interface DecodedPolicyText {
  readonly kind: 'decoded';
  /** JSON is what begins with `{`. */
  readonly format: 'json' | 'yaml';
  readonly value: DecodedValue;
  /** In YAML: where another document, or whatever stands after the first, begins. The server reads none of it. */
  readonly unreadFrom: Position | undefined;
}

/** Larger texts are not read. No server refuses them; the largest policies in use have some ten thousand bytes. */
const MAX_LENGTH = 1024 * 1024;

/** What decides how a text is read. Undefined judges as the newest release. */
export interface LoadOptions {
  readonly serverVersion: KubernetesVersion | undefined;
}

/**
 * The plain data in `content`, all keys kept and each with its place, as `loadPolicy` goes on with it; or why an API
 * server of that release could not even read it.
 */
export function decodePolicyText(
  content: string | Uint8Array,
  options: LoadOptions,
): DecodedPolicyText | RefusedPolicy {
  return refusable(content, () => {
    const {value, format, unreadFrom} = decodeText(content, options);
    return {kind: 'decoded', format, value, unreadFrom};
  });
}

/**
 * Reads `content` as an API server of `serverVersion` would. Bytes are what the server reads; a string stands for its
 * UTF-8.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/reader.go#L63
 */
export function loadPolicy(content: string | Uint8Array, options: LoadOptions): LoadedPolicy {
  const decoded = refusable(content, () => decodeGroupVersionKind(decodeText(content, options), options.serverVersion));
  if (decoded.kind === 'refused') return decoded;

  const {policy, root, warnings} = decoded;
  const invalid = validatePolicy(policy, options.serverVersion);
  if (invalid !== undefined) {
    const faults = invalid.faults.map(({message, path}) => ({message, ...positionAt(root, path)}));
    return refused('validation', invalid.message, faults);
  }
  if (policy.rules.length === 0) {
    return refusedAt('no-rules', 'loaded illegal policy with 0 rules', positionAt(root, ['rules']));
  }
  return {kind: 'loaded', policy: validated(policy), warnings};
}

interface DecodedPolicy {
  readonly kind: 'decoded';
  readonly policy: UnvalidatedPolicy;
  readonly root: DecodedValue;
  readonly warnings: readonly string[];
}

function refusable<T>(content: string | Uint8Array, decode: () => T): T | RefusedPolicy {
  if (content.length > MAX_LENGTH) {
    const message = `the policy is longer than ${MAX_LENGTH} characters, too long to be judged here (no API server refuses it for that)`;
    return refusedAt('decode', message, undefined);
  }
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof RefusedText)) throw error;
    const {message, position, context} = error;
    return refusedAt('decode', `failed decoding: ${message}`, position, context);
  }
}

interface DecodedText {
  readonly format: 'json' | 'yaml';
  readonly text: string;
  readonly value: DecodedValue;
  readonly unreadFrom: Position | undefined;
  /** Of YAML: in JSON repeated keys are found field by field. */
  readonly duplicateKeys: string | undefined;
}

/**
 * The first byte that is no space decides: `{` is JSON, and then nothing but JSON.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/recognizer/recognizer.go#L80
 */
function decodeText(content: string | Uint8Array, {serverVersion}: LoadOptions): DecodedText {
  const text = typeof content === 'string' ? content.toWellFormed() : decodeUtf8(content);
  if (text.startsWith('k8s\0')) throw new RefusedText('the text is protobuf, which is not read here');
  // Go's unicode.IsSpace. A byte order mark is no space, so JSON after one is read as YAML.
  if (/^[\t\n\v\f\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/.test(text)) {
    const value = interpretable(() => decodeJson(text));
    return {format: 'json', text, value, duplicateKeys: undefined, unreadFrom: undefined};
  }
  // What is no UTF-8 may be UTF-16.
  return {format: 'yaml', text, ...decodeYaml(text.isWellFormed() ? text : content, serverVersion)};
}

/** The first to parse JSON is the search for version and kind, so syntax errors carry its prefix. */
function interpretable<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof RefusedText)) throw error;
    throw new RefusedText(`couldn't get version/kind; json parse error: ${error.message}`, error.position);
  }
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/json/json.go#L138 */
function decodeGroupVersionKind(
  {text, value, duplicateKeys}: DecodedText,
  serverVersion: KubernetesVersion | undefined,
): DecodedPolicy | RefusedPolicy {
  const kind = kindOfPolicy(value);
  if (kind.version === '') {
    throw new RefusedText(`Object 'apiVersion' is missing in '${text.toWellFormed()}'`, kind.versionAt);
  }
  if (isInternalPolicy(kind)) {
    decodeFields(value, internalPolicyType(serverVersion), serverVersion);
    return refusedAt('group-version', `unknown group version field ${nameOfKind(kind)} in policy`, kind.versionAt);
  }
  refuseOtherKind(kind, serverVersion);

  const {field, strictErrors} = decodeFields(value, policyType(kind.version, serverVersion), serverVersion);
  return {
    kind: 'decoded',
    policy: policyOf(asStruct(field)),
    root: value,
    warnings: warningsFor(kind, duplicateKeys, strictErrors, serverVersion),
  };
}

function warningsFor(
  {group, version}: PolicyKind,
  duplicateKeys: string | undefined,
  strictErrors: readonly string[],
  serverVersion: KubernetesVersion | undefined,
): string[] {
  const strict = serverVersion === undefined || isAtLeast(serverVersion, 26);
  if (strict) return duplicateKeys === undefined ? [...strictErrors] : [duplicateKeys, ...strictErrors];
  if (version === 'v1' || !isAtLeast(serverVersion, 21)) return [];
  return [
    `${goQuote(`${group}/${version}`)} is deprecated and will be removed in a future release, use "${AUDIT_GROUP}/v1" instead`,
  ];
}

function policyOf(struct: FieldStruct | undefined): UnvalidatedPolicy {
  return {
    omitStages: textsOf(struct, 'omitStages'),
    omitManagedFields: flagOf(struct, 'omitManagedFields') ?? false,
    rules: structsOf(struct, 'rules').map(ruleOf),
  };
}

function ruleOf(struct: FieldStruct | undefined): UnvalidatedRule {
  return {
    level: textOf(struct, 'level'),
    users: textsOf(struct, 'users'),
    userGroups: textsOf(struct, 'userGroups'),
    verbs: textsOf(struct, 'verbs'),
    resources: structsOf(struct, 'resources').map((entry) => ({
      group: textOf(entry, 'group'),
      resources: textsOf(entry, 'resources'),
      resourceNames: textsOf(entry, 'resourceNames'),
    })),
    namespaces: textsOf(struct, 'namespaces'),
    nonResourceURLs: textsOf(struct, 'nonResourceURLs'),
    omitStages: textsOf(struct, 'omitStages'),
    omitManagedFields: flagOf(struct, 'omitManagedFields'),
    line: struct?.line,
  };
}

/** Narrows what validation has accepted. */
function validated(policy: UnvalidatedPolicy): AuditPolicy {
  return {
    ...policy,
    omitStages: policy.omitStages.filter(isStage),
    rules: policy.rules.map((rule) => ({
      ...rule,
      level: isLevel(rule.level) ? rule.level : 'None',
      omitStages: rule.omitStages.filter(isStage),
    })),
  };
}

function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}

function isStage(text: string): text is Stage {
  return (STAGES as readonly string[]).includes(text);
}

function refusedAt(
  step: RefusingStep,
  message: string,
  position: Position | undefined,
  context?: ReadingContext,
): RefusedPolicy {
  return refused(step, message, [{message, line: position?.line, column: position?.column}], context);
}

function refused(
  step: RefusingStep,
  message: string,
  faults: readonly PolicyFault[],
  context?: ReadingContext,
): RefusedPolicy {
  const {line, column} = faults[0] ?? {};
  return {
    kind: 'refused',
    step,
    message,
    ...(line !== undefined && {line}),
    ...(column !== undefined && {column}),
    ...(context !== undefined && {context}),
    faults,
  };
}
