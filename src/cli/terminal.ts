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

/** Shows a line on a terminal while `work` takes longer than a second, and removes it again. */
export async function withProgress<T>(text: string, work: Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) return work;
  const timer = setTimeout(() => process.stderr.write(text), 1000);
  try {
    return await work;
  } finally {
    clearTimeout(timer);
    process.stderr.write('\r\u001B[K');
  }
}

/** Aborted by the first Ctrl-C or SIGTERM, so that what was created can be removed; the second one ends at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      process.exitCode = signal === 'SIGINT' ? 130 : 143;
      controller.abort();
      process.once(signal, () => process.exit());
    });
  }
  return controller.signal;
}
