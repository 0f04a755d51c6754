import {Flags} from '@oclif/core';
import {AuditCommand, connectionFlags, outputFlag} from '../cli/base-command.ts';
import {EXIT_CODES_HELP, exitCodeOfStatus} from '../cli/exit-code.ts';
import {type LivePolicyFlagValues, collectLive} from '../cli/live-policy.ts';
import {policyFlag, readNodeFlags, serverVersionFlag, serverVersionOf} from '../cli/policy-flags.ts';
import {shadowedPlugin} from '../cli/shadowed.ts';
import {collectFiles, readPolicyFile} from '../collect/files.ts';
import {readPresetFile} from '../collect/preset.ts';
import {judgeStatus} from '../evaluate/server/status.ts';
import {UsageError} from '../model/errors.ts';
import type {ClusterFacts} from '../model/facts.ts';
import {resolvePresets} from '../presets/resolve.ts';
import {statusObject} from '../render/status-object.ts';
import {statusTable} from '../render/status-table.ts';

export default class Status extends AuditCommand {
  static override summary = 'tell whether the API servers of this cluster record what a preset needs';
  static override description = `Reads the API server pods, the mounted policy and the running processes. kubectl's flags stand after the plugin's name.

Verdicts, worst first: off, broken, silent, partial, unknown, on. ${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'the current cluster, against preset calico', command: '<%= config.bin %> status'},
    {
      description: 'read the policy from the nodes with a short-lived read-only pod',
      command: '<%= config.bin %> status --preset cis --read-node',
    },
    {
      description: 'by several presets, each with its own verdict',
      command: '<%= config.bin %> status --preset calico,cis',
    },
    {
      description: 'files, without a cluster',
      command: '<%= config.bin %> status --manifest kube-apiserver.yaml --policy policy.yaml --server-version 1.34',
    },
  ];
  static override flags = {
    preset: Flags.string({
      char: 'p',
      summary: 'what must be recorded: a name or a preset file, several joined by commas; see presets',
      default: 'calico',
    }),
    policy: policyFlag,
    manifest: Flags.string({
      helpValue: 'FILE',
      summary: 'judge this static pod manifest instead of a cluster; may be repeated, - for standard input',
      multiple: true,
      multipleNonGreedy: true,
    }),
    'server-version': serverVersionFlag,
    ...readNodeFlags,
    output: outputFlag,
    namespace: Flags.string({
      char: 'n',
      summary: 'without effect here: API servers are looked for in their own namespaces',
    }),
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Status);
    const version = serverVersionOf(flags['server-version'])?.text;
    if (flags.preset.split(',').includes('-') && (flags.policy === '-' || flags.manifest?.includes('-') === true)) {
      throw new UsageError('--preset - reads standard input, as another flag does', 'give one of them as a file');
    }
    const presets = await resolvePresets(flags.preset, '--preset', readPresetFile);
    const facts = await collect(flags);
    if (facts === undefined) return;
    const judged = judgeStatus(facts, presets, version);
    const report = {
      ...judged,
      findings: [...judged.findings, ...shadowedPlugin(process.argv[1], process.env['PATH'] ?? '')],
    };
    this.printAs(flags.output, statusObject(report), (options) => statusTable(report, options));
    process.exitCode ??= exitCodeOfStatus(report);
  }
}

/** The flags that decide what is read. */
interface StatusFlags extends LivePolicyFlagValues {
  readonly manifest?: readonly string[] | undefined;
  readonly policy?: string | undefined;
}

/** Undefined when the run was interrupted. */
async function collect(flags: StatusFlags): Promise<ClusterFacts | undefined> {
  if (flags.manifest !== undefined) return collectFiles(flags.manifest, flags.policy);
  const policy = flags.policy === undefined ? undefined : await readPolicyFile(flags.policy);
  const live = await collectLive(flags, policy);
  return live?.facts;
}
