/** Compares what the product says with what the API server's own code said. */
import type {loadPolicy, LoadedPolicy, RefusedPolicy} from '../../src/evaluate/load/load-policy.ts';
import type {PolicyRuleEvaluator, policyRuleEvaluator} from '../../src/evaluate/match.ts';
import type {requestFromHttp} from '../../src/evaluate/request/request-info.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import type {AuditPolicy} from '../../src/model/policy.ts';
import type {RequestAttributes} from '../../src/model/request.ts';
import {policyOf} from './protocol.ts';
import type {Answer, AnsweredRequest, AskedRequest, Question, Release} from './protocol.ts';

/** The functions under test. */
export interface Engine {
  readonly loadPolicy: typeof loadPolicy;
  readonly policyRuleEvaluator: typeof policyRuleEvaluator;
  readonly requestFromHttp: typeof requestFromHttp;
}

/** Where the two part, the first in each question. */
export interface Difference {
  readonly kind: 'crash' | 'accepted' | 'step' | 'message' | 'warnings' | 'policy' | 'decision' | 'attributes';
  /** Index of the request, for the last two kinds. */
  readonly request?: number;
  readonly product: unknown;
  readonly server: unknown;
}

/** How many things were compared. */
export interface Compared {
  readonly evaluations: number;
  readonly attributes: number;
  readonly difference: Difference | undefined;
}

/** Compares all that `answer` of `release` says about `question`. That the product throws is a difference too. */
export function compare(engine: Engine, question: Question, answer: Answer, release: Release): Compared {
  try {
    return compareAll(engine, question, answer, release);
  } catch (error) {
    const product = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return {evaluations: 0, attributes: 0, difference: {kind: 'crash', product, server: answer.error ?? 'loaded'}};
  }
}

function compareAll(engine: Engine, question: Question, answer: Answer, release: Release): Compared {
  const serverVersion = versionOf(release);
  const policy = policyOf(question);
  if (policy === undefined) return compareRequests(engine, question, answer, undefined, release);
  const loaded = engine.loadPolicy(policy, {serverVersion});
  const difference = compareLoaded(loaded, answer);
  if (difference !== undefined || loaded.kind === 'refused') return {evaluations: 0, attributes: 0, difference};
  const decide = engine.policyRuleEvaluator(loaded.policy, serverVersion);
  return compareRequests(engine, question, answer, decide, release);
}

function versionOf({serverVersion}: Release): NonNullable<ReturnType<typeof parseKubernetesVersion>> {
  const version = parseKubernetesVersion(serverVersion);
  if (version === undefined) throw new Error(`no version: ${serverVersion}`);
  return version;
}

function compareLoaded(loaded: LoadedPolicy, answer: Answer): Difference | undefined {
  if (loaded.kind === 'refused') {
    if (answer.error === undefined) return {kind: 'accepted', product: loaded.message, server: 'loaded'};
    return (
      unlessEqual('step', loaded.step, stepOf(answer.error)) ??
      unlessEqual('message', maskMessage(loaded.message), maskMessage(answer.error))
    );
  }
  if (answer.error !== undefined) return {kind: 'accepted', product: 'loaded', server: answer.error};
  return (
    unlessEqual('warnings', loaded.warnings.join(', '), answer.warning ?? '') ??
    unlessEqual('policy', printedPolicy(loaded.policy), JSON.stringify(answer.policy))
  );
}

/** The step of LoadPolicyFromBytes that a message is from. */
function stepOf(error: string): RefusedPolicy['step'] {
  if (/^failed (?:lenient )?decoding: /.test(error)) return 'decode';
  if (error.startsWith('unknown group version field ')) return 'group-version';
  return error === 'loaded illegal policy with 0 rules' ? 'no-rules' : 'validation';
}

/** Hides what differs by nature: the place in the server's source where the scheme was made. */
export function maskMessage(message: string): string {
  return message.replace(/in scheme "[^"]*"/, 'in scheme "…"');
}

