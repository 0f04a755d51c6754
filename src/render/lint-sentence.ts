/** The one place where a finding of `policy lint` becomes a sentence: what is wrong, and what to do next. */
import type {KeyEffect, LintFinding, NoiseName, RuleReference} from '../model/lint-finding.ts';

/** What a finding says. */
export interface LintSentence {
  readonly message: string;
  /** What to do next; empty when there is nothing to do. */
  readonly fix: string;
}

/** The sentence of a finding. */
export function lintSentence(finding: LintFinding): LintSentence {
  switch (finding.code) {
    case 'refused-syntax':
      return say(
        `the API server cannot read this and does not start: ${finding.args.message}`,
        'correct the text at this line; look at the indentation and the quotes above it too',
      );
    case 'refused-type':
      return say(
        `the API server refuses this and does not start: ${finding.args.message}`,
        'write a list as a list, and quote words that YAML takes for something else (yes, on, y, 017)',
      );
    case 'refused-version':
      return refusedVersion(finding.args);
    case 'refused-kind':
      return say(
        `the API server refuses this and does not start: ${finding.args.message}`,
        'write kind: Policy, or give the right file',
      );
    case 'refused-value':
      return say(
        `the API server refuses this and does not start: ${finding.args.message}${accepted(finding.args.acceptedBy)}`,
        finding.args.meant === undefined
          ? 'write one of the values that it accepts'
          : `write ${quoted(finding.args.meant)}`,
      );
    case 'no-rules':
      return say(
        'the policy has no rules: the API server refuses it and does not start',
        'add a rule, at the least `- level: Metadata`',
      );
    case 'not-rendered':
      return say(
        `this is a template that was not rendered: ${finding.args.marker}`,
        'render it first, and check the result',
      );
    case 'version-deprecated':
      return say(
        `apiVersion ${finding.args.apiVersion} is accepted here and refused from 1.24 on`,
        'write apiVersion: audit.k8s.io/v1 before the upgrade; the fields are the same',
      );
    case 'refused-by-older':
      return say(
        `API servers of ${finding.args.releases} refuse this policy: ${finding.args.message}`,
        'name the release with --server-version, or write what every release accepts',
      );
    case 'lost-indentation':
      return lostIndentation(finding.args, finding.where.file);
    case 'misspelt-key':
      return say(
        `the API server ignores ${quoted(finding.args.key)}${effect(finding.args.effect)}`,
        `did you mean ${finding.args.meant}?`,
      );
    case 'misplaced-key':
      return say(
        `the API server ignores ${quoted(finding.args.key)} at this place${effect(finding.args.effect)}`,
        `indent it as the other keys of the ${owner(finding.args.belongs)}, which it belongs to`,
      );
    case 'unknown-key':
      return finding.args.read
        ? say(`the API server reads ${quoted(finding.args.key)}, and warns`, 'write it in the usual case')
        : say(
            `the API server ignores ${quoted(finding.args.key)}: there is no such key`,
            'remove it, or make it a comment',
          );
    case 'duplicate-key':
      return say(
        `${quoted(finding.args.key)} stands here once more: what line ${finding.args.earlierLine} says is dropped`,
        'merge the two, or remove one',
      );
    case 'more-documents':
      return say(
        'the API server reads the first document only: all from here on is ignored',
        'move the rules into the first document',
      );
    case 'rule-never-reached':
      return say(
        `${ruleText(finding.args.rule)} is never reached: ${takers(finding.args.by)}`,
        `move it before ${rulesText(finding.args.by.slice(0, 1))}, or remove it`,
      );
    case 'rule-redundant':
      return say(
        `${ruleText(finding.args.rule)} adds nothing: ${takers(finding.args.by)}, with the same result`,
        'remove it',
      );
    case 'rule-hardly-reached':
      return say(
        `${ruleText(finding.args.rule)} is not reached by service accounts: ${rulesText(finding.args.by)} ${verb(finding.args.by, 'takes', 'take')} their group ${list(finding.args.groups)}`,
        `move it before ${rulesText(finding.args.by.slice(0, 1))}`,
      );
    case 'selector-never-reached':
      return say(
        `${quoted(finding.args.value)} is never reached here: ${takers(finding.args.by)}`,
        `move the rule before ${rulesText(finding.args.by.slice(0, 1))}, or remove the value`,
      );
    case 'not-decided':
      return say(
        `whether ${ruleText(finding.args.rule)} can be reached was not decided: it names too many users, namespaces and names`,
        '',
      );
    case 'rule-matches-nothing':
      return say(
        `no request can match ${ruleText(finding.args.rule)}: its selectors exclude one another`,
        'correct the selectors, or remove the rule',
      );
    case 'selector-matches-nothing':
      return say(
        `${quoted(finding.args.value)} matches nothing here: the other selectors of ${ruleText(finding.args.rule)} exclude it`,
        'remove the value, or give it a rule of its own',
      );
    case 'verb-wildcard':
      return say('the verb "*" matches nothing: verbs know no wildcard', 'leave verbs out: no verbs means all verbs');
    case 'verb-case':
      return say(`${quoted(finding.args.value)} matches nothing: verbs are lower case`, `write ${finding.args.meant}`);
    case 'verb-unknown':
      return say(
        `no request ${requestsOf(finding.args.kind)} has the verb ${quoted(finding.args.value)}`,
        finding.args.meant === undefined ? verbsOf(finding.args.kind) : `did you mean ${finding.args.meant}?`,
      );
    case 'verb-not-offered':
      return say(
        `${finding.args.resource} has no ${list(finding.args.verbs)}, only ${list(finding.args.offered)}`,
        'remove it, or name a verb that the resource offers',
      );
    case 'resource-wildcard':
      return say(
        `${quoted(finding.args.value)} matches nothing: only *, */SUBRESOURCE and RESOURCE/* are wildcards`,
        `write ${quoted(finding.args.meant)} for everything; it takes subresources too`,
      );
    case 'resource-name-form':
      return say(
        `${quoted(finding.args.value)} matches nothing: resources are named by their plural, in lower case and without a group`,
        finding.args.meant === undefined ? 'write the plural' : `write ${meantName(finding.args)}`,
      );
    case 'resource-unknown':
      return say(
        `no release of Kubernetes serves ${quoted(finding.args.value)} in ${groupText(finding.args.group)}`,
        finding.args.meant === undefined
          ? 'correct the name; `kubectl api-resources` lists what a cluster serves'
          : `did you mean ${meantName(finding.args)}?`,
      );
    case 'resource-wrong-group':
      return say(
        `${quoted(finding.args.value)} is not in ${groupText(finding.args.group)}: this matches nothing`,
        `name it in ${finding.args.groups.map(groupText).join(' or ')}`,
      );
    case 'resource-not-served':
      return say(
        `this cluster does not serve ${quoted(finding.args.value)} in ${groupText(finding.args.group)}`,
        'correct the name, or keep it if what serves it is installed later',
      );
    case 'group-core-name':
      return say(`group ${quoted(finding.args.value)} matches nothing: the core group has no name`, 'write group: ""');
    case 'group-with-version':
      return say(
        `group ${quoted(finding.args.value)} matches nothing: groups are without their version`,
        `write group: ${finding.args.meant}`,
      );
    case 'group-unknown':
      return say(
        `there is no API group ${quoted(finding.args.value)}: this matches nothing`,
        finding.args.meant === undefined
          ? 'write the whole name, as `kubectl api-resources` lists it before the slash'
          : `did you mean ${finding.args.meant}?`,
      );
    case 'group-gone':
      return say(
        `no release after ${finding.args.lastRelease} serves ${
          finding.args.resource === undefined
            ? `the group ${finding.args.group}`
            : `${finding.args.resource} of ${groupText(finding.args.group)}`
        }`,
        '',
      );
    case 'group-not-served':
      return say(`this cluster does not serve the group ${finding.args.group}`, '');
    case 'resource-names-with-create':
      return say(
        `${finding.args.verb} with resourceNames matches nothing: such a request has no name (${list(finding.args.resourceNames)})`,
        `select ${finding.args.verb} in a rule without resourceNames`,
      );
    case 'resource-name-wildcard':
      return say(
        `the name ${quoted(finding.args.value)} matches nothing: names know no wildcard`,
        'list the names, or leave resourceNames out',
      );
    case 'namespace-wildcard':
      return say(
        `the namespace ${quoted(finding.args.value)} matches nothing: namespaces know no wildcard`,
        'list the namespaces, or leave namespaces out for all of them',
      );
    case 'namespace-invalid':
      return say(`no namespace can be called ${quoted(finding.args.value)}`, 'correct the name');
    case 'namespace-of-cluster-scoped':
      return say(
        `${quoted(finding.args.resource)} matches nothing here: it has no namespace, and the rule asks for ${list(finding.args.namespaces)}`,
        'give it a rule without namespaces, or add "" to namespaces',
      );
    case 'user-wildcard':
      return say(
        `${quoted(finding.args.value)} matches nobody: ${finding.args.selector} know no wildcard`,
        'name a group: system:authenticated, system:serviceaccounts:NAMESPACE, system:nodes',
      );
    case 'service-account-name':
      return say(
        `${quoted(finding.args.value)} matches nobody`,
        finding.args.meant !== undefined
          ? `did you mean ${finding.args.meant}?`
          : finding.args.selector === 'users'
            ? 'write system:serviceaccount:NAMESPACE:NAME'
            : 'write system:serviceaccounts, or system:serviceaccounts:NAMESPACE',
      );
    case 'group-among-users':
      return say(`${quoted(finding.args.value)} is a group, and matches nobody as a user`, 'move it to userGroups');
    case 'user-among-groups':
      return say(`${quoted(finding.args.value)} is a user, and nobody is in a group of this name`, 'move it to users');
    case 'url-is-resource':
      return say(
        `${quoted(finding.args.value)} matches nothing: requests for resources are selected by resources, never by their path`,
        'select it with resources',
      );
    case 'url-with-query':
      return say(
        `${quoted(finding.args.value)} matches nothing: paths are compared without their query`,
        `write ${finding.args.meant}`,
      );
    case 'selector-characters':
      return oddCharacters(finding.args);
    case 'records-nothing':
      return say(
        `this policy records nothing: ${finding.args.reason}`,
        'put the rules that record before it, or remove it',
      );
    case 'rule-omits-every-stage':
      return say(
        `${ruleText(finding.args.rule)} writes no event: every stage is omitted`,
        'keep ResponseComplete, or say level: None',
      );
    case 'secret-bodies':
      return leak(finding.args, 'Secrets', 'for secrets');
    case 'token-bodies':
      return leak(finding.args, 'bearer tokens', `for ${finding.args.resources.join(' and ')}`);
    case 'config-map-bodies':
      return leak(finding.args, 'ConfigMaps', 'for configmaps');
    case 'certificate-request-bodies':
      return say(
        `${ruleText(finding.args.rule)} records certificate signing requests whole (${finding.args.verbs.join(', ')}): public keys and names, no private key`,
        '',
      );
    case 'exec-arguments':
      return say('the command of kubectl exec is recorded with its arguments: they stand in requestURI', '');
    case 'exec-for-one-verb':
      return streams(finding.args);
    case 'aggregated-bodies':
      return say(
        `${ruleText(finding.args.rule)} asks for bodies of ${finding.args.group}, ${
          finding.args.seen ? 'which another API server answers for' : 'which another API server usually answers for'
        }: its events never carry any`,
        'let that API server audit itself, or record the resources that it writes',
      );
    case 'apply-events-lost':
      return say(
        `a server-side apply sent as YAML leaves no event under ${rulesText(finding.args.rules)}: its body cannot be written, and RequestReceived is omitted`,
        finding.args.fromPolicy
          ? 'move omitStages from the policy to the rules, and give patch a rule of its own without it'
          : 'give patch a rule of its own that keeps RequestReceived',
      );
    case 'bodies-never-written':
      return say(
        `${ruleText(finding.args.rule)} asks for bodies and omits ResponseComplete, which carries them`,
        'do not omit ResponseComplete',
      );
    case 'failed-logins-lost':
      return say(
        'requests that fail authentication (401) leave no event: they have ResponseStarted alone, and it is omitted',
        `remove ResponseStarted from omitStages${finding.args.fromPolicy ? '' : ` of ${ruleText(finding.args.rule)}`}`,
      );
    case 'reads-with-bodies':
      return say(
        `${ruleText(finding.args.rule)} records the whole answers of ${finding.args.verbs.join(' and ')}${
          finding.args.resources.length === 0 ? '' : ` for ${list(finding.args.resources)}`
        }: a list of all objects is one event`,
        'name the verbs that change something, or record reads at Metadata',
      );
    case 'request-received-kept':
      return say(
        `RequestReceived is recorded by ${rulesText(finding.args.rules)}: twice the events`,
        'omitStages: [RequestReceived], where the volume matters more than a trace of what fails later',
      );
    case 'noise-recorded':
      return say(`recorded without end: ${noise(finding.args.requests)}`, 'put rules of level None for them first');
  }
}

