/** What the API server reads over: unknown, misplaced and repeated keys, and all after the first document. */
import type {KeyEffect, LintFinding, ReadSelector} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import type {DecodedEntry, DecodedValue, PathStep} from '../load/decoded-value.ts';
import {replaceKey} from './edits.ts';
import {FIELDS, meantKey} from './fields.ts';
import type {FieldOwner} from './fields.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {ruleReference, whereAt} from './input.ts';

export function ignored(input: LintInput): LintFinding[] {
  const {root} = input;
  if (root === undefined) return [];
  return [
    ...ownersIn(root).flatMap((found) => unknownKeys(input, found)),
    ...repeatedKeys(root, []),
    ...moreDocuments(input),
  ];
}

/** An object of the policy, and where it stands. */
export interface FoundOwner {
  readonly owner: FieldOwner;
  readonly value: Extract<DecodedValue, {kind: 'object'}>;
  readonly path: readonly PathStep[];
}

/** The objects of a policy that have keys of their own. */
export function ownersIn(root: DecodedValue): FoundOwner[] {
  const policy = asOwner('policy', root, []);
  const metadata = asOwner('metadata', fieldOf(root, 'metadata'), ['metadata']);
  const rules = itemsOf(fieldOf(root, 'rules')).flatMap((rule, index) => {
    const path = ['rules', index];
    const entries = itemsOf(fieldOf(rule, 'resources')).flatMap((entry, position) =>
      asOwner('entry', entry, [...path, 'resources', position]),
    );
    return [...asOwner('rule', rule, path), ...entries];
  });
  return [...policy, ...metadata, ...rules];
}

function asOwner(owner: FieldOwner, value: DecodedValue | undefined, path: readonly PathStep[]): FoundOwner[] {
  return value?.kind === 'object' ? [{owner, value, path}] : [];
}

function fieldOf(value: DecodedValue, key: string): DecodedValue | undefined {
  return value.kind === 'object' ? value.entries.findLast((entry) => entry.key === key)?.value : undefined;
}

function itemsOf(value: DecodedValue | undefined): readonly DecodedValue[] {
  return value?.kind === 'array' ? value.items : [];
}

function unknownKeys(input: LintInput, {owner, value, path}: FoundOwner): LintFinding[] {
  return value.entries
    .filter((entry) => !FIELDS[owner].includes(entry.key))
    .map((entry) => unknownKey(input, {owner, value, path}, entry));
}

function unknownKey(input: LintInput, {owner, value, path}: FoundOwner, entry: DecodedEntry): LintFinding {
  const {key} = entry;
  const where = whereAt(entry, [...path, key]);
  const meant = meantKey(owner, key);
  switch (meant.kind) {
    case 'unknown':
      return lintFinding('unknown-key', {key, read: false}, where);
    case 'misplaced': {
      // In an entry of resources it is the rule that lacks it.
      const lacking = meant.belongs === 'rule' ? path.slice(0, 2) : path;
      return lintFinding('misplaced-key', {key, belongs: meant.belongs, effect: effectOf(input, lacking)}, where);
    }
    case 'misspelt': {
      // These two are read in any case, and the server warns all the same.
      const isRead = owner === 'policy' && (meant.key === 'apiVersion' || meant.key === 'kind');
      const isFree = fitsKey(meant.key, entry.value) && fieldOf(value, meant.key) === undefined;
      const edit = isFree ? replaceKey(input.text, entry, key, meant.key) : undefined;
      if (isRead && key.toLowerCase() === meant.key.toLowerCase()) {
        return lintFinding('unknown-key', {key, read: true}, where, edit);
      }
      return lintFinding('misspelt-key', {key, meant: meant.key, effect: effectOf(input, path)}, where, edit);
    }
  }
}

/** Whether a value is of the kind that a key takes, so that the key alone is wrong. */
function fitsKey(key: string, value: DecodedValue): boolean {
  switch (key) {
    case 'apiVersion':
    case 'kind':
    case 'level':
    case 'group':
      return value.kind === 'string';
    case 'omitManagedFields':
      return value.kind === 'bool';
    case 'metadata':
      return value.kind === 'object';
    default:
      return value.kind === 'array' || value.kind === 'null';
  }
}

/** What is left of the rule or the entry at `path`, in which a key is ignored. */
export function effectOf({judged}: LintInput, path: readonly PathStep[]): KeyEffect | undefined {
  const [, index, , position] = path;
  if (judged === undefined || typeof index !== 'number') return undefined;
  const rule = judged.policy.rules[index];
  if (rule === undefined) return undefined;
  const entry = typeof position === 'number' ? rule.resources[position] : undefined;
  if (entry !== undefined) return {kind: 'entry', group: entry.group, resources: entry.resources};
  return ruleEffect(judged, index, rule);
}

export function ruleEffect(judged: JudgedPolicy, index: number, rule: PolicyRule): KeyEffect {
  const lists = ['users', 'userGroups', 'verbs', 'namespaces', 'nonResourceURLs'] as const;
  const selectors: ReadSelector[] = lists.map((selector) => ({selector, values: rule[selector]}));
  const resources = rule.resources.flatMap(({group, resources: named}) => {
    const ofGroup = group === '' ? 'the core group' : group;
    return named.length === 0
      ? [`everything of ${ofGroup}`]
      : named.map((each) => (group === '' ? each : `${each}.${group}`));
  });
  selectors.push({selector: 'resources', values: resources});
  return {
    kind: 'rule',
    rule: ruleReference(judged, index),
    selectors: selectors.filter(({values}) => values.length > 0),
  };
}

function repeatedKeys(value: DecodedValue, path: readonly PathStep[]): LintFinding[] {
  switch (value.kind) {
    case 'object':
      return [
        ...value.repeated.map((repeated) =>
          lintFinding(
            'duplicate-key',
            {key: repeated.key, earlierLine: repeated.earlier.line},
            whereAt(repeated, [...path, repeated.key]),
          ),
        ),
        ...value.entries.flatMap((entry) => repeatedKeys(entry.value, [...path, entry.key])),
      ];
    case 'array':
      return value.items.flatMap((item, index) => repeatedKeys(item, [...path, index]));
    default:
      return [];
  }
}

/** Comments and markers alone are nothing that could be missed. */
function moreDocuments({text, unreadFrom}: LintInput): LintFinding[] {
  if (unreadFrom === undefined) return [];
  const lines = text.split(/\r\n|[\r\n]/).slice(unreadFrom.line - 1);
  const first = lines.findIndex((line) => !/^\s*(?:#.*)?$|^(?:---|\.\.\.)\s*(?:#.*)?$/.test(line));
  if (first === -1) return [];
  return [lintFinding('more-documents', {}, {line: unreadFrom.line + first, column: 1})];
}
