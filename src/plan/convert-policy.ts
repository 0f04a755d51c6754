/**
 * Turns policies of the versions that Kubernetes 1.24 dropped into v1, by splicing the version and nothing else.
 *
 * There is nothing else to change: the three versions have the same fields, which the API server copies one by one, and no
 * defaults.
 * @see https://github.com/kubernetes/apiserver/blob/v0.23.17/pkg/apis/audit/v1beta1/zz_generated.conversion.go#L279
 * @see https://github.com/kubernetes/apiserver/blob/v0.23.17/pkg/apis/audit/v1alpha1/zz_generated.conversion.go#L262
 */
import {type Document, LineCounter, isAlias, isMap, isScalar, isSeq, parseAllDocuments} from 'yaml';
import {loadPolicy} from '../evaluate/load/load-policy.ts';
import {type FoundPolicy, findPolicies, originOf} from '../model/embedded-policy.ts';
import {parseKubernetesVersion} from '../model/kubernetes-version.ts';
import type {Conversion, ConvertedVersion} from '../model/policy-conversion.ts';

/** The last release that takes all three versions. */
const LAST_WITH_ALL = parseKubernetesVersion('1.23');

/**
 * Converts every policy in `text`: the text itself, or policies that a ConfigMap or another document holds as text. All
 * else stays as it is, byte for byte. Before it is returned the result is loaded as the newest release and as 1.23 would
 * load it, and must be the same policy.
 */
export function convertPolicy(text: string): Conversion {
  const found = policiesIn(text);
  if (found.length === 0)
    return refused('it holds no audit policy', undefined, 'give a policy, or a document that holds one');
  const splices: Splice[] = [];
  for (const policy of found) {
    if (isLoaded(policy.text)) continue;
    const result = splicesOf(policy, text);
    if (!Array.isArray(result)) return result;
    splices.push(...result);
  }
  const converted = apply(text, splices);
  const warnings = policiesIn(converted).flatMap((policy) => {
    const loaded = loadPolicy(policy.text, {serverVersion: undefined});
    return loaded.kind === 'loaded' ? loaded.warnings : [];
  });
  if (splices.length === 0) return {kind: 'unchanged', warnings};
  if (!isSame(text, converted)) {
    return refused('its version cannot be replaced without changing what it means', splices[0]?.line, BY_HAND);
  }
  const versions = splices.map(({line, from, document}) => ({line, from, document}));
  return {kind: 'converted', text: converted, versions, warnings};
}

const BY_HAND = 'write apiVersion: audit.k8s.io/v1 by hand, then check it: kubectl audit policy lint';

function policiesIn(text: string): readonly FoundPolicy[] {
  const file = findPolicies(text, () => undefined);
  return file.kind === 'policies' ? file.policies : [];
}

/** As the newest release, which takes v1 alone. */
function isLoaded(text: string): boolean {
  return loadPolicy(text, {serverVersion: undefined}).kind === 'loaded';
}

