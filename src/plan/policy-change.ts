/** What would change if a wanted policy took the place of the one in force: over all requests, and as text. */
import {difference} from '../evaluate/difference.ts';
import {type LoadedPolicy, loadPolicy} from '../evaluate/load/load-policy.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import type {AuditPolicy} from '../model/policy.ts';
import type {ChangeOutcome, NamedPolicy, PolicyChange} from '../model/policy-change.ts';
import type {ServerPolicy} from '../model/server-policy.ts';
import type {ServedResource} from '../model/served-resources.ts';
import {unifiedDiff} from './unified-diff.ts';

/** Without a policy nothing is recorded, as under a policy without rules. */
const NO_POLICY: AuditPolicy = {omitStages: [], omitManagedFields: false, rules: []};

/**
 * One change for each distinct policy in force. Servers that hold the same policy under the same release share one.
 * @param served what the cluster serves, where it is known: it narrows the classes to real resources
 */
export function policyChanges(
  servers: readonly ServerPolicy[],
  wanted: NamedPolicy,
  served?: readonly ServedResource[],
): PolicyChange[] {
  const groups = Map.groupBy(servers, (server) => JSON.stringify([releaseOf(server.version), identityOf(server)]));
  return [...groups.values()].map((group) => serverChange(group, wanted, served));
}

function identityOf({server, policy}: ServerPolicy): string {
  switch (policy.kind) {
    case 'read':
      return `read ${policy.path} ${policy.sha256}`;
    case 'none':
      return 'none';
    case 'unknown':
      // Each has a reason of its own.
      return `unknown ${server}`;
  }
}

function serverChange(
  group: readonly ServerPolicy[],
  wanted: NamedPolicy,
  served: readonly ServedResource[] | undefined,
): PolicyChange {
  const names = group.map(({server}) => server);
  const [first] = group;
  const version = first?.version;
  const shared = {servers: names, release: releaseOf(version)};
  const policy = first?.policy;
  switch (policy?.kind) {
    case 'read': {
      const inForce = {name: `${policy.path} on ${names.join(', ')}`, text: policy.text};
      return {...shared, inForce, problems: policy.problems, outcome: compare(inForce, wanted, version, served)};
    }
    case 'none':
      return {
        ...shared,
        inForce: undefined,
        problems: [policy.because],
        outcome: compare(undefined, wanted, version, served),
      };
    case 'unknown':
      return {
        ...shared,
        inForce: undefined,
        problems: [],
        outcome: {kind: 'unknown', because: policy.because},
      };
    case undefined:
      throw new Error('a group of servers is never empty');
  }
}

/** The change from a policy that was given as a file. */
export function fileChange(
  inForce: NamedPolicy,
  wanted: NamedPolicy,
  version: KubernetesVersion | undefined,
): PolicyChange {
  return {
    servers: [],
    release: releaseOf(version),
    inForce,
    problems: [],
    outcome: compare(inForce, wanted, version, undefined),
  };
}

function compare(
  inForce: NamedPolicy | undefined,
  wanted: NamedPolicy,
  version: KubernetesVersion | undefined,
  served: readonly ServedResource[] | undefined,
): ChangeOutcome {
  const before = inForce === undefined ? undefined : loadPolicy(inForce.text, {serverVersion: version});
  if (before?.kind === 'refused') return refused('inForce', before);
  const after = loadPolicy(wanted.text, {serverVersion: version});
  if (after.kind === 'refused') return refused('wanted', after);
  return {
    kind: 'compared',
    difference: difference(before?.policy ?? NO_POLICY, after.policy, {
      serverVersion: version,
      ...(served !== undefined && {served}),
    }),
    unifiedDiff: unifiedDiff(inForce ?? {name: '/dev/null', text: ''}, wanted),
  };
}

function refused(
  which: 'inForce' | 'wanted',
  {message, line}: Extract<LoadedPolicy, {kind: 'refused'}>,
): ChangeOutcome {
  return {kind: 'refused', which, message, line};
}

function releaseOf(version: KubernetesVersion | undefined): string | undefined {
  return version === undefined ? undefined : `1.${version.minor}`;
}
