/** Judges the whole cluster: each API server, and what they are together. */
import type {ClusterFacts} from '../../model/facts.ts';
import {type Finding, finding} from '../../model/finding.ts';
import {type Obstacle, valueOf} from '../../model/fact.ts';
import {parseKubeadmApiServer} from '../../model/kubeadm-config.ts';
import type {StatusReport, Verdict} from '../../model/report.ts';
import {worst} from '../../model/report.ts';
import type {Preset} from '../../model/requirement.ts';
import {demandsOf} from '../coverage/demands.ts';
import {judgePlatform} from '../platform/platform.ts';
import type {AuditSettings} from '../../model/server-flags.ts';
import {type ServerJudgement, judgeServer} from './server.ts';

/**
 * @param presets at least one; each has a verdict of its own
 * @param serverVersion judges by this release where a server does not tell its own
 */
export function judgeStatus(
  facts: ClusterFacts,
  presets: readonly Preset[],
  serverVersion: string | undefined,
): StatusReport {
  const servers = facts.servers.map((server) =>
    judgeServer(server, {presets, fallbackVersion: serverVersion ?? facts.version, offline: facts.offline}),
  );
  const platform = facts.offline ? undefined : judgePlatform(facts.platform);
  const hidden = servers.length === 0 && platform?.hidesServer === true;
  const findings = [
    ...judgePresence(facts, hidden),
    ...judgeDrift(servers),
    ...judgeKubeadmConfig(facts, servers),
    ...judgeRights(facts),
    ...servers.flatMap((server) => server.findings),
    ...(platform === undefined || platform.report.control === 'full' || platform.report.control === 'unknown'
      ? []
      : [
          finding('platform-owns-auditing', {
            platform: platform.report.name,
            owner: platform.owner,
            how: platform.report.enable,
          }),
        ]),
  ];
  const missing = findings.some(
    (item) => item.code === 'control-plane-node-without-server' || item.code === 'no-api-server-visible',
  );
  const verdictOf = (verdicts: readonly Verdict[]): Verdict => worst(missing ? [...verdicts, 'unknown'] : verdicts);
  return {
    verdict: verdictOf(servers.map(({report}) => report.verdict)),
    preset: presets.map(({name}) => name).join(','),
    presets: presets.map(({name}, index) => ({
      name,
      verdict: verdictOf(servers.flatMap(({report}) => report.presets[index]?.verdict ?? [])),
    })),
    conflicts: demandsOf(presets).conflicts,
    platform: platform?.report,
    hiddenByPlatform: hidden,
    servers: servers.map((server) => server.report),
    findings: mergeAlike(findings),
  };
}

function judgePresence(facts: ClusterFacts, hidden: boolean): Finding[] {
  if (facts.offline || hidden) return [];
  const findings: Finding[] = [];
  const served = new Set(facts.servers.map((server) => server.node));
  if (facts.foreign.length > 0) {
    findings.push(
      finding('foreign-servers-ignored', {
        pods: facts.foreign.map((pod) => `${pod.namespace}/${pod.name} (${pod.reason})`),
      }),
    );
  }
  if (facts.servers.length === 0) {
    const reason =
      facts.pods.state === 'unknown'
        ? 'the pods of kube-system could not be listed'
        : 'no pod of this cluster runs kube-apiserver';
    findings.push(finding('no-api-server-visible', {reason}));
    return findings;
  }
  const unserved = (valueOf(facts.nodes) ?? []).filter((node) => isControlPlane(node.labels) && !served.has(node.name));
  findings.push(
    ...unserved.map((node) => finding('control-plane-node-without-server', {node: node.name}, {node: node.name})),
  );
  const hosts = (valueOf(facts.identities) ?? []).filter((host) => !served.has(host));
  findings.push(
    ...[...new Set(hosts)]
      .filter((host) => !unserved.some((node) => node.name === host))
      .map((host) => finding('server-identity-unseen', {host})),
  );
  const addresses = new Set(facts.servers.flatMap((server) => [server.pod.status?.podIP, server.pod.status?.hostIP]));
  const strangers = (valueOf(facts.endpoints) ?? []).filter((address) => !addresses.has(address));
  const unservedAddresses = new Set(unserved.flatMap((node) => node.addresses));
  findings.push(
    ...strangers
      .filter((address) => !unservedAddresses.has(address))
      .map((address) => finding('endpoint-without-server', {address})),
  );
  return findings;
}

function isControlPlane(labels: Readonly<Record<string, string>>): boolean {
  return 'node-role.kubernetes.io/control-plane' in labels || 'node-role.kubernetes.io/master' in labels;
}

/** A difference in these means that what is recorded depends on which server a request meets. */
const COMPARED = ['policyFile', 'logPath', 'webhookConfigFile'] as const;
/** Compared among the servers that have the backend they belong to: elsewhere they mean nothing. */
const COMPARED_WITH_LOG = ['logMode', 'logMaxAge', 'logMaxBackup', 'logMaxSize'] as const;
const COMPARED_WITH_WEBHOOK = ['webhookMode'] as const;

