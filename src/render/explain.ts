/** `explain` for people and as JSON: first the answer, then what is written, then why earlier rules do not match. */
import type {
  AskedRequest,
  BodyRecord,
  ExplainReport,
  ExplainedPolicy,
  ExplainedRequest,
  Explanation,
} from '../model/explanation.ts';
import {finding} from '../model/finding.ts';
import {
  bodiesText,
  byText,
  conditionText,
  decisionText,
  eventsText,
  passedRuleText,
  remarkText,
  requestText,
  ruleText,
  subjectText,
  targetText,
} from './explain-words.ts';
import {printable} from './printable.ts';
import {sentence} from './sentence.ts';
import {renderTable} from './table.ts';

/** @param wide shows lists in full, and of a kubectl command each request as if it had been asked about alone */
export function explainText(report: ExplainReport, {wide}: {readonly wide: boolean}): string {
  const blocks = report.policies.map((policy) => policyLines(report, policy, wide));
  const notes = [...(report.kubectl?.remarks ?? []), ...report.requests.flatMap((request) => request.remarks)];
  const noteLines = [...new Set(notes.map(remarkText))].map((text) => `note: ${text}`);
  const parts = noteLines.length === 0 ? blocks : [...blocks, noteLines];
  return `${parts.map((lines) => lines.map(printable).join('\n')).join('\n\n')}\n`;
}

function policyLines(report: ExplainReport, policy: ExplainedPolicy, wide: boolean): string[] {
  const {outcome} = policy;
  if (outcome.kind !== 'decided') {
    const {message, fix} = sentence(outcome.because);
    const what =
      report.kubectl === undefined ? report.requests.map(({asked}) => requestText(asked)) : [titleOf(report)];
    const state = outcome.kind === 'off' ? 'None' : 'not known';
    return [`${what.join(', ')}: ${state}: ${message}`, ...placeLines(policy), ...(fix === '' ? [] : [`next: ${fix}`])];
  }
  const lines =
    report.kubectl === undefined
      ? outcome.answers.flatMap((answer, index) => answerLines(report.requests[index], answer, policy, wide))
      : kubectlLines(report, policy, outcome.answers, wide);
  return [...lines, ...outcome.warnings.map((warning) => `warning: ${warningText(warning)}`)];
}

/** In the words of the finding, which tells a deprecation from a part that is ignored. */
function warningText(message: string): string {
  return sentence(finding('policy-warning', {message})).message;
}

/** Where nothing is written whatever the policy says, that is the answer, and what the policy says comes second. */
function headline(title: string, decision: string, {outcome}: ExplainedPolicy): string[] {
  const [problem] = outcome.kind === 'decided' ? outcome.problems : [];
  if (problem === undefined) return [`${title}: ${decision}`];
  const {message, fix} = sentence(problem);
  return [
    `${title}: nothing is recorded: ${message}`,
    ...(fix === '' ? [] : [`next: ${fix}`]),
    `by the policy alone: ${decision}`,
  ];
}

function placeLines({file, servers, version}: ExplainedPolicy): string[] {
  if (servers.length === 0) return [];
  const release = version === undefined ? '' : ` (${version})`;
  return [`policy: ${file === undefined ? 'none' : file} on ${servers.join(', ')}${release}`];
}

function answerLines(
  request: ExplainedRequest | undefined,
  answer: Explanation,
  policy: ExplainedPolicy,
  isWhole: boolean,
): string[] {
  if (request === undefined) return [];
  const {asked} = request;
  return [
    ...headline(requestText(asked), decisionText(answer), policy),
    ...placeLines(policy),
    ...(answer.level === 'None' ? [] : writtenLines(answer, asked)),
    `subject: ${subjectText(asked.subject)}`,
    ...passedLines(answer, isWhole),
  ];
}

function writtenLines(answer: Explanation, asked: AskedRequest): string[] {
  return [`events: ${eventsText(answer)}`, `bodies: ${bodiesText(answer, asked)}`];
}

function passedLines({passed, rule}: Explanation, isWhole: boolean): string[] {
  if (passed.length === 0) return [];
  return [
    rule === undefined ? 'rules, none of which matches:' : 'earlier rules, none of which matches:',
    ...passed.map((item) => `  ${passedRuleText(item, {isWhole})}`),
  ];
}

/** `kubectl exec by anyone`. */
function titleOf({kubectl, requests}: ExplainReport): string {
  const [first] = requests;
  const command = `kubectl ${kubectl?.command ?? ''}`;
  return first === undefined ? command : `${command} ${byText(first.asked.subject)}`;
}