/** `rule 2 (line 7)`; counted from 1, as people do. */
export function ruleText({index, line}: RuleReference): string {
  return `rule ${index + 1}${line === undefined ? '' : ` (line ${line})`}`;
}

const NOISE: Readonly<Record<NoiseName, string>> = {
  leases: 'renewals of leases (every few seconds)',
  events: 'creation of Events',
  'kube-proxy': 'watches of kube-proxy',
  'node-status': 'status updates of nodes',
  probes: 'health probes',
};

/** Each rule once, with what it records. */
function noise(requests: readonly {readonly name: NoiseName; readonly rule: RuleReference}[]): string {
  const byRule = Map.groupBy(requests, ({rule}) => ruleText(rule));
  return [...byRule]
    .map(([rule, recorded]) => `${recorded.map(({name}) => NOISE[name]).join(', ')} by ${rule}`)
    .join('; ');
}

function rulesText(rules: readonly RuleReference[]): string {
  const [first, ...others] = rules;
  if (first === undefined) return 'no rule';
  if (others.length === 0) return ruleText(first);
  const texts = rules.map(({index, line}) => `${index + 1}${line === undefined ? '' : ` (line ${line})`}`);
  return `rules ${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`;
}

function takers(by: readonly RuleReference[]): string {
  const levels = [...new Set(by.map(({level}) => level))];
  const [level] = levels;
  const at = levels.length === 1 && level !== undefined ? `, at level ${level}` : '';
  return `${rulesText(by)} ${verb(by, 'takes', 'take')} all its requests${by.length > 1 ? ' together' : ''}${at}`;
}

