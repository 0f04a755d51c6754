/** `policy lint` for people, for programs, and the documentation of its codes. */
import type {Severity} from '../model/finding.ts';
import type {LintCode, LintFinding, LintReport, LintedPolicy} from '../model/lint-finding.ts';
import {LINT_CODES, LINT_CODE_NAMES} from '../model/lint-finding.ts';
import {jsonText, yamlText} from './json.ts';
import {printable} from './printable.ts';
import {lintSentence} from './lint-sentence.ts';
import type {Color, Paint} from './table.ts';

const COLORS: Readonly<Record<Severity, Color>> = {error: 'red', warning: 'yellow', info: 'dim'};
const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/**
 * One line for a finding, as compilers print them, and its fix below; then one line for each policy.
 * @param wide also shows what is for information, and the paths inside the policy
 */
export function lintTable(report: LintReport, options: {readonly wide: boolean; readonly paint: Paint}): string {
  const lines = report.policies.flatMap((policy) => {
    const shown = policy.findings.filter(({severity}) => options.wide || severity !== 'info');
    return [...shown.flatMap((finding) => findingLines(finding, options)), summary(report, policy, shown.length)];
  });
  return `${lines.join('\n')}\n`;
}

function findingLines(finding: LintFinding, {wide, paint}: {readonly wide: boolean; readonly paint: Paint}): string[] {
  const {message, fix} = lintSentence(finding);
  const {file, line, column, path} = finding.where;
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  const label = paint(finding.severity, COLORS[finding.severity]);
  const inside = wide && path !== undefined ? ` (${path})` : '';
  return [
    `${place}: ${label} ${finding.code}${inside}: ${printable(message)}`,
    ...(fix === '' ? [] : [`  next: ${printable(fix)}`]),
  ];
}

function summary({target}: LintReport, policy: LintedPolicy, shown: number): string {
  const name = policy.document === undefined ? policy.file : `${policy.file} (${policy.document})`;
  const counts = SEVERITIES.map(
    (severity) => policy.findings.filter((finding) => finding.severity === severity).length,
  );
  const [errors = 0, warnings = 0] = counts;
  const found =
    errors + warnings === 0 ? 'nothing to mend' : [counted(errors, 'error'), counted(warnings, 'warning')].join(', ');
  const verdict = policy.accepted ? `an API server of ${target} loads it` : `an API server of ${target} refuses it`;
  const hidden = policy.findings.length - shown;
  return `${name}: ${found}; ${verdict}${hidden === 0 ? '' : `; ${hidden} more for information: -o wide`}`;
}

function counted(count: number, word: string): string {
  return `${count === 0 ? 'no' : count} ${word}${count === 1 ? '' : 's'}`;
}

/** The object of `-o json`: the contract of `policy-lint.schema.json`. */
export function lintObject(report: LintReport): object {
  return {
    apiVersion: 'kubectl-audit/v1alpha1',
    kind: 'PolicyLint',
    target: {version: report.target, from: report.targetFrom, resourcesFrom: report.resourcesFrom},
    policies: report.policies.map(({file, document, accepted, acceptedBy, rules}) => ({
      file,
      document,
      accepted,
      acceptedBy,
      rules,
    })),
    findings: report.policies.flatMap(({findings}) =>
      findings.map((finding) => ({
        code: finding.code,
        severity: finding.severity,
        ...lintSentence(finding),
        args: finding.args,
        where: finding.where,
      })),
    ),
  };
}

/** What `--fix` corrected, and what it left to its user: one line each. */
export function fixNotes(
  corrected: readonly LintFinding[],
  left: Pick<LintedPolicy, 'accepted' | 'findings'>,
): string[] {
  const changes = corrected.map((finding) => {
    const {message, fix} = lintSentence(finding);
    const line = finding.where.line === undefined ? '' : `line ${finding.where.line}: `;
    const done = finding.code === 'lost-indentation' ? 'restored' : fix;
    return printable(`corrected: ${line}${finding.code}: ${message} (${done})`);
  });
  const rest = left.findings.filter(({severity}) => severity !== 'info').length;
  const state = left.accepted ? 'the API server loads this policy' : 'the API server still refuses this policy';
  const more = rest === 0 ? 'nothing is left to mend' : `${counted(rest, 'finding')} left: lint it again`;
  return [...(changes.length === 0 ? ['corrected: nothing'] : changes), `${state}; ${more}`];
}

/** What every code means, for people. */
export function lintCodes(paint: Paint): string {
  const families = Map.groupBy(LINT_CODE_NAMES, (code) => LINT_CODES[code].family);
  const blocks = [...families].map(([family, codes]) =>
    [family.toUpperCase(), ...codes.flatMap((code) => ['', ...codeLines(code, paint)])].join('\n'),
  );
  return `${blocks.join('\n\n')}\n`;
}

function codeLines(code: LintCode, paint: Paint): string[] {
  const {severity, meaning, why, mend, source} = LINT_CODES[code];
  return [
    `${code} (${paint(severity, COLORS[severity])})`,
    `  what: ${meaning}`,
    `  why:  ${why}`,
    `  next: ${mend}`,
    `  see:  ${source}`,
  ];
}

/** What every code means, for programs. */
export function lintCodesJson(): string {
  return jsonText(lintCodesObject());
}

export function lintCodesYaml(): string {
  return yamlText(lintCodesObject());
}

function lintCodesObject(): object {
  const codes = LINT_CODE_NAMES.map((code) => ({code, ...LINT_CODES[code]}));
  return {apiVersion: 'kubectl-audit/v1alpha1', kind: 'PolicyLintCodes', codes};
}