type ReadServer = ServerJudgement & {readonly settings: AuditSettings};

function judgeDrift(servers: readonly ServerJudgement[]): Finding[] {
  const all = servers.filter((server): server is ReadServer => server.settings !== undefined);
  const logging = all.filter((server) => server.settings.logPath.value !== '');
  const sending = all.filter((server) => server.settings.webhookConfigFile.value !== '');
  const compare = (settings: readonly (keyof AuditSettings)[], among: readonly ReadServer[]): Finding[] =>
    settings.flatMap((setting) => difference(setting, among, (server) => String(server.settings[setting].value)));
  const policies = all.filter((server) => server.report.policy?.sha256 !== undefined);
  return [
    ...compare(COMPARED, all),
    ...compare(COMPARED_WITH_LOG, logging),
    ...compare(COMPARED_WITH_WEBHOOK, sending),
    ...difference('policy content', policies, (server) => server.report.policy?.sha256?.slice(0, 12) ?? ''),
  ];
}

function difference(setting: string, servers: readonly ReadServer[], read: (server: ReadServer) => string): Finding[] {
  const values = Object.fromEntries(
    servers.map((server) => [server.report.node ?? server.report.file ?? server.report.pod ?? '', read(server)]),
  );
  return new Set(Object.values(values)).size > 1 ? [finding('servers-differ', {setting, values})] : [];
}

/** kubeadm writes the manifest anew at each upgrade, from its ConfigMap: flags that are not there are lost then. */
function judgeKubeadmConfig(facts: ClusterFacts, servers: readonly ServerJudgement[]): Finding[] {
  const text = valueOf(facts.kubeadmConfig);
  if (text === undefined) return [];
  const declared = parseKubeadmApiServer(text);
  if (declared.kind === 'unreadable') return [];
  const lost = new Set<string>();
  const differing: Finding[] = [];
  for (const server of servers) {
    for (const [flag, given] of server.flags?.given ?? []) {
      if (!flag.startsWith('audit-')) continue;
      const value = declared.extraArgs.get(flag)?.at(-1);
      if (value === undefined) lost.add(flag);
      else if (
        value !== given.value &&
        !differing.some((item) => item.code === 'kubeadm-config-differs' && item.args.flag === flag)
      ) {
        differing.push(finding('kubeadm-config-differs', {flag, live: given.value, declared: value}));
      }
    }
  }
  const promised = [...declared.extraArgs].filter(
    ([flag]) =>
      flag.startsWith('audit-') &&
      servers.some((server) => server.flags !== undefined && !server.flags.given.has(flag)),
  );
  differing.push(
    ...promised.map(([flag, values]) =>
      finding('kubeadm-config-differs', {flag, live: '', declared: values.at(-1) ?? ''}),
    ),
  );
  return [...(lost.size === 0 ? [] : [finding('lost-at-upgrade', {flags: [...lost].sort()})]), ...differing];
}

/** What each missing right costs. Told once, not once per server. */
function judgeRights(facts: ClusterFacts): Finding[] {
  if (facts.offline) return [];
  const asked: readonly (readonly [string, {readonly state: string; readonly obstacle?: Obstacle}, string])[] = [
    ['the pods of kube-system', facts.pods, 'API servers cannot be found'],
    ['the nodes', facts.nodes, 'a control-plane node without an API server would not be noticed'],
    ['the identity leases', facts.identities, 'an API server outside of the cluster would not be noticed'],
    [
      'the endpoints of default/kubernetes',
      facts.endpoints,
      'an API server outside of the cluster would not be noticed',
    ],
    ['kubeadm-config', facts.kubeadmConfig, 'settings that the next kubeadm upgrade would drop would not be noticed'],
  ];
  return asked.flatMap(([what, fact, cost]) =>
    fact.obstacle === undefined ? [] : [finding('not-found-out', {what, obstacle: fact.obstacle, cost})],
  );
}

/**
 * The same finding on several nodes is told once, with all of their names: three lines that differ in a node's name hide the
 * one that does not.
 */
function mergeAlike(findings: readonly Finding[]): Finding[] {
  const merged = new Map<string, Finding>();
  for (const item of findings) {
    const {node, pod: _pod, ...place} = item.where;
    const key = JSON.stringify([item.code, item.args, place]);
    const before = merged.get(key);
    if (before === undefined) merged.set(key, item);
    else if (node !== undefined) merged.set(key, withNode(before, node));
  }
  return [...merged.values()];
}

/** The finding of several nodes: no single pod is its place any more. */
function withNode(item: Finding, node: string): Finding {
  const {pod: _pod, ...where} = item.where;
  return {...item, where: {...where, node: where.node === undefined ? node : `${where.node}, ${node}`}};
}
