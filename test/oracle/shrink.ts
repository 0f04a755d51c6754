/** Makes a question that shows a difference as small as can be. */
import type {AskedRequest, Question} from './protocol.ts';

/** Whether the difference is still there. */
export type Shows = (question: Question) => Promise<boolean>;

/** A difference that does not get smaller by then stays as it is. */
const MOST_TRIALS = 10_000;

/** The smallest question found that still shows the difference at request `request`, or at none. */
export async function shrink(question: Question, request: number | undefined, shows: Shows): Promise<Question> {
  const shrinker = new Shrinker(shows);
  let smallest = question;
  const only = request === undefined ? undefined : question.requests?.[request];
  const {requests: _, ...bare} = question;
  smallest = await shrinker.firstThatShows([{...bare, ...(only !== undefined && {requests: [only]})}], smallest);
  const [last] = smallest.requests ?? [];
  if (last !== undefined) smallest = await shrinker.firstThatShows([{requests: [last]}], smallest);
  smallest = await shrinkPolicy(shrinker, smallest);
  smallest = await shrinkRequest(shrinker, smallest);
  return smallest;
}

class Shrinker {
  readonly #shows: Shows;
  #trials = 0;

  constructor(shows: Shows) {
    this.#shows = shows;
  }

  async shows(question: Question): Promise<boolean> {
    this.#trials += 1;
    return this.#trials <= MOST_TRIALS && this.#shows(question);
  }

  async firstThatShows(candidates: readonly Question[], otherwise: Question): Promise<Question> {
    for (const candidate of candidates) if (await this.shows(candidate)) return candidate;
    return otherwise;
  }

  /** Leaves out runs of `parts`, long ones first, as long as `rebuild` of the rest still shows it. */
  async leaveOut<T>(parts: readonly T[], rebuild: (rest: readonly T[]) => Question): Promise<readonly T[]> {
    let kept = parts;
    for (let before = Infinity; kept.length < before;) {
      before = kept.length;
      for (let size = Math.ceil(kept.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
        kept = await this.#leaveOutRuns(kept, size, rebuild);
      }
    }
    return kept;
  }

  async #leaveOutRuns<T>(
    parts: readonly T[],
    size: number,
    rebuild: (rest: readonly T[]) => Question,
  ): Promise<readonly T[]> {
    let kept = parts;
    // Short runs are tried wherever they may begin.
    const step = size <= 12 ? 1 : size;
    for (let start = 0; start < kept.length;) {
      const rest = [...kept.slice(0, start), ...kept.slice(start + size)];
      if (await this.shows(rebuild(rest))) kept = rest;
      else start += step;
    }
    return kept;
  }
}

async function shrinkPolicy(shrinker: Shrinker, question: Question): Promise<Question> {
  const {policy, policyBase64, ...rest} = question;
  if (policyBase64 !== undefined) {
    const rebuild = (bytes: readonly number[]) => ({...rest, policyBase64: Buffer.from(bytes).toString('base64')});
    return rebuild(await shrinker.leaveOut([...Buffer.from(policyBase64, 'base64')], rebuild));
  }
  if (policy === undefined) return question;
  const value = plainJson(policy);
  if (value !== undefined) return shrinkJson(shrinker, question, value);
  const ofLines = (lines: readonly string[]) => ({...rest, policy: lines.join('')});
  const {policy: fewLines} = ofLines(await shrinker.leaveOut(policy.match(/[^\n]*\n|[^\n]+/g) ?? [], ofLines));
  const ofCharacters = (characters: readonly string[]) => ({...rest, policy: characters.join('')});
  return ofCharacters(await shrinker.leaveOut(Array.from(fewLines), ofCharacters));
}

/** Undefined for what is no JSON, and for JSON that would not stay what it is, such as with a repeated key. */
function plainJson(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && JSON.stringify(value) === text ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Leaves out one value after another, outer ones first. */
async function shrinkJson(shrinker: Shrinker, question: Question, value: object): Promise<Question> {
  let smallest = {...question, policy: JSON.stringify(value)};
  const visit = async (container: object): Promise<void> => {
    for (const key of Object.keys(container).toReversed()) {
      const before = Object.entries(container);
      remove(container, key);
      const candidate = {...smallest, policy: JSON.stringify(value)};
      if (await shrinker.shows(candidate)) smallest = candidate;
      else restore(container, before);
    }
    for (const child of Object.values(container) as unknown[]) {
      if (typeof child === 'object' && child !== null) await visit(child);
    }
  };
  await visit(value);
  return smallest;
}

function remove(container: object, key: string): void {
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else Reflect.deleteProperty(container, key);
}

/** As it was, in the same order. */
function restore(container: object, entries: readonly (readonly [string, unknown])[]): void {
  if (Array.isArray(container)) container.length = 0;
  else for (const key of Object.keys(container)) remove(container, key);
  for (const [key, value] of entries) Reflect.set(container, key, value);
}

async function shrinkRequest(shrinker: Shrinker, question: Question): Promise<Question> {
  let [request] = question.requests ?? [];
  if (request === undefined) return question;
  const rebuild = (other: AskedRequest): Question => ({...question, requests: [other]});
  for (const simpler of simplerRequests(request)) {
    const candidate = simpler(request);
    if (await shrinker.shows(rebuild(candidate))) request = candidate;
  }
  if (!('method' in request)) return rebuild(request);
  const {user, method, uri} = request;
  const ofCharacters = (characters: readonly string[]): AskedRequest => ({user, method, uri: characters.join('')});
  const kept = await shrinker.leaveOut(Array.from(uri), (characters) => rebuild(ofCharacters(characters)));
  return rebuild(ofCharacters(kept));
}

type Simpler = (request: AskedRequest) => AskedRequest;

function simplerRequests(request: AskedRequest): readonly Simpler[] {
  const users: readonly Simpler[] = [
    (each) => ({...each, user: undefined}),
    (each) => ({...each, user: {name: 'alice', groups: []}}),
    (each) => ({...each, user: each.user && {...each.user, groups: each.user.groups.slice(0, 1)}}),
  ];
  if ('method' in request) return [...users, (each) => ({...each, method: 'GET'})];
  const {target} = request;
  const fields = target.kind === 'resource' ? ['subresource', 'namespace', 'name', 'group'] : [];
  return [
    ...users,
    (each) => ({...each, verb: 'get'}),
    ...fields.map(
      (field): Simpler =>
        (each) =>
          'target' in each ? {...each, target: {...each.target, [field]: ''}} : each,
    ),
  ];
}
