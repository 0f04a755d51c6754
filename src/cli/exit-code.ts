/** Exit codes, the same for every command. */
import {CannotFindOut, UsageError} from '../model/errors.ts';
import type {StatusReport} from '../model/report.ts';

export const EXIT = {
  /** What was asked holds or was done. */
  holds: 0,
  /** It does not hold: findings or differences. */
  doesNotHold: 1,
  usage: 2,
  /** Could not find out: unreachable, forbidden, unreadable. */
  unknown: 3,
  /** The platform does not let its users do or see this. */
  platform: 4,
} as const;

export const EXIT_CODES_HELP =
  'Exit codes: 0 what was asked holds or was done, 1 it does not (findings, differences), 2 usage or bad input, 3 could not find out (unreachable, forbidden, unreadable), 4 the platform does not let its users do this, 5 a change was tried and rolled back.';

/** Platforms that run the API server out of sight: where one of them is the reason for `unknown`, it owns the answer. */
const HIDING: readonly string[] = ['aks', 'gke'];

/** A proven defect counts more than something unknown beside it. */
export function exitCodeOfStatus(report: StatusReport): number {
  if (report.verdict === 'on') return report.findings.some((item) => item.severity === 'error') ? EXIT.doesNotHold : EXIT.holds;
  if (report.verdict !== 'unknown') return EXIT.doesNotHold;
  const hidden = report.servers.length === 0 && HIDING.includes(report.platform?.id ?? '');
  return hidden ? EXIT.platform : EXIT.unknown;
}

export function exitCodeOfError(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof CannotFindOut) return EXIT.unknown;
  // oclif's own parse errors carry their code; anything else is our defect, and must not look like a finding.
  const code = typeof error === 'object' && error !== null && 'oclif' in error ? (error.oclif as {exit?: number} | undefined)?.exit : undefined;
  return code ?? EXIT.unknown;
}
