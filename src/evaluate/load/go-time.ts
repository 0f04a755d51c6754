/**
 * Times as Go's time.Parse reads them with the layout of RFC 3339, and what it says when it cannot.
 * @see https://github.com/golang/go/blob/go1.26.8/src/time/format.go#L1048
 */

const LAYOUT = '2006-01-02T15:04:05Z07:00';

/** Why `text` is no time, in Go's words; undefined when it is one. */
export function problemOfTime(text: string): string | undefined {
  const bytes = Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
  try {
    new TimeReader(bytes).read();
    return undefined;
  } catch (error) {
    if (!(error instanceof TimeProblem)) throw error;
    return `parsing time ${quote(bytes)}${error.message}`;
  }
}

class TimeProblem extends Error {}

/** Reads a text whose characters are bytes. */
class TimeReader {
  #rest: string;

  constructor(bytes: string) {
    this.#rest = bytes;
  }

  read(): void {
    const year = this.#readYear();
    this.#skip('-');
    const month = this.#readNumber('01');
    if (month < 1 || month > 12) throw outOfRange('month');
    this.#skip('-');
    const day = this.#readNumber('02');
    this.#skip('T');
    if (this.#readHour() > 23) throw outOfRange('hour');
    this.#skip(':');
    if (this.#readNumber('04') > 59) throw outOfRange('minute');
    this.#skip(':');
    if (this.#readNumber('05') > 59) throw outOfRange('second');
    this.#rest = this.#rest.replace(/^[.,]\d+/, '');
    this.#readZone();
    if (this.#rest !== '') throw new TimeProblem(`: extra text: ${quote(this.#rest)}`);
    if (day < 1 || day > daysIn(year, month)) throw outOfRange('day');
  }

  #readYear(): number {
    if (!/^\d{4}/.test(this.#rest)) throw this.#notAs('2006');
    return this.#take(4);
  }

  /** Two digits. */
  #readNumber(layout: string): number {
    if (!/^\d\d/.test(this.#rest)) throw this.#notAs(layout);
    return this.#take(2);
  }

  /** One digit is enough. */
  #readHour(): number {
    const [digits] = /^\d\d?/.exec(this.#rest) ?? [];
    if (digits === undefined) throw this.#notAs('15');
    return this.#take(digits.length);
  }

  #readZone(): void {
    if (this.#rest.startsWith('Z')) {
      this.#take(1);
      return;
    }
    const [zone = '', sign = '', hours = '', minutes = ''] = /^(.)(..):(..)/s.exec(this.#rest) ?? [];
    if (zone === '') throw this.#notAs('Z07:00');
    const [hour, minute] = [twoDigits(hours), twoDigits(hours) === undefined ? undefined : twoDigits(minutes)];
    if ((minute ?? 0) > 60) throw outOfRange('time zone offset minute');
    if ((hour ?? 0) > 24) throw outOfRange('time zone offset hour');
    if (minute === undefined || !/[-+]/.test(sign)) throw this.#notAs('Z07:00');
    this.#take(zone.length);
  }

  #skip(character: string): void {
    if (!this.#rest.startsWith(character)) throw this.#notAs(character);
    this.#take(1);
  }

  #take(length: number): number {
    const taken = this.#rest.slice(0, length);
    this.#rest = this.#rest.slice(length);
    return Number(taken);
  }

  #notAs(layout: string): TimeProblem {
    return new TimeProblem(` as ${quote(LAYOUT)}: cannot parse ${quote(this.#rest)} as ${quote(layout)}`);
  }
}

function outOfRange(what: string): TimeProblem {
  return new TimeProblem(`: ${what} out of range`);
}

function twoDigits(text: string): number | undefined {
  return /^\d\d$/.test(text) ? Number(text) : undefined;
}

/** How many days a month has, counted from 1. */
function daysIn(year: number, month: number): number {
  // Leap years repeat after 400 years, and JavaScript takes years below 100 for others.
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

/** @see https://github.com/golang/go/blob/go1.26.8/src/time/format.go#L865 */
function quote(bytes: string): string {
  const quoted = bytes.replace(/["\\]|[^\x20-\x7f]/g, (character) =>
    /["\\]/.test(character) ? `\\${character}` : `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`,
  );
  return `"${quoted}"`;
}
