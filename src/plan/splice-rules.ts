/**
 * Puts rules into the text of a policy: every byte that is there stays, in its order. The places are those of the YAML nodes;
 * whoever calls reads the result again and compares.
 */
import {YAMLMap, YAMLSeq, isScalar, parseAllDocuments} from 'yaml';
import type {CST} from 'yaml';
import type {PolicyRule} from '../model/policy.ts';
import {ruleLines} from './policy-text.ts';

/** Rules that go before the rule of that index; the number of rules: after the last. */
export interface Insertion {
  readonly before: number;
  readonly rules: readonly {readonly rule: PolicyRule; readonly comments: readonly string[]}[];
}

/** The new text, or why it cannot be edited. */
export type SplicedText =
  {readonly kind: 'spliced'; readonly text: string} | {readonly kind: 'refused'; readonly reason: string};

/** One piece of new text, at an offset of the old one. */
interface Splice {
  readonly at: number;
  readonly text: string;
}

/** Inserts rules in block style where the list `rules` is in block style, with comments; in flow style and JSON without. */
export function spliceRules(text: string, insertions: readonly Insertion[]): SplicedText {
  const list = rulesOf(text);
  if (typeof list === 'string') return {kind: 'refused', reason: list};
  const splices: Splice[] = [];
  for (const insertion of insertions) {
    const splice = list.type === 'block-seq' ? blockSplice(text, list, insertion) : flowSplice(text, list, insertion);
    if (typeof splice === 'string') return {kind: 'refused', reason: splice};
    splices.push(splice);
  }
  const fromTheEnd = splices.toSorted((one, other) => other.at - one.at);
  return {
    kind: 'spliced',
    text: fromTheEnd.reduce((result, {at, text: piece}) => result.slice(0, at) + piece + result.slice(at), text),
  };
}

/** The list `rules` of the first document, the only one that an API server reads. */
function rulesOf(text: string): CST.BlockSequence | CST.FlowCollection | string {
  const [document] = parseAllDocuments(text, {keepSourceTokens: true, uniqueKeys: false, strict: false});
  if (document === undefined || !('contents' in document) || !(document.contents instanceof YAMLMap)) {
    return 'it is no mapping that can be edited';
  }
  // Of a repeated key the last counts.
  const pair = document.contents.items.findLast(({key}) => isScalar(key) && key.value === 'rules');
  const list: unknown = pair?.value;
  if (!(list instanceof YAMLSeq)) return 'its rules are not written as a list, but for example as an alias';
  const token = list.srcToken;
  if (token?.type === 'block-seq' || token?.type === 'flow-collection') return token;
  return 'its list of rules cannot be located';
}

/** The line break that the text uses. */
function lineBreakOf(text: string): string {
  return /\r\n|\n|\r/.exec(text)?.[0] ?? '\n';
}

function blockSplice(text: string, list: CST.BlockSequence, {before, rules}: Insertion): Splice | string {
  const dashes = list.items.flatMap(({start}) => start.filter(({type}) => type === 'seq-item-ind'));
  const dash = dashes[Math.min(before, dashes.length - 1)];
  if (dash === undefined) return 'its list of rules is empty';
  const lineStart = startOfLine(text, dash.offset);
  const indent = text.slice(lineStart, dash.offset);
  if (!/^ *$/.test(indent)) return `its rules do not begin on lines of their own (${JSON.stringify(indent)})`;

  const lineBreak = lineBreakOf(text);
  const block = rules.flatMap(({rule, comments}) => ruleLines(rule, indent, comments)).join(lineBreak);
  if (before < dashes.length) {
    const floor = endOf(itemsOf(list)[before - 1]?.value) ?? dashes[before - 1]?.offset ?? 0;
    return {at: aboveComments(text, lineStart, floor), text: block + lineBreak};
  }
  const end = endOfLine(text, endOf(itemsOf(list).at(-1)?.value) ?? dash.offset + 1);
  const endsInBreak = end > 0 && /[\r\n]/.test(text[end - 1] ?? '');
  return {at: end, text: endsInBreak ? block + lineBreak : lineBreak + block};
}

