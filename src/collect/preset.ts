import {parsePresetFile} from '../model/preset-file.ts';
import type {Preset} from '../model/requirement.ts';
import {readTextFile} from './input-file.ts';

/**
 * Reads a preset of the user's own; `-` is standard input.
 * @throws UsageError for a file that cannot be read or is no preset; with its line, where it has one
 */
export async function readPresetFile(path: string): Promise<Preset> {
  const {name, text} = await readTextFile(path, {expected: 'a preset file, or the name of a preset,'});
  return parsePresetFile(text, name);
}
