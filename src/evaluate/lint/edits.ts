/** Changes of a policy's text, one word at a time. */
import type {TextEdit} from '../../model/lint-finding.ts';
import type {PathStep, Position} from '../load/decoded-value.ts';
import {positionAt} from '../load/decoded-value.ts';
import type {LintInput} from './input.ts';
import {valueAt} from './input.ts';

/** Replaces a text of the policy, with its quotes; undefined where it is not written plainly at its place. */
export function replaceScalar(input: LintInput, path: readonly PathStep[], after: string): TextEdit | undefined {
  const value = input.root === undefined ? undefined : valueAt(input.root, path);
  if (input.root === undefined || value?.kind !== 'string') return undefined;
  const at = positionAt(input.root, path);
  const rest = textFrom(input.text, at);
  const before = [value.value, `"${value.value}"`, `'${value.value}'`].find((form) => startsWithWord(rest, form));
  if (before === undefined || before === '') return undefined;
  return {...at, before, after: before === value.value && isPlain(after) ? after : JSON.stringify(after)};
}

/** Replaces a key. */
export function replaceKey(text: string, at: Position, key: string, after: string): TextEdit | undefined {
  const rest = textFrom(text, at);
  const before = [key, `"${key}"`, `'${key}'`].find((form) => startsWithWord(rest, form));
  if (before === undefined) return undefined;
  return {line: at.line, column: at.column, before, after: before === key ? after : JSON.stringify(after)};
}

/** Makes all changes that do not touch one another; of two for one place the first counts. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const starts = lineStarts(text);
  const places = edits
    .map((edit) => ({edit, start: offsetOf(text, starts, edit)}))
    .filter(({edit, start}) => text.startsWith(edit.before, start))
    .sort((a, b) => a.start - b.start);
  let result = '';
  let done = 0;
  for (const {edit, start} of places) {
    if (start < done) continue;
    result += text.slice(done, start) + edit.after;
    done = start + edit.before.length;
  }
  return result + text.slice(done);
}

function textFrom(text: string, at: Position): string {
  return text.slice(offsetOf(text, lineStarts(text), at));
}

/** Whether the word stands there alone: what follows does not belong to it. */
function startsWithWord(text: string, word: string): boolean {
  return text.startsWith(word) && !/^[^\s,\]}:#"']/.test(text.slice(word.length));
}

/** Whether YAML reads the text as it is, also in a flow list. */
function isPlain(text: string): boolean {
  return /^[A-Za-z/][\w./-]*$/.test(text) && !/^(?:y|n|yes|no|on|off|true|false|null)$/i.test(text);
}

function offsetOf(text: string, starts: readonly number[], {line, column}: Position): number {
  let offset = starts[line - 1] ?? text.length;
  // Columns count characters, of which some take two places in a string.
  for (let left = column - 1; left > 0 && offset < text.length; left -= 1) {
    offset += (text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}

/** Where each line begins, for every line ending that YAML knows. */
function lineStarts(text: string): number[] {
  return [0, ...[...text.matchAll(/\r\n|[\r\n\u0085\u2028\u2029]/g)].map((found) => found.index + found[0].length)];
}
