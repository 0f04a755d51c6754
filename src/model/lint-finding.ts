/**
 * What `policy lint` can say of an audit policy: one code for each kind of fault, with its severity, its arguments and
 * its documentation. The sentence is made in `render/lint-sentence.ts`.
 */
import type {Severity} from './finding.ts';
import type {Level} from './policy.ts';

/** Where to look: any part may be missing. */
export interface LintWhere {
  readonly file?: string;
  /** Path of the policy inside its file, where another document embeds it: `spec.kubeadmConfigSpec.files[2].content`. */
  readonly document?: string;
  /** Of the file, also where the policy is embedded; counted from 1. */
  readonly line?: number;
  /** Counted from 1. */
  readonly column?: number;
  /** Path inside the policy: `rules[3].resources[0].group`. */
  readonly path?: string;
}

/** A rule as a finding names it. */
export interface RuleReference {
  /** Counted from 0. */
  readonly index: number;
  readonly level: Level;
  /** Of the file; undefined where it is not known. */
  readonly line: number | undefined;
}

/** One selector of a rule, as far as the server reads it: `verbs` and its values. */
export interface ReadSelector {
  readonly selector: string;
  readonly values: readonly string[];
}

/** What is left when the server ignores a key. */
export type KeyEffect =
  | {readonly kind: 'rule'; readonly rule: RuleReference; readonly selectors: readonly ReadSelector[]}
  /** One entry of a rule's `resources`: without resources it is the whole group. */
  | {readonly kind: 'entry'; readonly group: string; readonly resources: readonly string[]};

/** What a code finds, as the heading of its documentation. */
export type LintFamily =
  | 'refused by the API server'
  | 'ignored by the API server'
  | 'rules never reached'
  | 'selectors that match nothing'
  | 'nothing recorded'
  | 'secrets in the log'
  | 'gaps'
  | 'volume';

interface NoArguments {
  readonly [name: string]: never;
}

interface Shadowed {
  readonly rule: RuleReference;
  /** The earliest rule that takes every request, or the few that do so together. */
  readonly by: readonly RuleReference[];
}

interface Selected {
  readonly value: string;
}

interface MeantName {
  readonly meant: string | undefined;
  /** Where it is another group than that of the entry. */
  readonly meantGroup: string | undefined;
}

interface Leak {
  readonly rule: RuleReference;
  /** Resources of the one kind whose bodies are recorded. */
  readonly resources: readonly string[];
  /** The verbs whose bodies hold it. */
  readonly verbs: readonly string[];
}

/** The arguments of each code. Adding a code here makes the compiler ask for its documentation and its sentence. */
export interface LintArguments {
  // Refused by the API server
  'refused-syntax': {readonly message: string};
  'refused-type': {readonly message: string};
  'refused-version': {
    /** Empty where the policy names none. */
    readonly apiVersion: string;
    /** Releases that accept the text as it is; empty where none does. */
    readonly acceptedBy: string;
    readonly target: string;
  };
  'refused-kind': {readonly message: string};
  'refused-value': {readonly message: string; readonly meant: string | undefined; readonly acceptedBy: string};
  'no-rules': NoArguments;
  'not-rendered': {readonly marker: string};
  'version-deprecated': {readonly apiVersion: string};
  'refused-by-older': {readonly releases: string; readonly message: string};

  // Ignored by the API server
  'lost-indentation': {
    /** The server's message where it refuses the text; undefined where it loads and means something else. */
    readonly refusal: string | undefined;
    /** Keys that stand beside `rules` instead of in a rule. */
    readonly keys: readonly string[];
    readonly effect: KeyEffect | undefined;
    /** The policy that was meant, proven to load. */
    readonly policy: string;
  };
  'misspelt-key': {readonly key: string; readonly meant: string; readonly effect: KeyEffect | undefined};
  'misplaced-key': {
    readonly key: string;
    readonly belongs: 'policy' | 'rule' | 'entry';
    readonly effect: KeyEffect | undefined;
  };
  'unknown-key': {readonly key: string; /** The server reads it all the same, and warns. */ readonly read: boolean};
  'duplicate-key': {readonly key: string; readonly earlierLine: number};
  'more-documents': NoArguments;

  // Rules never reached
  'rule-never-reached': Shadowed;
  'rule-redundant': Shadowed;
  'rule-hardly-reached': Shadowed & {readonly groups: readonly string[]};
  'selector-never-reached': Shadowed & Selected;
  'not-decided': {readonly rule: RuleReference};

