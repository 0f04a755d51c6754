/**
 * Reads `/flagz`: the values of all flags in a running API server, defaults included.
 * @see https://github.com/kubernetes/component-base/blob/v0.34.4/zpages/flagz/flagz.go
 */
import {FLAG_TYPES, RELEASES_OF_AUDIT_FLAGS, type FlagType} from './known-flags.ts';

/** The separators that a process draws one from when it starts; `: ` before `:`, which begins it. */
const SEPARATORS = [': ', ':', '=', ' '] as const;

/**
 * Takes the body that `/flagz` answered, as text or as the structured JSON; returns the values by flag name, `CLASSIFIED`
 * for confidential ones. Empty when the text is neither.
 */
export function parseFlagz(text: string): ReadonlyMap<string, string> {
  return text.trimStart().startsWith('{') ? parseStructured(text) : parseText(text);
}

function parseStructured(text: string): ReadonlyMap<string, string> {
  const document = parseJson(text);
  const flags = isRecord(document) ? document['flags'] : undefined;
  if (!isRecord(flags)) return new Map();
  return new Map(Object.entries(flags).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * The separator can only be told from lines whose flag is known: names hold no separator, but the lines of the header and
 * those of a value with line ends do.
 */
function parseText(text: string): ReadonlyMap<string, string> {
  const lines = text.split(/\r?\n/).flatMap((line) => {
    const [name] = /^[A-Za-z0-9][\w.-]*/.exec(line) ?? [];
    return name === undefined ? [] : [{name, rest: line.slice(name.length)}];
  });
  const known = lines.filter(({name, rest}) => isKnown(name) && rest !== '').map(({rest}) => rest);
  // An empty value after `: ` may have lost its space on the way.
  const separator = SEPARATORS.find(
    (candidate) =>
      known.length > 0 && known.every((rest) => rest.startsWith(candidate) || rest === candidate.trimEnd()),
  );
  if (separator === undefined) return new Map();
  const start = lines.findIndex(({name}) => isKnown(name));
  return new Map(
    lines
      .slice(start)
      .filter(({rest}) => rest === '' || rest.startsWith(separator.trimEnd() || separator))
      .map(({name, rest}) => [name, rest.slice(separator.length)]),
  );
}

function isKnown(name: string): boolean {
  const releases: ReadonlyMap<string, {readonly type: FlagType}> = RELEASES_OF_AUDIT_FLAGS;
  return FLAG_TYPES.has(name) || releases.has(name);
}
