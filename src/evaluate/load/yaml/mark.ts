/**
 * Places in a text, and what is wrong there, in go-yaml's words.
 */
import {RefusedText} from '../decoded-value.ts';
import type {Position, ReadingContext} from '../decoded-value.ts';

/**
 * A place as go-yaml counts it: all from 0, in characters.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlh.go#L61
 */
export interface Mark {
  readonly index: number;
  readonly line: number;
  readonly column: number;
}

/** What was being read when something was found wrong, such as `while scanning a quoted scalar`, and where it began. */
export interface Context {
  readonly what: string;
  readonly start: Mark;
}

/** `mark`, counted from 1. */
export function positionOf({line, column}: Mark): Position {
  return {line: line + 1, column: column + 1};
}

/**
 * A fault that the scanner finds. It has no line in its message when it is in the first.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L111
 */
export function scannerError(problem: string, at: Mark, context?: Context): RefusedText {
  return new RefusedText(`yaml: ${lineOf(at.line === 0 ? 0 : at.line + 1)}${problem}`, positionOf(at), noted(context));
}

/**
 * A fault that the parser finds. The line in its message is one too small.
 * @see https://github.com/yaml/go-yaml/blob/v2.4.2/decode.go#L111
 */
export function parserError(problem: string, at: Mark, context?: Context): RefusedText {
  return new RefusedText(`yaml: ${lineOf(at.line)}${problem}`, positionOf(at), noted(context));
}

function lineOf(line: number): string {
  return line === 0 ? '' : `line ${line}: `;
}

function noted(context: Context | undefined): ReadingContext | undefined {
  return context && {what: context.what, start: positionOf(context.start)};
}
