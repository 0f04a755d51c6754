/** Judges one policy on its own: every family of rules, in the order in which people should read them. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {LINT_CODES} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import {oddCharacters} from './characters.ts';
import {applyEdits} from './edits.ts';
import {gaps} from './gaps.ts';
import {ignored} from './ignored.ts';
import {lostIndentation} from './indentation.ts';
import type {JudgedPolicy, LintInput, LintOptions} from './input.ts';
import {lintInput} from './input.ts';
import {neverReached} from './never-reached.ts';
import {nothingRecorded} from './nothing-recorded.ts';
import {pathsThatMatchNothing} from './paths.ts';
import {peopleAndPlaces} from './people.ts';
import {refused, releaseRanges} from './refused.ts';
import {resourcesThatMatchNothing} from './resources.ts';
import {secretsInBodies} from './secrets.ts';
import {streamsForOneVerb} from './streams.ts';
import {verbsNotOffered, verbsThatMatchNothing} from './verbs.ts';
import {volume} from './volume.ts';

export type {LintOptions} from './input.ts';

/** What was found in one policy. */
export interface Linted {
  readonly accepted: boolean;
  /** Releases that accept the text as it is; empty where none does. */
  readonly acceptedBy: string;
  readonly rules: number;
  readonly findings: readonly LintFinding[];
}

/**
 * Judges a policy, whatever it is: there is always an answer. Lines and columns are those of the text; where its
 * indentation is lost, the rest is judged as it was meant.
 */
export function lintPolicy(content: string | Uint8Array, options: LintOptions): Linted {
  const input = lintInput(content, options);
  const {loaded} = input;
  return {
    accepted: loaded.kind === 'loaded',
    acceptedBy: releaseRanges(input.releases.accept),
    rules: loaded.kind === 'loaded' ? loaded.policy.rules.length : 0,
    findings: allFindings(input).toSorted(byPlace),
  };
}

/** What can be mended in one way only does not keep the rest from being judged. */
function allFindings(input: LintInput): LintFinding[] {
  const {text, options, loaded} = input;
  const recovered = lostIndentation(input);
  if (recovered !== undefined) {
    const {finding, reindented} = recovered;
    return [finding, ...inLinesOf(text, reindented, findingsOf(lintInput(reindented, options)))];
  }
  const findings = findingsOf(input);
  if (loaded.kind === 'loaded' || input.judged !== undefined) return findings;
  const edits = findings.filter(({code}) => REFUSALS.includes(code)).map(({edit}) => edit);
  if (edits.length === 0 || edits.includes(undefined)) return findings;
  const mended = lintInput(
    applyEdits(
      text,
      edits.flatMap((edit) => edit ?? []),
    ),
    options,
  );
  if (mended.judged === undefined) return findings;
  return [...findings.filter(({code}) => REFUSALS.includes(code)), ...findingsOf(mended)];
}

const REFUSALS: readonly string[] = [
  'refused-syntax',
  'refused-type',
  'refused-kind',
  'refused-version',
  'refused-value',
  'no-rules',
];

function findingsOf(input: LintInput): LintFinding[] {
  const selectors = input.judged === undefined ? [] : selectorsThatMatchNothing(input, input.judged);
  return [
    ...refused(input),
    ...ignored(input),
    ...nothingRecorded(input),
    ...selectors,
    ...neverReached(input).filter((finding) => !isExplained(finding, selectors)),
    ...secretsInBodies(input),
    ...streamsForOneVerb(input),
    ...gaps(input),
    ...volume(input),
  ];
}

function selectorsThatMatchNothing(input: LintInput, judged: JudgedPolicy): LintFinding[] {
  const checks: readonly ((rule: PolicyRule, index: number) => LintFinding[])[] = [
    (rule, index) => oddCharacters(input, rule, index),
    (rule, index) => verbsThatMatchNothing(input, rule, index),
    (rule, index) => resourcesThatMatchNothing(input, judged, rule, index),
    (rule, index) => verbsNotOffered(input, rule, index),
    (rule, index) => peopleAndPlaces(input, rule, index),
    (rule, index) => pathsThatMatchNothing(input, rule, index),
  ];
  return judged.policy.rules.flatMap((rule, index) => checks.flatMap((check) => check(rule, index)));
}

/** That a rule or a value matches nothing is said only where nothing said why. */
function isExplained({code, where}: LintFinding, selectors: readonly LintFinding[]): boolean {
  if (code !== 'rule-matches-nothing' && code !== 'selector-matches-nothing') return false;
  const rule = /^rules\[\d+\]/.exec(where.path ?? '')?.[0];
  return selectors.some((other) => {
    const isReason =
      other.severity !== 'info' || (other.code === 'verb-not-offered' && code === 'selector-matches-nothing');
    return isReason && other.where.path?.startsWith(`${rule}.`) === true;
  });
}

/** Findings of the text with its indentation restored, whose lines are the same and whose columns are not. */
function inLinesOf(text: string, recovered: string, findings: readonly LintFinding[]): LintFinding[] {
  const [before, after] = [text, recovered].map((each) =>
    each.split(/\r\n|[\r\n]/).map((line) => line.length - line.trimStart().length),
  );
  return findings.map((finding) => {
    const {line, column} = finding.where;
    if (line === undefined || column === undefined) return finding;
    const shift = (before?.[line - 1] ?? 0) - (after?.[line - 1] ?? 0);
    const {edit: _, ...rest} = finding;
    return {...rest, where: {...finding.where, column: Math.max(1, column + shift)}};
  });
}

const CODES = Object.keys(LINT_CODES);

/** As compilers print them; at one place in the order of the documentation. */
function byPlace(left: LintFinding, right: LintFinding): number {
  return (
    (left.where.line ?? 0) - (right.where.line ?? 0) ||
    (left.where.column ?? 0) - (right.where.column ?? 0) ||
    CODES.indexOf(left.code) - CODES.indexOf(right.code)
  );
}
