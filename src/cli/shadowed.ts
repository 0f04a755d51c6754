/** Finds another `kubectl-audit` that kubectl would run instead of this one. */
import {accessSync, constants, realpathSync, statSync} from 'node:fs';
import {delimiter, join} from 'node:path';
import {type Finding, finding} from '../model/finding.ts';

/**
 * kubectl runs the first `kubectl-audit` on PATH.
 * @param running the file of this program; undefined when it was not started by a file of that name
 */
export function shadowedPlugin(running: string | undefined, path: string): Finding[] {
  const names = process.platform === 'win32' ? ['kubectl-audit.exe', 'kubectl-audit.cmd'] : ['kubectl-audit'];
  const found = path
    .split(delimiter)
    .filter((directory) => directory !== '')
    .flatMap((directory) => names.map((name) => join(directory, name)));
  const first = found.find(isExecutable);
  if (first === undefined || running === undefined || realPath(first) === realPath(running)) return [];
  return [finding('plugin-shadowed', {running, first})];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function realPath(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}
