/** Tells the platform by its evidence. */
import {type Fact, valueOf} from '../../model/fact.ts';
import type {PlatformFacts} from '../../model/facts.ts';
import type {PlatformReport} from '../../model/report.ts';
import {PLATFORMS, type PlatformEntry, type Signal, type Strength} from './platform-signals.ts';

export interface PlatformJudgement {
  readonly report: PlatformReport;
  /** Who runs the API server. */
  readonly owner: string;
  /** The platform runs the API server where this cluster's API cannot show it. */
  readonly hidesServer: boolean;
}

interface Evidence {
  readonly signal: string;
  readonly value: string;
  readonly kind: Signal['kind'];
  readonly strength: Strength;
}

/** One strong signal is enough, or two medium ones of different kinds; a visible API server vetoes the clouds that hide it. */
export function judgePlatform(facts: PlatformFacts): PlatformJudgement {
  for (const entry of PLATFORMS) {
    const evidence = entry.signals.flatMap((signal) => evidenceOf(signal, facts));
    if (!suffices(evidence) || isVetoed(entry, facts)) continue;
    return {
      owner: entry.owner,
      hidesServer: entry.hidesServer,
      report: {
        id: entry.id,
        name: entry.name,
        control: entry.control,
        evidence: evidence.map(({signal, value}) => ({signal, value})),
        enable: entry.enable,
        read: entry.read,
      },
    };
  }
  return facts.ownMirrorPod ? selfManaged() : unidentified();
}

function selfManaged(): PlatformJudgement {
  return {
    owner: 'you',
    hidesServer: false,
    report: {
      id: 'self-managed',
      name: 'self-managed (static pods)',
      control: 'full',
      evidence: [{signal: 'mirrorPod', value: 'a kube-apiserver static pod of this cluster is visible'}],
      enable:
        'set --audit-policy-file and --audit-log-path in the static manifest of each control-plane node, with both paths mounted, and in kubeadm-config where kubeadm is used',
      read: 'the file of --audit-log-path on each control-plane node',
    },
  };
}

function unidentified(): PlatformJudgement {
  return {
    owner: 'unknown',
    hidesServer: false,
    report: {id: 'unknown', name: 'unknown', control: 'unknown', evidence: [], enable: '', read: ''},
  };
}

function isVetoed(entry: PlatformEntry, facts: PlatformFacts): boolean {
  if (entry.hidesServer && facts.ownMirrorPod) return true;
  // OpenShift on a cloud's machines carries that cloud's signals; only the kind proves OpenShift, a copied API group does not.
  return (entry.vetoLabels ?? []).some(([key, value]) => nodesOf(facts).some((node) => node.labels[key] === value));
}

function suffices(evidence: readonly Evidence[]): boolean {
  if (evidence.some((item) => item.strength === 'strong')) return true;
  return new Set(evidence.filter((item) => item.strength === 'medium').map((item) => item.kind)).size >= 2;
}

function nodesOf(facts: PlatformFacts) {
  return valueOf(facts.nodes) ?? [];
}

function evidenceOf(signal: Signal, facts: PlatformFacts): Evidence[] {
  const value = matchOf(signal, facts);
  if (value === undefined) return [];
  const key = 'key' in signal ? ` ${signal.key}` : '';
  return [{signal: `${signal.kind}${key}`, value, kind: signal.kind, strength: signal.strength}];
}

function matchOf(signal: Signal, facts: PlatformFacts): string | undefined {
  switch (signal.kind) {
    case 'nodeLabel':
      return first(
        nodesOf(facts).map((node) => node.labels[signal.key]),
        signal.pattern,
      );
    case 'nodeAnnotation':
      return first(
        nodesOf(facts).map((node) => node.annotations[signal.key]),
        signal.pattern,
      );
    case 'providerID':
      return first(
        nodesOf(facts).map((node) => node.providerID),
        signal.pattern,
      );
    case 'osImage':
      return first(
        nodesOf(facts).map((node) => node.osImage),
        signal.pattern,
      );
    case 'nodeName':
      return first(
        nodesOf(facts).map((node) => node.name),
        signal.pattern,
      );
    case 'gitVersion':
      return first([facts.gitVersion], signal.pattern);
    case 'serverHost':
      return first([facts.serverHost], signal.pattern);
    case 'context':
      return first([facts.context], signal.pattern);
    case 'apiGroup':
      return first(list(facts.apiGroups), signal.pattern);
    case 'namespace':
      return first(list(facts.namespaces), signal.pattern);
    case 'openshiftKind':
      return list(facts.openshiftKinds).find((kind) => kind === signal.name);
    case 'configMap':
      return facts.configMaps.find((name) => name === signal.name);
  }
}

function list(fact: Fact<readonly string[]>): readonly string[] {
  return valueOf(fact) ?? [];
}

function first(values: readonly (string | undefined)[], pattern: RegExp | undefined): string | undefined {
  return values.find((value) => value !== undefined && (pattern === undefined || pattern.test(value)));
}
