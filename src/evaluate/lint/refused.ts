/** What keeps an API server of the target release down, and what of it other releases would accept. */
import {parseKubernetesVersion} from '../../model/kubernetes-version.ts';
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import {LEVELS, STAGES} from '../../model/policy.ts';
import type {DecodedValue, PathStep} from '../load/decoded-value.ts';
import type {PolicyFault, RefusedPolicy} from '../load/load-policy.ts';
import {loadPolicy} from '../load/load-policy.ts';
import {replaceScalar} from './edits.ts';
import type {LintInput} from './input.ts';
import {valueAt, whereAt, whereOf} from './input.ts';
import {nearest} from './similar.ts';

export function refused(input: LintInput): LintFinding[] {
  const {loaded} = input;
  if (loaded.kind === 'loaded') {
    return [...notRendered(input, undefined), ...deprecated(input), ...refusedByOlder(input)];
  }
  switch (loaded.step) {
    case 'decode':
      return [decodeRefusal(input, loaded)];
    case 'group-version':
      return [versionRefusal(input, '')];
    case 'validation':
      return loaded.faults.map((fault) => valueRefusal(input, fault));
    case 'no-rules':
      return [lintFinding('no-rules', {}, placeOf(loaded))];
  }
}

/** Releases as ranges: `1.18 to 1.23`. */
export function releaseRanges(minors: readonly number[]): string {
  const runs: [number, number][] = [];
  for (const minor of minors) {
    const last = runs.at(-1);
    if (last?.[1] === minor - 1) last[1] = minor;
    else runs.push([minor, minor]);
  }
  return runs.map(([first, last]) => (first === last ? `1.${first}` : `1.${first} to 1.${last}`)).join(', ');
}

/** Markers of templates: `{{ … }}`, `{% … %}`, `<% … %>`, `${ … }` and lines such as `% if …:`. */
const TEMPLATE = /\{\{.*|\{%.*|<%.*|\$\{.*|^%\s*(?:if|for|else|end).*/;

function decodeRefusal(input: LintInput, {message, line, column}: RefusedPolicy): LintFinding {
  const where = {...(line !== undefined && {line}), ...(column !== undefined && {column})};
  const words = message.replace(/^failed decoding: /, '');
  const [template] = notRendered(input, line);
  if (template !== undefined) return template;
  if (input.root === undefined) return lintFinding('refused-syntax', {message: words}, where);
  if (words.includes('cannot unmarshal') || words.startsWith('parsing time')) {
    return lintFinding('refused-type', {message: words}, where);
  }
  const apiVersion = textAt(input.root, 'apiVersion');
  const kind = textAt(input.root, 'kind');
  if (kind === '' || kind === 'Policy') return versionRefusal(input, apiVersion);
  return lintFinding('refused-kind', {message: words}, whereOf(input, ['kind']));
}

/** The first marker of a template, or the one of the line at fault. */
function notRendered({text}: LintInput, faultyLine: number | undefined): LintFinding[] {
  const found = text.split(/\r\n|[\r\n]/).flatMap((line, index) => {
    const marker = TEMPLATE.exec(line.replace(/(?:^|\s)#.*$/, ''));
    return marker === null ? [] : [{text: marker[0], where: {line: index + 1, column: marker.index + 1}}];
  });
  const marker = found.find(({where}) => where.line === faultyLine) ?? found[0];
  return marker === undefined
    ? []
    : [lintFinding('not-rendered', {marker: marker.text.trim().slice(0, MAX_MARKER)}, marker.where)];
}

/** So much of a marker is shown. */
const MAX_MARKER = 40;

function versionRefusal(input: LintInput, apiVersion: string): LintFinding {
  const path = ['apiVersion'];
  const args = {apiVersion, acceptedBy: releaseRanges(input.releases.accept), target: `1.${input.minor}`};
  return lintFinding('refused-version', args, whereOf(input, path), replaceScalar(input, path, 'audit.k8s.io/v1'));
}

function valueRefusal(input: LintInput, fault: PolicyFault): LintFinding {
  const path = input.root === undefined ? undefined : pathOf(input.root, fault);
  const value = input.root !== undefined && path !== undefined ? valueAt(input.root, path) : undefined;
  const text = value?.kind === 'string' ? value.value : '';
  const meant = path === undefined ? undefined : meantValue(path, text);
  const args = {message: fault.message, meant, acceptedBy: releaseRanges(input.releases.accept)};
  const edit = meant === undefined || path === undefined ? undefined : replaceScalar(input, path, meant);
  return lintFinding('refused-value', args, path === undefined ? placeOf(fault) : whereOf(input, path), edit);
}

function meantValue(path: readonly PathStep[], text: string): string | undefined {
  const field = path.findLast((step) => typeof step === 'string');
  switch (field) {
    case 'level':
      return nearest(text, LEVELS);
    case 'omitStages':
      return nearest(text, STAGES);
    case 'group': {
      const group = text.trim().toLowerCase();
      if (group === 'core/v1' || group === '/v1' || group === '""' || group === '/') return '';
      return /^([a-z0-9.-]+)(?:\/.*)?$/.exec(group)?.[1];
    }
    case 'nonResourceURLs':
      return /^[\w.-]/.test(text) && !text.includes('*', 1) && !text.includes(':') ? `/${text}` : undefined;
    default:
      return undefined;
  }
}

/** The path to the value that begins at a place; undefined where none does. The innermost counts. */
function pathOf(root: DecodedValue, {line, column}: PolicyFault): readonly PathStep[] | undefined {
  let found: readonly PathStep[] | undefined;
  const visit = (value: DecodedValue, path: readonly PathStep[]): void => {
    if (value.line === line && value.column === column) found = path;
    if (value.kind === 'array') for (const [index, item] of value.items.entries()) visit(item, [...path, index]);
    if (value.kind === 'object') for (const entry of value.entries) visit(entry.value, [...path, entry.key]);
  };
  visit(root, []);
  return found;
}

function deprecated(input: LintInput): LintFinding[] {
  const apiVersion = input.root === undefined ? '' : textAt(input.root, 'apiVersion');
  if (apiVersion === 'audit.k8s.io/v1' || apiVersion === '') return [];
  const path = ['apiVersion'];
  const edit = replaceScalar(input, path, 'audit.k8s.io/v1');
  return [lintFinding('version-deprecated', {apiVersion}, whereOf(input, path), edit)];
}

/** Where no release was named, the policy may be for an older one than the newest. */
function refusedByOlder({content, options, releases: {refuse}}: LintInput): LintFinding[] {
  const newest = refuse.at(-1);
  if (options.serverVersion !== undefined || newest === undefined) return [];
  const loaded = loadPolicy(content, {serverVersion: parseKubernetesVersion(`1.${newest}`)});
  if (loaded.kind === 'loaded') return [];
  return [lintFinding('refused-by-older', {releases: releaseRanges(refuse), message: loaded.message}, placeOf(loaded))];
}

function textAt(root: DecodedValue, key: string): string {
  const value = valueAt(root, [key]);
  return value?.kind === 'string' ? value.value : '';
}

function placeOf({line, column}: {readonly line?: number | undefined; readonly column?: number | undefined}) {
  return line === undefined || column === undefined ? whereAt(undefined, []) : whereAt({line, column}, []);
}
