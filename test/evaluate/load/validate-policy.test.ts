import {assert} from 'chai';
import {validatePolicy} from '../../../src/evaluate/load/validate-policy.ts';
import type {UnvalidatedPolicy, UnvalidatedRule} from '../../../src/evaluate/load/validate-policy.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import {ANY_RULE} from '../../../src/model/policy.ts';

const RULE: UnvalidatedRule = {...ANY_RULE, level: 'Metadata'};
const policy = (...rules: Partial<UnvalidatedRule>[]): UnvalidatedPolicy => ({
  omitStages: [],
  omitManagedFields: false,
  rules: rules.map((rule) => ({...RULE, ...rule})),
});
const entry = (group: string, resourceNames: string[] = []) => ({group, resources: [], resourceNames});

const STAGES = 'allowed stages are RequestReceived,ResponseStarted,ResponseComplete,Panic';
const LEVELS = 'supported values: "None", "Metadata", "Request", "RequestResponse"';
const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end " +
  "with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

describe('validatePolicy', () => {
  const rows: readonly (readonly [
    name: string,
    policy: UnvalidatedPolicy,
    version: string,
    expected: string | undefined,
  ])[] = [
    ['accepts a plain rule', policy({}), '1.34', undefined],
    ['leaves zero rules to the reader', policy(), '1.34', undefined],
    ['misses a level', policy({level: ''}), '1.34', 'rules[0].level: Required value'],
    [
      'knows no other level',
      policy({level: '<x>'}),
      '1.34',
      `rules[0].level: Unsupported value: "\\u003cx\\u003e": ${LEVELS}`,
    ],
    [
      'prints levels as Go before 1.34',
      policy({level: '<x>\u0007'}),
      '1.33',
      `rules[0].level: Unsupported value: "<x>\\a": ${LEVELS}`,
    ],
    [
      'knows no other stage',
      {...policy({}), omitStages: ['Foo']},
      '1.34',
      `omitStages[0]: Invalid value: "Foo": ${STAGES}`,
    ],
    [
      'names the rule of a stage',
      policy({}, {omitStages: ['Panic', 'x']}),
      '1.34',
      `rules[1].omitStages[1]: Invalid value: "x": ${STAGES}`,
    ],
    [
      'lists both faults of a URL',
      policy({nonResourceURLs: ['a*b']}),
      '1.34',
      '[rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL rules must begin with a \'/\' character, ' +
        'rules[0].nonResourceURLs[0]: Invalid value: "a*b": non-resource URL wildcards \'*\' must be the final character of the rule]',
    ],
    ['accepts the URL *', policy({nonResourceURLs: ['*', '/a*']}), '1.34', undefined],
    [
      'prints lists as JSON from 1.34',
      policy({nonResourceURLs: ['/<x>', '*'], namespaces: ['a']}),
      '1.34',
      'rules[0].nonResourceURLs: Invalid value: ["/\\u003cx\\u003e","*"]: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      'prints lists as Go before 1.34',
      policy({nonResourceURLs: ['/<x>', '*'], namespaces: ['a']}),
      '1.33',
      'rules[0].nonResourceURLs: Invalid value: []string{"/<x>", "*"}: rules cannot apply to both regular resources and non-resource URLs',
    ],
    [
      'wants resources with resourceNames',
      policy({resources: [entry('', ['a'])]}),
      '1.34',
      'rules[0].resources.resourceNames: Invalid value: ["a"]: using resourceNames requires at least one resource',
    ],
    [
      'merges identical messages',
      policy({resources: [entry('B'), entry('B')]}),
      '1.34',
      `rules[0].resources.group: Invalid value: "B": ${SUBDOMAIN}`,
    ],
    [
      'refuses group * before 1.36',
      policy({resources: [entry('*')]}),
      '1.35',
      `rules[0].resources.group: Invalid value: "*": ${SUBDOMAIN}`,
    ],
    ['accepts group * from 1.36', policy({resources: [entry('*')]}), '1.36', undefined],
    [
      'tells length first',
      policy({resources: [entry('A'.repeat(254))]}),
      '1.34',
      `rules[0].resources.group: Invalid value: "${'A'.repeat(254)}": must be no more than 253 characters,${SUBDOMAIN}`,
    ],
  ];
  for (const [name, value, version, expected] of rows) {
    it(name, () => {
      assert.equal(validatePolicy(value, parseKubernetesVersion(version))?.message, expected);
    });
  }

  it('gives the way to each value at fault', () => {
    const faults = validatePolicy(
      policy(
        {omitStages: ['Panic', 'x']},
        {level: '', resources: [entry('a'), entry('B'), entry('', ['c'])], nonResourceURLs: ['/', 'a']},
      ),
      undefined,
    )?.faults;
    assert.deepEqual(
      faults?.map(({path}) => path.join(' ')),
      [
        'rules 0 omitStages 1',
        'rules 1 level',
        'rules 1 nonResourceURLs 1',
        'rules 1 resources 1 group',
        'rules 1 resources 2 resourceNames',
        'rules 1 nonResourceURLs',
      ],
    );
  });
});
