/**
 * A Finding is a judgement: a stable code, what it is about, and where. The sentence is made in `render/sentence.ts`.
 */
import type {Obstacle} from './fact.ts';

/** `error`: recording is missing or in danger; `warning`: it will bite; `info`: worth knowing, needs no act. */
export type Severity = 'error' | 'warning' | 'info';

/** Where to look: any part may be missing. */
export interface Where {
  readonly node?: string;
  readonly pod?: string;
  readonly file?: string;
  /** Counted from 1. */
  readonly line?: number;
  /** Path inside the document, as the API server writes it: `rules[3].resources.group`, `spec.volumes[2]`. */
  readonly path?: string;
}

/** The code says it all. */
type NoArguments = Readonly<Record<string, never>>;

/** The arguments of each code. Adding a code here makes the compiler ask for its severity and its sentence. */
export interface FindingArguments {
  // Finding the API servers
  'no-api-server-visible': {readonly reason: string};
  'control-plane-node-without-server': {readonly node: string};
  'server-identity-unseen': {readonly host: string};
  'endpoint-without-server': {readonly address: string};
  'foreign-servers-ignored': {readonly pods: readonly string[]};
  'mirror-stale': {readonly reason: string};
  'server-unhealthy': {readonly reason: string};
  'not-found-out': {readonly what: string; readonly obstacle: Obstacle; readonly cost: string};

  // Flags
  'flag-refused': {readonly message: string};
  'flag-repeated': {readonly flag: string; readonly values: readonly string[]};
  'flag-without-effect': {readonly flag: string; readonly reason: string};
  'command-not-understood': {readonly reason: string};
  'flagz-differs': {readonly flag: string; readonly pod: string; readonly process: string};

  // Combinations
  'auditing-off': NoArguments;
  'log-without-policy': {readonly path: string};
  'webhook-without-policy': {readonly path: string};
  'policy-without-backend': {readonly path: string};

  // Mounts
  'path-not-absolute': {readonly flag: string; readonly path: string};
  'path-not-mounted': {readonly flag: string; readonly path: string};
  'log-read-only': {readonly path: string; readonly mount: string};
  'log-single-file-mount': {readonly path: string};
  'policy-single-file-mount': {readonly path: string};
  'host-path-type': {readonly flag: string; readonly path: string; readonly type: string; readonly expected: string};
  'policy-on-empty-dir': {readonly path: string; readonly volume: string};
  'log-on-empty-dir': {readonly path: string; readonly volume: string};
  'log-to-stdout': NoArguments;

  // The policy itself
  'policy-unread': {readonly path: string; readonly obstacle: Obstacle};
  'policy-missing': {readonly path: string};
  'policy-refused': {readonly message: string};
  'policy-warning': {readonly message: string};
  'policy-records-nothing': {readonly reason: string};
  'policy-stale': {readonly path: string; readonly modified: string; readonly started: string};

  // Coverage
  'requirement-unmet': {
    readonly requirement: string;
    readonly title: string;
    readonly strength: 'must' | 'should';
    /** The request that shows it, as people write it: `create pods by anyone`. */
    readonly example: string;
    readonly wanted: string;
    readonly got: string;
    /** Undefined when no rule matches. */
    readonly ruleLine: number | undefined;
  };
  'log-path-unlike-preset': {readonly path: string; readonly expected: string; readonly preset: string};

  // The running process
  'runtime-off': {readonly reason: string};
  'runtime-unproven': {readonly obstacle: Obstacle};
  'events-lost': {readonly plugin: string; readonly count: number};
  'requests-rejected': {readonly count: number};

  // Backends
  'log-mode-drops': {readonly mode: string; readonly bufferSize: number};
  'log-mode-strict': NoArguments;
  'webhook-config-unread': {readonly path: string; readonly obstacle: Obstacle};
  'webhook-config-refused': {readonly message: string};
  'webhook-plain-http': {readonly server: string};
  'webhook-no-ca': {readonly server: string};
  'webhook-insecure': {readonly server: string};
  'webhook-cluster-dns': {readonly server: string; readonly host: string};
  'webhook-unreachable': {readonly server: string; readonly reason: string};
  'webhook-mode-blocks': {readonly mode: string};
  'webhook-mode-drops': {
    readonly bufferSize: number;
    readonly maxBatchSize: number;
    readonly qps: number;
    readonly burst: number;
  };

