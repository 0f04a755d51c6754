/** The difference of two texts as `diff -u` writes it. */
import {createTwoFilesPatch} from 'diff';

/** A text and what to call it. */
export interface NamedText {
  readonly name: string;
  readonly text: string;
}

/** The work grows with the lines times the changes; policies in use change some dozens of lines. */
const MAX_CHANGES = 4000;

/**
 * Hunks with three lines of context under the two names; empty when the texts are the same. It ends in a line break. No
 * time stamps: the same texts always give the same lines. Texts that have next to nothing in common are shown as one replaced by the other.
 */
export function unifiedDiff(before: NamedText, after: NamedText): string {
  if (before.text === after.text) return '';
  const patch =
    createTwoFilesPatch(before.name, after.name, before.text, after.text, undefined, undefined, {
      context: 3,
      maxEditLength: MAX_CHANGES,
    }) ?? replacement(before, after);
  // The library's first line is a ruler that no tool needs.
  return patch.slice(patch.indexOf('\n') + 1);
}

function replacement(before: NamedText, after: NamedText): string {
  const [removed, added] = [before.text, after.text].map((text) => text.replace(/\n$/, '').split('\n')) as [
    string[],
    string[],
  ];
  const lines = [
    '',
    `--- ${before.name}`,
    `+++ ${after.name}`,
    `@@ -1,${removed.length} +1,${added.length} @@`,
    ...removed.map((line) => `-${line}`),
    ...added.map((line) => `+${line}`),
  ];
  return `${lines.join('\n')}\n`;
}
