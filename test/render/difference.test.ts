import {readFileSync} from 'node:fs';
import {Ajv2020} from 'ajv/dist/2020.js';
import {assert} from 'chai';
import {difference} from '../../src/evaluate/difference.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import type {Difference} from '../../src/model/difference.ts';
import type {AuditPolicy} from '../../src/model/policy.ts';
import {differenceObject, differenceText} from '../../src/render/difference.ts';
import type {DifferenceTextOptions} from '../../src/render/difference.ts';
import {paintAnsi} from '../../src/render/table.ts';

function policyOf(text: string): AuditPolicy {
  const loaded = loadPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\n${text}`, {serverVersion: undefined});
  assert(loaded.kind === 'loaded', loaded.kind === 'refused' ? loaded.message : '');
  return loaded.policy;
}

function between(before: string, after: string): Difference {
  return difference(policyOf(before), policyOf(after), {serverVersion: undefined});
}

/** What is printed, without the last line feed. */
function linesOf(result: Difference, options?: DifferenceTextOptions): string[] {
  return differenceText(result, options).slice(0, -1).split('\n');
}

/** As the policies of large platforms begin. */
const PLATFORM = `rules:
- level: None
  users: [system:kube-proxy]
  verbs: [watch]
  resources:
  - {group: "", resources: [endpoints, services]}
- level: None
  nonResourceURLs: ["/healthz*", /version]
- level: Metadata
  resources:
  - {group: "", resources: [secrets, configmaps]}
- level: Request
  resources:
  - {group: ""}
  - {group: apps}
  omitStages: [RequestReceived]
- level: Metadata
`;

/** As a vendor recommends it. */
const VENDOR = `omitStages: [RequestReceived]
rules:
- level: RequestResponse
  verbs: [create, patch, update, delete]
  resources:
  - {group: "", resources: [pods, namespaces]}
`;

const PLATFORM_AND_VENDOR = [
  '        LEVEL                       LINE            REQUESTS',
  'loses   Metadata → None             11, 19 → none   any request for configmaps, secrets, everything in other groups than core, apps by anyone',
  'loses   Request → None              14 → none       any request for everything in core, apps but configmaps, secrets by anyone',
  '                                                      except watch of endpoints, services by system:kube-proxy',
  '                                                      except create, update, patch, delete of namespaces, pods',
  'loses   Metadata → None             19 → none       any request for any path but /healthz*, /version by anyone',
  'gains   Request → RequestResponse   14 → 5          create, update, patch, delete of namespaces, pods by anyone',
];

describe('difference as text', () => {
  it('tells the classes, most important first', () => {
    assert.deepEqual(linesOf(between(PLATFORM, VENDOR)), PLATFORM_AND_VENDOR);
  });

  it('names what sets apart recordings of the same level', () => {
    const lines = linesOf(
      between(
        'rules:\n- level: Request\n  omitStages: [ResponseComplete, Panic]\n',
        'rules:\n- level: Request\n  omitStages: [RequestReceived]\n',
      ),
    );
    assert.deepEqual(lines, [
      '          LEVEL                                                                       LINE    REQUESTS',
      'changes   Request without ResponseComplete, Panic → Request without RequestReceived   4 → 4   any request by any user',
    ]);
  });

  it('tells shadowed rules', () => {
    const lines = linesOf(between('rules:\n- level: Metadata\n', 'rules:\n- level: None\n- level: Metadata\n'));
    assert.deepEqual(lines, [
      '        LEVEL             LINE    REQUESTS',
      'loses   Metadata → None   4 → 4   any request by anyone',
      '                                    after: rule 2 (line 5) shadowed by rule 1 (line 4)',
    ]);
  });

  it('writes long lists out only if there is room', () => {
    const users = 'rules:\n- level: None\n  users: [a, b, c, d, e, f]\n- level: Metadata\n';
    const result = between('rules:\n- level: Metadata\n', users);
    assert.equal(linesOf(result)[1], 'loses   Metadata → None   4 → 4   any request by a, b, c, d and 2 more');
    assert.equal(linesOf(result, {wide: true})[1], 'loses   Metadata → None   4 → 4   any request by a, b, c, d, e, f');
  });

  it('colours directions', () => {
    const [, line] = linesOf(between('rules:\n- level: Metadata\n', 'rules:\n- level: None\n'), {paint: paintAnsi});
    assert.equal(line, '\u001B[31mloses\u001B[0m   Metadata → None   4 → 4   any request by anyone');
  });

  it('lets no name steer the terminal', () => {
    const policy = policyOf('rules:\n- level: None\n  users: ["a\\e[31mb\\u009b"]\n- level: Metadata\n');
    const result = difference(policyOf('rules:\n- level: Metadata\n'), policy, {serverVersion: undefined});
    assert.equal(linesOf(result)[1], 'loses   Metadata → None   4 → 4   any request by a\uFFFD[31mb\uFFFD');
  });

  const rows: readonly (readonly [string, Difference, readonly string[]])[] = [
    ['no difference', {kind: 'decided', same: true, classes: [], notServed: []}, ['every request is recorded alike']],
    [
      'a difference in what is not there',
      {kind: 'decided', same: true, classes: [], notServed: ['a', 'b', 'c', 'd', 'e', 'f', 'g']},
      ['every request is recorded alike', 'left out, as this cluster does not serve them: a, b, c, d and 3 more'],
    ],
    [
      'a comparison that was given up',
      {kind: 'undecided', tooMuch: 'the rules tell more than 2000 users apart'},
      ['could not find out whether anything is recorded differently: the rules tell more than 2000 users apart'],
    ],
    [
      'a comparison that was given up, with an example',
      {
        kind: 'undecided',
        tooMuch: 'too much',
        example: {
          user: {name: 'eve', groups: []},
          verb: 'get',
          target: {
            kind: 'resource',
            group: 'apps',
            resource: 'deployments',
            subresource: 'scale',
            namespace: 'a',
            name: 'b',
          },
        },
      },
      [
        'something is recorded differently, but it could not be found out what: too much',
        '  for example get of deployments.apps/scale named b in namespace a by eve',
      ],
    ],
  ];
  for (const [name, result, expected] of rows) {
    it(name, () => {
      assert.deepEqual(linesOf(result), expected);
    });
  }
});

/** The whole that `diff` prints, with one difference in it. */
function printed(result: Difference): unknown {
  return JSON.parse(
    JSON.stringify({
      apiVersion: 'kubectl-audit/v1alpha1',
      kind: 'Difference',
      wanted: 'wanted.yaml',
      changes: [{servers: [], problems: [], result: 'compared', ...differenceObject(result), unifiedDiff: ''}],
    }),
  );
}

describe('difference as data', () => {
  const schema = JSON.parse(
    readFileSync(new URL('../../src/model/difference.schema.json', import.meta.url), 'utf8'),
  ) as object;
  const validate = new Ajv2020({allErrors: true, strict: false}).compile(schema);
  const results: readonly (readonly [string, Difference])[] = [
    ['classes with exceptions', between(PLATFORM, VENDOR)],
    ['shadowed rules', between('rules:\n- level: Metadata\n', 'rules:\n- level: None\n- level: Metadata\n')],
    [
      'users, groups, namespaces and names',
      between(
        'rules:\n- level: Metadata\n',
        'rules:\n- {level: None, users: [eve], userGroups: [dev], namespaces: [a], resources: [{group: "", resources: [pods], resourceNames: [b]}]}\n- level: Metadata\n',
      ),
    ],
    ['no difference', between(VENDOR, VENDOR)],
    ['given up', {kind: 'undecided', tooMuch: 'too much'}],
    [
      'given up, with an example',
      {
        kind: 'undecided',
        tooMuch: 'too much',
        example: {user: undefined, verb: 'get', target: {kind: 'nonResource', path: '/'}},
      },
    ],
  ];
  for (const [name, result] of results) {
    it(`keeps to its schema: ${name}`, () => {
      assert.isTrue(validate(printed(result)), JSON.stringify(validate.errors));
    });
  }
});
