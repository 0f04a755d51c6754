import {Args, Flags} from '@oclif/core';
import {AuditCommand, connectionFlags, outputFlag} from '../cli/base-command.ts';
import {EXIT, EXIT_CODES_HELP} from '../cli/exit-code.ts';
import type {LivePolicyFlagValues} from '../cli/live-policy.ts';
import {policyFlag, readNodeFlags, serverVersionFlag, serverVersionOf} from '../cli/policy-flags.ts';
import type {ApiClient} from '../collect/client.ts';
import {discoverResources} from '../collect/discovery.ts';
import {readPolicyFile} from '../collect/files.ts';
import {subjectOf} from '../evaluate/request/asked-request.ts';
import {explainFile, explainServers} from '../evaluate/explain/explain-report.ts';
import {kubernetesResources} from '../evaluate/request/kubernetes-resources.ts';
import {type Question, type QuestionInput, questionOf, requireOneQuestion} from '../evaluate/request/question.ts';
import type {ExplainReport} from '../model/explanation.ts';
import {valueOf} from '../model/fact.ts';
import type {FileFact} from '../model/facts.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import type {ServedResource} from '../model/served-resources.ts';
import {livePolicies} from './live-policies.ts';
import {explainObject, explainText} from '../render/explain.ts';

export default class Explain extends AuditCommand {
  static override summary = 'tell which rule of the audit policy decides a request, and what is recorded then';
  static override description = `RESOURCE is written as for kubectl: pods, po, deployments.apps, pods/exec. Without --policy the policy in force is read from the cluster, as status does.

${EXIT_CODES_HELP}`;
  static override examples = [
    {description: 'who runs exec, under the policy in force', command: '<%= config.bin %> explain get pods/exec'},
    {
      description: 'a policy file, without a cluster',
      command: '<%= config.bin %> explain delete secrets -n kube-system --policy policy.yaml --server-version 1.34',
    },
    {
      description: 'a user with groups; those of service accounts, nodes and anonymous requests are added',
      command: '<%= config.bin %> explain list secrets -A --subject system:serviceaccount:ci:deployer',
    },
    {
      description: 'a request as the log shows it',
      command: '<%= config.bin %> explain --uri "GET /api/v1/pods?watch=true"',
    },
    {
      description: 'what kubectl really sends',
      command: '<%= config.bin %> explain --kubectl "exec -it web -- sh"',
    },
  ];
  static override args = {
    verb: Args.string({description: 'get, list, watch, create, update, patch, delete or deletecollection'}),
    resource: Args.string({description: 'RESOURCE[.GROUP][/SUBRESOURCE]'}),
  };
  static override flags = {
    uri: Flags.string({helpValue: '"METHOD /PATH"', summary: 'explain this HTTP request instead of VERB RESOURCE'}),
    kubectl: Flags.string({
      helpValue: '"COMMAND …"',
      summary: 'explain what this kubectl command sends instead of VERB RESOURCE',
      exclusive: ['uri'],
    }),
    namespace: Flags.string({char: 'n', summary: 'namespace of the request', default: 'default'}),
    'all-namespaces': Flags.boolean({char: 'A', summary: 'a list or watch over all namespaces'}),
    name: Flags.string({summary: 'name of the object (default: one that no rule names)'}),
    subject: Flags.string({
      helpValue: 'USER',
      summary: 'who makes the request (default: someone authenticated whom no rule names)',
    }),
    'subject-group': Flags.string({
      helpValue: 'GROUP',
      summary: 'a group of that user; may be repeated',
      multiple: true,
      multipleNonGreedy: true,
    }),
    unauthenticated: Flags.boolean({summary: 'a request whose authentication fails (401)'}),
    policy: policyFlag,
    'server-version': serverVersionFlag,
    ...readNodeFlags,
    output: outputFlag,
    ...connectionFlags,
  };

  async run(): Promise<void> {
    const {args, flags, metadata} = await this.parse(Explain);
    const version = serverVersionOf(flags['server-version']);
    const input = questionInput(args, flags, metadata.flags['namespace']?.setFromDefault !== true);
    requireOneQuestion(input);
    const ask = (served: readonly ServedResource[]): Question => questionOf(input, served, version);
    const report =
      flags.policy === undefined
        ? await explainLive(ask, flags, version)
        : explainGiven(ask(kubernetesResources()), await readPolicyFile(flags.policy), version);
    if (report === undefined) return;
    this.printAs(flags.output, explainObject(report), (options) => explainText(report, options));
    const isUnknown = report.policies.some((policy) => policy.outcome.kind === 'unknown');
    process.exitCode ??= isUnknown ? EXIT.unknown : EXIT.holds;
  }
}

interface QuestionFlags {
  readonly uri?: string | undefined;
  readonly kubectl?: string | undefined;
  readonly namespace: string;
  readonly 'all-namespaces': boolean;
  readonly name?: string | undefined;
  readonly subject?: string | undefined;
  readonly 'subject-group'?: readonly string[] | undefined;
  readonly unauthenticated: boolean;
}

function questionInput(
  {verb, resource}: {readonly verb?: string | undefined; readonly resource?: string | undefined},
  flags: QuestionFlags,
  isNamespaceGiven: boolean,
): QuestionInput {
  const {uri, kubectl, name, unauthenticated} = flags;
  return {
    verb,
    resource,
    uri,
    kubectl,
    name,
    namespace: isNamespaceGiven ? flags.namespace : undefined,
    defaultNamespace: flags.namespace,
    allNamespaces: flags['all-namespaces'],
    subject: subjectOf(flags.subject, flags['subject-group'] ?? [], {unauthenticated}),
  };
}

function explainGiven(question: Question, file: FileFact, version: KubernetesVersion | undefined): ExplainReport {
  return {...question, policies: [explainFile(question.requests, file, version)]};
}

async function explainLive(
  ask: (served: readonly ServedResource[]) => Question,
  flags: LivePolicyFlagValues,
  version: KubernetesVersion | undefined,
): Promise<ExplainReport | undefined> {
  const live = await livePolicies(flags, version);
  if (live === undefined) return undefined;
  const question = ask(await servedBy(live.client));
  return {...question, policies: explainServers(question.requests, live.servers)};
}

/** What the cluster serves, with Kubernetes' own for groups of which it told nothing. */
async function servedBy(client: ApiClient): Promise<readonly ServedResource[]> {
  const found = valueOf(await discoverResources(client))?.resources ?? [];
  const groups = new Set(found.map(({group}) => group));
  return [...found, ...kubernetesResources().filter(({group}) => !groups.has(group))];
}
