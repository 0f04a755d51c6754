import {Flags} from '@oclif/core';
import {AuditCommand, connectionFlags, outputFlag} from '../cli/base-command.ts';
import {EXIT_CODES_HELP, exitCodeOfChanges} from '../cli/exit-code.ts';
import type {LivePolicyFlagValues} from '../cli/live-policy.ts';
import {policyFlag, readNodeFlags, serverVersionFlag, serverVersionOf} from '../cli/policy-flags.ts';
import type {ApiClient} from '../collect/client.ts';
import {discoverResources} from '../collect/discovery.ts';
import {readPolicyFile} from '../collect/files.ts';
import {readPresetFile} from '../collect/preset.ts';
import {readTextFile} from '../collect/input-file.ts';
import {UsageError} from '../model/errors.ts';
import {valueOf} from '../model/fact.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import type {NamedPolicy, PolicyChange} from '../model/policy-change.ts';
import type {ServedResource} from '../model/served-resources.ts';
import {generatePolicy} from '../plan/generate-policy.ts';
import {fileChange, policyChanges} from '../plan/policy-change.ts';
import {resolvePresets} from '../presets/resolve.ts';
import {policyChangesObject, policyChangesText} from '../render/policy-changes.ts';
import {conflictLines} from '../render/preset-policy.ts';
import {livePolicies} from './live-policies.ts';

const DEFAULT_PRESET = 'calico';

export default class Diff extends AuditCommand {
  static override summary = 'tell what would be recorded differently under a preset or another policy';
  static override description = `Compares the policy in force with the wanted one: first the requests that are recorded differently, decided over all requests, then the texts. The policy of a preset records what the preset needs and nothing more.

${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'the current cluster, against preset calico', command: '<%= config.bin %> diff --read-node'},
    {
      description: 'two files, without a cluster',
      command: '<%= config.bin %> diff --policy policy.yaml --want wanted.yaml --server-version 1.34',
    },
  ];
  static override flags = {
    policy: policyFlag,
    preset: Flags.string({
      char: 'p',
      helpValue: 'PRESET[,PRESET]',
      summary: 'the policy of these presets is the wanted one (default: calico)',
    }),
    prefer: Flags.string({
      helpValue: 'PRESET',
      summary: 'the preset that counts where presets contradict each other',
      exclusive: ['want'],
    }),
    want: Flags.string({
      helpValue: 'FILE',
      summary: 'the wanted policy, instead of that of a preset',
      exclusive: ['preset'],
    }),
    'server-version': serverVersionFlag,
    ...readNodeFlags,
    output: outputFlag,
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const {flags} = await this.parse(Diff);
    const version = serverVersionOf(flags['server-version']);
    const wanted = await wantedPolicy(flags, version);
    const changes = await changesTo(wanted, flags, version);
    if (changes === undefined) return;
    const report = {wanted, changes};
    this.printAs(flags.output, policyChangesObject(report), (options) => policyChangesText(report, options));
    process.exitCode ??= exitCodeOfChanges(changes);
  }
}

interface WantedFlags {
  readonly preset?: string | undefined;
  readonly prefer?: string | undefined;
  readonly want?: string | undefined;
}

/** @throws UsageError for a file or presets that make no policy */
async function wantedPolicy(flags: WantedFlags, version: KubernetesVersion | undefined): Promise<NamedPolicy> {
  if (flags.want !== undefined) {
    return readTextFile(flags.want, {expected: 'an audit policy'});
  }
  const named = flags.preset ?? DEFAULT_PRESET;
  const presets = await resolvePresets(named, '--preset', readPresetFile);
  const generated = generatePolicy(presets, {serverVersion: version, prefer: flags.prefer});
  if (generated.kind === 'generated') return {name: `preset ${named}`, text: generated.text};
  throw new UsageError(
    `--preset ${named}: ${conflictLines(generated.conflicts)[0] ?? 'the presets contradict each other'}`,
    'name the preset that counts with --prefer',
  );
}

interface DiffFlags extends LivePolicyFlagValues {
  readonly policy?: string | undefined;
}

/** Undefined when the run was interrupted or no API server is visible. */
async function changesTo(
  wanted: NamedPolicy,
  flags: DiffFlags,
  version: KubernetesVersion | undefined,
): Promise<readonly PolicyChange[] | undefined> {
  if (flags.policy !== undefined) {
    const file = await readPolicyFile(flags.policy);
    return [fileChange({name: file.name ?? flags.policy, text: file.text}, wanted, version)];
  }
  const live = await livePolicies(flags, version);
  return live === undefined ? undefined : policyChanges(live.servers, wanted, await servedResources(live.client));
}

/** Undefined where not all could be read: what is not known must not be left out as not served. */
async function servedResources(client: ApiClient): Promise<readonly ServedResource[] | undefined> {
  const discovered = valueOf(await discoverResources(client));
  return discovered?.unreadGroups.length === 0 ? discovered.resources : undefined;
}
