/**
 * Reads a policy text as the API server does at its start: a port of LoadPolicyFromBytes and of the decoders under it.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/reader.go
 */
import {isAtLeast} from '../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {LEVELS, STAGES} from '../model/policy.ts';
import type {AuditPolicy, Level, Stage} from '../model/policy.ts';
import {decodeJson} from './decode-json.ts';
import {asStruct, decodeFields, flagOf, policyType, structsOf, textOf, textsOf} from './decode-policy.ts';
import type {FieldStruct} from './decode-policy.ts';
import {decodeYaml} from './decode-yaml.ts';
import {RefusedText} from './decoded-value.ts';
import type {DecodedValue} from './decoded-value.ts';
import {goQuote} from './go-quote.ts';
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
  | {
      readonly kind: 'refused';
      /** The server's own message, without the prefix `loading audit policy file: ` and the suffix `: from file …`. */
      readonly message: string;
      /** Counted from 1, where known. */
      readonly line?: number;
    };

/** Larger texts are not read. No server refuses them; the largest policies in use have some ten thousand bytes. */
const MAX_LENGTH = 1024 * 1024;

const GROUP = 'audit.k8s.io';
const INTERNAL = '__internal';

/**
 * Reads `text` as an API server of `serverVersion` would; undefined judges as the newest release.
 *
 * The text is UTF-8 already decoded: that a file is no UTF-8, which is fatal in YAML, has to be found where it is read.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/policy/reader.go#L63
 */
export function loadPolicy(
  text: string,
  {serverVersion}: {readonly serverVersion: KubernetesVersion | undefined},
): LoadedPolicy {
  if (text.length > MAX_LENGTH) {
    const message = `the policy is longer than ${MAX_LENGTH} characters, too long to be judged here (no API server refuses it for that)`;
    return {kind: 'refused', message};
  }
  const decoded = decodePolicy(text, serverVersion);
  if (decoded.kind === 'refused') return decoded;

  const invalid = validatePolicy(decoded.policy, serverVersion);
  if (invalid !== undefined) return refused(invalid.message, invalid.line);
  if (decoded.policy.rules.length === 0) return refused('loaded illegal policy with 0 rules');
  return {kind: 'loaded', policy: validated(decoded.policy), warnings: decoded.warnings};
}

type DecodedPolicy =
  | Extract<LoadedPolicy, {kind: 'refused'}>
  | {readonly kind: 'decoded'; readonly policy: UnvalidatedPolicy; readonly warnings: readonly string[]};

function decodePolicy(text: string, serverVersion: KubernetesVersion | undefined): DecodedPolicy {
  try {
    return decodeGroupVersionKind(text, decodeText(text), serverVersion);
  } catch (error) {
    if (error instanceof RefusedText) return refused(`failed decoding: ${error.message}`, error.line);
    if (error instanceof RangeError) return refused('failed decoding: nested too deeply to be judged here');
    throw error;
  }
}

interface DecodedText {
  readonly value: DecodedValue;
  /** Of YAML: in JSON repeated keys are found field by field. */
  readonly duplicateKeys: string | undefined;
}

/**
 * The first byte that is no space decides: `{` is JSON, and then nothing but JSON.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/recognizer/recognizer.go#L80
 */