function verb(rules: readonly unknown[], one: string, many: string): string {
  return rules.length === 1 ? one : many;
}

/** What follows for the rule, or for the entry of its resources. */
function effect(what: KeyEffect | undefined): string {
  if (what === undefined) return '';
  if (what.kind === 'entry') {
    const group = what.group === '' ? 'the core group' : `the group ${what.group}`;
    return what.resources.length === 0
      ? `, so this entry matches all of ${group}`
      : `, so this entry matches ${list(what.resources)} of ${group}`;
  }
  const all = what.rule.level === 'None' ? 'drops' : 'records';
  const at = what.rule.level === 'None' ? '' : ` at ${what.rule.level}`;
  const [first] = what.selectors;
  if (first === undefined) return `, so ${ruleText(what.rule)} ${all} every request${at}`;
  const selectors = what.selectors.map(({selector, values}) => `${selector} ${list(values)}`);
  return `, so ${ruleText(what.rule)} ${all} everything with ${selectors.join(' and ')}${at}`;
}

function refusedVersion({
  apiVersion,
  acceptedBy,
  target,
}: {
  readonly apiVersion: string;
  readonly acceptedBy: string;
  readonly target: string;
}): LintSentence {
  if (apiVersion === '') {
    return say(
      'there is no apiVersion: the API server refuses the policy and does not start',
      'begin with apiVersion: audit.k8s.io/v1 and kind: Policy',
    );
  }
  return say(
    `an API server of ${target} refuses apiVersion ${apiVersion} and does not start${accepted(acceptedBy)}`,
    acceptedBy === ''
      ? 'write apiVersion: audit.k8s.io/v1'
      : 'write apiVersion: audit.k8s.io/v1; the fields are the same',
  );
}

