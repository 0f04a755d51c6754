/**
 * Which version and kind a text says it has, and whether the server takes it for a policy.
 */
import {isAtLeast} from '../../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {RefusedText} from './decoded-value.ts';
import type {DecodedValue, Position} from './decoded-value.ts';
import {goQuote} from './go-quote.ts';

export const AUDIT_GROUP = 'audit.k8s.io';
const INTERNAL = '__internal';

interface GroupVersionKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
}

/** Version and kind as the server takes them, and where they stand: where they are missing, the whole text. */
export interface PolicyKind extends GroupVersionKind {
  readonly versionAt: Position;
  readonly kindAt: Position;
}

/** Go's `%v` of a version and kind. */
export function nameOfKind({group, version, kind}: PolicyKind): string {
  return `${group}/${version}, Kind=${kind}`;
}

/** A Policy without a version, which the decoder takes, but not the reader of policies. */
export function isInternalPolicy({group, version, kind}: PolicyKind): boolean {
  return group === AUDIT_GROUP && version === INTERNAL && kind === 'Policy';
}

/** Throws `RefusedText` for what is no Policy, and for a Policy of a version that the release does not know. */
export function refuseOtherKind(policyKind: PolicyKind, serverVersion: KubernetesVersion | undefined): void {
  const {group, version, kind, kindAt, versionAt} = policyKind;
  const isPolicy = kind === 'Policy';
  if (isPolicy && group === AUDIT_GROUP && isPolicyVersion(version, serverVersion)) return;
  throw new RefusedText(unacceptedKind(policyKind, serverVersion), isPolicy ? versionAt : kindAt);
}

/**
 * Version and kind, with what the server takes where they are missing. Throws `RefusedText` where they are no texts.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/json/json.go#L116
 */
export function kindOfPolicy(value: DecodedValue): PolicyKind {
  const {apiVersion, kind} = interpret(value);
  const {group, version} = parseGroupVersion(apiVersion);
  const isDefault = version === '' && (group === '' || group === AUDIT_GROUP);
  return {
    group: isDefault ? AUDIT_GROUP : group,
    version: isDefault ? INTERNAL : version,
    kind: kind.value === '' ? 'Policy' : kind.value,
    versionAt: apiVersion.at,
    kindAt: kind.at,
  };
}

/** A text and where it stands; empty where it is missing. */
interface Found {
  readonly value: string;
  readonly at: Position;
}

const PREFIX = "couldn't get version/kind; json parse error: json: cannot unmarshal";

/**
 * Keys may be in any case; of several spellings the last one counts.
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/runtime/serializer/json/meta.go#L48
 */
function interpret(value: DecodedValue): {readonly apiVersion: Found; readonly kind: Found} {
  const found = {apiVersion: {value: '', at: value as Position}, kind: {value: '', at: value as Position}};
  if (value.kind === 'null') return found;
  if (value.kind !== 'object') {
    const type = String.raw`struct { APIVersion string "json:\"apiVersion,omitempty\""; Kind string "json:\"kind,omitempty\"" }`;
    throw new RefusedText(`${PREFIX} ${value.kind} into Go value of type ${type}`, value);
  }
  for (const {key, value: child} of value.entries) {
    const name = FOLDED_NAMES.get(fold(key));
    if (name === undefined || child.kind === 'null') continue;
    if (child.kind !== 'string') {
      throw new RefusedText(`${PREFIX} ${child.kind} into Go struct field .${name} of type string`, child);
    }
    found[name] = {value: child.value, at: child};
  }
  return found;
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
function parseGroupVersion({value, at}: Found): {group: string; version: string} {
  if (value === '' || value === '/') return {group: '', version: ''};
  const [first = '', second, ...more] = value.split('/');
  if (more.length > 0) throw new RefusedText(`unexpected GroupVersion string: ${value}`, at);
  return second === undefined ? {group: '', version: first} : {group: first, version: second};
}

function isPolicyVersion(version: string, serverVersion: KubernetesVersion | undefined): boolean {
  if (version === 'v1') return true;
  const isBeta = version === 'v1beta1' || version === 'v1alpha1';
  return isBeta && serverVersion !== undefined && !isAtLeast(serverVersion, 24);
}

/** Kinds of the audit group that are no Policy. */
const AUDIT_KINDS = ['Event', 'EventList', 'PolicyList'];
/** Kinds that come with every group and version. */
const META_KINDS = [
  'WatchEvent',
  'ListOptions',
  'GetOptions',
  'DeleteOptions',
  'CreateOptions',
  'UpdateOptions',
  'PatchOptions',
];
/** Known whatever their group and version. */
const UNVERSIONED_KINDS = ['Status', 'APIVersions', 'APIGroupList', 'APIGroup', 'APIResourceList'];

/**
 * The Go type of a kind that the audit scheme knows besides Policy.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/scheme.go#L33
 * @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/apis/meta/v1/register.go#L66
 */
function typeOfKind(
  {group, version, kind}: GroupVersionKind,
  serverVersion: KubernetesVersion | undefined,
): string | undefined {
  if (UNVERSIONED_KINDS.includes(kind)) return `v1.${kind}`;
  const isAuditVersion = group === AUDIT_GROUP && isPolicyVersion(version, serverVersion);
  const isMetaVersion = isAuditVersion || (group === '' && version === 'v1');
  if (isMetaVersion && META_KINDS.includes(kind)) return `v1.${kind}`;
  if (isAuditVersion && AUDIT_KINDS.includes(kind)) return `${version}.${kind}`;
  if (version !== INTERNAL) return undefined;
  if (group === AUDIT_GROUP && AUDIT_KINDS.includes(kind)) return `audit.${kind}`;
  return kind === 'WatchEvent' && (group === AUDIT_GROUP || group === '') ? 'v1.InternalEvent' : undefined;
}

/** Why a kind that is no Policy, or a Policy of a version the release does not know, is refused. */
function unacceptedKind(gvk: GroupVersionKind, serverVersion: KubernetesVersion | undefined): string {
  const {group, version, kind} = gvk;
  const type = typeOfKind(gvk, serverVersion);
  if (type !== undefined) return `converting (${type}) to (audit.Policy): unknown conversion`;
  const quotedKind = goQuote(kind);
  // The scheme's name is the place in the server's source where it was made; it differs by release.
  const scheme = 'in scheme "pkg/runtime/scheme.go:110"';
  if (version === INTERNAL) {
    return `no kind ${quotedKind} is registered for the internal version of group ${goQuote(group)} ${scheme}`;
  }
  const groupVersion = group === '' ? version : `${group}/${version}`;
  return `no kind ${quotedKind} is registered for version ${goQuote(groupVersion)} ${scheme}`;
}
