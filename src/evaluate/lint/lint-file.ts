/** Judges every policy of a file, each finding at its place in the file. */
import type {FoundPolicy} from '../../model/embedded-policy.ts';
import {originOf} from '../../model/embedded-policy.ts';
import type {LintFinding, LintedPolicy} from '../../model/lint-finding.ts';
import {lintPolicy} from './lint.ts';
import type {LintOptions} from './lint.ts';

/**
 * @param content the bytes of the file, which count where the file itself is the policy: what is no UTF-8 is refused
 */
export function lintFile(
  file: string,
  content: Uint8Array,
  policies: readonly FoundPolicy[],
  options: LintOptions,
): LintedPolicy[] {
  return policies.map((found) => {
    const lineInFile = (line: number): number => originOf(found, {line, column: 1}).line;
    const linted =
      found.document === undefined ? lintPolicy(content, options) : lintPolicy(found.text, {...options, lineInFile});
    return {
      file,
      document: found.document,
      ...linted,
      findings: linted.findings.map((finding) => inFile(finding, file, found)),
    };
  });
}

function inFile(finding: LintFinding, file: string, found: FoundPolicy): LintFinding {
  const {line, column} = finding.where;
  const place = line === undefined ? undefined : originOf(found, {line, column: column ?? 1});
  const where = {
    file,
    ...(found.document !== undefined && {document: found.document}),
    ...finding.where,
    ...place,
  };
  if (finding.code !== 'duplicate-key') return {...finding, where};
  const earlierLine = originOf(found, {line: finding.args.earlierLine, column: 1}).line;
  return {...finding, where, args: {...finding.args, earlierLine}};
}
