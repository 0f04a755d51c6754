/** The public result of `kubectl audit status`; its contract is `status.schema.json`. */
import type {Finding} from './finding.ts';
import type {Obstacle} from './fact.ts';
import type {PresetConflict, SettingFlag} from './requirement.ts';

/** Worst first. */
const VERDICTS = ['off', 'broken', 'silent', 'partial', 'unknown', 'on'] as const;
export type Verdict = (typeof VERDICTS)[number];

/** The worst of several verdicts; `unknown` of none. */
export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((verdict) => verdicts.includes(verdict)) ?? 'unknown';
}

export type Control = 'full' | 'upstream' | 'profile' | 'toggle' | 'none' | 'unknown';

export interface PlatformReport {
  readonly id: string;
  readonly name: string;
  /** Who may change how this API server audits. */
  readonly control: Control;
  readonly evidence: readonly {readonly signal: string; readonly value: string}[];
  /** The platform's own way to turn auditing on or to change it. */
  readonly enable: string;
  /** The platform's own way to read the events. */
  readonly read: string;
}

export interface SettingReport {
  readonly value: string | number | boolean;
  readonly from: 'flag' | 'default';
}

export interface PolicyReport {
  readonly path: string;
  /** Undefined when the file could not be read: then `obstacle` says why. */
  readonly from: string | undefined;
  readonly sha256: string | undefined;
  readonly inForce: boolean | 'unknown';
  readonly obstacle: Obstacle | undefined;
}

export interface CoverageReport {
  readonly requirement: string;
  readonly title: string;
  readonly level: 'must' | 'should';
  readonly met: boolean | 'unknown';
  /** Requests that are not recorded as required, one sentence each; empty when met or unknown. */
  readonly failing: readonly string[];
}

/** The coverage of one requirement of one preset. */
export interface PresetCoverageReport extends CoverageReport {
  readonly preset: string;
  /** The flag that the requirement is about; undefined where it is about requests. */
  readonly flag?: SettingFlag;
}

/** What one preset alone makes of it. */
export interface PresetVerdict {
  readonly name: string;
  readonly verdict: Verdict;
}

export interface RuntimeReport {
  /** `on`, `off` or `unknown`: whether this process audits at all. */
  readonly auditing: 'on' | 'off' | 'unknown';
  readonly via: 'endpoint' | 'load-balancer' | undefined;
  readonly startedAt: string | undefined;
  readonly levelTotal: Readonly<Record<string, number>>;
  readonly eventTotal: number | undefined;
  readonly errorTotal: Readonly<Record<string, number>>;
  readonly requestsRejectedTotal: number | undefined;
}

export interface ServerReport {
  readonly node: string | undefined;
  readonly pod: string | undefined;
  readonly file: string | undefined;
  readonly version: string | undefined;
  readonly flagsFrom: string;
  readonly settings: Readonly<Record<string, SettingReport>>;
  readonly policy: PolicyReport | undefined;
  readonly coverage: readonly PresetCoverageReport[];
  readonly runtime: RuntimeReport;
  readonly verdict: Verdict;
  /** One for each preset, in their order; `verdict` is the worst of them. */
  readonly presets: readonly PresetVerdict[];
}

export interface StatusReport {
  readonly verdict: Verdict;
  /** The names of the presets, joined by commas. */
  readonly preset: string;
  /** One for each preset, in their order. */
  readonly presets: readonly PresetVerdict[];
  /** Musts of these presets that no policy can meet together. */
  readonly conflicts: readonly PresetConflict[];
  readonly platform: PlatformReport | undefined;
  /** No server is visible because the platform runs them out of sight. Not printed: it decides the exit code. */
  readonly hiddenByPlatform: boolean;
  readonly servers: readonly ServerReport[];
  readonly findings: readonly Finding[];
}