function accepted(releases: string): string {
  return releases === '' ? '' : `; ${releases} accept it`;
}

function lostIndentation(
  {refusal, keys, effect: what}: Extract<LintFinding, {code: 'lost-indentation'}>['args'],
  file: string | undefined,
): LintSentence {
  const name = file === undefined || file === 'standard input' ? '-' : file;
  const fix = `kubectl audit policy lint ${name} --fix prints the policy that was meant`;
  if (keys.length === 0)
    return say(`the indentation is lost, and the API server does not start: ${refusal ?? ''}`, fix);
  const beside = `the indentation is lost: ${list(keys)} ${keys.length === 1 ? 'stands' : 'stand'} beside rules`;
  return refusal === undefined
    ? say(`${beside} and ${keys.length === 1 ? 'is' : 'are'} ignored${effect(what)}`, fix)
    : say(`${beside}, and the API server does not start: ${refusal}`, fix);
}

function owner(belongs: 'policy' | 'rule' | 'entry'): string {
  return belongs === 'entry' ? 'entry of resources' : belongs;
}

function requestsOf(kind: 'resource' | 'path' | 'any'): string {
  switch (kind) {
    case 'resource':
      return 'for a resource';
    case 'path':
      return 'for a path';
    case 'any':
      return 'at all';
  }
}

