import {assert} from 'chai';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import type {AuditPolicy, PolicyRule} from '../../src/model/policy.ts';
import {ANY_RULE} from '../../src/model/policy.ts';
import {type PolicyComments, policyText} from '../../src/plan/policy-text.ts';
import {isSamePolicy} from '../../src/plan/same-policy.ts';
import {generator, randomPolicy} from './random-policies.ts';

const NEWEST = parseKubernetesVersion('1.37');

function policyOf(...rules: Partial<PolicyRule>[]): AuditPolicy {
  return {
    omitStages: [],
    omitManagedFields: false,
    rules: rules.map((rule) => ({...ANY_RULE, level: 'Metadata', ...rule})),
  };
}

/** Whether the text is read as the policy again, without a warning. */
function holds(policy: AuditPolicy, comments?: PolicyComments): void {
  const text = policyText(policy, comments);
  const loaded = loadPolicy(text, {serverVersion: NEWEST});
  assert(loaded.kind === 'loaded', `${loaded.kind === 'refused' ? loaded.message : ''}\n${text}`);
  assert.deepEqual(loaded.warnings, []);
  assert.isTrue(isSamePolicy(loaded.policy, policy), text);
}

describe('policyText', () => {
  it('is what people write', () => {
    const policy: AuditPolicy = {
      ...policyOf(
        {
          level: 'RequestResponse',
          users: ['system:kube-proxy'],
          verbs: ['get', 'list'],
          namespaces: ['kube-system', ''],
          resources: [
            {group: '', resources: ['pods', 'pods/exec', '*/status'], resourceNames: ['a']},
            {group: 'apps', resources: [], resourceNames: []},
          ],
          omitStages: ['ResponseStarted'],
          omitManagedFields: false,
        },
        {nonResourceURLs: ['/healthz*']},
        {level: 'None'},
      ),
      omitStages: ['RequestReceived'],
      omitManagedFields: true,
    };
    const comments = {header: ['Head.'], rules: [['First.', 'Second.'], [], ['Last.']], footer: ['Foot.']};
    assert.equal(
      policyText(policy, comments),
      `# Head.
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
omitManagedFields: true
rules:
  # First.
  # Second.
  - level: RequestResponse
    omitStages: [ResponseStarted]
    omitManagedFields: false
    users: ["system:kube-proxy"]
    verbs: [get, list]
    namespaces: [kube-system, ""]
    resources:
      - group: ""
        resources: [pods, pods/exec, "*/status"]
        resourceNames: [a]
      - group: apps
  - level: Metadata
    nonResourceURLs: ["/healthz*"]
  # Last.
  - level: None
  # Foot.
`,
    );
    holds(policy, comments);
  });

  const texts = [
    '',
    ' ',
    'y',
    'N',
    'on',
    'Off',
    'yes',
    'null',
    '~',
    'true',
    '0x1F',
    '017',
    '1e3',
    '.5',
    '1:20',
    '1.2.3',
    '2026-01-01',
    '- a',
    'a: b',
    'a #b',
    '#a',
    '*',
    '&a',
    '!a',
    '%a',
    '@a',
    '`a',
    '"',
    "'",
    '\\',
    '{a}',
    '[a]',
    'a, b',
    '<<',
    'é',
    '日本',
    '\u{1F600}',
    'a\nb',
    '\t',
    '\u0007',
    '\u0085',
    '\u2028',
    '\ufeff',
    'x'.repeat(200),
  ];
  for (const text of texts) {
    it(`text ${JSON.stringify(text.slice(0, 20))} survives`, () => {
      holds(policyOf({users: [text], userGroups: [text, text], verbs: [text], namespaces: [text]}));
      holds(policyOf({resources: [{group: 'apps', resources: [text], resourceNames: [text]}]}));
    });
    it(`comment ${JSON.stringify(text.slice(0, 20))} does no harm`, () => {
      holds(policyOf({}), {header: [text], rules: [[text, `a ${text} b`]], footer: [text]});
    });
  }

  it('lines stay short, but for words that are longer', () => {
    const comment = Array.from({length: 80}, (_, index) => `word${index}`).join(' ');
    const text = policyText(policyOf({users: Array.from({length: 40}, (_, index) => `user-${index}`)}), {
      header: [comment],
      rules: [[comment]],
    });
    for (const line of text.split('\n')) assert.isAtMost(line.length, 110);
  });

  it('random policies survive', () => {
    const random = generator(3);
    for (let round = 0; round < 300; round += 1) holds(randomPolicy(random));
  });
});
