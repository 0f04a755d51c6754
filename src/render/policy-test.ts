/** `policy test` for people, as JSON and YAML, and as JUnit XML for CI servers. */
import {finding} from '../model/finding.ts';
import type {
  FailedAspect,
  PolicyTestReport,
  TestedCase,
  TestedFile,
  TestedRequest,
} from '../model/policy-test-report.ts';
import {jsonText, yamlText} from './json.ts';
import {printable} from './printable.ts';
import {decisionText, requestText} from './explain-words.ts';
import {sentence} from './sentence.ts';
import type {Paint} from './table.ts';

/** @param wide also shows what the policy does where all holds */
export function policyTestText(
  {files}: PolicyTestReport,
  {wide, paint}: {readonly wide: boolean; readonly paint: Paint},
): string {
  const blocks = files.map((file) => fileLines(file, wide, paint).join('\n'));
  return `${[...blocks, summary(files)].join('\n\n')}\n`;
}

function fileLines(file: TestedFile, wide: boolean, paint: Paint): string[] {
  const release = file.serverVersion === undefined ? '' : `, for ${file.serverVersion}`;
  return [
    `${file.file} (policy ${file.policy.file}${release})`,
    ...file.warnings.map((warning) => `  ${paint('warning', 'yellow')}: ${printable(warningText(warning))}`),
    ...file.cases.flatMap((item) => caseLines(item, file, wide, paint)),
  ];
}

function warningText(message: string): string {
  return sentence(finding('policy-warning', {message})).message;
}

function caseLines(item: TestedCase, file: TestedFile, wide: boolean, paint: Paint): string[] {
  if (!item.holds) {
    return [
      `  ${paint('FAIL', 'red')}  ${printable(nameOf(item))} (${file.file}:${item.line})`,
      ...failuresOf(item).map((text) => `        ${printable(text)}`),
    ];
  }
  const details = item.requests.map(
    ({asked, answer}) => `        ${printable(requestText(asked))}: ${decisionText(answer)}`,
  );
  return [`  ${paint('ok', 'green')}    ${printable(nameOf(item))}`, ...(wide ? details : [])];
}

/** Requests of the same case differ in verb and resource; the subject is that of all. */
function nameOf({name, requests}: TestedCase): string {
  return name ?? requests.map(({asked}) => requestText(asked)).join(', ');
}

function failuresOf(item: TestedCase): string[] {
  return item.requests.flatMap((request) =>
    request.failed.map((aspect) => `${requestText(request.asked)}: ${failureText(aspect, item, request)}`),
  );
}

/** `wanted at least Metadata; got None, by rule 2 (line 9): nothing is recorded`. */
function failureText(aspect: FailedAspect, {expect}: TestedCase, {answer}: TestedRequest): string {
  switch (aspect) {
    case 'level': {
      const least = expect.atLeast === undefined ? [] : [`at least ${expect.atLeast}`];
      const most = expect.atMost === undefined ? [] : [`at most ${expect.atMost}`];
      return `wanted ${expect.level ?? [...least, ...most].join(', ')}; got ${decisionText(answer)}`;
    }
    case 'stages':
      return `wanted events at ${listed(expect.stages)}; got ${listed(answer.stages)}`;
    case 'rule': {
      const wanted = expect.rule === 'none' ? 'no rule to match' : `rule ${expect.rule ?? ''} to decide`;
      return `wanted ${wanted}; got ${decisionText(answer)}`;
    }
    case 'omitManagedFields':
      return `wanted omitManagedFields: ${String(expect.omitManagedFields)}; got ${String(answer.omitManagedFields)}`;
  }
}

function listed(stages: readonly string[] | undefined): string {
  return stages === undefined || stages.length === 0 ? 'no stage' : stages.join(', ');
}

function casesOf(files: readonly TestedFile[]): readonly TestedCase[] {
  return files.flatMap((file) => file.cases);
}

function failedOf(files: readonly TestedFile[]): number {
  return casesOf(files).filter((item) => !item.holds).length;
}

function summary(files: readonly TestedFile[]): string {
  const all = casesOf(files).length;
  const failed = failedOf(files);
  if (failed > 0) return `${failed} of ${all} cases failed`;
  return all === 1 ? 'the one case holds' : `all ${all} cases hold`;
}

/** `policy test -o json`: the public contract of `policy-test-report.schema.json`. Undefined parts are left out, never null. */
export function policyTestJson(report: PolicyTestReport): string {
  return jsonText(reportObject(report));
}

export function policyTestYaml(report: PolicyTestReport): string {
  return yamlText(reportObject(report));
}

function reportObject({files}: PolicyTestReport): object {
  const failed = failedOf(files);
  return {
    apiVersion: 'kubectl-audit/v1alpha1',
    kind: 'PolicyTestReport',
    holds: failed === 0,
    cases: casesOf(files).length,
    failed,
    files: files.map((file) => ({
      ...file,
      warnings: file.warnings.map(warningText),
      cases: file.cases.map((item) => ({
        name: nameOf(item),
        line: item.line,
        holds: item.holds,
        expect: item.expect,
        requests: item.requests.map((request) => requestObject(item, request)),
      })),
    })),
  };
}

function requestObject(item: TestedCase, request: TestedRequest): object {
  const {level, rule, stages, omitManagedFields} = request.answer;
  const failures = request.failed.map((aspect) => ({aspect, message: failureText(aspect, item, request)}));
  return {request: requestText(request.asked), level, rule, stages, omitManagedFields, failures};
}

/**
 * JUnit XML as CI servers read it: a suite for each file, a case for each case, with its place in the file.
 * @see https://github.com/testmoapp/junitxml
 */
export function policyTestJunit({files}: PolicyTestReport): string {
  const suites = files.flatMap((file) => [
    `  <testsuite${attributes({name: file.file, tests: file.cases.length, failures: failedOf([file]), errors: 0})}>`,
    ...file.cases.flatMap((item) => junitCase(item, file)),
    '  </testsuite>',
  ]);
  const totals = {
    name: 'kubectl audit policy test',
    tests: casesOf(files).length,
    failures: failedOf(files),
    errors: 0,
  };
  return `${['<?xml version="1.0" encoding="UTF-8"?>', `<testsuites${attributes(totals)}>`, ...suites, '</testsuites>'].join('\n')}\n`;
}

function junitCase(item: TestedCase, file: TestedFile): string[] {
  const head = `    <testcase${attributes({name: nameOf(item), classname: file.policy.file, file: file.file, line: item.line})}`;
  if (item.holds) return [`${head}/>`];
  const failures = failuresOf(item);
  const [first = ''] = failures;
  return [
    `${head}>`,
    `      <failure${attributes({message: first})}>${escaped(failures.join('\n'))}</failure>`,
    '    </testcase>',
  ];
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;').replaceAll('\t', '&#9;')}"`)
    .join('');
}

/** Without the characters that XML 1.0 cannot hold at all. */
function escaped(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu, '\u{fffd}')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
