import {assert} from 'chai';
import {coverage} from '../../src/evaluate/coverage/coverage.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import {LEVELS, atLeast} from '../../src/model/policy.ts';
import type {AuditPolicy, Level, Stage} from '../../src/model/policy.ts';
import type {GeneratedPolicy} from '../../src/model/preset-policy.ts';
import type {Preset} from '../../src/model/requirement.ts';
import {generatePolicy} from '../../src/plan/generate-policy.ts';
import {PRESETS, presetNamed} from '../../src/presets/index.ts';
import {presetOf, requests} from '../helpers/presets.ts';

const NEWEST = {serverVersion: undefined};
const CHANGES = ['create', 'update', 'patch', 'delete'];
const VERBS = ['get', 'list', 'watch', ...CHANGES, 'deletecollection'];

type Generated = Extract<GeneratedPolicy, {kind: 'generated'}>;

function generated(names: string, prefer?: string): Generated {
  return generatedFor(names.split(',').map(presetNamed), prefer);
}

function generatedFor(presets: readonly Preset[], prefer?: string): Generated {
  const result = generatePolicy(presets, {...NEWEST, prefer});
  assert(result.kind === 'generated');
  return result;
}

/** The rules without what is empty, as short texts. */
function rulesOf({rules}: AuditPolicy): string[] {
  return rules.map(({level, omitStages, verbs, resources, nonResourceURLs}) =>
    [
      level,
      ...omitStages.map((stage) => `-${stage}`),
      verbs.join(','),
      resources.map((entry) => `${entry.resources.join(',')}@${entry.group}`).join(' '),
      nonResourceURLs.join(','),
    ]
      .filter((text) => text !== '')
      .join(' '),
  );
}

/** The level that some requirement asks for these requests, by the most demanding. */
function askedFor(presets: readonly Preset[], verb: string, group: string, combined: string): Level {
  const asking = presets
    .flatMap(({requirements}) => requirements)
    .filter(({requests: sets}) =>
      sets.some(
        (set) =>
          set.kind === 'everything' ||
          (set.kind === 'resources' &&
            set.group === group &&
            set.verbs.includes(verb) &&
            set.resources.includes(combined)),
      ),
    );
  return LEVELS.findLast((level) => asking.some((requirement) => requirement.atLeast === level)) ?? 'None';
}

