/** Holds a policy against expectations. */
import {UsageError} from '../model/errors.ts';
import type {AskedRequest, Explanation} from '../model/explanation.ts';
import {kubectlRequests} from '../model/kubectl-requests.ts';
import type {KubernetesVersion} from '../model/kubernetes-version.ts';
import {type AuditPolicy, atLeast} from '../model/policy.ts';
import type {CaseRequest, Expectation, PolicyCase} from '../model/policy-expectations.ts';
import type {FailedAspect, TestedCase, TestedRequest} from '../model/policy-test-report.ts';
import type {ServedResource} from '../model/served-resources.ts';
import {type AskingContext, askByAttributes, askByUri, subjectOf} from './request/asked-request.ts';
import {explain} from './explain/explain.ts';

/** What the cases are judged by. */
export interface PolicyTestContext {
  /** The file of the cases, as messages speak of it. */
  readonly file: string;
  readonly policy: AuditPolicy;
  /** Undefined: the newest release. */
  readonly serverVersion: KubernetesVersion | undefined;
  readonly served: readonly ServedResource[];
}

/**
 * The outcome of each case, in their order.
 * @throws UsageError with file and line for a case whose request cannot be
 */
export function testPolicy(cases: readonly PolicyCase[], context: PolicyTestContext): TestedCase[] {
  return cases.map((item) => {
    const requests = askedBy(item, context).map((asked): TestedRequest => {
      const answer = explain(context.policy, asked, context.serverVersion);
      return {asked, answer, failed: failedAspects(item.expect, answer)};
    });
    const {name, line, expect} = item;
    return {name, line, expect, requests, holds: requests.every(({failed}) => failed.length === 0)};
  });
}

function askedBy(
  {line, request, subject}: PolicyCase,
  {file, served, serverVersion}: PolicyTestContext,
): AskedRequest[] {
  try {
    const asking = {subject: subjectOf(subject.user, subject.groups, subject), served, defaultNamespace: 'default'};
    return requestsOf(request, asking, serverVersion);
  } catch (error) {
    if (error instanceof UsageError) throw new UsageError(`${file}:${line}: ${error.message}`, error.next);
    throw error;
  }
}

function requestsOf(
  request: CaseRequest,
  asking: AskingContext,
  serverVersion: KubernetesVersion | undefined,
): AskedRequest[] {
  switch (request.kind) {
    case 'attributes':
      return [askByAttributes(request, asking).request];
    case 'uri':
      return [askByUri(request.uri, asking, serverVersion).request];
    case 'kubectl': {
      const {served, defaultNamespace, subject} = asking;
      const {requests} = kubectlRequests(request.command, {served, namespace: defaultNamespace});
      const acts = requests.filter(({role}) => role === 'act');
      return (acts.length === 0 ? requests : acts).map(({verb, target}) => ({subject, verb, target}));
    }
  }
}

function failedAspects(expect: Expectation, answer: Explanation): FailedAspect[] {
  return [
    ...(holdsLevel(expect, answer) ? [] : (['level'] as const)),
    ...(holdsStages(expect, answer) ? [] : (['stages'] as const)),
    ...(expect.rule === undefined || expect.rule === (answer.rule?.number ?? 'none') ? [] : (['rule'] as const)),
    ...(expect.omitManagedFields === undefined || expect.omitManagedFields === answer.omitManagedFields
      ? []
      : (['omitManagedFields'] as const)),
  ];
}

/** A level whose events are all omitted records nothing. */
function holdsLevel({level, atLeast: least, atMost: most}: Expectation, answer: Explanation): boolean {
  const recorded = answer.stages.length === 0 ? 'None' : answer.level;
  if (level !== undefined && recorded !== level) return false;
  if (least !== undefined && !atLeast(recorded, least)) return false;
  return most === undefined || atLeast(most, recorded);
}

function holdsStages({stages}: Expectation, answer: Explanation): boolean {
  if (stages === undefined) return true;
  const wanted = new Set(stages);
  return wanted.size === answer.stages.length && answer.stages.every((stage) => wanted.has(stage));
}
