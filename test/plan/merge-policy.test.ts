import {assert} from 'chai';
import {coverage} from '../../src/evaluate/coverage/coverage.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {LEVELS, atLeast} from '../../src/model/policy.ts';
import type {AuditPolicy} from '../../src/model/policy.ts';
import type {MergedPolicy} from '../../src/model/preset-policy.ts';
import type {Preset, Requirement} from '../../src/model/requirement.ts';
import {mergePolicy} from '../../src/plan/merge-policy.ts';
import {policyText} from '../../src/plan/policy-text.ts';
import {presetNamed} from '../../src/presets/index.ts';
import {REQUESTS, generator, randomPolicy} from './random-policies.ts';
import {presetOf as namedPreset, requests} from '../helpers/presets.ts';

type Merged = Extract<MergedPolicy, {kind: 'merged'}>;
const HEAD = 'apiVersion: audit.k8s.io/v1\nkind: Policy\n';

function merged(text: string, ...presets: Preset[]): Merged {
  const result = mergePolicy(text, presets, {serverVersion: undefined});
  assert(result.kind === 'merged', JSON.stringify(result));
  return result;
}

function presetOf(...requirements: Partial<Requirement>[]): Preset {
  return namedPreset('mine', ...requirements);
}

const createPods = presetOf({requests: [requests(['create'], '', 'pods')]});
const createPodsWithBodies = presetOf({requests: [requests(['create'], '', 'pods')], atLeast: 'Request'});
const patchPodsWithBodies = presetOf({requests: [requests(['patch'], '', 'pods')], atLeast: 'Request'});

