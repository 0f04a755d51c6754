/** How the recording of requests changes where two rules decide. */
import type {Direction} from '../../model/difference.ts';
import type {Leaf} from './diagram.ts';
import {type Effect, directionOf, recordedOf} from './recorded.ts';
import {type Policies, traitsThatMatter} from './space.ts';

/** One way in which the recording changes. */
export interface Change {
  readonly direction: Direction;
  /** What the deciding rules ask for; undefined where nothing is recorded. */
  readonly before: Effect | undefined;
  readonly after: Effect | undefined;
}

/** The ways in which the recording changes, with a number for each; 0 stands for no change. */
export class Changes {
  readonly #policies: Policies;
  readonly #objectsMatter: boolean;
  readonly #changes: (Change | undefined)[] = [undefined];
  readonly #numberOfKey = new Map<string, number>();
  readonly #numberOfLeaf = new Map<Leaf, number>();

  constructor(policies: Policies) {
    this.#policies = policies;
    this.#objectsMatter = traitsThatMatter(policies).objects;
  }

  /** The change of that number; undefined for 0. */
  numbered(number: number): Change | undefined {
    return this.#changes[number];
  }

  /** The number of the change at a leaf. */
  at(leaf: Leaf): number {
    const known = this.#numberOfLeaf.get(leaf);
    if (known !== undefined) return known;
    const number = this.#numberOf(changeAt(leaf, this.#policies));
    this.#numberOfLeaf.set(leaf, number);
    return number;
  }

  #numberOf(change: Change | undefined): number {
    if (change === undefined) return 0;
    const key = `${change.direction} ${this.#keyOf(change.before)} ${this.#keyOf(change.after)}`;
    const known = this.#numberOfKey.get(key);
    if (known !== undefined) return known;
    this.#numberOfKey.set(key, this.#changes.length);
    this.#changes.push(change);
    return this.#changes.length - 1;
  }

  #keyOf(effect: Effect | undefined): string {
    if (effect === undefined) return 'nothing';
    const objects = this.#objectsMatter && effect.level !== 'Metadata' ? effect.omitManagedFields : '';
    return `${effect.level}/${effect.stages.join()}/${objects}`;
  }
}

/**
 * The change at a leaf; undefined where there is none. It tells what the rules ask for, even where less of it shows for
 * these requests, so that requests for which more shows are put together with them.
 */
export function changeAt({rules, traits}: Leaf, {effects}: Policies): Change | undefined {
  const [before, after] = [effects[0][rules[0]], effects[1][rules[1]]];
  if (before === undefined || after === undefined) throw new Error(`no rules ${rules.join()}`);
  const [recordedBefore, recordedAfter] = [recordedOf(before, traits), recordedOf(after, traits)];
  const direction = directionOf(recordedBefore, recordedAfter);
  if (direction === undefined) return undefined;
  return {
    direction,
    before: recordedBefore.level === 'None' ? undefined : before,
    after: recordedAfter.level === 'None' ? undefined : after,
  };
}