function kubectlLines(
  report: ExplainReport,
  policy: ExplainedPolicy,
  answers: readonly Explanation[],
  wide: boolean,
): string[] {
  const pairs = report.requests.flatMap((request, index) => {
    const answer = answers[index];
    return answer === undefined ? [] : [{request, answer}];
  });
  const acts = pairs.filter(({request}) => request.role === 'act');
  const levels = new Set(acts.map(({answer}) => effectiveLevel(answer)));
  const summary =
    levels.size === 1
      ? [...levels].join('')
      : acts.map(({request, answer}) => `${effectiveLevel(answer)} (${shortText(request.asked)})`).join(', ');
  const table = renderTable(
    ['REQUEST', 'SENT', 'LEVEL', 'RULE', 'EVENTS', 'BODIES'],
    pairs.map(({request, answer}) => tableRow(request, answer)),
  );
  const subject = report.requests[0]?.asked.subject;
  const details = wide
    ? pairs.flatMap(({request, answer}) => ['', ...answerLines(request, answer, GIVEN_BEFORE, true)])
    : [];
  return [
    ...headline(titleOf(report), summary, policy),
    ...placeLines(policy),
    ...(subject === undefined ? [] : [`subject: ${subjectText(subject)}`]),
    '',
    ...table,
    ...details,
  ];
}

/** Where and whether it is in force stands above the details. */
const GIVEN_BEFORE: ExplainedPolicy = {
  file: undefined,
  servers: [],
  version: undefined,
  outcome: {kind: 'decided', sha256: '', warnings: [], problems: [], answers: []},
};

/** A level whose events are all omitted records nothing. */
function effectiveLevel({level, stages}: Explanation): string {
  return stages.length === 0 ? 'None' : level;
}

/** Without namespace and name. */
function shortText({verb, target}: AskedRequest): string {
  const isPath = target.kind === 'nonResource';
  return targetText({verb, target: isPath ? target : {...target, namespace: undefined, name: undefined}});
}

function tableRow({asked, role, when}: ExplainedRequest, answer: Explanation): string[] {
  const {request, response} = answer.bodies;
  const bodies = [...(request.recorded ? ['request'] : []), ...(response.recorded ? ['response'] : [])];
  return [
    targetText(asked),
    conditionText(role, when),
    answer.level,
    answer.rule === undefined ? 'none matches' : ruleText(answer.rule.number, answer.rule.line),
    answer.stages.length === 0 ? '-' : answer.stages.join(', '),
    bodies.length === 0 ? '-' : bodies.join(', '),
  ];
}

/** `explain -o json|yaml`: the public contract of `explanation.schema.json`. */
export function explainObject(report: ExplainReport): object {
  return {
    apiVersion: 'kubectl-audit/v1alpha1',
    kind: 'Explanation',
    kubectl: report.kubectl && {command: report.kubectl.command, notes: report.kubectl.remarks.map(remarkText)},
    requests: report.requests.map((request) => requestObject(request, report.kubectl !== undefined)),
    policies: report.policies.map((policy) => policyObject(report, policy)),
  };
}

function requestObject({asked, remarks, role, when}: ExplainedRequest, isKubectl: boolean): object {
  const {subject, verb, target} = asked;
  return {
    text: requestText(asked),
    verb,
    ...targetObject(target),
    subject: subject.kind === 'unauthenticated' ? {unauthenticated: true} : subjectObject(subject),
    ...(isKubectl ? {role, when} : {}),
    notes: remarks.map(remarkText),
  };
}

function subjectObject(subject: Exclude<AskedRequest['subject'], {kind: 'unauthenticated'}>): object {
  return {user: subject.kind === 'user' ? subject.name : undefined, groups: subject.groups};
}

function targetObject(target: AskedRequest['target']): object {
  if (target.kind === 'nonResource') return {path: target.path};
  const {group, resource, subresource, namespace, name} = target;
  return {group, resource, subresource: subresource === '' ? undefined : subresource, namespace, name};
}

function policyObject(report: ExplainReport, {file, servers, version, outcome}: ExplainedPolicy): object {
  const base = {file, servers: servers.length === 0 ? undefined : servers, version, outcome: outcome.kind};
  if (outcome.kind !== 'decided') return {...base, because: {code: outcome.because.code, ...sentence(outcome.because)}};
  return {
    ...base,
    sha256: outcome.sha256,
    warnings: outcome.warnings.map(warningText),
    problems: outcome.problems.map((problem) => ({code: problem.code, ...sentence(problem)})),
    answers: outcome.answers.flatMap((answer, index) => {
      const request = report.requests[index];
      return request === undefined ? [] : [answerObject(answer, request.asked)];
    }),
  };
}

function answerObject(answer: Explanation, asked: AskedRequest): object {
  return {
    request: requestText(asked),
    text: decisionText(answer),
    level: answer.level,
    rule: answer.rule,
    stages: answer.stages,
    omittedStages: answer.omittedStages,
    bodies: {request: bodyObject(answer.bodies.request), response: bodyObject(answer.bodies.response)},
    omitManagedFields: answer.omitManagedFields,
    passed: answer.passed.map(({rule, line, mismatch}) => ({
      rule,
      line,
      selector: mismatch.selector,
      listed: mismatch.listed,
      ...(typeof mismatch.actual === 'string' ? {because: mismatch.actual} : {actual: mismatch.actual}),
      text: passedRuleText({rule, line, mismatch}, {isWhole: true}),
    })),
  };
}

function bodyObject(record: BodyRecord): object {
  return {recorded: record.recorded, reason: record.recorded ? undefined : record.reason};
}
