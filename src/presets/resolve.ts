import {UsageError} from '../model/errors.ts';
import type {Preset} from '../model/requirement.ts';
import {PRESETS} from './index.ts';

/** Reads and parses the preset file of that path; `-` is standard input. */
export type PresetFileReader = (path: string) => Promise<Preset>;

/**
 * The presets that a person named: names of shipped ones and preset files, joined by commas. A file is told from a name by a
 * slash, by its ending .yaml, .yml or .json, or by being `-`.
 * @param label how the argument is called, for messages: `--preset`
 * @throws UsageError for a name that there is none of, for the same name twice, and what `readFile` throws
 */
export async function resolvePresets(text: string, label: string, readFile: PresetFileReader): Promise<Preset[]> {
  const presets: Preset[] = [];
  for (const part of text.split(',').map((each) => each.trim())) {
    const preset = isFile(part) ? await readFile(part) : shipped(part, label);
    if (presets.some(({name}) => name === preset.name)) {
      throw new UsageError(
        `${label} ${text}: two presets are named ${preset.name}`,
        'name each preset once; a preset file needs a name of its own',
      );
    }
    presets.push(preset);
  }
  return presets;
}

function isFile(text: string): boolean {
  return text === '-' || text.includes('/') || /\.(?:ya?ml|json)$/.test(text);
}

function shipped(name: string, label: string): Preset {
  const preset = PRESETS.find((candidate) => candidate.name === name);
  if (preset !== undefined) return preset;
  throw new UsageError(
    `Expected ${label}=${name} to be one of: ${PRESETS.map((candidate) => candidate.name).join(', ')}`,
    'join several with commas; a preset file is named by its path, such as ./preset.yaml',
  );
}
