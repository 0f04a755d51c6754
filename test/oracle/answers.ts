/** The answers of the API server's own code that are checked in: see `renew.ts`. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {BASE, RELEASES} from './protocol.ts';
import type {Answer, Release} from './protocol.ts';

/** The answers of one release by the names of the cases. */
export interface CheckedInAnswers {
  readonly release: Release;
  readonly byName: ReadonlyMap<string, Answer>;
  /** How many are not those of the base release. */
  readonly changed: number;
}

/** The answers of all releases, oldest release first. */
export function checkedInAnswers(): readonly CheckedInAnswers[] {
  const base = read(BASE);
  return RELEASES.map((release) => {
    const own = read(release);
    return {release, byName: new Map([...base, ...own]), changed: release.name === BASE.name ? 0 : own.size};
  });
}

function read({name}: Release): ReadonlyMap<string, Answer> {
  const text = readFileSync(join(import.meta.dirname, `answers-${name}.json`), 'utf8');
  return new Map(Object.entries(JSON.parse(text) as Readonly<Record<string, Answer>>));
}