/** The items that begin with a dash: comments after the last one make an item without. */
function itemsOf(list: CST.BlockSequence): CST.BlockSequence['items'] {
  return list.items.filter(({start}) => start.some(({type}) => type === 'seq-item-ind'));
}

/**
 * The line above which a rule goes that comes before the one at `lineStart`: comments directly above that one belong to it.
 * @param floor where the rule before ends; what begins before that is its own
 */
function aboveComments(text: string, lineStart: number, floor: number): number {
  let at = lineStart;
  while (at > 0) {
    const previous = startOfLine(text, at - 1);
    if (previous < floor || !/^[ \t]*#/.test(text.slice(previous, at))) break;
    at = previous;
  }
  return at;
}

function startOfLine(text: string, offset: number): number {
  let start = offset;
  while (start > 0 && !isLineBreak(text, start - 1)) start -= 1;
  return start;
}

/** Whether a line ends after the character at `offset`. */
function isLineBreak(text: string, offset: number): boolean {
  const character = text[offset];
  return character === '\n' || (character === '\r' && text[offset + 1] !== '\n');
}

/** The offset after the line that holds what ends at `offset`. */
function endOfLine(text: string, offset: number): number {
  let end = offset;
  while (end < text.length && (end === 0 || !isLineBreak(text, end - 1))) end += 1;
  return end;
}

/** The offset after the last token of a node. */
function endOf(token: CST.Token | undefined): number | undefined {
  if (token === undefined) return undefined;
  if ('items' in token) {
    const ends = token.items.flatMap((item) => [
      ...item.start.map(endOfSource),
      ...(item.sep ?? []).map(endOfSource),
      endOf(item.key ?? undefined) ?? 0,
      endOf(item.value) ?? 0,
    ]);
    // What follows the bracket on its line is no part of the node.
    const closing = 'end' in token ? token.end.filter(({type}) => type.endsWith('-end')).map(endOfSource) : [];
    return Math.max(token.offset, ...ends, ...closing);
  }
  return 'source' in token ? endOfSource(token) : token.offset;
}

function endOfSource(token: {readonly offset: number; readonly source: string}): number {
  return token.offset + token.source.length;
}

function flowSplice(text: string, list: CST.FlowCollection, {before, rules}: Insertion): Splice | string {
  const items = list.items.filter(({value, key}) => value !== undefined || key != null);
  const block = rules.map(({rule}) => JSON.stringify(plainRule(rule)));
  const item = items[before];
  if (item !== undefined) {
    const at = item.start.find(({type}) => type === 'anchor' || type === 'tag')?.offset ?? item.value?.offset;
    if (at === undefined) return 'its rules are written in a form that is not edited';
    const separator = separatorAt(text, at);
    return {at, text: block.map((rule) => rule + separator).join('')};
  }
  const last = items.at(-1);
  const at = endOf(last?.value);
  const start = last?.start.find(({type}) => type === 'anchor' || type === 'tag')?.offset ?? last?.value?.offset;
  if (at === undefined || start === undefined) return 'its list of rules is empty';
  const separator = separatorAt(text, start);
  return {at, text: block.map((rule) => separator + rule).join('')};
}

/** A comma and what stands before the item at `offset` on its line, if that is nothing but space. */
function separatorAt(text: string, offset: number): string {
  const lineStart = startOfLine(text, offset);
  const indent = text.slice(lineStart, offset);
  return lineStart > 0 && /^[ \t]*$/.test(indent) ? `,${lineBreakOf(text)}${indent}` : ', ';
}

/** The fields that say something; an empty list means what an absent one means. */
function plainRule(rule: PolicyRule): object {
  const {level, omitStages, omitManagedFields, users, userGroups, verbs, namespaces, resources, nonResourceURLs} = rule;
  return {
    level,
    omitStages: given(omitStages),
    omitManagedFields,
    users: given(users),
    userGroups: given(userGroups),
    verbs: given(verbs),
    namespaces: given(namespaces),
    resources: given(
      resources.map((entry) => ({
        group: entry.group,
        resources: given(entry.resources),
        resourceNames: given(entry.resourceNames),
      })),
    ),
    nonResourceURLs: given(nonResourceURLs),
  };
}

function given<T>(values: readonly T[]): readonly T[] | undefined {
  return values.length === 0 ? undefined : values;
}
