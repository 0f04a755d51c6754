/** Exit codes, the same for every command. */
import {CannotFindOut, UsageError} from '../model/errors.ts';
import type {Difference} from '../model/difference.ts';
import type {FindingCode} from '../model/finding.ts';
import type {PolicyChange} from '../model/policy-change.ts';
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

/** Errors that say that something is not known, rather than that something is wrong. */
const NOT_KNOWN: readonly FindingCode[] = [
  'command-not-understood',
  'control-plane-node-without-server',
  'flagz-differs',
  'mirror-stale',
  'no-api-server-visible',
  'server-unhealthy',
];

/** A proven defect counts more than something unknown beside it. */
export function exitCodeOfStatus(report: StatusReport): number {
  if (report.findings.some((item) => item.severity === 'error' && !NOT_KNOWN.includes(item.code)))
    return EXIT.doesNotHold;
  if (report.verdict === 'on') return EXIT.holds;
  if (report.verdict !== 'unknown') return EXIT.doesNotHold;
  return report.hiddenByPlatform ? EXIT.platform : EXIT.unknown;
}

/** A proven difference counts more than something unknown beside it. */
export function exitCodeOfChanges(changes: readonly PolicyChange[]): number {
  const outcomes = changes.map(({outcome}) => outcome);
  // The wanted policy is the user's own input.
  if (outcomes.some((outcome) => outcome.kind === 'refused' && outcome.which === 'wanted')) return EXIT.usage;
  const differs = outcomes.some(
    (outcome) => outcome.kind === 'refused' || (outcome.kind === 'compared' && isDifferent(outcome.difference)),
  );
  if (differs) return EXIT.doesNotHold;
  const isSame = outcomes.every((outcome) => outcome.kind === 'compared' && outcome.difference.kind === 'decided');
  return isSame ? EXIT.holds : EXIT.unknown;
}

/** One request is enough, also where the whole of the difference was not found out. */
function isDifferent(difference: Difference): boolean {
  return difference.kind === 'decided' ? !difference.same : difference.example !== undefined;
}

export function exitCodeOfError(error: unknown): number {
  if (error instanceof UsageError) return EXIT.usage;
  if (error instanceof CannotFindOut) return EXIT.unknown;
  // oclif's own parse errors carry their code; anything else is our defect, and must not look like a finding.
  const code =
    typeof error === 'object' && error !== null && 'oclif' in error
      ? (error.oclif as {exit?: number} | undefined)?.exit
      : undefined;
  return code ?? EXIT.unknown;
}
