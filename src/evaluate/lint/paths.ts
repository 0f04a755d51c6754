/** Values of `nonResourceURLs` that no request for a path has. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import {isNonResourcePath} from '../request/request-classes.ts';
import {replaceScalar} from './edits.ts';
import type {LintInput} from './input.ts';
import {whereOf} from './input.ts';

export function pathsThatMatchNothing(input: LintInput, rule: PolicyRule, index: number): LintFinding[] {
  return rule.nonResourceURLs.flatMap((value, item) => {
    const path = ['rules', index, 'nonResourceURLs', item];
    const where = whereOf(input, path);
    const [withoutQuery = ''] = value.split('?');
    if (withoutQuery !== value) {
      const meant = withoutQuery + (value.endsWith('*') && !withoutQuery.endsWith('*') ? '*' : '');
      return [lintFinding('url-with-query', {value, meant}, where, replaceScalar(input, path, meant))];
    }
    return isOfResources(value) ? [lintFinding('url-is-resource', {value}, where)] : [];
  });
}

/** `/api/v1/pods`, and prefixes such as `/api/v1/*` below which there are only resources. */
function isOfResources(value: string): boolean {
  if (value === '*') return false;
  return !isNonResourcePath(value.endsWith('*') ? `${value.replace(/\*+$/, '')}x` : value);
}
