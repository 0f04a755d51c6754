/**
 * What the API server finds wrong with the values of a decoded policy, in its own words.
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go
 */
import {isAtLeast} from '../model/kubernetes-version.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {LEVELS, STAGES} from '../model/policy.ts';
import type {AuditPolicy, GroupResources, PolicyRule} from '../model/policy.ts';
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

/** Why a policy is invalid: the server's whole message, and the line of the first rule at fault where known. */
export interface InvalidPolicy {
  readonly message: string;
  readonly line: number | undefined;
}

interface FieldError {
  readonly message: string;
  readonly line: number | undefined;
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
  const allErrors: FieldError[] = [
    ...validateOmitStages(policy.omitStages, 'omitStages').map((message) => ({message, line: undefined})),
    ...policy.rules.flatMap((rule, index) =>
      validatePolicyRule(rule, `rules[${index}]`, serverVersion).map((message) => ({message, line: rule.line})),
    ),
  ];
  const messages = [...new Set(allErrors.map(({message}) => message))];
  const [first] = messages;
  if (first === undefined) return undefined;
  return {
    message: messages.length === 1 ? first : `[${messages.join(', ')}]`,
    line: allErrors[0]?.line,
  };
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L38 */
function validatePolicyRule(
  rule: UnvalidatedRule,
  path: string,
  serverVersion: KubernetesVersion | undefined,
): string[] {
  const errors = [
    ...validateLevel(rule.level, `${path}.level`, serverVersion),
    ...validateNonResourceURLs(rule.nonResourceURLs, `${path}.nonResourceURLs`),
    ...validateResources(rule.resources, `${path}.resources`, serverVersion),
    ...validateOmitStages(rule.omitStages, `${path}.omitStages`),
  ];
  if (rule.nonResourceURLs.length > 0 && (rule.resources.length > 0 || rule.namespaces.length > 0)) {
    const value = quoteList(rule.nonResourceURLs, serverVersion);
    errors.push(
      invalid(`${path}.nonResourceURLs`, value, 'rules cannot apply to both regular resources and non-resource URLs'),
    );
  }
  return errors;
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L68 */
function validateLevel(level: string, path: string, serverVersion: KubernetesVersion | undefined): string[] {
  if ((LEVELS as readonly string[]).includes(level)) return [];
  if (level === '') return [`${path}: Required value`];
  // The level is of a type of its own, so it is printed like a list: as JSON from 1.34 on.
  const value = printsJson(serverVersion) ? goJson(level) : goQuote(level);
  return [`${path}: Unsupported value: ${value}: supported values: ${LEVELS.map(goQuote).join(', ')}`];
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L79 */
function validateNonResourceURLs(urls: readonly string[], path: string): string[] {
  return urls.flatMap((url, index) => {
    if (url === '*') return [];
    const errors: string[] = [];
    const urlPath = `${path}[${index}]`;
    if (!url.startsWith('/')) {
      errors.push(invalid(urlPath, goQuote(url), "non-resource URL rules must begin with a '/' character"));
    }
    if (url.slice(0, -1).includes('*')) {
      const detail = "non-resource URL wildcards '*' must be the final character of the rule";
      errors.push(invalid(urlPath, goQuote(url), detail));
    }
    return errors;
  });
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L97 */
function validateResources(
  groupResources: readonly GroupResources[],
  path: string,
  serverVersion: KubernetesVersion | undefined,
): string[] {
  return groupResources.flatMap(({group, resources, resourceNames}) => {
    const errors: string[] = [];
    const problems = group === '' || isGroupWildcard(group, serverVersion) ? [] : nameIsDnsSubdomain(group);
    if (problems.length > 0) errors.push(invalid(`${path}.group`, goQuote(group), problems.join(',')));
    if (resourceNames.length > 0 && resources.length === 0) {
      const value = quoteList(resourceNames, serverVersion);
      errors.push(invalid(`${path}.resourceNames`, value, 'using resourceNames requires at least one resource'));
    }
    return errors;
  });
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.37.2/pkg/apis/audit/validation/validation.go#L101 */
function isGroupWildcard(group: string, serverVersion: KubernetesVersion | undefined): boolean {
  return group === '*' && (serverVersion === undefined || isAtLeast(serverVersion, 36));
}

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/apis/audit/validation/validation.go#L118 */
function validateOmitStages(omitStages: readonly string[], path: string): string[] {
  return omitStages.flatMap((stage, index) =>
    (STAGES as readonly string[]).includes(stage)
      ? []
      : [invalid(`${path}[${index}]`, goQuote(stage), `allowed stages are ${STAGES.join(',')}`)],
  );
}

const DNS_1123_LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';
const DNS_1123_SUBDOMAIN = `${DNS_1123_LABEL}(\\.${DNS_1123_LABEL})*`;
const DNS_1123_SUBDOMAIN_PATTERN = new RegExp(`^${DNS_1123_SUBDOMAIN}$`);
const DNS_1123_SUBDOMAIN_MAX_LENGTH = 253;

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/validation.go#L219 */
function nameIsDnsSubdomain(name: string): string[] {
  const problems: string[] = [];
  if (new TextEncoder().encode(name).length > DNS_1123_SUBDOMAIN_MAX_LENGTH) {
    problems.push(`must be no more than ${DNS_1123_SUBDOMAIN_MAX_LENGTH} characters`);
  }
  if (!DNS_1123_SUBDOMAIN_PATTERN.test(name)) {
    problems.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start " +
        `and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '${DNS_1123_SUBDOMAIN}')`,
    );
  }
  return problems;
}

function invalid(path: string, value: string, detail: string): string {
  return `${path}: Invalid value: ${value}: ${detail}`;
}

/** @see https://github.com/kubernetes/apimachinery/blob/v0.34.4/pkg/util/validation/field/errors.go#L73 */
function quoteList(values: readonly string[], serverVersion: KubernetesVersion | undefined): string {
  return printsJson(serverVersion) ? goJson(values) : goSyntax(values);
}

/** From 1.34 on messages print values other than plain strings as JSON; before, in Go's own syntax. */
function printsJson(serverVersion: KubernetesVersion | undefined): boolean {
  return serverVersion === undefined || isAtLeast(serverVersion, 34);
}
