/** The terminal: colour, questions, progress and interruption. */
import {createInterface} from 'node:readline/promises';
import {type Paint, paintAnsi, paintNothing} from '../render/table.ts';

/** Colour only on a terminal, and never against NO_COLOR (any value that is not empty). */
export function paintFor(stream: NodeJS.WriteStream): Paint {
  return stream.isTTY && (process.env['NO_COLOR'] ?? '') === '' && process.env['TERM'] !== 'dumb'
    ? paintAnsi
    : paintNothing;
}

/** Asks on a terminal; without one the answer is no. */
export async function askYes(question: string, signal: AbortSignal): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) return false;
  const lines = createInterface({input: process.stdin, output: process.stderr});
  try {
    const answer = await lines.question(`${question} [y/N] `, {signal});
    return /^y(es)?$/i.test(answer.trim());
  } catch {
    return false;
  } finally {
    lines.close();
  }
}

/**
 * Shows a line on a terminal while `work` takes longer than a second, and removes it again.
 * @param work is given a function that ends the line early, before something else is written
 */
export async function withProgress<T>(text: string, work: (end: () => void) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work(() => undefined);
  let shown = false;
  const timer = setTimeout(() => {
    shown = true;
    process.stderr.write(text);
  }, 1000);
  const end = (): void => {
    clearTimeout(timer);
    if (shown) process.stderr.write('\r\u001B[K');
    shown = false;
  };
  try {
    return await work(end);
  } finally {
    end();
  }
}

/**
 * Lets the first Ctrl-C or SIGTERM abort the work, so that what it created is removed; the second one ends at once.
 * Undefined when the work was aborted; the exit code is then that of the signal.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals): void => {
    process.exitCode = name === 'SIGINT' ? 130 : 143;
    if (controller.signal.aborted) process.exit();
    controller.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  try {
    const result = await work(controller.signal);
    return controller.signal.aborted ? undefined : result;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}
