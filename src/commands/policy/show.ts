import {Args, Flags} from '@oclif/core';
import {AuditCommand} from '../../cli/base-command.ts';
import {EXIT, EXIT_CODES_HELP} from '../../cli/exit-code.ts';
import {serverVersionFlag, serverVersionOf} from '../../cli/policy-flags.ts';
import {readPresetFile} from '../../collect/preset.ts';
import {readTextFile} from '../../collect/input-file.ts';
import {UsageError} from '../../model/errors.ts';
import type {GeneratedPolicy, MergedPolicy} from '../../model/preset-policy.ts';
import type {Preset} from '../../model/requirement.ts';
import {type GenerateOptions, generatePolicy} from '../../plan/generate-policy.ts';
import {mergePolicy} from '../../plan/merge-policy.ts';
import {resolvePresets} from '../../presets/resolve.ts';
import {conflictLines, generatedNotes, mergedNotes} from '../../render/preset-policy.ts';

export default class PolicyShow extends AuditCommand {
  static override summary = 'print the audit policy that presets ask for, proven to meet them';
  static override description = `The policy goes to standard output, ready for --audit-policy-file; what there is to say about it goes to standard error. With --merge it is your own policy, with the rules added that it lacks: nothing is recorded less than before.

${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'the policy of a preset', command: '<%= config.bin %> policy show calico > policy.yaml'},
    {
      description: 'your policy, widened by what two presets need',
      command: '<%= config.bin %> policy show calico,cis --merge policy.yaml > wider.yaml',
    },
    {
      description: 'two that contradict each other, one of them given the last word',
      command: '<%= config.bin %> policy show cis,stig --prefer cis',
    },
  ];
  static override args = {
    preset: Args.string({
      name: 'PRESET',
      required: true,
      description: 'a name or a preset file; several are joined by commas: see presets',
    }),
  };
  static override flags = {
    merge: Flags.string({
      helpValue: 'FILE',
      summary: 'add to this policy only what it lacks, and print it; - for standard input',
    }),
    prefer: Flags.string({
      helpValue: 'PRESET',
      summary: 'the preset that counts where presets contradict each other',
    }),
    'server-version': serverVersionFlag,
  };

  async run(): Promise<void> {
    const {args, flags} = await this.parse(PolicyShow);
    if (flags.merge === '-' && args.preset.split(',').includes('-')) {
      throw new UsageError('PRESET - and --merge - both read standard input', 'give one of them as a file');
    }
    const presets = await resolvePresets(args.preset, 'PRESET', readPresetFile);
    const options = {
      serverVersion: serverVersionOf(flags['server-version']),
      prefer: preferredOf(flags.prefer, presets),
    };
    if (flags.merge === undefined) this.#showGenerated(generatePolicy(presets, options));
    else await this.#showMerged(flags.merge, presets, options);
  }

  #showGenerated(result: GeneratedPolicy): void {
    if (result.kind === 'conflict') return this.#tell(conflictLines(result.conflicts), EXIT.doesNotHold);
    this.print(result.text);
    this.#tell(generatedNotes(result), EXIT.holds);
  }

  async #showMerged(file: string, presets: readonly Preset[], options: GenerateOptions): Promise<void> {
    const {text} = await readTextFile(file, {expected: 'an audit policy'});
    const result = mergePolicy(text, presets, options);
    switch (result.kind) {
      case 'conflict':
        return this.#tell(conflictLines(result.conflicts), EXIT.doesNotHold);
      case 'invalid':
        throw new UsageError(
          `--merge ${file}${result.line === undefined ? '' : `:${result.line}`}: the API server would refuse this policy: ${result.message}`,
          /v1(?:alpha|beta)1/.test(result.message)
            ? 'convert it first: kubectl audit policy convert'
            : 'correct it first: kubectl audit policy lint says more',
        );
      case 'not-editable':
        throw new UsageError(
          `--merge ${file}: rules cannot be added to this text: ${result.reason}`,
          'write `rules` as a plain list, or begin with `policy show` without --merge',
        );
      case 'merged':
        this.print(result.text);
        return this.#tell(mergedNotes(result, presets), isMet(result) ? EXIT.holds : EXIT.doesNotHold);
    }
  }

  #tell(lines: readonly string[], exit: number): void {
    for (const line of lines) process.stderr.write(`${line}\n`);
    process.exitCode ??= exit;
  }
}

/** A must that a preferred preset stands against was given up on purpose. */
function isMet({unmet}: Extract<MergedPolicy, {kind: 'merged'}>): boolean {
  return unmet.every(({requirement, because}) => requirement.level === 'should' || because === 'conflict');
}

function preferredOf(name: string | undefined, presets: readonly Preset[]): string | undefined {
  if (name === undefined || presets.some((preset) => preset.name === name)) return name;
  throw new UsageError(
    `Expected --prefer=${name} to be one of: ${presets.map((preset) => preset.name).join(', ')}`,
    'name one of the presets that are shown',
  );
}