function verbsOf(kind: 'resource' | 'path' | 'any'): string {
  return kind === 'path'
    ? 'write the HTTP method in lower case: get, post, put, patch, delete, head, options'
    : 'write get, list, watch, create, update, patch, delete or deletecollection';
}

function oddCharacters({
  value,
  fault,
  meant,
}: {
  readonly value: string;
  readonly fault: 'empty' | 'space' | 'quote';
  readonly meant: string | undefined;
}): LintSentence {
  const fix = meant === undefined ? 'write the value alone' : `write ${meant}`;
  switch (fault) {
    case 'empty':
      return say('an empty value matches nothing', 'remove it');
    case 'space':
      return say(`${quoted(value)} matches nothing: white space belongs to the value`, fix);
    case 'quote':
      return say(`${quoted(value)} matches nothing: these quotes belong to the value`, fix);
  }
}

function leak(
  {rule, verbs}: {readonly rule: RuleReference; readonly verbs: readonly string[]},
  what: string,
  which: string,
): LintSentence {
  return say(
    `${ruleText(rule)} writes ${what} into the log: bodies at ${rule.level} (${verbs.join(', ')})`,
    `put a rule of level Metadata ${which} before ${ruleText(rule)}`,
  );
}

function streams({
  subresources,
  recorded,
  recordedBy,
  lost,
  lostBy,
  whose,
}: Extract<LintFinding, {code: 'exec-for-one-verb'}>['args']): LintSentence {
  const names = subresources.map((name) => `pods/${name}`).join(', ');
  const over =
    lost === 'get' ? 'over WebSocket, as kubectl does from 1.31 on' : 'over SPDY, as kubectl did before 1.31';
  const because = lostBy === undefined ? 'no rule matches it' : `${ruleText(lostBy)} drops it`;
  return say(
    `${names}${whose === '' ? '' : ` ${whose}`}: ${recorded} is recorded by ${ruleText(recordedBy)}, ${lost} is not (${because}): the same ${over}, leaves no event`,
    `put a rule for ${names} with both verbs first`,
  );
}

function groupText(group: string): string {
  return group === '' ? 'the core group' : `the group ${group}`;
}

function meantName({meant, meantGroup}: {readonly meant: string | undefined; readonly meantGroup: string | undefined}) {
  return `${meant ?? ''}${meantGroup === undefined ? '' : ` in ${groupText(meantGroup)}`}`;
}

/** No more than fits a line. */
const MAX_LISTED = 8;

function list(values: readonly string[]): string {
  const shown = values.slice(0, MAX_LISTED).map((value) => (value === '' ? '""' : value));
  const more = values.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function quoted(text: string): string {
  return JSON.stringify(text);
}

function say(message: string, fix: string): LintSentence {
  return {message, fix};
}
