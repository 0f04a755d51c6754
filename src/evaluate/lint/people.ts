/** Users, groups and namespaces that no request has. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import {ANONYMOUS, AUTHENTICATED, UNAUTHENTICATED} from '../request/request-classes.ts';
import {replaceScalar} from './edits.ts';
import type {LintInput} from './input.ts';
import {whereOf} from './input.ts';

/** @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/user/user.go#L69 */
const GROUPS: readonly string[] = [
  AUTHENTICATED,
  UNAUTHENTICATED,
  'system:bootstrappers',
  'system:masters',
  'system:monitoring',
  'system:nodes',
  'system:serviceaccounts',
  'kubeadm:cluster-admins',
];

const USERS: readonly string[] = [
  ANONYMOUS,
  'kubernetes-admin',
  'system:apiserver',
  'system:kube-controller-manager',
  'system:kube-proxy',
  'system:kube-scheduler',
];

const SERVICE_ACCOUNT = /^system:serviceaccount:[^:]+:[^:]+$/;
const SERVICE_ACCOUNT_GROUP = /^system:serviceaccounts(?::[^:]+)?$/;
/** What begins like a service account or its groups, right or wrong. */
const LIKE_SERVICE_ACCOUNT = /^(?:system:+)?service[-_]?accounts?(?:[:/]|$)/i;

/** Users and groups that nobody is, and namespaces that cannot be. */
export function peopleAndPlaces(input: LintInput, rule: PolicyRule, index: number): LintFinding[] {
  return [
    ...rule.users.flatMap((value, item) => userFindings(input, value, ['rules', index, 'users', item])),
    ...rule.userGroups.flatMap((value, item) => groupFindings(input, value, ['rules', index, 'userGroups', item])),
    ...rule.namespaces.flatMap((value, item) => namespaceFindings(input, value, ['rules', index, 'namespaces', item])),
  ];
}

type Path = readonly (string | number)[];

function userFindings(input: LintInput, value: string, path: Path): LintFinding[] {
  const where = whereOf(input, path);
  if (value.includes('*')) return [lintFinding('user-wildcard', {value, selector: 'users'}, where)];
  if (GROUPS.includes(value) || SERVICE_ACCOUNT_GROUP.test(value)) {
    return [lintFinding('group-among-users', {value}, where)];
  }
  if (!isLikeServiceAccount(value) || SERVICE_ACCOUNT.test(value)) return [];
  const [namespace, name] = partsAfterPrefix(value);
  const meant =
    namespace === undefined || name === undefined ? undefined : `system:serviceaccount:${namespace}:${name}`;
  return [misspelt(input, value, 'users', path, meant)];
}

function groupFindings(input: LintInput, value: string, path: Path): LintFinding[] {
  const where = whereOf(input, path);
  if (value.includes('*')) return [lintFinding('user-wildcard', {value, selector: 'userGroups'}, where)];
  if (USERS.includes(value) || SERVICE_ACCOUNT.test(value) || /^system:node:./.test(value)) {
    return [lintFinding('user-among-groups', {value}, where)];
  }
  if (!isLikeServiceAccount(value) || SERVICE_ACCOUNT_GROUP.test(value)) return [];
  const [namespace, name] = partsAfterPrefix(value);
  const meant =
    name === undefined ? `system:serviceaccounts${namespace === undefined ? '' : `:${namespace}`}` : undefined;
  return [misspelt(input, value, 'userGroups', path, meant)];
}

/** Without the prefix it may be somebody's name, unless it has both parts. */
function isLikeServiceAccount(value: string): boolean {
  if (!LIKE_SERVICE_ACCOUNT.test(value)) return false;
  return /^system:/i.test(value) || partsAfterPrefix(value).length === 2;
}

function misspelt(
  input: LintInput,
  value: string,
  selector: 'users' | 'userGroups',
  path: Path,
  meant: string | undefined,
): LintFinding {
  const edit = meant === undefined ? undefined : replaceScalar(input, path, meant);
  return lintFinding('service-account-name', {value, selector, meant}, whereOf(input, path), edit);
}

/** The namespace and the name of a service account written in some way; one part alone is the namespace. */
function partsAfterPrefix(value: string): string[] {
  const rest = value.replace(LIKE_SERVICE_ACCOUNT, '');
  const parts = rest.split(/[:/]/).filter((part) => part !== '');
  return parts.length > 2 ? [] : parts;
}

const MAX_LABEL_LENGTH = 63;

function namespaceFindings(input: LintInput, value: string, path: Path): LintFinding[] {
  if (value === '') return [];
  const where = whereOf(input, path);
  if (value.includes('*')) return [lintFinding('namespace-wildcard', {value}, where)];
  const isLabel = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/.test(value) && value.length <= MAX_LABEL_LENGTH;
  return isLabel || /\s|["'‘’“”]/.test(value) ? [] : [lintFinding('namespace-invalid', {value}, where)];
}
