import {Args, Flags} from '@oclif/core';
import {AuditCommand} from '../../cli/base-command.ts';
import {EXIT, EXIT_CODES_HELP} from '../../cli/exit-code.ts';
import {policyFlag, serverVersionFlag, serverVersionOf} from '../../cli/policy-flags.ts';
import {paintFor} from '../../cli/terminal.ts';
import {type ReadExpectations, readExpectations} from '../../collect/expectations.ts';
import {loadGivenPolicy} from '../../evaluate/explain/explain-report.ts';
import {kubernetesResources} from '../../evaluate/request/kubernetes-resources.ts';
import {testPolicy} from '../../evaluate/policy-test.ts';
import {UsageError} from '../../model/errors.ts';
import {type KubernetesVersion, parseKubernetesVersion} from '../../model/kubernetes-version.ts';
import type {PolicyTestReport, TestedFile} from '../../model/policy-test-report.ts';
import {policyTestJson, policyTestJunit, policyTestText, policyTestYaml} from '../../render/policy-test.ts';

/** Without indentation and in short lines, as the help keeps neither. */
const EXAMPLE = `apiVersion: kubectl-audit/v1alpha1
kind: PolicyExpectations
policy: policy.yaml # beside this file; --policy takes its place
serverVersion: "1.34" # left out: the newest
cases:
- {name: exec, request: {kubectl: exec web}, expect: {atLeast: Metadata}}
- {request: {verb: get, resource: secrets}, expect: {level: Metadata}}
- {request: {verb: list, resource: po}, expect: {stages: [ResponseComplete]}}
- {request: {verb: get, resource: po}, subject: {user: jo}, expect: {rule: 3}}
- {request: {uri: GET /healthz}, expect: {level: None}}`;

export default class PolicyTest extends AuditCommand {
  static override summary = 'hold a policy against expectations: this request, that level';
  static override description = `For CI, without a cluster. A file of expectations:

${EXAMPLE}

A request is verb and resource (with namespace, allNamespaces, name), or uri, or kubectl: then all requests that the command is for are meant. A subject has user and groups, or unauthenticated: true. Expected can be level, or atLeast and atMost; stages (exactly where an event is written); rule (counted from 1, or none); omitManagedFields. The schema is policy-expectations.schema.json.

${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'the policy that the file names', command: '<%= config.bin %> policy test expectations.yaml'},
    {
      description: 'another policy, with a report for the CI server',
      command: '<%= config.bin %> policy test expectations.yaml --policy new.yaml -o junit > report.xml',
    },
  ];
  static override strict = false;
  static override args = {
    file: Args.string({name: 'FILE', required: true, description: 'a file of expectations; several may be given'}),
  };
  static override flags = {
    policy: {...policyFlag, summary: 'the policy, in place of what the files name; - for standard input'},
    'server-version': {...serverVersionFlag, summary: 'release to judge by, in place of what the files name'},
    output: Flags.string({
      char: 'o',
      summary: 'output format',
      options: ['table', 'wide', 'json', 'yaml', 'junit'],
      default: 'table',
    }),
  };

  async run(): Promise<void> {
    const {argv, flags} = await this.parse(PolicyTest);
    const version = serverVersionOf(flags['server-version']);
    const files = await readExpectations(argv.map(String), flags.policy);
    const report = {files: files.map((file) => tested(file, version))};
    this.print(rendered(report, flags.output));
    const holds = report.files.every((file) => file.cases.every((item) => item.holds));
    process.exitCode ??= holds ? EXIT.holds : EXIT.doesNotHold;
  }
}

function tested({file, expectations, policy}: ReadExpectations, version: KubernetesVersion | undefined): TestedFile {
  const serverVersion = version ?? versionOf(file, expectations.serverVersion);
  const {policy: loaded, warnings} = loadGivenPolicy(policy, serverVersion);
  const context = {file, policy: loaded, serverVersion, served: kubernetesResources()};
  return {
    file,
    policy: {file: policy.name ?? 'standard input', sha256: policy.sha256},
    serverVersion: serverVersion?.text,
    warnings,
    cases: testPolicy(expectations.cases, context),
  };
}

function versionOf(file: string, text: string | undefined): KubernetesVersion | undefined {
  const version = text === undefined ? undefined : parseKubernetesVersion(text);
  if (text === undefined || version !== undefined) return version;
  throw new UsageError(
    `${file}: serverVersion ${JSON.stringify(text)} is no Kubernetes version`,
    'write it as "1.34" or v1.34.4',
  );
}

function rendered(report: PolicyTestReport, output: string): string {
  switch (output) {
    case 'json':
      return policyTestJson(report);
    case 'yaml':
      return policyTestYaml(report);
    case 'junit':
      return policyTestJunit(report);
    default:
      return policyTestText(report, {wide: output === 'wide', paint: paintFor(process.stdout)});
  }
}
