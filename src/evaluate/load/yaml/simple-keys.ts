/**
 * Places where a key may have begun without `?`: only a `:` later on shows whether one did.
 */
import {scannerError} from './mark.ts';
import type {Mark} from './mark.ts';
import type {Reader} from './reader.ts';

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/yamlh.go#L422 */
export interface SimpleKey {
  isPossible: boolean;
  /** Nothing but a key may stand there. */
  readonly isRequired: boolean;
  /** The number of the token it would begin with, counted over the whole text. */
  readonly tokenNumber: number;
  readonly start: Mark;
}

/** A key must end within as many characters, and on its line. */
const MAX_KEY_LENGTH = 1024;

const NO_MARK: Mark = {index: 0, line: 0, column: 0};

/** One place for the block, and one for each flow collection around the reader. */
export class SimpleKeys {
  readonly #reader: Reader;
  readonly #levels: SimpleKey[] = [{isPossible: false, isRequired: false, tokenNumber: 0, start: NO_MARK}];
  /** The level of each place, by token number. Some stay after their place was given up, as in go-yaml. */
  readonly #levelByToken = new Map<number, number>();

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L850 */
  save(tokenNumber: number, isRequired: boolean): void {
    this.remove();
    const level = this.#levels.length - 1;
    this.#levels[level] = {isPossible: true, isRequired, tokenNumber, start: this.#reader.mark()};
    this.#levelByToken.set(tokenNumber, level);
  }

  /**
   * Throws where a key was required.
   * @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L878
   */
  remove(): void {
    const key = this.#current();
    if (!key.isPossible) return;
    if (key.isRequired) throw this.#missingColon(key);
    this.#give(key);
  }

  /** The place that a `:` at the reader makes a key; undefined when there is none. */
  take(): SimpleKey | undefined {
    const key = this.#current();
    if (!this.#isValid(key)) return undefined;
    this.#give(key);
    return key;
  }

  /** Whether the token of that number may still turn out to begin a key. */
  mayBeginAt(tokenNumber: number): boolean {
    const level = this.#levelByToken.get(tokenNumber);
    const key = level === undefined ? undefined : this.#levels[level];
    return key !== undefined && this.#isValid(key);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L898 */
  enterFlow(tokenNumber: number): void {
    this.#levels.push({isPossible: false, isRequired: false, tokenNumber, start: this.#reader.mark()});
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L918 */
  leaveFlow(): void {
    this.#levelByToken.delete(this.#current().tokenNumber);
    this.#levels.pop();
  }

  #current(): SimpleKey {
    const key = this.#levels.at(-1);
    if (key === undefined) throw new Error('no level is left');
    return key;
  }

  #give(key: SimpleKey): void {
    key.isPossible = false;
    this.#levelByToken.delete(key.tokenNumber);
  }

  /** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L822 */
  #isValid(key: SimpleKey): boolean {
    if (!key.isPossible) return false;
    const {line, index} = this.#reader;
    if (key.start.line === line && index - key.start.index <= MAX_KEY_LENGTH) return true;
    if (key.isRequired) throw this.#missingColon(key);
    key.isPossible = false;
    return false;
  }

  #missingColon({start}: SimpleKey): Error {
    const context = {what: 'while scanning a simple key', start};
    return scannerError("could not find expected ':'", this.#reader.mark(), context);
  }
}