/** The policy as the oracle prints it. */
function printedPolicy({omitStages, omitManagedFields, rules}: AuditPolicy): string {
  return JSON.stringify({
    omitStages: filled(omitStages),
    omitManagedFields: omitManagedFields || undefined,
    rules: rules.map((rule) => ({
      level: rule.level,
      users: filled(rule.users),
      userGroups: filled(rule.userGroups),
      verbs: filled(rule.verbs),
      resources: filled(
        rule.resources.map((entry) => ({
          group: entry.group === '' ? undefined : entry.group,
          resources: filled(entry.resources),
          resourceNames: filled(entry.resourceNames),
        })),
      ),
      namespaces: filled(rule.namespaces),
      nonResourceURLs: filled(rule.nonResourceURLs),
      omitStages: filled(rule.omitStages),
      omitManagedFields: rule.omitManagedFields,
    })),
  });
}

function filled<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length === 0 ? undefined : list;
}

function compareRequests(
  engine: Engine,
  {requests = []}: Question,
  {requests: answers = []}: Answer,
  decide: PolicyRuleEvaluator | undefined,
  release: Release,
): Compared {
  let evaluations = 0;
  let attributes = 0;
  for (const [index, asked] of requests.entries()) {
    const answer = answers[index];
    if (answer === undefined) throw new Error('the oracle has not answered every request');
    const resolved = resolve(engine, asked, answer, release);
    if ('method' in asked) attributes += 1;
    if ('difference' in resolved)
      return {evaluations, attributes, difference: {...resolved.difference, request: index}};
    if (decide === undefined || resolved.request === undefined) continue;
    evaluations += 1;
    const difference = compareDecision(decide, resolved.request, answer);
    if (difference !== undefined) return {evaluations, attributes, difference: {...difference, request: index}};
  }
  return {evaluations, attributes, difference: undefined};
}

/** The attributes of a request; of a request of HTTP they are compared first. Undefined when it is rightly refused. */
function resolve(
  {requestFromHttp: fromHttp}: Engine,
  asked: AskedRequest,
  answer: AnsweredRequest,
  release: Release,
): {readonly request: RequestAttributes | undefined} | {readonly difference: Difference} {
  if (!('method' in asked)) return {request: asked};
  const resolved = fromHttp(asked.method, asked.uri, {serverVersion: versionOf(release)});
  if (resolved.kind === 'refused') {
    const difference = unlessEqual('attributes', toValid(resolved.message), answer.refused ?? answer.target);
    return difference === undefined ? {request: undefined} : {difference};
  }
  const {verb, target, longRunning} = resolved;
  const difference = unlessEqual(
    'attributes',
    JSON.stringify({verb, target: withoutEmpty(target), longRunning}),
    JSON.stringify({verb: answer.verb, target: answer.target, longRunning: answer.longRunning === true}),
  );
  return difference === undefined ? {request: {user: asked.user, verb, target}} : {difference};
}

function withoutEmpty(target: RequestAttributes['target']): object {
  const fields = Object.entries(target).map(([name, value]) => [name, toValid(value)] as const);
  return Object.fromEntries(fields.filter(([, value]) => value !== ''));
}

/** Bytes that are no UTF-8 come as U+FFFD from the oracle. */
function toValid(text: string): string {
  return text.toWellFormed();
}

function compareDecision(
  decide: PolicyRuleEvaluator,
  request: RequestAttributes,
  answer: AnsweredRequest,
): Difference | undefined {
  const {level, omitStages, omitManagedFields, rule} = decide(request);
  const same =
    level === answer.level &&
    omitManagedFields === (answer.omitManagedFields ?? false) &&
    rule === answer.rule &&
    sameSet(omitStages, answer.omitStages ?? []);
  if (same) return undefined;
  const {verb: _, target: __, longRunning: ___, ...decision} = answer;
  return {kind: 'decision', product: {level, omitStages, omitManagedFields, rule}, server: decision};
}

/** Where no rule matches the server gives the policy's stages as they are written, repeated or not. */
function sameSet(ours: readonly string[], theirs: readonly string[]): boolean {
  return new Set(ours).size === ours.length && [...new Set(theirs)].join() === ours.toSorted().join();
}

function unlessEqual(kind: Difference['kind'], product: unknown, server: unknown): Difference | undefined {
  return product === server ? undefined : {kind, product, server};
}
