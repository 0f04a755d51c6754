/** Secrets, tokens and certificates in recorded bodies, by what the rules decide, not by what they name. */
import type {LintFinding} from '../../model/lint-finding.ts';
import {lintFinding} from '../../model/lint-finding.ts';
import type {PolicyRule} from '../../model/policy.ts';
import {evaluate} from '../match.ts';
import {AUTHENTICATED} from '../request/request-classes.ts';
import type {JudgedPolicy, LintInput} from './input.ts';
import {ruleReference, whereOf, writesBodies} from './input.ts';
import type {ResourceClass} from './reach.ts';

type LeakCode = 'secret-bodies' | 'token-bodies' | 'config-map-bodies' | 'certificate-request-bodies';

/** A resource whose bodies tell something, and the verbs for which they do. */
interface Sensitive {
  readonly code: LeakCode;
  readonly resource: ResourceClass;
  /** From level Request on. */
  readonly inRequest: readonly string[];
  /** At level RequestResponse. Deleting one object answers with a Status, deleting a collection with what was deleted. */
  readonly inResponse: readonly string[];
}

const WRITES = ['create', 'update', 'patch'];
const READS = ['get', 'list', 'deletecollection'];

function core(resource: string, subresource = ''): ResourceClass {
  return {group: '', resource, subresource};
}

/**
 * @see https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/audit/request.go#L95 (what is recorded of a body)
 * @see https://github.com/kubernetes/kubernetes/blob/v1.34.4/pkg/apis/authentication/types.go#L58 (TokenReview, TokenRequest)
 */
const SENSITIVE: readonly Sensitive[] = [
  {code: 'secret-bodies', resource: core('secrets'), inRequest: WRITES, inResponse: [...WRITES, ...READS]},
  {
    code: 'token-bodies',
    resource: {group: 'authentication.k8s.io', resource: 'tokenreviews', subresource: ''},
    inRequest: ['create'],
    inResponse: ['create'],
  },
  // The request asks for a token, the response holds it.
  {code: 'token-bodies', resource: core('serviceaccounts', 'token'), inRequest: [], inResponse: ['create']},
  {code: 'config-map-bodies', resource: core('configmaps'), inRequest: WRITES, inResponse: [...WRITES, ...READS]},
  {
    code: 'certificate-request-bodies',
    resource: {group: 'certificates.k8s.io', resource: 'certificatesigningrequests', subresource: ''},
    inRequest: WRITES,
    inResponse: [...WRITES, ...READS],
  },
];

export function secretsInBodies(input: LintInput): LintFinding[] {
  const {judged} = input;
  if (judged === undefined) return [];
  const codes = [...new Set(SENSITIVE.map(({code}) => code))];
  const bodies = codes.flatMap((code) =>
    judged.policy.rules.flatMap((rule, index) => leaksOf(input, judged, code, rule, index)),
  );
  return [...bodies, ...execArguments(input, judged)];
}

function leaksOf(
  input: LintInput,
  judged: JudgedPolicy,
  code: LeakCode,
  rule: PolicyRule,
  index: number,
): LintFinding[] {
  if (!writesBodies(judged, rule)) return [];
  const leaks = SENSITIVE.filter((sensitive) => sensitive.code === code)
    .map((sensitive) => ({sensitive, verbs: leakingVerbs(judged, sensitive, rule, index)}))
    .filter(({verbs}) => verbs.length > 0);
  if (leaks.length === 0) return [];
  const args = {
    rule: ruleReference(judged, index),
    resources: leaks.map(({sensitive: {resource}}) =>
      resource.subresource === '' ? resource.resource : `${resource.resource}/${resource.subresource}`,
    ),
    verbs: [...new Set(leaks.flatMap(({verbs}) => verbs))],
  };
  return [lintFinding(code, args, whereOf(input, ['rules', index]))];
}

/** The verbs for which the rule decides some request for the resource. */
function leakingVerbs({space}: JudgedPolicy, sensitive: Sensitive, rule: PolicyRule, index: number): string[] {
  const verbs = rule.level === 'RequestResponse' ? sensitive.inResponse : sensitive.inRequest;
  return verbs.filter((verb) => {
    const options = {resources: [sensitive.resource], verbs: [verb], authenticated: true};
    return space.reach(index, options).kind === 'reached';
  });
}

/** The command of `kubectl exec` stands in the URI of its request. */
function execArguments(input: LintInput, {policy}: JudgedPolicy): LintFinding[] {
  const user = {name: 'someone', groups: [AUTHENTICATED]};
  const decisions = ['get', 'create'].map((verb) =>
    evaluate(
      policy,
      {
        user,
        verb,
        target: {kind: 'resource', group: '', resource: 'pods', subresource: 'exec', namespace: 'default', name: 'web'},
      },
      input.options.serverVersion,
    ),
  );
  const decision = decisions.find(({level}) => level !== 'None');
  if (decision?.rule === undefined) return [];
  return [lintFinding('exec-arguments', {}, whereOf(input, ['rules', decision.rule]))];
}