function decodeText(text: string): DecodedText {
  if (text.startsWith('k8s\0')) throw new RefusedText('the text is protobuf, which is not read here');
  // Go's unicode.IsSpace. A byte order mark is no space, so JSON after one is read as YAML.
  if (/^[\t\n\v\f\r \x85\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]*\{/.test(text)) {
    return {value: interpretable(() => decodeJson(text)), duplicateKeys: undefined};
  }
  return decodeYaml(text);
}

/** The first to parse JSON is the search for version and kind, so syntax errors carry its prefix. */
function interpretable<T>(decode: () => T): T {
  try {
    return decode();
  } catch (error) {
    if (!(error instanceof RefusedText)) throw error;
    throw new RefusedText(`couldn't get version/kind; json parse error: ${error.message}`, error.line);
  }
}

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/json/json.go#L138 */
function decodeGroupVersionKind(
  text: string,
  {value, duplicateKeys}: DecodedText,
  serverVersion: KubernetesVersion | undefined,
): DecodedPolicy {
  const gvk = withDefaults(interpret(value));
  if (gvk.version === '') throw new RefusedText(`Object 'apiVersion' is missing in '${text}'`);
  if (gvk.group === GROUP && gvk.version === INTERNAL && gvk.kind === 'Policy') {
    return refused(`unknown group version field ${GROUP}/${INTERNAL}, Kind=Policy in policy`);
  }
  if (!isAccepted(gvk, serverVersion)) throw new RefusedText(unacceptedKind(gvk), lineOf(value, 'apiVersion'));

  const hasOmitManagedFields = serverVersion === undefined || isAtLeast(serverVersion, 23);
  const {field, strictErrors} = decodeFields(value, policyType(gvk.version, hasOmitManagedFields));
  return {
    kind: 'decoded',
    policy: policyOf(asStruct(field)),
    warnings: warningsFor(gvk, duplicateKeys, strictErrors, serverVersion),
  };
}

/**
 * Version and kind, found with keys in any case: of several spellings the last one counts.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/json/meta.go#L48
 */
function interpret(value: DecodedValue): GroupVersionKind {
  const prefix = "couldn't get version/kind; json parse error: json: cannot unmarshal";
  if (value.kind === 'null') return {group: '', version: '', kind: ''};
  if (value.kind !== 'object') {
    const type = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
    throw new RefusedText(`${prefix} ${value.kind} into Go value of type ${type}`, value.line);
  }
  const found = {apiVersion: '', kind: ''};
  for (const [key, child] of value.entries) {
    const name = FOLDED_NAMES.get(fold(key));
    if (name === undefined || child.kind === 'null') continue;
    if (child.kind !== 'string') {
      throw new RefusedText(`${prefix} ${child.kind} into Go struct field .${name} of type string`, child.line);
    }
    found[name] = child.value;
  }
  return {...parseGroupVersion(found.apiVersion, lineOf(value, 'apiVersion')), kind: found.kind};
}

const FOLDED_NAMES: ReadonlyMap<string, 'apiVersion' | 'kind'> = new Map([
  ['apiversion', 'apiVersion'],
  ['kind', 'kind'],
]);

/** Go's encoding/json also folds two letters beyond ASCII: the long s and the Kelvin sign. */
function fold(key: string): string {
  return key
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k')
    .replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/schema/group_version.go#L211 */
function parseGroupVersion(text: string, line: number | undefined): {group: string; version: string} {
  if (text === '' || text === '/') return {group: '', version: ''};
  const parts = text.split('/');
  const [first = '', second] = parts;
  if (parts.length > 2) throw new RefusedText(`unexpected GroupVersion string: ${text}`, line);
  return second === undefined ? {group: '', version: first} : {group: first, version: second};
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/json/json.go#L116 */
function withDefaults({group, version, kind}: GroupVersionKind): GroupVersionKind {
  const defaultsVersion = version === '' && (group === '' || group === GROUP);
  return {
    group: defaultsVersion ? GROUP : group,
    version: defaultsVersion ? INTERNAL : version,
    kind: kind === '' ? 'Policy' : kind,
  };
}

function isAccepted({group, version, kind}: GroupVersionKind, serverVersion: KubernetesVersion | undefined): boolean {
  if (group !== GROUP || kind !== 'Policy') return false;
  if (version === 'v1') return true;
  const isBeta = version === 'v1beta1' || version === 'v1alpha1';
  return isBeta && serverVersion !== undefined && !isAtLeast(serverVersion, 24);
}

/** Kinds of the audit group, and those that metav1.AddToGroupVersion registers with every group. */
const AUDIT_KINDS = ['Event', 'EventList', 'PolicyList'];
const META_KINDS = [
  'WatchEvent',
  'ListOptions',
  'GetOptions',
  'DeleteOptions',
  'CreateOptions',
  'UpdateOptions',
  'PatchOptions',
];
/** Registered without regard to the version. */
const UNVERSIONED_KINDS = ['Status', 'APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList'];

/** Why a kind that is no Policy, or a Policy of a version the release does not know, is refused. */
function unacceptedKind({group, version, kind}: GroupVersionKind): string {
  const isAudit = group === GROUP && (version === 'v1' || version === INTERNAL);
  const isCore = group === '' && version === 'v1';
  const isKnown =
    UNVERSIONED_KINDS.includes(kind) ||
    (isAudit && AUDIT_KINDS.includes(kind)) ||
    ((isAudit || isCore) && version === 'v1' && META_KINDS.includes(kind));
  if (isKnown) {
    const goPackage = version === INTERNAL && !UNVERSIONED_KINDS.includes(kind) ? 'audit' : 'v1';
    return `converting (${goPackage}.${kind}) to (audit.Policy): unknown conversion`;
  }
  const quotedKind = goQuote(kind);
  // The scheme's name is the place in the server's source where it was made; it differs by release.
  const scheme = 'in scheme "pkg/runtime/scheme.go:110"';
  if (version === INTERNAL) {
    return `no kind ${quotedKind} is registered for the internal version of group ${goQuote(group)} ${scheme}`;
  }
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return `no kind ${quotedKind} is registered for version ${goQuote(groupVersion)} ${scheme}`;
}

function warningsFor(
  {group, version}: GroupVersionKind,
  duplicateKeys: string | undefined,
  strictErrors: readonly string[],
  serverVersion: KubernetesVersion | undefined,
): string[] {
  const strict = serverVersion === undefined || isAtLeast(serverVersion, 26);
  if (strict) return duplicateKeys === undefined ? [...strictErrors] : [duplicateKeys, ...strictErrors];
  if (version === 'v1' || !isAtLeast(serverVersion, 21)) return [];
  return [
    `${goQuote(`${group}/${version}`)} is deprecated and will be removed in a future release, use "${GROUP}/v1" instead`,
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

function lineOf(value: DecodedValue, name: string): number | undefined {
  if (value.kind !== 'object') return value.line;
  return value.entries.find(([key]) => key === name)?.[1].line;
}

function refused(message: string, line?: number): Extract<LoadedPolicy, {kind: 'refused'}> {
  return {kind: 'refused', message, ...(line !== undefined && {line})};
}