describe('mergePolicy', () => {
  describe('adds what is lacking, where it is lacking', () => {
    const rows: readonly (readonly [name: string, rules: string, preset: Preset, expected: string])[] = [
      ['nothing', '- level: Metadata\n', createPods, '- level: Metadata\n'],
      [
        'after the last rule, where none matches',
        '- level: Metadata\n  verbs: [get]\n',
        createPods,
        '- level: Metadata\n  verbs: [get]\n# Added for r0 (must)\n- level: Metadata\n  omitStages: [RequestReceived]\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n',
      ],
      [
        'before the rule that shadows, with its conditions',
        '- level: None\n  users: [eve]\n  namespaces: [a]\n- level: Metadata\n',
        createPods,
        '# Added for r0 (must)\n- level: Metadata\n  omitStages: [RequestReceived]\n  users: [eve]\n  verbs: [create]\n  namespaces: [a]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: None\n  users: [eve]\n  namespaces: [a]\n- level: Metadata\n',
      ],
      [
        'one rule in place of several, where nothing higher is behind it',
        '- level: None\n  users: [eve]\n- level: None\n  namespaces: [a]\n- level: Metadata\n  resources: [{group: ""}]\n',
        createPods,
        '# Added for r0 (must)\n- level: Metadata\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: None\n  users: [eve]\n- level: None\n  namespaces: [a]\n- level: Metadata\n  resources: [{group: ""}]\n',
      ],
      [
        'several rules, where one would take requests from a rule that records more',
        '- level: None\n  users: [eve]\n- level: RequestResponse\n  users: [bob]\n- level: None\n',
        createPods,
        '# Added for r0 (must)\n- level: Metadata\n  omitStages: [RequestReceived]\n  users: [eve]\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: None\n  users: [eve]\n- level: RequestResponse\n  users: [bob]\n# Added for r0: see above.\n- level: Metadata\n  omitStages: [RequestReceived]\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: None\n',
      ],
      [
        'not before a rule that nobody reaches',
        '- level: Metadata\n  resources: [{group: "", resources: [pods]}]\n- level: None\n  users: [eve]\n  resources: [{group: "", resources: [pods]}]\n',
        createPods,
        '- level: Metadata\n  resources: [{group: "", resources: [pods]}]\n- level: None\n  users: [eve]\n  resources: [{group: "", resources: [pods]}]\n',
      ],
      [
        'names of a rule stay those of the added one',
        '- level: None\n  resources: [{group: "", resources: [pods/exec], resourceNames: [a, b]}]\n- level: Metadata\n',
        presetOf({requests: [requests(['get'], '', 'pods/exec')]}),
        '# Added for r0 (must)\n- level: Metadata\n  omitStages: [RequestReceived]\n  verbs: [get]\n  resources:\n    - group: ""\n      resources: [pods/exec]\n      resourceNames: [a, b]\n- level: None\n  resources: [{group: "", resources: [pods/exec], resourceNames: [a, b]}]\n- level: Metadata\n',
      ],
      [
        'a higher level keeps the stages that were written',
        '- level: Metadata\n  omitStages: [Panic]\n',
        createPodsWithBodies,
        '# Added for r0 (must)\n- level: Request\n  omitStages: [Panic]\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: Metadata\n  omitStages: [Panic]\n',
      ],
      [
        'RequestReceived comes back where a patch would leave nothing else',
        '- level: Metadata\n  omitStages: [RequestReceived]\n',
        patchPodsWithBodies,
        '# Added for r0 (must)\n# RequestReceived is kept: the API server loses the ResponseComplete event of a server-side apply whose body\n#   is YAML.\n- level: Request\n  verbs: [patch]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: Metadata\n  omitStages: [RequestReceived]\n',
      ],
      [
        'a stage that a rule omits comes back, and the level stays',
        '- level: RequestResponse\n  omitStages: [ResponseComplete, Panic]\n',
        createPods,
        '# Added for r0 (must)\n- level: RequestResponse\n  omitStages: [Panic]\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: RequestResponse\n  omitStages: [ResponseComplete, Panic]\n',
      ],
      [
        'managed fields are not taken away',
        '- level: None\n  users: [eve]\n- level: None\n  users: [bob]\n- level: Request\n  omitManagedFields: false\nomitManagedFields: true\n',
        createPodsWithBodies,
        '# Added for r0 (must)\n- level: Request\n  omitManagedFields: false\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [pods]\n- level: None\n  users: [eve]\n- level: None\n  users: [bob]\n- level: Request\n  omitManagedFields: false\nomitManagedFields: true\n',
      ],
      [
        'everything',
        '- level: None\n  users: [eve]\n- level: Metadata\n  verbs: [get]\n',
        presetOf({atLeast: 'RequestResponse'}),
        '# Added for r0 (must)\n# RequestReceived is kept: the API server loses the ResponseComplete event of a server-side apply whose body\n#   is YAML.\n- level: RequestResponse\n- level: None\n  users: [eve]\n- level: Metadata\n  verbs: [get]\n',
      ],
      [
        'tokens are kept out of a rule for the whole group',
        '- level: Metadata\n',
        presetOf({requests: [requests(['create'], '', '*')], atLeast: 'Request'}),
        '# Added: as before, kept out of the wider rule below.\n- level: Metadata\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: [serviceaccounts/token]\n# Added for r0 (must)\n- level: Request\n  verbs: [create]\n  resources:\n    - group: ""\n      resources: ["*"]\n- level: Metadata\n',
      ],
    ];
    for (const [name, rules, preset, expected] of rows) {
      it(name, () => {
        const {text} = merged(`${HEAD}rules:\n${rules}`, preset);
        assert.equal(text, `${HEAD}rules:\n${expected}`);
      });
    }
  });

  describe('keeps the text byte for byte', () => {
    const RULE = [
      '- level: Metadata',
      '  omitStages: [RequestReceived]',
      '  verbs: [create]',
      '  resources:',
      '    - group: ""',
      '      resources: [pods]',
    ];
    const block = (indent: string, lineBreak = '\n'): string =>
      ['# Added for r0 (must)', ...RULE].map((line) => indent + line + lineBreak).join('');
    const JSON_RULE =
      '{"level":"Metadata","omitStages":["RequestReceived"],"verbs":["create"],"resources":[{"group":"","resources":["pods"]}]}';
    const JSON_HEAD = '{"apiVersion":"audit.k8s.io/v1","kind":"Policy",';
    const rows: readonly (readonly [name: string, text: string, expected: string])[] = [
      [
        'no line break at the end',
        `${HEAD}rules:\n- level: None\n  verbs: [get]`,
        `${HEAD}rules:\n- level: None\n  verbs: [get]\n${block('').trimEnd()}`,
      ],
      [
        'deep indentation',
        `${HEAD}rules:\n      - level: None\n        verbs: [get]\n`,
        `${HEAD}rules:\n      - level: None\n        verbs: [get]\n${block('      ')}`,
      ],
      [
        'Windows line breaks',
        `${HEAD}rules:\n- level: None\n  verbs: [get]\n`.replaceAll('\n', '\r\n'),
        `${`${HEAD}rules:\n- level: None\n  verbs: [get]\n`.replaceAll('\n', '\r\n')}${block('', '\r\n')}`,
      ],
      ['a byte order mark', `\ufeff${HEAD}rules:\n- level: None\n`, `\ufeff${HEAD}rules:\n${block('')}- level: None\n`],
      [
        'comments above a rule stay with it, those behind a rule too',
        `# top\n${HEAD}rules:\n  # noise\n  # of eve\n  - level: None # really\n    users: [eve]\n\n  # the rest\n  - level: Metadata\n# end\n`,
        `# top\n${HEAD}rules:\n${block('  ').replace(/( +verbs)/, '    users: [eve]\n$1')}  # noise\n  # of eve\n  - level: None # really\n    users: [eve]\n\n  # the rest\n  - level: Metadata\n# end\n`,
      ],
      [
        'keys after the rules, and a comment behind the last one',
        `${HEAD}rules:\n  - level: None\n    verbs: [get] # reads\n  # nothing else\nomitManagedFields: true\n`,
        `${HEAD}rules:\n  - level: None\n    verbs: [get] # reads\n${block('  ')}  # nothing else\nomitManagedFields: true\n`,
      ],
      [
        'a block scalar at the end',
        `${HEAD}rules:\n  - verbs: [get]\n    level: |-\n      None\nomitManagedFields: true\n`,
        `${HEAD}rules:\n  - verbs: [get]\n    level: |-\n      None\n${block('  ')}omitManagedFields: true\n`,
      ],
      [
        'what looks like a comment and is a name',
        `${HEAD}rules:\n- level: Metadata\n  users:\n  - |-\n    # eve\n- level: None\n`,
        `${HEAD}rules:\n- level: Metadata\n  users:\n  - |-\n    # eve\n${block('')}- level: None\n`,
      ],
      [
        'anchors and aliases of rules',
        `${HEAD}rules:\n- &none\n  level: None\n  verbs: [get]\n- *none\n`,
        `${HEAD}rules:\n- &none\n  level: None\n  verbs: [get]\n- *none\n${block('')}`,
      ],
      [
        'the last of two lists of rules counts',
        `${HEAD}rules:\n- level: RequestResponse\nrules:\n- level: None\n  verbs: [get]\n`,
        `${HEAD}rules:\n- level: RequestResponse\nrules:\n- level: None\n  verbs: [get]\n${block('')}`,
      ],
      [
        'a second document, which no API server reads',
        `${HEAD}rules:\n- level: None\n  verbs: [get]\n---\nkind: Other\n`,
        `${HEAD}rules:\n- level: None\n  verbs: [get]\n${block('')}---\nkind: Other\n`,
      ],
      [
        'flow style',
        `${HEAD}rules: [{level: None, verbs: [get]}] # all\n`,
        `${HEAD}rules: [{level: None, verbs: [get]}, ${JSON_RULE}] # all\n`,
      ],
      ['flow style, before', `${HEAD}rules: [ {level: None} ]\n`, `${HEAD}rules: [ ${JSON_RULE}, {level: None} ]\n`],
      [
        'JSON on one line',
        `${JSON_HEAD}"rules":[{"level":"None"}]}`,
        `${JSON_HEAD}"rules":[${JSON_RULE}, {"level":"None"}]}`,
      ],
      [
        'JSON on many lines',
        `${JSON_HEAD}"rules": [\n    {\n      "level": "None",\n      "verbs": ["get"]\n    }\n  ]\n}\n`,
        `${JSON_HEAD}"rules": [\n    {\n      "level": "None",\n      "verbs": ["get"]\n    },\n    ${JSON_RULE}\n  ]\n}\n`,
      ],
    ];
    for (const [name, text, expected] of rows) {
      it(name, () => {
        assert.equal(merged(text, createPods).text, expected);
      });
    }

    it('what is written in another form is refused', () => {
      const alias = `x: &rules\n- level: None\n${HEAD}rules: *rules\n`;
      const result = mergePolicy(alias, [createPods], {serverVersion: undefined});
      assert.deepEqual(result, {
        kind: 'not-editable',
        reason: 'its rules are not written as a list, but for example as an alias',
      });
    });
  });

  it('tells the line of the rule that an added one goes before, and for what', () => {
    const {added} = merged(`${HEAD}rules:\n- level: None\n  users: [eve]\n`, createPods);
    assert.deepEqual(
      added.map(({index, beforeLine, requirements}) => ({index, beforeLine, requirements})),
      [{index: 0, beforeLine: 4, requirements: ['mine/r0']}],
    );
  });

  it('does not lower what records more than a preset allows, and says so', () => {
    const text = `${HEAD}rules:\n- level: Metadata\n  users: [eve]\n- level: RequestResponse\n`;
    const {text: after, unmet} = merged(text, presetNamed('cis'));
    assert.equal(after, text);
    assert.deepEqual(
      unmet.map(({requirement, because, ruleLine, failure}) => [requirement.id, because, ruleLine, failure.gotLevel]),
      [
        ['secrets', 'records-more', 6, 'RequestResponse'],
        ['configmaps', 'records-more', 6, 'RequestResponse'],
        ['tokenreviews', 'records-more', 6, 'RequestResponse'],
        ['service-account-tokens', 'records-more', 6, 'RequestResponse'],
      ],
    );
  });

  it('cannot bring back stages that the policy omits for all rules, and says so', () => {
    const text = `${HEAD}omitStages: [ResponseComplete]\nrules:\n- level: Metadata\n`;
    const {text: after, unmet} = merged(text, createPods);
    assert.equal(after, text);
    assert.deepEqual(
      unmet.map(({because}) => because),
      ['stage-omitted'],
    );
  });

  it('warns where the policy omits the one event that is left of a server-side apply', () => {
    const text = `${HEAD}omitStages: [RequestReceived]\nrules:\n- level: Metadata\n`;
    assert.isTrue(merged(text, patchPodsWithBodies).losesYamlApply);
    assert.isFalse(merged(text, createPods).losesYamlApply);
    assert.isFalse(merged(text.replace('omitStages: [RequestReceived]\n', ''), patchPodsWithBodies).losesYamlApply);
  });

  it('tells credentials that end in the log now, not those that did before', () => {
    const preset = presetOf({requests: [requests(['get'], '', 'secrets')], atLeast: 'RequestResponse'});
    assert.deepEqual(merged(`${HEAD}rules:\n- level: Metadata\n`, preset).exposures, [
      {resource: 'secrets', askedBy: ['mine/r0']},
    ]);
    assert.deepEqual(merged(`${HEAD}rules:\n- level: RequestResponse\n`, preset).exposures, []);
  });

  it('a policy that would be refused is told with its line', () => {
    const result = mergePolicy(`${HEAD}rules:\n- level: Everything\n`, [createPods], {serverVersion: undefined});
    assert(result.kind === 'invalid');
    assert.equal(result.line, 4);
    assert.include(result.message, 'Unsupported value');
  });

  it('presets that contradict each other are told before anything is added', () => {
    const presets = [presetNamed('cis'), presetNamed('stig')];
    assert.equal(mergePolicy(`${HEAD}rules:\n- level: None\n`, presets, {serverVersion: undefined}).kind, 'conflict');
    const preferred = mergePolicy(`${HEAD}rules:\n- level: None\n`, presets, {serverVersion: undefined, prefer: 'cis'});
    assert(preferred.kind === 'merged');
    assert.deepEqual(
      preferred.unmet.map(({preset, requirement, because}) => [preset, requirement.id, because]),
      [['stig', 'V-242403', 'conflict']],
    );
  });

  it('on random policies nothing is lowered, and what can be met is met', () => {
    const random = generator(20_261_124);
    const presets = [
      createPods,
      patchPodsWithBodies,
      presetOf({atLeast: 'Metadata'}),
      presetOf(
        {atLeast: 'RequestResponse'},
        {level: 'should', requests: [requests(['get'], '', 'secrets')], atMost: 'Metadata'},
      ),
      presetOf({requests: [requests(['get', 'create'], '', '*')], atLeast: 'Request'}),
      presetOf(
        {requests: [requests(['get'], '', 'secrets')], atMost: 'Metadata'},
        {requests: [requests(['get'], '', 'pods', 'pods/exec')], atLeast: 'Request', stages: ['RequestReceived']},
        {requests: [{kind: 'nonResource', verbs: ['get'], paths: ['/healthz', '/metrics']}]},
      ),
    ];
    let addedRules = 0;
    for (let round = 0; round < 60; round += 1) {
      const before = randomPolicy(random);
      const preset = presets[round % presets.length] ?? createPods;
      const {policy, added, unmet, text} = merged(policyText(before), preset);
      addedRules += added.length;
      assertNeverLess(before, policy);
      const missed = coverage(policy, preset.requirements, undefined).filter(({met}) => !met);
      assert.deepEqual(
        missed.map(({requirement}) => requirement.id),
        unmet.map(({requirement}) => requirement.id),
      );
      const again = merged(text, preset);
      assert.equal(again.text, text, 'a second merge adds nothing');
      assert.isTrue(loadPolicy(text, {serverVersion: undefined}).kind === 'loaded');
    }
    assert.isAbove(addedRules, 100);
  }).timeout(120_000);
});

/** By brute force: no request of those that the policies tell apart loses its level, a stage, or its managed fields. */
function assertNeverLess(before: AuditPolicy, after: AuditPolicy): void {
  const decideBefore = policyRuleEvaluator(before);
  const decideAfter = policyRuleEvaluator(after);
  for (const request of REQUESTS) {
    const then = decideBefore(request);
    const now = decideAfter(request);
    if (then.level === 'None') continue;
    const isLess =
      LEVELS.indexOf(now.level) < LEVELS.indexOf(then.level) ||
      now.omitStages.some((stage) => !then.omitStages.includes(stage)) ||
      (atLeast(then.level, 'Request') && now.omitManagedFields && !then.omitManagedFields);
    assert.isFalse(isLess, JSON.stringify({before, after, request}));
  }
}
