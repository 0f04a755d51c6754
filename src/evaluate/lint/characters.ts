/** Values that copying has spoilt: empty, with white space, or with quotes that are none to YAML. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import type {PathStep} from '../load/decoded-value.ts';
import {replaceScalar} from './edits.ts';
import type {LintInput} from './input.ts';
import {whereOf} from './input.ts';

/** Names of users may hold spaces: they come from certificates and from identity providers. */
const MAY_HOLD_SPACES: readonly string[] = ['users', 'userGroups'];
/** The empty value means something: no namespace, no name, a method such as OPTIONS. */
const MAY_BE_EMPTY: readonly string[] = ['namespaces', 'resourceNames', 'verbs'];

export function oddCharacters(input: LintInput, rule: PolicyRule, index: number): LintFinding[] {
  return selectorsOf(rule).flatMap(({selector, values, path}) =>
    values.flatMap((value, item) => {
      const fault = faultOf(selector, value);
      if (fault === undefined) return [];
      const at = ['rules', index, ...path, item];
      const cleaned = value.replace(/^["'‘’“”‚„`\s]+|["'‘’“”‚„`\s]+$/g, '');
      const meant =
        cleaned === '' || cleaned === value || faultOf(selector, cleaned) !== undefined ? undefined : cleaned;
      const edit = meant === undefined ? undefined : replaceScalar(input, at, meant);
      return [lintFinding('selector-characters', {value, fault, meant}, whereOf(input, at), edit)];
    }),
  );
}

interface SelectorValues {
  readonly selector: string;
  readonly values: readonly string[];
  readonly path: readonly PathStep[];
}

function selectorsOf(rule: PolicyRule): SelectorValues[] {
  const lists = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const;
  return [
    ...lists.map((selector) => ({selector, values: rule[selector], path: [selector]})),
    ...rule.resources.flatMap((entry, position) =>
      (['resources', 'resourceNames'] as const).map((selector) => ({
        selector,
        values: entry[selector],
        path: ['resources', position, selector],
      })),
    ),
  ];
}

function faultOf(selector: string, value: string): 'empty' | 'space' | 'quote' | undefined {
  if (value === '') return MAY_BE_EMPTY.includes(selector) ? undefined : 'empty';
  if (/[‘’“”‚„«»]|^["'`]|["'`]$/.test(value)) return 'quote';
  const spaces = MAY_HOLD_SPACES.includes(selector) ? /^\s|\s$/ : /\s/;
  return spaces.test(value) ? 'space' : undefined;
}