  // Selectors that match nothing
  'rule-matches-nothing': {readonly rule: RuleReference};
  'selector-matches-nothing': Selected & {readonly rule: RuleReference};
  'verb-wildcard': NoArguments;
  'verb-case': Selected & {readonly meant: string};
  'verb-unknown': Selected & {readonly meant: string | undefined; readonly kind: 'resource' | 'path' | 'any'};
  'verb-not-offered': {
    readonly verbs: readonly string[];
    readonly resource: string;
    readonly offered: readonly string[];
  };
  'resource-wildcard': Selected & {readonly meant: string};
  'resource-name-form': Selected & MeantName;
  'resource-unknown': Selected & MeantName & {readonly group: string};
  'group-unknown': Selected & {readonly meant: string | undefined};
  'resource-wrong-group': Selected & {readonly group: string; readonly groups: readonly string[]};
  'resource-not-served': Selected & {readonly group: string; readonly groups: readonly string[]};
  'group-core-name': Selected;
  'group-with-version': Selected & {readonly meant: string};
  'group-gone': {readonly group: string; readonly resource: string | undefined; readonly lastRelease: string};
  'group-not-served': {readonly group: string};
  'resource-names-with-create': {readonly verb: string; readonly resourceNames: readonly string[]};
  'resource-name-wildcard': Selected;
  'namespace-wildcard': Selected;
  'namespace-invalid': Selected;
  'namespace-of-cluster-scoped': {readonly resource: string; readonly namespaces: readonly string[]};
  'user-wildcard': Selected & {readonly selector: 'users' | 'userGroups'};
  'service-account-name': Selected & {readonly selector: 'users' | 'userGroups'; readonly meant: string | undefined};
  'group-among-users': Selected;
  'user-among-groups': Selected;
  'url-is-resource': Selected;
  'url-with-query': Selected & {readonly meant: string};
  'selector-characters': Selected & {readonly fault: 'empty' | 'space' | 'quote'; readonly meant: string | undefined};

  // Nothing recorded
  'records-nothing': {readonly reason: string};
  'rule-omits-every-stage': {readonly rule: RuleReference};

  // Secrets in the log
  'secret-bodies': Leak;
  'token-bodies': Leak;
  'config-map-bodies': Leak;
  'certificate-request-bodies': Leak;
  'exec-arguments': NoArguments;

  // Gaps
  'exec-for-one-verb': {
    readonly subresources: readonly string[];
    readonly recorded: string;
    readonly recordedBy: RuleReference;
    readonly lost: string;
    /** Undefined where no rule matches. */
    readonly lostBy: RuleReference | undefined;
    /** Whose requests, where it is not everybody's: `by system:apiserver`. */
    readonly whose: string;
  };
  'aggregated-bodies': {readonly rule: RuleReference; readonly group: string; readonly seen: boolean};
  'apply-events-lost': {readonly rules: readonly RuleReference[]; readonly fromPolicy: boolean};
  'bodies-never-written': {readonly rule: RuleReference};
  'failed-logins-lost': {readonly rule: RuleReference; readonly fromPolicy: boolean};

  // Volume
  'reads-with-bodies': {
    readonly rule: RuleReference;
    readonly verbs: readonly string[];
    /** Empty where the rule does not name them. */
    readonly resources: readonly string[];
  };
  'request-received-kept': {readonly rules: readonly RuleReference[]};
  'noise-recorded': {readonly requests: readonly {readonly name: NoiseName; readonly rule: RuleReference}[]};
}

/** Requests that a cluster makes without end and nobody reads about. */
export type NoiseName = 'leases' | 'events' | 'kube-proxy' | 'node-status' | 'probes';

/** Every code there is. */
export type LintCode = keyof LintArguments;

/** A judgement on one place of a policy. */
export type LintFinding = {
  readonly [Code in LintCode]: {
    readonly code: Code;
    readonly severity: Severity;
    readonly args: LintArguments[Code];
    readonly where: LintWhere;
    /** A change of the text that mends it, where there is one and nothing else can have been meant. */
    readonly edit?: TextEdit;
  };
}[LintCode];

/** Replaces a piece of one line. Positions are counted from 1, columns in characters. */
export interface TextEdit {
  readonly line: number;
  readonly column: number;
  readonly before: string;
  readonly after: string;
}

