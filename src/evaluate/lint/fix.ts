/** Corrects what can be meant in one way only. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {applyEdits} from './edits.ts';
import {lostIndentation, recoveredText} from './indentation.ts';
import {lintInput} from './input.ts';
import {lintPolicy} from './lint.ts';
import type {LintOptions, Linted} from './lint.ts';

/** A policy with its corrections. */
export interface FixedPolicy {
  readonly text: string;
  /** What was corrected. */
  readonly corrected: readonly LintFinding[];
  /** The text as it is now, judged again. */
  readonly linted: Linted;
}

/** A correction can bring the next one to light: an entry whose key was misspelt is judged only then. */
const MAX_ROUNDS = 4;

/** The text, corrected as far as that can be done without asking. Each step is judged again before it is kept. */
export function fixPolicy(text: string, options: LintOptions): FixedPolicy {
  let fixed = withIndentation(text, options);
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const correctable = fixed.linted.findings.filter(({edit}) => edit !== undefined);
    const edits = correctable.flatMap(({edit}) => edit ?? []);
    if (edits.length === 0) break;
    const next = applyEdits(fixed.text, edits);
    const linted = lintPolicy(next, options);
    if (next === fixed.text || (fixed.linted.accepted && !linted.accepted)) break;
    fixed = {text: next, corrected: [...fixed.corrected, ...correctable], linted};
  }
  return fixed;
}

function withIndentation(text: string, options: LintOptions): FixedPolicy {
  const linted = lintPolicy(text, options);
  const unchanged = {text, corrected: [], linted};
  const recovered = lostIndentation(lintInput(text, options))?.text;
  const misplaced = linted.findings.filter(({code}) => code === 'lost-indentation' || code === 'misplaced-key');
  const candidate = recovered ?? (misplaced.length > 0 ? recoveredText(text) : undefined);
  if (candidate === undefined) return unchanged;
  const again = lintPolicy(candidate, options);
  const isLeft = again.findings.some(({code}) => code === 'misplaced-key');
  return again.accepted && !isLeft ? {text: candidate, corrected: misplaced, linted: again} : unchanged;
}
