import type {Preset} from '../model/requirement.ts';
import {CALICO_ENTERPRISE} from './calico-enterprise.ts';
import {CALICO} from './calico.ts';
import {CIS} from './cis.ts';
import {STIG} from './stig.ts';

/** All shipped presets, in the order in which they are listed. */
export const PRESETS: readonly Preset[] = [CALICO, CALICO_ENTERPRISE, CIS, STIG];

/** The shipped preset of that name. Throws when there is none, so check a name that a person typed against `PRESETS`. */
export function presetNamed(name: string): Preset {
  const preset = PRESETS.find((candidate) => candidate.name === name);
  if (preset !== undefined) return preset;
  throw new Error(`no preset named "${name}": there are ${PRESETS.map((candidate) => candidate.name).join(', ')}`);
}
