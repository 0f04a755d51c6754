/** An audit policy as the YAML text that people write: short lists on one line, comments above what they explain. */
import type {AuditPolicy, PolicyRule} from '../model/policy.ts';

/** Comments to go with a policy, without their `#`. Each entry is a paragraph of its own. */
export interface PolicyComments {
  /** Above everything. */
  readonly header?: readonly string[];
  /** Above each rule, by its index. */
  readonly rules?: readonly (readonly string[])[];
  /** Below the last rule. */
  readonly footer?: readonly string[];
}

/** The longest line. */
const WIDTH = 110;

/**
 * The text of a policy, in audit.k8s.io/v1. Read again it is the same policy, in every release that knows its fields
 * (`omitManagedFields` from 1.23 on, group `*` from 1.36 on), and no release warns about it. The same policy and comments
 * give the same text.
 */
export function policyText(policy: AuditPolicy, comments: PolicyComments = {}): string {
  const lines = [
    ...commentLines(comments.header ?? [], ''),
    'apiVersion: audit.k8s.io/v1',
    'kind: Policy',
    ...listLines('omitStages', policy.omitStages, ''),
    ...(policy.omitManagedFields ? ['omitManagedFields: true'] : []),
    'rules:',
    ...policy.rules.flatMap((rule, index) => ruleLines(rule, '  ', comments.rules?.[index])),
    ...commentLines(comments.footer ?? [], '  '),
  ];
  return `${lines.join('\n')}\n`;
}

/** The lines of one rule as an item of the list `rules`, each with `indent` in front. */
export function ruleLines(rule: PolicyRule, indent: string, comments: readonly string[] = []): string[] {
  const inner = `${indent}  `;
  const fields = [
    `${inner}level: ${rule.level}`,
    ...listLines('omitStages', rule.omitStages, inner),
    ...(rule.omitManagedFields === undefined ? [] : [`${inner}omitManagedFields: ${rule.omitManagedFields}`]),
    ...listLines('users', rule.users, inner),
    ...listLines('userGroups', rule.userGroups, inner),
    ...listLines('verbs', rule.verbs, inner),
    ...listLines('namespaces', rule.namespaces, inner),
    ...resourceLines(rule.resources, inner),
    ...listLines('nonResourceURLs', rule.nonResourceURLs, inner),
  ];
  return [...commentLines(comments, indent), ...asItem(fields, indent)];
}

function resourceLines(resources: PolicyRule['resources'], indent: string): string[] {
  if (resources.length === 0) return [];
  const inner = `${indent}  `;
  return [
    `${indent}resources:`,
    ...resources.flatMap((entry) =>
      asItem(
        [
          `${inner}  group: ${scalar(entry.group)}`,
          ...listLines('resources', entry.resources, `${inner}  `),
          ...listLines('resourceNames', entry.resourceNames, `${inner}  `),
        ],
        inner,
      ),
    ),
  ];
}

function asItem([first = '', ...rest]: readonly string[], indent: string): string[] {
  return [`${indent}- ${first.trimStart()}`, ...rest];
}

/** Nothing for an empty list: it means what an absent one means. */
function listLines(key: string, values: readonly string[], indent: string): string[] {
  if (values.length === 0) return [];
  const line = `${indent}${key}: [${values.map(scalar).join(', ')}]`;
  if (line.length <= WIDTH) return [line];
  return [`${indent}${key}:`, ...values.map((value) => `${indent}  - ${scalar(value)}`)];
}

/** Words that YAML 1.1, which the API server reads, takes for something else than text. */
const WORDS = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
const PLAIN = /^[A-Za-z][A-Za-z0-9.-]*(?:\/[A-Za-z][A-Za-z0-9.-]*)?$/;

/** A text that YAML 1.1 and YAML 1.2 read alike, in block and in flow style. */
function scalar(text: string): string {
  if (PLAIN.test(text) && !WORDS.test(text)) return text;
  return JSON.stringify(text).replaceAll(/[^\x20-\x7e]/g, escaped);
}

/** One unit of UTF-16, so that a pair stays a pair only where it is none of control characters. */
function escaped(unit: string): string {
  const code = unit.charCodeAt(0);
  const isLetter = (code >= 0xa0 && code < 0x2028) || (code > 0x2029 && code < 0xfeff);
  return isLetter ? unit : `\\u${code.toString(16).padStart(4, '0')}`;
}

/** White space, and what may not stand in a YAML text even in a comment. */
const SEPARATORS = /[\s\p{Cc}\p{Cs}\u2028\u2029\ufeff\ufffe\uffff]+/u;

/** Paragraphs as comments; the lines after a paragraph's first are set in. */
function commentLines(paragraphs: readonly string[], indent: string): string[] {
  return paragraphs.flatMap((paragraph) => {
    const lines: string[] = [];
    let line = '';
    for (const word of paragraph.split(SEPARATORS).filter((each) => each !== '')) {
      const longer = line === '' ? word : `${line} ${word}`;
      if (line !== '' && indent.length + 2 + longer.length > WIDTH) {
        lines.push(line);
        line = `  ${word}`;
      } else line = longer;
    }
    return [...lines, line].map((each) => `${indent}# ${each}`.trimEnd());
  });
}
