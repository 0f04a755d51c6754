/**
 * What the API server finds wrong with the values of a decoded policy, in its own words.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go
 */
import {isAtLeast} from '../../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import {LEVELS, STAGES} from '../../model/policy.ts';
import type {AuditPolicy, GroupResources, PolicyRule} from '../../model/policy.ts';
import type {PathStep} from './decoded-value.ts';
import {goJson, goQuote, goSyntax} from './go-quote.ts';

/** A policy whose levels and stages may be any text. Every `AuditPolicy` is one. */
export type UnvalidatedPolicy = Omit<AuditPolicy, 'omitStages' | 'rules'> & {
  readonly omitStages: readonly string[];
  readonly rules: readonly UnvalidatedRule[];
};

/** A rule whose level and stages may be any text. */
export type UnvalidatedRule = Omit<PolicyRule, 'level' | 'omitStages'> & {
  readonly level: string;
  readonly omitStages: readonly string[];
};

/** Why a policy is invalid. */
export interface InvalidPolicy {
  /** The server's whole message: several faults are in brackets. */
  readonly message: string;
  /** What the message joins, in its order. */
  readonly faults: readonly FieldFault[];
}

/** One fault of a policy. */
export interface FieldFault {
  /** In the server's words, the field's name in front. */
  readonly message: string;
  /** The way to the value at fault, exact even where the server's name of the field has no index. */
  readonly path: readonly PathStep[];
}

/**
 * Undefined when the server of that release would accept the policy (undefined version: the newest). Several messages
 * are in brackets, identical ones merged. Zero rules are not judged here: the reader does that, after validation.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L28
 */
