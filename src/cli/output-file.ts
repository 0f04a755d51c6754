/** Writes what a command was asked to write to a file. */
import {writeFile} from 'node:fs/promises';
import {UsageError} from '../model/errors.ts';

/**
 * Writes a new file. One that exists is left as it is: it may be the policy that an API server reads at its next start.
 * @throws UsageError where the file exists or cannot be written
 */
export async function writeNewFile(flag: string, path: string, text: string): Promise<void> {
  try {
    await writeFile(path, text, {flag: 'wx'});
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EEXIST') {
      throw new UsageError(`${flag} ${path}: the file exists, and is not overwritten`, 'give the name of a new file');
    }
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new UsageError(`${flag} ${path}: ${reason}`, 'give the name of a new file in a folder that can be written');
  }
}
