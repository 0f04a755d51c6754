import {Args, Flags} from '@oclif/core';
import {AuditCommand, connectionFlags, connectionOptions, outputFlag, reportError} from '../../cli/base-command.ts';
import type {ConnectionFlagValues} from '../../cli/base-command.ts';
import {EXIT, EXIT_CODES_HELP} from '../../cli/exit-code.ts';
import {serverVersionFlag, serverVersionOf} from '../../cli/policy-flags.ts';
import {interruptible, paintFor, withProgress} from '../../cli/terminal.ts';
import {ApiClient} from '../../collect/client.ts';
import {discoverResources} from '../../collect/discovery.ts';
import {gunzip} from '../../collect/gunzip.ts';
import {readInputFile} from '../../collect/input-file.ts';
import type {InputFile} from '../../collect/input-file.ts';
import {fixPolicy} from '../../evaluate/lint/fix.ts';
import {textOfBytes} from '../../evaluate/lint/input.ts';
import {lintFile} from '../../evaluate/lint/lint-file.ts';
import type {LintOptions} from '../../evaluate/lint/lint.ts';
import {findPolicies} from '../../model/embedded-policy.ts';
import type {FoundPolicy} from '../../model/embedded-policy.ts';
import {CannotFindOut, UsageError} from '../../model/errors.ts';
import {valueOf} from '../../model/fact.ts';
import type {Severity} from '../../model/finding.ts';
import {type KubernetesVersion, parseKubernetesVersion} from '../../model/kubernetes-version.ts';
import type {LintReport} from '../../model/lint-finding.ts';
import type {DiscoveredResources} from '../../model/served-resources.ts';
import {fixNotes, lintCodes, lintCodesJson, lintCodesYaml, lintObject, lintTable} from '../../render/lint-report.ts';
import {obstacleText} from '../../render/sentence.ts';

const SEVERITIES: readonly Severity[] = ['info', 'warning', 'error'];
const NEWEST = '1.37';