/** A policy of a file, and what was found. */
export interface LintedPolicy {
  readonly file: string;
  /** Path inside the file; undefined where the file is the policy. */
  readonly document: string | undefined;
  readonly accepted: boolean;
  /** Releases of those known that accept it: `1.24 to 1.37`; empty where none does. */
  readonly acceptedBy: string;
  /** Zero where the server refuses the text. */
  readonly rules: number;
  readonly findings: readonly LintFinding[];
}

/** All that one run of `policy lint` found. */
export interface LintReport {
  /** The release that was judged for. */
  readonly target: string;
  /** Why that release: it was asked for, it is the cluster's own, or it is the newest known. */
  readonly targetFrom: 'flag' | 'cluster' | 'newest';
  readonly resourcesFrom: 'cluster' | 'kubernetes';
  readonly policies: readonly LintedPolicy[];
}

/** What a code means. */
export interface LintDocumentation {
  readonly family: LintFamily;
  readonly severity: Severity;
  /** What was found. */
  readonly meaning: string;
  /** Why it matters, or why the server behaves so. */
  readonly why: string;
  readonly mend: string;
  readonly source: string;
}

/** Makes a finding. The severity is that of the code. */
export function lintFinding<Code extends LintCode>(
  code: Code,
  args: LintArguments[Code],
  where: LintWhere,
  edit?: TextEdit,
): LintFinding {
  const made = {code, severity: LINT_CODES[code].severity, args, where, ...(edit !== undefined && {edit})};
  return made as LintFinding;
}

const APISERVER = 'https://github.com/kubernetes/apiserver/blob/v0.34.4';
const READER = `${APISERVER}/pkg/audit/policy/reader.go#L63`;
const VALIDATION = `${APISERVER}/pkg/apis/audit/validation/validation.go#L28`;
const CHECKER = `${APISERVER}/pkg/audit/policy/checker.go`;
const RULE_MATCHES = `${CHECKER}#L95`;
const RESOURCE_MATCHES = `${CHECKER}#L168`;
const REQUEST_INFO = `${APISERVER}/pkg/endpoints/request/requestinfo.go#L129`;
const REQUEST_BODIES = `${APISERVER}/pkg/audit/request.go#L95`;
const AUDIT_FILTER = `${APISERVER}/pkg/endpoints/filters/audit.go#L42`;
const FIRST_MATCH = `${CHECKER}#L64`;

