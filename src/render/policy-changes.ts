/** `diff`: first the classes of requests that are recorded differently, then the texts. */
import type {ChangeOutcome, PolicyChange, PolicyChanges} from '../model/policy-change.ts';
import {differenceObject, differenceText} from './difference.ts';
import {printable} from './printable.ts';
import {type Sentence, sentence} from './sentence.ts';
import type {Paint} from './table.ts';

interface TextOptions {
  /** Writes out long lists of names. */
  readonly wide: boolean;
  readonly paint: Paint;
}

/** For people. Each distinct policy in force has a part of its own, with a headline where there are several. */
export function policyChangesText({wanted, changes}: PolicyChanges, options: TextOptions): string {
  return changes
    .map((change) => {
      const parts = [
        headline(change, wanted.name),
        ...problems(change),
        outcomeText(change.outcome, wanted.name, options),
      ];
      return parts.filter((part) => part !== '').join('\n');
    })
    .join('\n');
}

function headline({servers, inForce, release, outcome}: PolicyChange, wanted: string): string {
  if (outcome.kind === 'unknown') return `from what is in force on ${servers.join(', ')} to ${wanted}`;
  const judged = release === undefined ? '' : `, judged as ${release}`;
  const before = inForce?.name ?? `nothing in force on ${servers.join(', ')}`;
  return `from ${before} to ${wanted}${judged}`;
}

function problems({problems: found}: PolicyChange): string[] {
  return found.map((item) => `note: ${withFix(sentence(item))}`);
}

function withFix({message, fix}: Sentence): string {
  return fix === '' ? printable(message) : `${printable(message)}\n  next: ${printable(fix)}`;
}

function outcomeText(outcome: ChangeOutcome, wanted: string, options: TextOptions): string {
  switch (outcome.kind) {
    case 'unknown':
      return `not found out: ${withFix(sentence(outcome.because))}\n`;
    case 'refused': {
      const which = outcome.which === 'wanted' ? wanted : 'the policy in force';
      const line = outcome.line === undefined ? '' : `, line ${outcome.line}`;
      return `${which}${line}: the API server refuses it: ${printable(outcome.message)}\n`;
    }
    case 'compared': {
      const classes = differenceText(outcome.difference, options);
      if (outcome.unifiedDiff === '') return classes;
      return `${classes}\n${outcome.unifiedDiff
        .split('\n')
        .map((line) => paintedLine(line, options.paint))
        .join('\n')}`;
    }
  }
}

function paintedLine(line: string, paint: Paint): string {
  const safe = printable(line);
  if (safe.startsWith('+') && !safe.startsWith('+++')) return paint(safe, 'green');
  if (safe.startsWith('-') && !safe.startsWith('---')) return paint(safe, 'red');
  return safe;
}

/** The public contract of `difference.schema.json`. */
export function policyChangesObject({wanted, changes}: PolicyChanges): object {
  return {
    apiVersion: 'kubectl-audit/v1alpha1',
    kind: 'Difference',
    wanted: wanted.name,
    changes: changes.map((change) => ({
      servers: change.servers,
      release: change.release,
      inForce: change.inForce?.name,
      problems: change.problems.map((item) => ({code: item.code, severity: item.severity, ...sentence(item)})),
      ...outcomeObject(change.outcome),
    })),
  };
}

function outcomeObject(outcome: ChangeOutcome): object {
  switch (outcome.kind) {
    case 'unknown':
      return {result: 'unknown', because: {code: outcome.because.code, ...sentence(outcome.because)}};
    case 'refused':
      return {result: 'refused', refused: {which: outcome.which, message: outcome.message, line: outcome.line}};
    case 'compared':
      return {result: 'compared', ...differenceObject(outcome.difference), unifiedDiff: outcome.unifiedDiff};
  }
}