export function validatePolicy(
  policy: UnvalidatedPolicy,
  serverVersion: KubernetesVersion | undefined,
): InvalidPolicy | undefined {
  const faults = withoutRepetition([
    ...validateOmitStages(policy.omitStages, ['omitStages']),
    ...policy.rules.flatMap((rule, index) => validatePolicyRule(rule, ['rules', index], serverVersion)),
  ]);
  const [first] = faults;
  if (first === undefined) return undefined;
  const message = faults.length === 1 ? first.message : `[${faults.map((fault) => fault.message).join(', ')}]`;
  return {message, faults};
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/field/errors.go#L345 */
function withoutRepetition(faults: readonly FieldFault[]): FieldFault[] {
  const first = new Map<string, FieldFault>();
  for (const fault of faults) if (!first.has(fault.message)) first.set(fault.message, fault);
  return [...first.values()];
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L38 */
function validatePolicyRule(
  rule: UnvalidatedRule,
  path: readonly PathStep[],
  serverVersion: KubernetesVersion | undefined,
): FieldFault[] {
  const faults = [
    ...validateLevel(rule.level, [...path, 'level'], serverVersion),
    ...validateNonResourceURLs(rule.nonResourceURLs, [...path, 'nonResourceURLs']),
    ...validateResources(rule.resources, [...path, 'resources'], serverVersion),
    ...validateOmitStages(rule.omitStages, [...path, 'omitStages']),
  ];
  if (rule.nonResourceURLs.length > 0 && (rule.resources.length > 0 || rule.namespaces.length > 0)) {
    const value = quoteList(rule.nonResourceURLs, serverVersion);
    const detail = 'rules cannot apply to both regular resources and non-resource URLs';
    faults.push(invalid([...path, 'nonResourceURLs'], value, detail));
  }
  return faults;
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L68 */
function validateLevel(
  level: string,
  path: readonly PathStep[],
  serverVersion: KubernetesVersion | undefined,
): FieldFault[] {
  if ((LEVELS as readonly string[]).includes(level)) return [];
  if (level === '') return [{path, message: `${nameOf(path)}: Required value`}];
  // The level is of a type of its own, so it is printed like a list: as JSON from 1.34 on.
  const value = printsJson(serverVersion) ? goJson(level) : goQuote(level);
  return [{path, message: `${nameOf(path)}: Unsupported value: ${value}: supported values: ${SUPPORTED_LEVELS}`}];
}

const SUPPORTED_LEVELS = LEVELS.map(goQuote).join(', ');

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L79 */
function validateNonResourceURLs(urls: readonly string[], path: readonly PathStep[]): FieldFault[] {
  return urls.flatMap((url, index) => {
    if (url === '*') return [];
    const faults: FieldFault[] = [];
    const urlPath = [...path, index];
    if (!url.startsWith('/')) {
      faults.push(invalid(urlPath, goQuote(url), "non-resource URL rules must begin with a '/' character"));
    }
    if (url.slice(0, -1).includes('*')) {
      const detail = "non-resource URL wildcards '*' must be the final character of the rule";
      faults.push(invalid(urlPath, goQuote(url), detail));
    }
    return faults;
  });
}

/**
 * The server names these fields without the index of the entry.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L97
 */
function validateResources(
  groupResources: readonly GroupResources[],
  path: readonly PathStep[],
  serverVersion: KubernetesVersion | undefined,
): FieldFault[] {
  return groupResources.flatMap(({group, resources, resourceNames}, index) => {
    const faults: FieldFault[] = [];
    const problems =
      group === '' || isGroupWildcard(group, serverVersion) ? [] : nameIsDnsSubdomain(group, serverVersion);
    if (problems.length > 0) {
      const fault = invalid([...path, 'group'], goQuote(group), problems.join(','));
      faults.push({...fault, path: [...path, index, 'group']});
    }
    if (resourceNames.length > 0 && resources.length === 0) {
      const value = quoteList(resourceNames, serverVersion);
      const fault = invalid([...path, 'resourceNames'], value, 'using resourceNames requires at least one resource');
      faults.push({...fault, path: [...path, index, 'resourceNames']});
    }
    return faults;
  });
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.37.2/pkg/apis/audit/validation/validation.go#L101 */
function isGroupWildcard(group: string, serverVersion: KubernetesVersion | undefined): boolean {
  return group === '*' && (serverVersion === undefined || isAtLeast(serverVersion, 36));
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L118 */
function validateOmitStages(omitStages: readonly string[], path: readonly PathStep[]): FieldFault[] {
  return omitStages.flatMap((stage, index) =>
    (STAGES as readonly string[]).includes(stage)
      ? []
      : [invalid([...path, index], goQuote(stage), `allowed stages are ${STAGES.join(',')}`)],
  );
}

const DNS_1123_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_1123_SUBDOMAIN = `${DNS_1123_LABEL}(\\.${DNS_1123_LABEL})*`;
const DNS_1123_SUBDOMAIN_PATTERN = new RegExp(`^${DNS_1123_SUBDOMAIN}$`);
const DNS_1123_SUBDOMAIN_MAX_LENGTH = 253;

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/validation.go#L219 */
function nameIsDnsSubdomain(name: string, serverVersion: KubernetesVersion | undefined): string[] {
  const problems: string[] = [];
  if (new TextEncoder().encode(name).length > DNS_1123_SUBDOMAIN_MAX_LENGTH) {
    problems.push(`must be no more than ${DNS_1123_SUBDOMAIN_MAX_LENGTH} characters`);
  }
  if (!DNS_1123_SUBDOMAIN_PATTERN.test(name)) {
    const isNewer = serverVersion === undefined || isAtLeast(serverVersion, 20);
    problems.push(
      `${isNewer ? 'a lowercase RFC 1123' : 'a DNS-1123'} subdomain` +
        " must consist of lower case alphanumeric characters, '-' or '.', and must start " +
        `and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${DNS_1123_SUBDOMAIN}')`,
    );
  }
  return problems;
}

function invalid(path: readonly PathStep[], value: string, detail: string): FieldFault {
  return {path, message: `${nameOf(path)}: Invalid value: ${value}: ${detail}`};
}

/** As the server names a field: `rules[0].level`. */
function nameOf(path: readonly PathStep[]): string {
  return path.map((step, index) => (typeof step === 'number' ? `[${step}]` : index === 0 ? step : `.${step}`)).join('');
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/field/errors.go#L73 */
function quoteList(values: readonly string[], serverVersion: KubernetesVersion | undefined): string {
  return printsJson(serverVersion) ? goJson(values) : goSyntax(values);
}

/** From 1.34 on messages print values other than plain strings as JSON; before, in Go's own syntax. */
function printsJson(serverVersion: KubernetesVersion | undefined): boolean {
  return serverVersion === undefined || isAtLeast(serverVersion, 34);
}
