import {Args} from '@oclif/core';
import {AuditCommand, outputFlag} from '../cli/base-command.ts';
import {EXIT_CODES_HELP} from '../cli/exit-code.ts';
import {readPresetFile} from '../collect/preset.ts';
import {demandsOf} from '../evaluate/coverage/demands.ts';
import type {Preset} from '../model/requirement.ts';
import {PRESETS} from '../presets/index.ts';
import {resolvePresets} from '../presets/resolve.ts';
import {presetsDetails, presetsJson, presetsTable, presetsYaml} from '../render/presets.ts';

export default class Presets extends AuditCommand {
  static override summary = 'list the presets, or show what one asks for and why';
  static override description = `A preset is a list of requirements: which requests must be recorded, at which level, by which source. -o yaml prints a preset file, to be changed and given to --preset FILE.

${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'all of them', command: '<%= config.bin %> presets'},
    {description: 'requirements, reasons, departures from the source', command: '<%= config.bin %> presets stig'},
    {description: 'a preset file to begin with', command: '<%= config.bin %> presets cis -o yaml'},
  ];
  static override args = {
    preset: Args.string({name: 'PRESET', description: 'a name or a preset file; several are joined by commas'}),
  };
  static override flags = {output: outputFlag};

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Presets);
    const presets = args.preset === undefined ? PRESETS : await resolvePresets(args.preset, 'PRESET', readPresetFile);
    this.print(rendered(presets, flags.output, args.preset !== undefined));
  }
}

function rendered(presets: readonly Preset[], output: string, isNamed: boolean): string {
  switch (output) {
    case 'json':
      return presetsJson(presets);
    case 'yaml':
      return presetsYaml(presets);
    default:
      if (isNamed) return presetsDetails(presets, demandsOf(presets).conflicts);
      return output === 'wide' ? presetsDetails(presets, []) : presetsTable(presets);
  }
}