interface Splice extends ConvertedVersion {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

function splicesOf(policy: FoundPolicy, file: string): Splice[] | Extract<Conversion, {kind: 'refused'}> {
  const old = loadPolicy(policy.text, {serverVersion: LAST_WITH_ALL});
  if (old.kind === 'refused') {
    const line = old.line === undefined ? undefined : originOf(policy, {line: old.line, column: 1}).line;
    return refused(`no release would take this policy: ${old.message}`, line, 'kubectl audit policy lint says more');
  }
  const places = versionPlaces(policy.text).map((place) => inFile(place, policy, file));
  if (places.length === 0 || places.some((place) => place === undefined)) {
    const where = policy.document === undefined ? 'its version' : `the policy in ${policy.document}`;
    const line = originOf(policy, {line: 1, column: 1}).line;
    return refused(`${where} is not written out in a form that can be replaced`, line, BY_HAND);
  }
  return places.filter((place) => place !== undefined);
}

/** Where the text names an old version. */
interface VersionPlace {
  readonly line: number;
  readonly column: number;
  readonly version: string;
}

const OLD_VERSION = /audit\.k8s\.io\/v1(?:alpha|beta)1/;

/** The old versions that `apiVersion` has in the first document, the only one that is read; also through anchors. */
function versionPlaces(source: string): VersionPlace[] {
  const text = withLineFeeds(source);
  const lineCounter = new LineCounter();
  const documents = parseAllDocuments(text, {lineCounter, uniqueKeys: false, strict: false, logLevel: 'silent'});
  const [document] = Array.isArray(documents) ? documents : [];
  if (document === undefined) return [];
  const offsets = new Set<number>();
  for (const node of versionNodes(document, document.contents)) {
    if (!isScalar(node) || node.range === undefined || node.range === null) continue;
    const [start, end] = node.range;
    const inSource = OLD_VERSION.exec(text.slice(start, end));
    if (inSource !== null) offsets.add(start + inSource.index);
  }
  return [...offsets].map((offset) => {
    const {line, col} = lineCounter.linePos(offset);
    return {line, column: col, version: OLD_VERSION.exec(text.slice(offset))?.[0] ?? ''};
  });
}

/** The values of `apiVersion`, in any spelling of the key, and in maps that `<<` merges. */
function versionNodes(document: Document, node: unknown): unknown[] {
  const target = isAlias(node) ? node.resolve(document) : node;
  if (isSeq(target)) return target.items.flatMap((item) => versionNodes(document, item));
  if (!isMap(target)) return [];
  return target.items.flatMap(({key, value}) => {
    const name = isScalar(key) ? String(key.value) : '';
    if (name === '<<') return versionNodes(document, value);
    if (name.toLowerCase() !== 'apiversion') return [];
    return [isAlias(value) ? value.resolve(document) : value];
  });
}

/** The place in the file; undefined where the policy is encoded, so that nothing stands there as it is. */
function inFile({line, column, version}: VersionPlace, policy: FoundPolicy, file: string): Splice | undefined {
  const place = originOf(policy, {line, column});
  const start = lineStart(file, place.line) + place.column - 1;
  const end = start + version.length;
  if (file.slice(start, end) !== version) return undefined;
  return {start, end, line: place.line, from: version, document: policy.document, replacement: 'audit.k8s.io/v1'};
}

function lineStart(text: string, line: number): number {
  const breaks = [...withLineFeeds(text).matchAll(/\n/g)];
  const before = breaks[line - 2];
  return before === undefined ? 0 : before.index + 1;
}

/** The API server breaks lines where the `yaml` package does not. One character for another: offsets stay. */
function withLineFeeds(text: string): string {
  return text.replace(/\r(?!\n)|[\x85\u2028\u2029]/g, '\n');
}

function apply(text: string, splices: readonly Splice[]): string {
  return splices
    .toSorted((left, right) => right.start - left.start)
    .reduce((result, {start, end, replacement}) => result.slice(0, start) + replacement + result.slice(end), text);
}

/** Whether all policies of `after` are taken by the newest release and by 1.23, and are those of `before`. */
function isSame(before: string, after: string): boolean {
  const [old, converted] = [policiesIn(before), policiesIn(after)];
  if (old.length !== converted.length) return false;
  return converted.every(({text, document}, index) => {
    const wanted = loadedText(old[index]?.text ?? '', LAST_WITH_ALL);
    if (wanted === undefined || document !== old[index]?.document) return false;
    return loadedText(text, undefined) === wanted && loadedText(text, LAST_WITH_ALL) === wanted;
  });
}

/** A policy as one text to compare, lines included: no line moves. */
function loadedText(text: string, serverVersion: typeof LAST_WITH_ALL): string | undefined {
  const loaded = loadPolicy(text, {serverVersion});
  return loaded.kind === 'loaded' ? JSON.stringify(loaded.policy) : undefined;
}

function refused(message: string, line: number | undefined, next: string): Extract<Conversion, {kind: 'refused'}> {
  return {kind: 'refused', message, line, next};
}
