/** Policies that have lost their indentation, and what they were meant to be. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import {loadPolicy} from '../load/load-policy.ts';
import {FIELDS, meantKey} from './fields.ts';
import {effectOf, ownersIn} from './ignored.ts';
import type {LintInput} from './input.ts';
import {whereAt} from './input.ts';
import {reindent} from './reindent.ts';

/** A policy as it was meant. */
export interface RecoveredPolicy {
  readonly finding: LintFinding;
  /** Line for line the lines of the text, indented anew. */
  readonly reindented: string;
  /** The same with the apiVersion that every release knows: proven to load. */
  readonly text: string;
}

/** Undefined where the indentation is right, or where nobody can tell what was meant. */
export function lostIndentation(input: LintInput): RecoveredPolicy | undefined {
  const misplaced = keysBesideRules(input);
  const isRefusedAsText = input.loaded.kind === 'refused' && input.root === undefined;
  if (misplaced.length === 0 && (!isRefusedAsText || isSound(input.text, input))) return undefined;
  const reindented = reindent(input.text);
  if (reindented === undefined) return undefined;
  const text = withApiVersion(reindented);
  if (!isSound(text, input)) return undefined;

  const [first] = misplaced;
  const refusal = input.loaded.kind === 'refused' ? input.loaded : undefined;
  const where =
    first !== undefined
      ? whereAt(first, [first.key])
      : refusal?.line === undefined
        ? {}
        : {line: refusal.line, column: refusal.column ?? 1};
  const lastRule = (input.judged?.policy.rules.length ?? 0) - 1;
  const args = {
    refusal: refusal?.message.replace(/^failed decoding: /, ''),
    keys: misplaced.map(({key}) => key),
    effect: effectOf(input, ['rules', lastRule]),
    policy: text,
  };
  return {finding: lintFinding('lost-indentation', args, where), reindented, text};
}

/** The text indented anew, with the apiVersion that every release knows. */
export function recoveredText(text: string): string | undefined {
  const reindented = reindent(text);
  return reindented === undefined ? undefined : withApiVersion(reindented);
}

function withApiVersion(text: string): string {
  return text.replace(/^(apiVersion:\s*["']?audit\.k8s\.io\/)v1(?:alpha1|beta1)\b/m, '$1v1');
}

/** Whether the server loads it, and misses nothing in it. A file can be refused for bytes that are no character. */
function isSound(text: string, {options: {serverVersion}}: LintInput): boolean {
  const loaded = loadPolicy(text, {serverVersion});
  return loaded.kind === 'loaded' && loaded.warnings.length === 0;
}

/** Keys of rules that stand at the top of the document. */
function keysBesideRules({root}: LintInput) {
  const [policy] = root === undefined ? [] : ownersIn(root);
  if (policy?.owner !== 'policy') return [];
  return policy.value.entries
    .filter(({key}) => !FIELDS.policy.includes(key) && meantKey('policy', key).kind === 'misplaced')
    .sort((a, b) => a.line - b.line);
}
