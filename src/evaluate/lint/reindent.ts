/**
 * Restores the indentation of a policy that has lost it, in part or whole, as happens with a text copied from a web page.
 *
 * The keys of a policy tell almost without indentation what belongs to what: a rule begins with a dash and one of its
 * keys, an entry of its resources with a dash and one of theirs. Lines keep their text; only what stands before it changes.
 */
import {FIELDS} from './fields.ts';

/** The text with its lines indented anew; undefined where some line belongs nowhere. */
export function reindent(text: string): string | undefined {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.replace(/[\u00a0\u2000-\u200b\u3000\t]/g, ' ').trimEnd());
  const writer = new Writer(lines);
  return lines.every((line, index) => writer.take(line, index)) ? writer.text() : undefined;
}

/** The depth of each thing, in spaces. */
const DEPTH = {policy: 0, listOfPolicy: 2, rule: 4, listOfRule: 6, entry: 8, listOfEntry: 10};

/** A line without what stands before its text. */
interface Content {
  readonly text: string;
  readonly hasDash: boolean;
  /** Undefined: the line is an item of a list, not a key. */
  readonly key: string | undefined;
  /** What stands after the colon, without a comment. */
  readonly value: string;
  readonly indentation: number;
}

class Writer {
  readonly #lines: readonly string[];
  readonly #isFlat: boolean;
  readonly #written: string[] = [];
  /** Comments and empty lines that take the depth of what follows. */
  #waiting: string[] = [];
  /** The keys of what is open; undefined where nothing is. */
  #policy = new Set<string>();
  #rule: Set<string> | undefined;
  #entry: Set<string> | undefined;
  /** The depth of the items of the list that was begun last. */
  #list: number | undefined;
  /** Brackets that are still open, and the depth of what goes on inside. */
  #brackets = 0;
  #bracketDepth = 0;
  #inMetadata = false;

  constructor(lines: readonly string[]) {
    this.#lines = lines;
    this.#isFlat = lines.every((line) => !/^\s+[^\s#]/.test(line));
  }

  /** False where the line belongs nowhere. */
  take(line: string, index: number): boolean {
    const text = line.trim();
    if (text === '' || text.startsWith('#')) {
      this.#waiting.push(text);
      return true;
    }
    if (this.#brackets > 0) return this.#write(text, this.#bracketDepth);
    if (/^(?:---|%)/.test(text)) return this.#policy.size === 0 && this.#write(text, 0);
    const content = contentOf(line);
    if (content.key === undefined) return content.hasDash && this.#list !== undefined && this.#write(text, this.#list);
    return content.hasDash ? this.#begin(content, content.key, index) : this.#addKey(content, content.key, index);
  }

  text(): string {
    return `${[...this.#written, ...this.#waiting].join('\n').trimEnd()}\n`;
  }

  /** `- key: …` begins a rule, or an entry of a rule's resources. */
  #begin(content: Content, key: string, index: number): boolean {
    if (this.#policy.size === 0 || !this.#policy.has('rules')) return false;
    const isForEntry =
      key === 'resources'
        ? this.#rule?.has('resources') === true && this.#holdsTexts(content, index)
        : key === 'group' || key === 'resourceNames';
    if (isForEntry) {
      if (this.#rule?.has('resources') !== true) return false;
      this.#entry = new Set([key]);
      this.#list = DEPTH.listOfEntry;
      return this.#write(content.text, DEPTH.listOfRule);
    }
    if (!FIELDS.rule.includes(key)) return false;
    this.#rule = new Set([key]);
    this.#entry = undefined;
    this.#list = DEPTH.listOfRule;
    return this.#write(content.text, DEPTH.listOfPolicy);
  }

  #addKey(content: Content, key: string, index: number): boolean {
    if (this.#isOfPolicy(content, key))
      return this.#addTo(this.#policy, key, content, DEPTH.policy, DEPTH.listOfPolicy);
    if (this.#inMetadata) return content.value !== '' && this.#write(content.text, DEPTH.listOfPolicy);
    const isForEntry = key === 'resources' ? this.#holdsTexts(content, index) : FIELDS.entry.includes(key);
    if (isForEntry) return this.#addTo(this.#entry, key, content, DEPTH.entry, DEPTH.listOfEntry);
    if (!FIELDS.rule.includes(key)) return false;
    this.#entry = undefined;
    return this.#addTo(this.#rule, key, content, DEPTH.rule, DEPTH.listOfRule);
  }

  #isOfPolicy({indentation}: Content, key: string): boolean {
    if (!FIELDS.policy.includes(key)) return false;
    if (!FIELDS.rule.includes(key) || this.#rule === undefined) return true;
    // `omitStages` can be of the rule or of the policy: without any indentation, of what was open.
    return indentation === 0 && !this.#isFlat;
  }

  #addTo(owner: Set<string> | undefined, key: string, content: Content, depth: number, list: number): boolean {
    if (owner === undefined || owner.has(key)) return false;
    owner.add(key);
    this.#list = list;
    this.#inMetadata = key === 'metadata' && content.value === '';
    return this.#write(content.text, depth);
  }

  /** Whether `resources` is the list of names, not that of entries. */
  #holdsTexts({value}: Content, index: number): boolean {
    if (value !== '') return !/^\[\s*\{/.test(value);
    const next = this.#lines.slice(index + 1).find((line) => !/^\s*(?:#.*)?$/.test(line));
    return next !== undefined && contentOf(next).hasDash && contentOf(next).key === undefined;
  }

  #write(text: string, depth: number): boolean {
    const indented = (line: string): string => (line === '' ? '' : ' '.repeat(depth) + line);
    this.#written.push(...this.#waiting.map(indented), indented(text));
    this.#waiting = [];
    if (this.#brackets === 0) this.#bracketDepth = depth + 4;
    this.#brackets += openBrackets(text);
    return this.#brackets >= 0;
  }
}

function contentOf(line: string): Content {
  const text = line.trim();
  const indentation = line.length - line.trimStart().length;
  const [, dash = ''] = /^(-\s+)?/.exec(text) ?? [];
  const rest = text.slice(dash.length);
  const found = /^["']?([A-Za-z]+)["']?\s*:(?:\s+(.*))?$/.exec(rest);
  const value = (found?.[2] ?? '').replace(/(?:^|\s)#.*$/, '').trim();
  return {text: dash === '' ? text : `- ${rest}`, hasDash: dash !== '', key: found?.[1], value, indentation};
}

/** Brackets that a line opens and does not close, those in quotes and comments left out. */
function openBrackets(line: string): number {
  const code = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, '').replace(/(?:^|\s)#.*$/, '');
  return code.replace(/[^[{]/g, '').length - code.replace(/[^\]}]/g, '').length;
}