describe('generatePolicy', () => {
  const COMPOSITIONS = [...PRESETS.map(({name}) => name), 'calico,cis', 'cis,calico-enterprise', 'calico,stig'];

  for (const names of COMPOSITIONS) {
    const presets = names.split(',').map(presetNamed);

    it(`${names}: every requirement is met, and nothing was given up`, () => {
      const {policy, unmet, conflicts} = generated(names);
      assert.deepEqual([unmet, conflicts], [[], []]);
      for (const {requirements} of presets) {
        assert.deepEqual(
          coverage(policy, requirements, undefined).filter(({met}) => !met),
          [],
        );
      }
    });

    it(`${names}: records nothing that nobody asks for`, () => {
      const decide = policyRuleEvaluator(generated(names).policy);
      const sets = PRESETS.flatMap(({requirements}) => requirements.flatMap((requirement) => requirement.requests));
      const things = sets.flatMap((set) =>
        set.kind === 'resources' ? set.resources.map((resource) => [set.group, resource] as const) : [],
      );
      for (const [group, combined] of [...things, ['', 'nodes'], ['', 'pods/status'], ['apps', 'anything']] as const) {
        const [resource = '', subresource = ''] = combined.split('/');
        for (const verb of VERBS) {
          const target = {kind: 'resource' as const, group, resource, subresource, namespace: 'n', name: 'x'};
          const {level} = decide({user: {name: 'u', groups: []}, verb, target});
          assert.equal(level, askedFor(presets, verb, group, combined), `${verb} ${combined}.${group}`);
        }
      }
    });

    it(`${names}: every release from 1.18 to 1.37 loads it without a warning, and reads the same`, () => {
      const {text, policy} = generated(names);
      for (let minor = 18; minor <= 37; minor += 1) {
        const loaded = loadPolicy(text, {serverVersion: parseKubernetesVersion(`1.${minor}`)});
        assert(loaded.kind === 'loaded', `1.${minor}`);
        assert.deepEqual(loaded.warnings, [], `1.${minor}`);
        assert.deepEqual(
          loaded.policy.rules.map((rule) => ({...rule, line: undefined})),
          policy.rules,
          `1.${minor}`,
        );
      }
    });

    it(`${names}: comes out the same again, and names every requirement with its reason`, () => {
      const {text} = generated(names);
      assert.equal(generated(names).text, text);
      const plain = text.replaceAll(/\n\s*#\s+/g, ' ');
      for (const {name, requirements} of presets) {
        for (const {id, reason} of requirements) {
          assert.include(plain, presets.length === 1 ? id : `${name}/${id}`);
          // What a wider rule records anyhow has no rule to explain.
          if (!names.includes(',stig')) assert.include(plain, reason);
        }
      }
    });
  }

  it('calico: RequestReceived is kept where the body of a patch is recorded, and nowhere else', () => {
    const rules = generated('calico').policy.rules;
    for (const {level, verbs, omitStages} of rules) {
      const isLost = verbs.includes('patch') && atLeast(level, 'Request');
      assert.deepEqual(omitStages, isLost ? [] : ['RequestReceived'], verbs.join());
    }
    assert.isTrue(rules.some(({omitStages}) => omitStages.length === 0));
  });

  it('stig: the sample of the check text, rule for rule', () => {
    const {policy, exposures} = generated('stig');
    assert.deepEqual(policy.omitStages, []);
    assert.deepEqual(rulesOf(policy), ['RequestResponse']);
    assert.deepEqual(
      exposures.map(({resource}) => resource),
      ['secrets', 'serviceaccounts/token', 'tokenreviews.authentication.k8s.io'],
    );
  });

  it('credentials stay out of the log of every other preset', () => {
    for (const names of COMPOSITIONS.filter((each) => !each.includes('stig'))) {
      assert.deepEqual(generated(names).exposures, [], names);
    }
  });

  it('cis with stig: no policy meets both', () => {
    const result = generatePolicy([presetNamed('cis'), presetNamed('stig')], NEWEST);
    assert(result.kind === 'conflict');
    assert.deepEqual(
      result.conflicts.map(({most, least, requests: shared}) => [most.requirement, least.requirement, ...shared]),
      [
        ['secrets', 'V-242403', 'every request for secrets'],
        ['configmaps', 'V-242403', 'every request for configmaps'],
        ['tokenreviews', 'V-242403', 'create tokenreviews.authentication.k8s.io'],
      ],
    );
    assert.deepEqual(
      result.conflicts.map(({most, least}) => [
        most.preset,
        most.level,
        most.place,
        least.preset,
        least.level,
        least.place,
      ])[0],
      ['cis', 'Metadata', '3.2.2', 'stig', 'RequestResponse', 'CNTR-K8-000700'],
    );
  });

  it('cis with stig, cis preferred: all of cis is met, and all else of stig', () => {
    const {policy, unmet, conflicts, exposures} = generated('cis,stig', 'cis');
    assert.deepEqual(
      unmet.map(({preset, requirement}) => [preset, requirement.id]),
      [['stig', 'V-242403']],
    );
    assert.equal(conflicts.length, 3);
    assert.deepEqual(exposures, []);
    assert.deepEqual(rulesOf(policy), [
      'Metadata -RequestReceived secrets,configmaps@',
      'Metadata -RequestReceived create tokenreviews@authentication.k8s.io serviceaccounts/token@',
      'RequestResponse',
    ]);
  });

  it('cis with stig, stig preferred: the sample of the check text', () => {
    const {policy, unmet} = generated('cis,stig', 'stig');
    assert.deepEqual(rulesOf(policy), ['RequestResponse']);
    assert.deepEqual(
      unmet.map(({requirement}) => requirement.id),
      ['secrets', 'configmaps', 'tokenreviews', 'service-account-tokens'],
    );
  });

  it('a preset that contradicts itself cannot be preferred into sense', () => {
    const preset = presetOf(
      'mine',
      {atLeast: 'Request'},
      {atMost: 'Metadata', requests: [requests(['get'], '', 'pods')]},
    );
    assert.equal(generatePolicy([preset], {...NEWEST, prefer: 'mine'}).kind, 'conflict');
  });

  it('a should gives way to a must, and is told', () => {
    const preset = presetOf(
      'mine',
      {level: 'should', atLeast: 'RequestResponse', requests: [requests(['get', 'list'], '', 'pods')]},
      {atMost: 'Metadata', requests: [requests(['get'], '', 'pods')]},
    );
    const {policy, unmet} = generatedFor([preset]);
    assert.deepEqual(rulesOf(policy), ['Metadata get pods@', 'RequestResponse list pods@']);
    assert.deepEqual(
      unmet.map(({requirement}) => requirement.id),
      ['r0'],
    );
  });

  const rows: readonly (readonly [name: string, preset: Preset, omitStages: Stage[], rules: string[]])[] = [
    ['everything at Metadata', presetOf('mine', {}), ['RequestReceived'], ['Metadata']],
    [
      'what a wider rule records anyhow needs no rule',
      presetOf('mine', {}, {requests: [requests(['get'], 'apps', 'deployments'), requests(['get'], 'apps', '*')]}),
      ['RequestReceived'],
      ['Metadata'],
    ],
    [
      'narrow before wide',
      presetOf('mine', {}, {requests: [requests(['get'], 'apps', 'deployments')], atLeast: 'Request'}),
      ['RequestReceived'],
      ['Request get deployments@apps', 'Metadata'],
    ],
    [
      'upper bounds before what they bound',
      presetOf(
        'mine',
        {requests: [requests(['get'], 'apps', '*')], atLeast: 'Request'},
        {level: 'should', requests: [requests(['get'], 'apps', 'scales')], atLeast: 'None', atMost: 'Metadata'},
      ),
      ['RequestReceived'],
      ['Request get *@apps'],
    ],
    [
      'tokens stay out of a rule for the whole group',
      presetOf('mine', {requests: [requests(['create'], '', '*')], atLeast: 'Request'}),
      ['RequestReceived'],
      ['None create serviceaccounts/token@', 'Request create *@'],
    ],
    [
      'tokens that are asked for at Metadata need no second guard',
      presetOf(
        'mine',
        {requests: [requests(['create'], '', '*')], atLeast: 'Request'},
        {requests: [requests(['create'], '', 'serviceaccounts/token')]},
      ),
      ['RequestReceived'],
      ['Metadata create serviceaccounts/token@', 'Request create *@'],
    ],
    [
      'paths',
      presetOf('mine', {requests: [{kind: 'nonResource', verbs: ['get', 'post'], paths: ['/metrics', '/logs']}]}),
      ['RequestReceived'],
      ['Metadata get,post /metrics,/logs'],
    ],
    [
      'all verbs are said as none',
      presetOf('mine', {requests: [requests(VERBS, '', 'secrets')]}),
      ['RequestReceived'],
      ['Metadata secrets@'],
    ],
    [
      'a stage that is asked for is kept',
      presetOf(
        'mine',
        {requests: [requests(['get'], '', 'pods')], stages: ['RequestReceived']},
        {requests: [requests(['list'], '', 'pods')], stages: ['RequestReceived', 'Panic']},
      ),
      [],
      ['Metadata get pods@', 'Metadata -RequestReceived list pods@'],
    ],
  ];
  for (const [name, preset, omitStages, rules] of rows) {
    it(name, () => {
      const {policy} = generatedFor([preset]);
      assert.deepEqual(rulesOf(policy), rules);
      assert.deepEqual(policy.omitStages, omitStages);
    });
  }

  it('credentials that a preset asks for are told', () => {
    const preset = presetOf('mine', {requests: [requests(['get'], '', 'secrets')], atLeast: 'RequestResponse'});
    assert.deepEqual(generatedFor([preset]).exposures, [{resource: 'secrets', askedBy: ['mine/r0']}]);
  });

  it('a preset that asks for nothing has no policy', () => {
    const preset = presetOf('mine', {requests: [requests(['get'], '', 'pods')], atLeast: 'None', atMost: 'Metadata'});
    assert.throws(() => generatePolicy([preset], NEWEST), /no requirement asks for anything to be recorded/);
  });
});