  // Rotation
  'rotation-unlimited': {readonly reason: string};
  'rotation-none': NoArguments;
  'rotation-size': {readonly worstCaseMebibytes: number; readonly files: number; readonly maxSize: number};
  'rotation-below-preset': {readonly flag: string; readonly value: string; readonly wanted: number};

  // Drift
  'servers-differ': {readonly setting: string; readonly values: Readonly<Record<string, string>>};
  'lost-at-upgrade': {readonly flags: readonly string[]};
  'kubeadm-config-differs': {readonly flag: string; readonly live: string; readonly declared: string};
  'stray-manifest': {readonly file: string};

  // Platform and installation
  'platform-owns-auditing': {readonly platform: string; readonly owner: string; readonly how: string};
  'plugin-shadowed': {readonly running: string; readonly first: string};
}

export type FindingCode = keyof FindingArguments;

/** Severity belongs to the code, so that scripts can rely on it. */
export const SEVERITY: Readonly<Record<FindingCode, Severity>> = {
  'no-api-server-visible': 'error',
  'control-plane-node-without-server': 'error',
  'server-identity-unseen': 'warning',
  'endpoint-without-server': 'warning',
  'foreign-servers-ignored': 'info',
  'mirror-stale': 'error',
  'server-unhealthy': 'error',
  'not-found-out': 'warning',
  'flag-refused': 'error',
  'flag-repeated': 'warning',
  'flag-without-effect': 'warning',
  'command-not-understood': 'error',
  'flagz-differs': 'error',
  'auditing-off': 'error',
  'log-without-policy': 'error',
  'webhook-without-policy': 'error',
  'policy-without-backend': 'error',
  'path-not-absolute': 'warning',
  'path-not-mounted': 'error',
  'log-read-only': 'error',
  'log-single-file-mount': 'error',
  'policy-single-file-mount': 'info',
  'host-path-type': 'error',
  'policy-on-empty-dir': 'error',
  'log-on-empty-dir': 'warning',
  'log-to-stdout': 'warning',
  'policy-unread': 'warning',
  'policy-missing': 'error',
  'policy-refused': 'error',
  'policy-warning': 'warning',
  'policy-records-nothing': 'error',
  'policy-stale': 'error',
  'requirement-unmet': 'error',
  'log-path-unlike-preset': 'warning',
  'runtime-off': 'error',
  'runtime-unproven': 'warning',
  'events-lost': 'error',
  'requests-rejected': 'error',
  'log-mode-drops': 'warning',
  'log-mode-strict': 'info',
  'webhook-config-unread': 'warning',
  'webhook-config-refused': 'error',
  'webhook-plain-http': 'warning',
  'webhook-no-ca': 'warning',
  'webhook-insecure': 'warning',
  'webhook-cluster-dns': 'error',
  'webhook-unreachable': 'error',
  'webhook-mode-blocks': 'warning',
  'webhook-mode-drops': 'info',
  'rotation-unlimited': 'warning',
  'rotation-none': 'warning',
  'rotation-size': 'info',
  'rotation-below-preset': 'warning',
  'servers-differ': 'error',
  'lost-at-upgrade': 'warning',
  'kubeadm-config-differs': 'warning',
  'stray-manifest': 'error',
  'platform-owns-auditing': 'warning',
  'plugin-shadowed': 'warning',
};

/** Every code there is. */
export const FINDING_CODES: readonly string[] = Object.keys(SEVERITY);

export type Finding = {
  readonly [Code in FindingCode]: {
    readonly code: Code;
    readonly severity: Severity;
    readonly args: FindingArguments[Code];
    readonly where: Where;
  };
}[FindingCode];

/**
 * Makes a finding. The severity is that of the code; a `requirement-unmet` of a `should` is a warning.
 */
export function finding<Code extends FindingCode>(
  code: Code,
  args: FindingArguments[Code],
  where: Where = {},
): Finding {
  const should = code === 'requirement-unmet' && 'strength' in args && args.strength === 'should';
  return {code, severity: should ? 'warning' : SEVERITY[code], args, where} as Finding;
}
