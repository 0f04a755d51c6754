/** The difference of two policies: for people one class of requests after the other, and as data. */
import type {
  Difference,
  Direction,
  Recording,
  RequestClass,
  RequestClassChange,
  ResourceTerm,
  RuleReference,
  Shadowing,
  UndecidedDifference,
  Values,
} from '../model/difference.ts';
import {STAGES} from '../model/policy.ts';
import type {Stage} from '../model/policy.ts';
import {printable} from './printable.ts';
import {type Brevity, exceptionText, listText, requestClassText, requestText} from './request-class.ts';
import {type Color, type Paint, paintNothing, renderTable} from './table.ts';

export interface DifferenceTextOptions {
  /** Writes out long lists of names. */
  readonly wide?: boolean;
  readonly paint?: Paint;
}

/** Names of a list that are written out where there is little room. */
const MOST_NAMES = 4;

const COLORS: Readonly<Record<Direction, Color>> = {loses: 'red', changes: 'yellow', gains: 'green'};

/** One row for each class, exceptions and shadowed rules below it. Ends with a line feed. */
export function differenceText(difference: Difference, options: DifferenceTextOptions = {}): string {
  if (difference.kind === 'undecided') return undecidedText(difference);
  const brevity = {most: options.wide === true ? Infinity : MOST_NAMES};
  const lines = difference.same
    ? ['every request is recorded alike']
    : classLines(difference.classes, brevity, options);
  return `${[...lines, ...notServedLines(difference.notServed, brevity)].join('\n')}\n`;
}

function undecidedText({tooMuch, example}: UndecidedDifference): string {
  if (example === undefined) return `could not find out whether anything is recorded differently: ${tooMuch}\n`;
  const request = printable(requestText(example));
  return `something is recorded differently, but it could not be found out what: ${tooMuch}\n  for example ${request}\n`;
}

function classLines(
  classes: readonly RequestClassChange[],
  brevity: Brevity,
  {paint = paintNothing}: DifferenceTextOptions,
): string[] {
  const rows: string[][] = [];
  const below: string[][] = [];
  for (const change of classes) {
    const levels = levelTexts(change);
    rows.push([
      change.direction,
      `${levels.before} → ${levels.after}`,
      `${rulesText(change.before)} → ${rulesText(change.after)}`,
      printable(requestClassText(change.requests, brevity)),
    ]);
    below.push([
      ...change.except.map((each) => `except ${printable(exceptionText(each, change.requests, brevity))}`),
      ...change.shadowed.map(shadowingText),
    ]);
  }
  const [header = '', ...table] = renderTable(['', 'LEVEL', 'LINE', 'REQUESTS'], rows);
  const indent = ' '.repeat(header.indexOf('REQUESTS') + 2);
  return [
    header,
    ...table.flatMap((line, index) => {
      const direction = classes[index]?.direction ?? 'changes';
      return [
        line.replace(direction, paint(direction, COLORS[direction])),
        ...(below[index] ?? []).map((each) => indent + each),
      ];
    }),
  ];
}

/** The levels, each with what sets it apart from the other beside its height. */
function levelTexts({before, after}: RequestClassChange): {before: string; after: string} {
  return {before: levelText(before, after), after: levelText(after, before)};
}

function levelText(recording: Recording, other: Recording): string {
  const {level, stages, omitManagedFields} = recording;
  if (level === 'None') return level;
  const missing = other.stages.filter((stage) => !stages.includes(stage));
  const notes = [
    ...stageNotes(stages, missing),
    ...(omitManagedFields === true && other.omitManagedFields === false ? ['without managed fields'] : []),
  ];
  return notes.length === 0 ? level : `${level} ${notes.join(', ')}`;
}

function stageNotes(stages: readonly Stage[], missing: readonly Stage[]): string[] {
  if (missing.length > 0) return [`without ${missing.join(', ')}`];
  // Whoever reads a level expects the event of the response.
  const isUsual = stages.includes('ResponseComplete') || stages.join() === 'ResponseStarted';
  return isUsual ? [] : [`at ${stages.join(', ')} only`];
}

/** By their lines where these are known. */
function rulesText({rules, noRule}: Recording): string {
  const texts = rules.map(({index, line}) => (line === undefined ? `rule ${index + 1}` : `${line}`));
  const shown = texts.length <= 4 ? texts.join(', ') : `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more`;
  return [...(shown === '' ? [] : [shown]), ...(noRule ? ['none'] : [])].join(', ');
}

function lineText({line}: RuleReference): string {
  return line === undefined ? '' : ` (line ${line})`;
}

function shadowingText({policy, rule, by}: Shadowing): string {
  return `${policy}: rule ${rule.index + 1}${lineText(rule)} shadowed by rule ${by.index + 1}${lineText(by)}`;
}

function notServedLines(notServed: readonly string[], brevity: Brevity): string[] {
  if (notServed.length === 0) return [];
  return [`left out, as this cluster does not serve them: ${printable(listText(notServed, brevity))}`];
}

/** The part of `diff -o json|yaml` that tells the difference: see `difference.schema.json`. */
export function differenceObject(difference: Difference): object {
  if (difference.kind === 'undecided') {
    const {tooMuch, example} = difference;
    return {same: example === undefined ? 'unknown' : false, tooMuch, example, classes: [], notServed: []};
  }
  return {
    same: difference.same,
    classes: difference.classes.map(classObject),
    notServed: difference.notServed,
  };
}

function classObject({requests, except, direction, before, after, example, shadowed}: RequestClassChange): object {
  return {
    direction,
    text: requestClassText(requests, {most: Infinity}),
    requests: requestsObject(requests),
    except: except.map((each) => ({
      text: exceptionText(each, requests, {most: Infinity}),
      requests: requestsObject(each),
    })),
    before: recordingObject(before),
    after: recordingObject(after),
    example,
    shadowed: shadowed.map(({policy, rule, by}) => ({policy, rule: ruleObject(rule), by: ruleObject(by)})),
  };
}

/** Dimensions that are "any" are left out. */
function requestsObject(requests: RequestClass): object {
  const {verbs, resources, paths, namespaces, names, users, groups, failedAuthentication} = requests;
  return {
    verbs: valuesObject(verbs),
    resources:
      resources === undefined
        ? undefined
        : {these: resources.these.map(termObject), except: resources.except.map(termObject)},
    paths: paths?.map(({pattern, except}) => ({pattern, except})),
    namespaces: valuesObject(namespaces),
    names: valuesObject(names),
    users: valuesObject(users),
    groups:
      groups.inOneOfEach.length === 0 && groups.inNoneOf.length === 0
        ? undefined
        : {inOneOfEach: groups.inOneOfEach, inNoneOf: groups.inNoneOf},
    failedAuthentication,
  };
}

function termObject({groups, resources, subresources}: ResourceTerm): object {
  return {groups: valuesObject(groups), resources: valuesObject(resources), subresources: valuesObject(subresources)};
}

function valuesObject(values: Values): object | undefined {
  return values.kind === 'any' ? undefined : {[values.kind]: values.values};
}

function recordingObject({level, stages, omitManagedFields, rules, noRule}: Recording): object {
  return {
    level,
    stages: STAGES.filter((stage) => stages.includes(stage)),
    omitManagedFields,
    rules: rules.map(ruleObject),
    noRule,
  };
}

/** Numbered from 1, as people count. */
function ruleObject({index, line}: RuleReference): object {
  return {number: index + 1, line};
}