/** The documentation of every code, in the order in which `--codes` prints them. */
export const LINT_CODES: Readonly<Record<LintCode, LintDocumentation>> = {
  'refused-syntax': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'the text is no YAML or JSON that the API server reads',
    why: 'the API server loads its policy at the start, and an unreadable one keeps it down',
    mend: 'correct the text at the line that is named',
    source: READER,
  },
  'refused-type': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'a field holds a value of another type, such as a text where a list belongs',
    why: 'types are checked even where unknown keys are not; YAML also reads words such as `yes`, `on` and `y` as booleans and `017` as a number',
    mend: 'write a list as a list, and quote words that YAML takes for something else',
    source: READER,
  },
  'refused-version': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'the target release does not know this apiVersion',
    why: 'v1beta1 and v1alpha1 were removed with 1.24; samples on the web still carry them, and an API server that meets one does not start',
    mend: 'write apiVersion: audit.k8s.io/v1; the fields are the same',
    source: READER,
  },
  'refused-kind': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'the document is of another kind',
    why: 'the file of --audit-policy-file holds exactly one object of kind Policy',
    mend: 'write kind: Policy, or give the right file',
    source: READER,
  },
  'refused-value': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'a value does not pass validation, such as an unknown level or stage, or an API group with its version',
    why: 'levels, stages, groups and non-resource URLs are checked at the start, letter by letter',
    mend: 'write one of the values that the message names',
    source: VALIDATION,
  },
  'no-rules': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'the policy has no rules',
    why: 'the API server refuses a policy with nothing in it',
    mend: 'add a rule, at the least `- level: Metadata`',
    source: READER,
  },
  'not-rendered': {
    family: 'refused by the API server',
    severity: 'error',
    meaning: 'the text is a template that was not rendered',
    why: 'the API server knows no templates; whatever it makes of the markers is not what was meant',
    mend: 'render it first, and check the result',
    source: READER,
  },
  'version-deprecated': {
    family: 'refused by the API server',
    severity: 'warning',
    meaning: 'the target release accepts this apiVersion, 1.24 and later do not',
    why: 'the upgrade to 1.24 would keep the API server down',
    mend: 'write apiVersion: audit.k8s.io/v1 now; the fields are the same',
    source: READER,
  },
  'refused-by-older': {
    family: 'refused by the API server',
    severity: 'warning',
    meaning: 'the newest release accepts the policy, some older one does not',
    why: 'no release was named, so the policy may be meant for one that refuses it',
    mend: 'name the release with --server-version, or write what every release accepts',
    source: VALIDATION,
  },
  'lost-indentation': {
    family: 'ignored by the API server',
    severity: 'error',
    meaning: 'the indentation was lost, as happens with a text copied from a web page',
    why: 'in YAML indentation is meaning: most losses are refused, others load, and a rule without its selectors matches every request',
    mend: 'restore the indentation; `policy lint FILE --fix` prints the policy that was meant',
    source: READER,
  },
  'misspelt-key': {
    family: 'ignored by the API server',
    severity: 'error',
    meaning: 'a key is written wrongly, also in its case, and is ignored',
    why: 'an ignored selector restricts nothing, so its rule matches more than was meant: a rule of level None can silence everything. The server only warns, from 1.26 on',
    mend: 'write the key as the message says',
    source: `${APISERVER}/pkg/apis/audit/v1/types.go#L160`,
  },
  'misplaced-key': {
    family: 'ignored by the API server',
    severity: 'error',
    meaning: 'a key stands at a level of the document where the server does not look for it',
    why: 'it is ignored there, and the rule matches more than was meant',
    mend: 'indent it as the other keys of the thing it belongs to',
    source: `${APISERVER}/pkg/apis/audit/v1/types.go#L160`,
  },
  'unknown-key': {
    family: 'ignored by the API server',
    severity: 'warning',
    meaning: 'a key that no release knows at this place, and that resembles none',
    why: 'it has no effect; whoever reads the policy may believe otherwise',
    mend: 'remove it, or make it a comment',
    source: `${APISERVER}/pkg/apis/audit/v1/types.go#L160`,
  },
  'duplicate-key': {
    family: 'ignored by the API server',
    severity: 'error',
    meaning: 'a key stands twice in one object',
    why: 'the last one counts and the first is dropped without a word before 1.26; a repeated list replaces, it does not add',
    mend: 'merge the two, or remove one',
    source: READER,
  },
  'more-documents': {
    family: 'ignored by the API server',
    severity: 'error',
    meaning: 'the file holds more after its first document',
    why: 'the API server reads the first document only; rules in a later one are never seen',
    mend: 'move the rules into the first document',
    source: READER,
  },
  'rule-never-reached': {
    family: 'rules never reached',
    severity: 'error',
    meaning: 'every request that the rule matches is decided by an earlier rule, and differently',
    why: 'the first rule that matches decides; levels play no part in the order',
    mend: 'move the rule before the ones that are named, or remove it',
    source: FIRST_MATCH,
  },
  'rule-redundant': {
    family: 'rules never reached',
    severity: 'warning',
    meaning: 'every request that the rule matches is decided by earlier rules, with the same result',
    why: 'it does nothing today, and a later change of the earlier rules may surprise',
    mend: 'remove it',
    source: FIRST_MATCH,
  },
  'rule-hardly-reached': {
    family: 'rules never reached',
    severity: 'warning',
    meaning: 'the rule names service accounts whose groups an earlier rule takes',
    why: 'every service account is in system:serviceaccounts and in system:serviceaccounts:NAMESPACE, so the earlier rule decides all that it does',
    mend: 'move the rule before the one that names the group',
    source: 'https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/serviceaccount/util.go#L104',
  },
  'selector-never-reached': {
    family: 'rules never reached',
    severity: 'warning',
    meaning: 'one value of a selector adds nothing: earlier rules take all its requests and decide differently',
    why: 'the first rule that matches decides, so what this rule says of them has no effect',
    mend: 'move the rule, or remove the value',
    source: FIRST_MATCH,
  },
  'not-decided': {
    family: 'rules never reached',
    severity: 'info',
    meaning: 'whether the rule can be reached was not decided',
    why: 'it names so many users, namespaces and names that the search was ended',
    mend: 'split the rule to have it judged',
    source: FIRST_MATCH,
  },
  'rule-matches-nothing': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'no request can match the rule',
    why: 'its selectors exclude one another',
    mend: 'correct the selectors, or remove the rule',
    source: RULE_MATCHES,
  },
  'selector-matches-nothing': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'one value of a selector can match no request, given the rest of the rule',
    why: 'the selectors of a rule must all hold for one request',
    mend: 'remove the value, or give it a rule of its own',
    source: RULE_MATCHES,
  },
  'verb-wildcard': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'the verb `*`',
    why: 'verbs know no wildcard, other than in RBAC: the rule matches nothing, and nothing says so',
    mend: 'leave verbs out: no verbs means all verbs',
    source: RULE_MATCHES,
  },
  'verb-case': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a verb with capital letters',
    why: 'verbs are compared letter by letter, and those of requests are lower case',
    mend: 'write it in lower case',
    source: RULE_MATCHES,
  },
  'verb-unknown': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a verb that no request has',
    why: 'requests for resources have get, list, watch, create, update, patch, delete and deletecollection; requests for other paths have their HTTP method in lower case',
    mend: 'write the verb that the API server uses',
    source: REQUEST_INFO,
  },
  'verb-not-offered': {
    family: 'selectors that match nothing',
    severity: 'info',
    meaning: 'the resource offers none of the verbs of the rule',
    why: 'such a request is answered with 405, so there is nothing to record but the refusal',
    mend: 'name a verb that the resource offers',
    source: 'https://github.com/kubernetes/kubernetes/tree/v1.37.2/api/discovery',
  },
  'resource-wildcard': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a wildcard that resources do not have, such as `*/*` or `pods*`',
    why: 'only `*`, `*/SUBRESOURCE` and `RESOURCE/*` are wildcards',
    mend: 'write `*` for everything; it takes subresources too',
    source: RESOURCE_MATCHES,
  },
  'resource-name-form': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a kind, a singular or a short name where the plural belongs',
    why: 'resources are compared with the word in the URL: `pods`, never `Pod`, `pod` or `po`',
    mend: 'write the plural, in lower case',
    source: RESOURCE_MATCHES,
  },
  'resource-unknown': {
    family: 'selectors that match nothing',
    severity: 'warning',
    meaning: 'no release of Kubernetes serves such a resource in this group',
    why: 'the group is one of Kubernetes itself, whose resources are known',
    mend: 'correct the name; `kubectl api-resources` lists what a cluster serves',
    source: 'https://github.com/kubernetes/kubernetes/tree/v1.37.2/api/discovery',
  },
  'resource-wrong-group': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'the resource belongs to another API group',
    why: 'an entry matches its own group only, and no group means the core group, not every group',
    mend: 'name the group that serves it',
    source: RESOURCE_MATCHES,
  },
  'resource-not-served': {
    family: 'selectors that match nothing',
    severity: 'warning',
    meaning: 'the cluster that was asked does not serve the resource',
    why: 'no such request can succeed on this cluster today',
    mend: 'correct the name, or keep it if what serves it is installed later',
    source: 'https://kubernetes.io/docs/concepts/overview/kubernetes-api/',
  },
  'group-core-name': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'the core group by a name, such as `core` or `v1`',
    why: 'the name of the core group is the empty text',
    mend: 'write group: ""',
    source: RESOURCE_MATCHES,
  },
  'group-with-version': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a group with its version, such as `apps.v1`',
    why: 'rules select groups; versions are never compared',
    mend: 'write the group alone',
    source: RESOURCE_MATCHES,
  },
  'group-unknown': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'no API group can have this name, or it is one letter away from a known one',
    why: 'groups are compared letter by letter; only groups of Kubernetes itself have no dot, and these are known',
    mend: 'write the whole name of the group: `kubectl api-resources` lists it before the slash of APIVERSION',
    source: RESOURCE_MATCHES,
  },
  'group-gone': {
    family: 'selectors that match nothing',
    severity: 'info',
    meaning: 'the target release no longer serves this group or resource',
    why: 'it is a remnant of older releases and does no harm',
    mend: 'remove it once no cluster of that age is left',
    source: 'https://kubernetes.io/docs/reference/using-api/deprecation-guide/',
  },
  'group-not-served': {
    family: 'selectors that match nothing',
    severity: 'info',
    meaning: 'the cluster that was asked does not serve the group',
    why: 'no such request can succeed on this cluster today',
    mend: 'correct the name, or keep it if what serves it is installed later',
    source: 'https://kubernetes.io/docs/concepts/overview/kubernetes-api/',
  },
  'resource-names-with-create': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'resourceNames beside a verb whose requests carry no name',
    why: 'when an object is created its name stands in the body, which the policy does not see; deletecollection has none at all',
    mend: 'select creations in an entry without resourceNames',
    source: REQUEST_INFO,
  },
  'resource-name-wildcard': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a wildcard in resourceNames',
    why: 'names are compared letter by letter',
    mend: 'list the names, or leave resourceNames out',
    source: RESOURCE_MATCHES,
  },
  'namespace-wildcard': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a wildcard in namespaces',
    why: 'namespaces are compared letter by letter',
    mend: 'list the namespaces, or leave namespaces out for all of them',
    source: RESOURCE_MATCHES,
  },
  'namespace-invalid': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'no namespace can have this name',
    why: 'names of namespaces are lower case letters, digits and dashes, at most 63',
    mend: 'correct the name',
    source: 'https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names',
  },
  'namespace-of-cluster-scoped': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a resource without namespaces in a rule that asks for some',
    why: 'requests for cluster-scoped objects have the empty namespace',
    mend: 'give the resource a rule of its own, or add "" to namespaces',
    source: RESOURCE_MATCHES,
  },
  'user-wildcard': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a wildcard in users or userGroups',
    why: 'both are compared letter by letter',
    mend: 'name a group: system:authenticated for everyone, system:serviceaccounts:NAMESPACE, system:nodes',
    source: RULE_MATCHES,
  },
  'service-account-name': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a service account or its group written in a way that nobody has',
    why: 'the user is system:serviceaccount:NAMESPACE:NAME, its groups are system:serviceaccounts and system:serviceaccounts:NAMESPACE',
    mend: 'write it so; the plural is for groups only',
    source: 'https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/authentication/serviceaccount/util.go#L27',
  },
  'group-among-users': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a group in users',
    why: 'users and groups are different things; nobody has the name of this group',
    mend: 'move it to userGroups',
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings',
  },
  'user-among-groups': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a user in userGroups',
    why: 'users and groups are different things; nobody is in a group of this name',
    mend: 'move it to users',
    source: 'https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings',
  },
  'url-is-resource': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a path of a resource in nonResourceURLs',
    why: 'requests below /api/VERSION/ and /apis/GROUP/VERSION/ are requests for resources, which nonResourceURLs never match',
    mend: 'select it with resources',
    source: REQUEST_INFO,
  },
  'url-with-query': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a path with a query in nonResourceURLs',
    why: 'paths are compared without their query',
    mend: 'leave out the question mark and what follows',
    source: `${CHECKER}#L151`,
  },
  'selector-characters': {
    family: 'selectors that match nothing',
    severity: 'error',
    meaning: 'a value that is empty, or that holds white space or typographic quotes',
    why: 'values are compared letter by letter; such characters come from copied text',
    mend: 'write the value alone, with straight quotes if any',
    source: RULE_MATCHES,
  },
  'records-nothing': {
    family: 'nothing recorded',
    severity: 'error',
    meaning: 'no request can produce an event',
    why: 'auditing looks switched on, with its flags and its file, and the log stays empty',
    mend: 'put rules that record before the one that takes everything',
    source: FIRST_MATCH,
  },
  'rule-omits-every-stage': {
    family: 'nothing recorded',
    severity: 'error',
    meaning: 'a rule above level None whose every stage is omitted',
    why: 'omitStages of the policy and of the rule add up; without a stage there is no event',
    mend: 'keep ResponseComplete, or say level: None',
    source: `${CHECKER}#L64`,
  },
  'secret-bodies': {
    family: 'secrets in the log',
    severity: 'error',
    meaning: 'bodies of Secrets are recorded',
    why: 'at Request the log holds what is written, at RequestResponse also what is read: whoever reads the log has the secrets',
    mend: 'put a rule of level Metadata for secrets before',
    source: REQUEST_BODIES,
  },
  'token-bodies': {
    family: 'secrets in the log',
    severity: 'error',
    meaning: 'bodies that hold bearer tokens are recorded',
    why: 'a TokenReview carries a token in its request, serviceaccounts/token carries a new one in its response: both can be used by whoever reads the log',
    mend: 'put a rule of level Metadata for tokenreviews and serviceaccounts/token before',
    source: REQUEST_BODIES,
  },
  'config-map-bodies': {
    family: 'secrets in the log',
    severity: 'warning',
    meaning: 'bodies of ConfigMaps are recorded',
    why: 'ConfigMaps are not meant for secrets and hold some all the same; they can also be large',
    mend: 'put a rule of level Metadata for configmaps before',
    source: REQUEST_BODIES,
  },
  'certificate-request-bodies': {
    family: 'secrets in the log',
    severity: 'info',
    meaning: 'bodies of CertificateSigningRequests are recorded',
    why: 'they hold the public key, the names and the signed certificate, never a private key: worth knowing, not secret',
    mend: 'nothing, unless the names are confidential',
    source: 'https://github.com/kubernetes/api/blob/v0.34.4/certificates/v1/types.go#L45',
  },
  'exec-arguments': {
    family: 'secrets in the log',
    severity: 'info',
    meaning: 'the command of kubectl exec is recorded with its arguments',
    why: 'they stand in requestURI, which every level but None records; a password in an argument is in the log',
    mend: 'nothing in the policy helps but level None; keep secrets out of arguments',
    source: 'https://github.com/kubernetes/kubernetes/issues/97795',
  },
  'exec-for-one-verb': {
    family: 'gaps',
    severity: 'warning',
    meaning: 'exec, attach or port-forward is recorded for only one of the verbs get and create',
    why: 'over WebSocket it is a get (kubectl does so from 1.31 on), over SPDY a create: the same act leaves an event or none, by the choice of the client',
    mend: 'name both verbs, and put the rule before those that drop reads',
    source: 'https://github.com/kubernetes/kubectl/blob/v0.34.4/pkg/cmd/exec/exec.go#L154',
  },
  'aggregated-bodies': {
    family: 'gaps',
    severity: 'warning',
    meaning: 'bodies are asked of an API group that another API server answers for',
    why: 'kube-apiserver passes such requests on and records them without bodies, whatever the level',
    mend: 'let that API server audit itself, or record the resources that it writes',
    source: 'https://github.com/kubernetes/kubernetes/issues/103889',
  },
  'apply-events-lost': {
    family: 'gaps',
    severity: 'warning',
    meaning: 'a server-side apply sent as YAML leaves no event',
    why: 'at Request and above the body is written into the event as it is, and one that is no JSON makes the event unwritable; only RequestReceived would remain, and it is omitted. kubectl sends JSON, any other client may not',
    mend: 'keep RequestReceived for patch, in a rule of its own',
    source: 'https://github.com/kubernetes/kubernetes/issues/110671',
  },
  'bodies-never-written': {
    family: 'gaps',
    severity: 'warning',
    meaning: 'a rule asks for bodies and omits the stage that carries them',
    why: 'the event of RequestReceived never has bodies, nor the status of the response',
    mend: 'keep ResponseComplete',
    source: AUDIT_FILTER,
  },
  'failed-logins-lost': {
    family: 'gaps',
    severity: 'warning',
    meaning: 'requests that fail authentication leave no event',
    why: 'a 401 has one event only, at the stage ResponseStarted, and it is omitted',
    mend: 'do not omit ResponseStarted',
    source: 'https://github.com/kubernetes/apiserver/blob/v0.34.4/pkg/endpoints/filters/authn_audit.go#L33',
  },
  'reads-with-bodies': {
    family: 'volume',
    severity: 'warning',
    meaning: 'whole answers to get and list are recorded',
    why: 'one list of all pods can have megabytes, and controllers ask for it again and again; an event larger than --audit-log-maxsize is dropped',
    mend: 'name the verbs that change something, or record reads at Metadata',
    source: REQUEST_BODIES,
  },
  'request-received-kept': {
    family: 'volume',
    severity: 'info',
    meaning: 'the stage RequestReceived is recorded',
    why: 'it doubles the number of events and holds little that ResponseComplete lacks; it does survive when the other event cannot be written',
    mend: 'omitStages: [RequestReceived], where the volume matters more',
    source: AUDIT_FILTER,
  },
  'noise-recorded': {
    family: 'volume',
    severity: 'info',
    meaning: 'requests are recorded that the cluster makes for itself without end',
    why: 'they fill the log and shorten the time that it covers',
    mend: 'put a rule of level None for them first',
    source: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/audit/#audit-policy',
  },
};

/** Every code, in the order of the documentation. */
export const LINT_CODE_NAMES: readonly LintCode[] = Object.keys(LINT_CODES) as LintCode[];
