/** What there is to say about a converted policy, one line each. */
import {finding} from '../model/finding.ts';
import type {Conversion} from '../model/policy-conversion.ts';
import {sentence} from './sentence.ts';

/** @param name the file as it was given */
export function conversionNotes(name: string, conversion: Exclude<Conversion, {kind: 'refused'}>): string {
  const warnings = conversion.warnings.map(
    (message) => `warning: ${name}: ${sentence(finding('policy-warning', {message})).message}`,
  );
  if (conversion.kind === 'unchanged') return lines([`${name}: audit.k8s.io/v1 already: unchanged`, ...warnings]);
  const versions = conversion.versions.map(({line, from, document}) => {
    const where = document === undefined ? '' : ` in ${document}`;
    return `${name}:${line}: ${from} is now audit.k8s.io/v1${where}; it decides every request as before`;
  });
  return lines([...versions, ...warnings]);
}

function lines(texts: readonly string[]): string {
  return texts.map((text) => `${text}\n`).join('');
}
