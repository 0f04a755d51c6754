/**
 * What every family of rules is given: the policy as text, as plain data and as the server reads it, and what is known
 * of the server.
 */
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {LintWhere, RuleReference} from '../../model/lint-finding.ts';
import {parseKubernetesVersion} from '../../model/kubernetes-version.ts';
import type {AuditPolicy, PolicyRule, Stage} from '../../model/policy.ts';
import type {DiscoveredResources} from '../../model/served-resources.ts';
import {childAt, positionAt} from '../load/decoded-value.ts';
import type {DecodedValue, PathStep, Position} from '../load/decoded-value.ts';
import {decodePolicyText, loadPolicy} from '../load/load-policy.ts';
import type {LoadedPolicy} from '../load/load-policy.ts';
import {unionStages} from '../match.ts';
import {ResourceCatalogue} from './catalogue.ts';
import {RequestSpace} from './reach.ts';

/** The minor releases of Kubernetes 1 whose loading is known. */
const OLDEST_MINOR = 18;
const NEWEST_MINOR = 37;
/** Those with which it changed what is accepted. */
const CHANGES: readonly number[] = [OLDEST_MINOR, 22, 23, 24, 25, 36];

/** What a policy is judged for. */
export interface LintOptions {
  /** Undefined: the newest release that is known. */
  readonly serverVersion: KubernetesVersion | undefined;
  /** Undefined: no cluster was asked. */
  readonly served: DiscoveredResources | undefined;
  /** The line of the file, where the policy is embedded in one; undefined: the same. */
  readonly lineInFile?: (line: number) => number;
}

/** One policy, ready to be judged. */
export interface LintInput {
  /** What the server reads: bytes where they are known. */
  readonly content: string | Uint8Array;
  readonly text: string;
  /** Undefined where the text cannot be read at all. */
  readonly root: DecodedValue | undefined;
  /** Where the server stops reading; undefined where it reads all, or nothing. */
  readonly unreadFrom: Position | undefined;
  /** What the server that is judged for makes of it. */
  readonly loaded: LoadedPolicy;
  /** Also there where nothing but the age of the apiVersion speaks against the policy. */
  readonly judged: JudgedPolicy | undefined;
  readonly options: LintOptions;
  readonly releases: ReturnType<typeof releasesFor>;
  readonly minor: number;
  readonly catalogue: ResourceCatalogue;
}

/** A policy that loads, with its requests. */
export interface JudgedPolicy {
  readonly policy: AuditPolicy;
  readonly space: RequestSpace;
}

/** Reads a policy once for all families. */
export function lintInput(content: string | Uint8Array, options: LintOptions): LintInput {
  const {serverVersion} = options;
  const minor = serverVersion?.minor ?? NEWEST_MINOR;
  const decoded = decodePolicyText(content, {serverVersion});
  const loaded = loadPolicy(content, {serverVersion});
  const catalogue = new ResourceCatalogue(options.served, minor);
  const read = loaded.kind === 'loaded' ? loaded.policy : oldPolicy(content);
  const policy = read && withLinesOfFile(read, options);
  return {
    content,
    text: typeof content === 'string' ? content : textOfBytes(content),
    root: decoded.kind === 'decoded' ? decoded.value : undefined,
    unreadFrom: decoded.kind === 'decoded' ? decoded.unreadFrom : undefined,
    loaded,
    judged: policy && {
      policy,
      space: new RequestSpace(policy, serverVersion, (resource) => catalogue.traitsOf(resource)),
    },
    options,
    releases: releasesFor(content),
    minor,
    catalogue,
  };
}

/** The policy as the last release read it that knew its apiVersion. */
function oldPolicy(content: string | Uint8Array): AuditPolicy | undefined {
  const loaded = loadPolicy(content, {serverVersion: parseKubernetesVersion('1.23')});
  return loaded.kind === 'loaded' ? loaded.policy : undefined;
}

/** The minor releases of Kubernetes 1 that accept a policy, oldest first, and those that refuse it. */
export function releasesFor(content: string | Uint8Array): {readonly accept: number[]; readonly refuse: number[]} {
  const accept: number[] = [];
  const refuse: number[] = [];
  for (const [index, first] of CHANGES.entries()) {
    const loaded = loadPolicy(content, {serverVersion: parseKubernetesVersion(`1.${first}`)});
    const end = CHANGES[index + 1] ?? NEWEST_MINOR + 1;
    const minors = Array.from({length: end - first}, (_, offset) => first + offset);
    (loaded.kind === 'loaded' ? accept : refuse).push(...minors);
  }
  return {accept, refuse};
}

function withLinesOfFile(policy: AuditPolicy, {lineInFile}: LintOptions): AuditPolicy {
  if (lineInFile === undefined) return policy;
  const rules = policy.rules.map((rule) => ({
    ...rule,
    line: rule.line === undefined ? undefined : lineInFile(rule.line),
  }));
  return {...policy, rules};
}

/** The text of a file: UTF-8, or UTF-16 where a byte order mark says so. What is neither, the loader refuses. */
export function textOfBytes(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  return new TextDecoder(encoding).decode(bytes);
}

/** The place of the value at `path`. */
export function whereOf({root}: LintInput, path: readonly PathStep[]): LintWhere {
  const position = root === undefined ? undefined : positionAt(root, path);
  return whereAt(position, path);
}

export function whereAt(position: Position | undefined, path: readonly PathStep[]): LintWhere {
  const text = pathText(path);
  return {
    ...(position !== undefined && {line: position.line, column: position.column}),
    ...(text !== '' && {path: text}),
  };
}

export function valueAt(root: DecodedValue, path: readonly PathStep[]): DecodedValue | undefined {
  return path.reduce<DecodedValue | undefined>((value, step) => value && childAt(value, step), root);
}

/** As the server names a field, with all indexes: `rules[0].resources[1].group`. */
export function pathText(path: readonly PathStep[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

export function ruleReference({policy}: JudgedPolicy, index: number): RuleReference {
  const rule = policy.rules[index];
  return {index, level: rule?.level ?? 'None', line: rule?.line};
}

/** The stages that are omitted when the rule decides. */
export function omittedStages({policy}: JudgedPolicy, rule: PolicyRule): Stage[] {
  return unionStages(policy.omitStages, rule.omitStages);
}

/** Whether an event with the bodies of the rule's level can be written: RequestReceived never has any. */
export function writesBodies(judged: JudgedPolicy, rule: PolicyRule): boolean {
  const recordsBodies = rule.level === 'Request' || rule.level === 'RequestResponse';
  return recordsBodies && !omittedStages(judged, rule).includes('ResponseComplete');
}