export default class PolicyLint extends AuditCommand {
  static override summary = 'judge an audit policy on its own: what the API server would refuse, ignore or never reach';
  static override description = `FILE holds a policy, or a document that embeds one: a ConfigMap or Secret, a Cluster API or cloud-init document, a machine configuration; - is standard input. Nothing is changed and no cluster is asked, unless --cluster-resources says so.

Exits 1 when there is an error, or what --fail-on names; a file that cannot be read or holds no policy exits 2, after the others were judged. ${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'a policy, for the newest release', command: '<%= config.bin %> policy lint policy.yaml'},
    {
      description: 'for one release, warnings counted, as a CI step',
      command: '<%= config.bin %> policy lint --server-version 1.34 --fail-on warning audit/*.yaml',
    },
    {
      description: 'with the resources that the current cluster serves',
      command: '<%= config.bin %> policy lint policy.yaml --cluster-resources',
    },
    {
      description: 'the policy that was meant, where the indentation was lost in copying',
      command: '<%= config.bin %> policy lint copied.yaml --fix > policy.yaml',
    },
    {description: 'what the codes mean', command: '<%= config.bin %> policy lint --codes'},
  ];
  static override strict = false;
  static override args = {
    file: Args.string({name: 'FILE...', description: 'files that hold a policy; - for standard input'}),
  };
  static override flags = {
    'server-version': serverVersionFlag,
    'cluster-resources': Flags.boolean({
      summary: 'ask the cluster what it serves, and judge for its release (reads discovery and APIServices)',
    }),
    'fail-on': Flags.string({
      summary: 'least severity that exits 1',
      options: SEVERITIES.toReversed(),
      default: 'error',
    }),
    fix: Flags.boolean({
      summary: 'print the policy with what can be meant in one way only corrected; FILE stays as it is',
    }),
    codes: Flags.boolean({summary: 'print what every code means'}),
    output: outputFlag,
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PolicyLint);
    if (flags.codes) return this.print(codes(flags.output));
    const files = await readFiles(argv.map(String));
    if (files.length === 0) return;
    const target = await targetOf(flags);
    if (target === undefined) return;
    const options: LintOptions = {serverVersion: target.version, served: target.served};
    if (flags.fix) return this.#fix(files, options);

    const report: LintReport = {
      target: target.version === undefined ? NEWEST : `1.${target.version.minor}`,
      targetFrom: target.from,
      resourcesFrom: target.served === undefined ? 'kubernetes' : 'cluster',
      policies: files.flatMap(({file, policies}) => lintFile(file.name, file.content, policies, options)),
    };
    this.printAs(flags.output, lintObject(report), (style) => lintTable(report, style));
    process.exitCode ??= exitCodeOf(report, flags['fail-on']);
  }

  /** The corrected policy is the only thing on standard output. */
  #fix(files: readonly PolicyFileContent[], options: LintOptions): void {
    const [only, ...others] = files.flatMap(({file, policies}) => policies.map((policy) => ({file, policy})));
    if (only === undefined || others.length > 0) {
      throw new UsageError(
        `--fix prints one policy, and there are ${files.length === 1 ? 'several in this file' : 'several files'}`,
        'give one file with one policy',
      );
    }
    const fixed = fixPolicy(only.policy.text, options);
    this.print(fixed.text);
    for (const line of fixNotes(fixed.corrected, fixed.linted)) process.stderr.write(`${line}\n`);
    process.exitCode ??= fixed.linted.accepted ? EXIT.holds : EXIT.doesNotHold;
  }
}

interface PolicyFileContent {
  readonly file: InputFile;
  readonly policies: readonly FoundPolicy[];
}

/**
 * The files that can be judged; what is wrong with the others is told at once, and sets the exit code.
 * @throws UsageError when none was named, or standard input twice
 */
async function readFiles(names: readonly string[]): Promise<PolicyFileContent[]> {
  if (names.length === 0) {
    throw new UsageError('no file was given', 'name the files to judge, or - for standard input');
  }
  if (names.filter((name) => name === '-').length > 1) {
    throw new UsageError('- is given twice', 'standard input can be read once');
  }
  const outcomes = await Promise.allSettled(
    names.map(async (name) =>
      withPolicies(await readInputFile(name, {expected: 'an audit policy or a document that holds one,'})),
    ),
  );
  return outcomes.flatMap((outcome) => {
    if (outcome.status === 'fulfilled') return [outcome.value];
    reportError(outcome.reason);
    return [];
  });
}

function withPolicies(file: InputFile): PolicyFileContent {
  const found = findPolicies(textOfBytes(file.content), gunzip);
  if (found.kind === 'policies') return {file, policies: found.policies};
  const named = found.policyFile === undefined ? '' : `; --audit-policy-file names ${found.policyFile}`;
  throw new UsageError(
    `${file.name}: it holds no audit policy, but ${found.what}${named}`,
    'give the policy itself, or a document that holds its text',
  );
}

interface Target {
  readonly version: KubernetesVersion | undefined;
  readonly from: LintReport['targetFrom'];
  readonly served: DiscoveredResources | undefined;
}

/** Undefined when the user interrupted it. */
async function targetOf(
  flags: ConnectionFlagValues & {readonly 'server-version'?: string | undefined; readonly 'cluster-resources': boolean},
): Promise<Target | undefined> {
  const version = serverVersionOf(flags['server-version']);
  const from = version === undefined ? 'newest' : 'flag';
  if (!flags['cluster-resources']) return {version, from, served: undefined};
  return interruptible(() =>
    withProgress('asking the API server …', async () => {
      const client = ApiClient.open(connectionOptions(flags));
      const [served, own] = await Promise.all([
        discoverResources(client),
        client.json<{gitVersion?: string}>('/version', 'get /version'),
      ]);
      if (served.state !== 'seen') {
        const reason = served.state === 'absent' ? 'there is no discovery' : obstacleText(served.obstacle);
        throw new CannotFindOut(
          `ask the API server ${client.server.origin} what it serves: ${reason}`,
          'check --context, --server and the network, or leave --cluster-resources out',
        );
      }
      if (version !== undefined) return {version, from, served: served.value};
      const ofCluster = parseKubernetesVersion(valueOf(own)?.gitVersion ?? '');
      return {version: ofCluster, from: ofCluster === undefined ? 'newest' : 'cluster', served: served.value};
    }),
  );
}

function codes(output: string): string {
  switch (output) {
    case 'json':
      return lintCodesJson();
    case 'yaml':
      return lintCodesYaml();
    default:
      return lintCodes(paintFor(process.stdout));
  }
}

function exitCodeOf({policies}: LintReport, failOn: string): number {
  const least = SEVERITIES.findIndex((severity) => severity === failOn);
  const fails = policies.some(({findings}) => findings.some(({severity}) => SEVERITIES.indexOf(severity) >= least));
  return fails ? EXIT.doesNotHold : EXIT.holds;
}
