import {Ajv2020} from 'ajv/dist/2020.js';
import {assert} from 'chai';
import {parse} from 'yaml';
import {UsageError} from '../../src/model/errors.ts';
import {parsePresetFile} from '../../src/model/preset-file.ts';
import schema from '../../src/model/preset.schema.json' with {type: 'json'};
import type {Preset} from '../../src/model/requirement.ts';
import {PRESETS} from '../../src/presets/index.ts';
import {presetsJson, presetsYaml} from '../../src/render/presets.ts';

const isValid = new Ajv2020({allErrors: true, allowUnionTypes: true}).compile(schema);

/** The message for a text that is no preset file. */
function complaint(text: string): string {
  try {
    parsePresetFile(text, 'mine.yaml');
  } catch (error) {
    assert.instanceOf(error, UsageError);
    return error.message;
  }
  return 'none';
}

const HEAD = 'apiVersion: kubectl-audit/v1alpha1\nkind: Preset\nname: mine\ntitle: Mine\n';
const SMALL = `${HEAD}requirements:
- id: pods
  level: must
  title: pods
  atLeast: Metadata
  requests:
  - verbs: [get]
    resources: [pods, pods/exec]
`;

describe('preset files', () => {
  for (const preset of PRESETS) {
    it(`${preset.name} is printed as a preset file, and read as it was`, () => {
      assert.isTrue(isValid(JSON.parse(presetsJson([preset]))), JSON.stringify(isValid.errors));
      assert.deepEqual(parsePresetFile(presetsYaml([preset]), 'it'), preset);
      assert.deepEqual(parsePresetFile(presetsJson([preset]), 'it'), preset);
    });
  }

  it('needs no more than this', () => {
    const expected: Preset = {
      name: 'mine',
      title: 'Mine',
      source: {title: 'mine.yaml', url: ''},
      requirements: [
        {
          id: 'pods',
          level: 'must',
          title: 'pods',
          requests: [{kind: 'resources', verbs: ['get'], group: '', resources: ['pods', 'pods/exec']}],
          atLeast: 'Metadata',
          reason: '',
        },
      ],
    };
    assert.deepEqual(parsePresetFile(SMALL, 'mine.yaml'), expected);
    assert.isTrue(isValid(parse(SMALL)), JSON.stringify(isValid.errors));
  });

  it('may use anchors and aliases', () => {
    const {requirements} = parsePresetFile(
      `${SMALL}- id: again\n  level: should\n  title: &t again\n  reason: *t\n  atLeast: None\n  requests: [{verbs: &v [get], resources: *v}]\n`,
      'mine.yaml',
    );
    assert.deepEqual(requirements[1]?.requests, [{kind: 'resources', verbs: ['get'], group: '', resources: ['get']}]);
    assert.equal(requirements[1]?.reason, 'again');
  });

  /** `bySchema`: whether the schema can tell, too. */
  const rows: readonly (readonly [name: string, text: string, expected: string, bySchema?: 'not by the schema'])[] = [
    ['empty', '', 'preset mine.yaml: it is empty'],
    [
      'no YAML',
      'a: [',
      'preset mine.yaml:1: Flow sequence in block collection must be sufficiently indented and end with a ]',
      'not by the schema',
    ],
    ['a list', '- a\n', 'preset mine.yaml:1: it must be a mapping'],
    [
      'two documents',
      `${SMALL}---\na: b\n`,
      'preset mine.yaml:14: a preset file holds one document, this is another',
      'not by the schema',
    ],
    ['another kind', SMALL.replace('kind: Preset', 'kind: Policy'), 'preset mine.yaml:2: kind must be Preset'],
    [
      'an audit policy',
      'apiVersion: audit.k8s.io/v1\nkind: Policy\n',
      'preset mine.yaml:1: apiVersion must be kubectl-audit/v1alpha1',
    ],
    ['no name', SMALL.replace('name: mine\n', ''), 'preset mine.yaml:1: name is missing'],
    [
      'a name in capitals',
      SMALL.replace('name: mine', 'name: Mine'),
      'preset mine.yaml:3: name must be a name in lower case, such as payments, not "Mine"',
    ],
    ['an empty title', SMALL.replace('title: Mine', 'title: " "'), 'preset mine.yaml:4: title must be a text, not " "'],
    [
      'no requirements',
      `${HEAD}requirements: []\n`,
      'preset mine.yaml:5: requirements must be a list that is not empty',
    ],
    [
      'a misspelt field',
      SMALL.replace('atLeast:', 'atleast:'),
      'preset mine.yaml:6: requirements[0].atLeast is missing',
    ],
    [
      'a field too many',
      `${SMALL}  atmost: Metadata\n`,
      'preset mine.yaml:13: requirements[0].atmost is no field; there are id, level, title, requests, atLeast, atMost, stages, reason, place, elsewhere',
    ],
    ['a field twice', `${HEAD}title: again\n`, 'preset mine.yaml:5: Map keys must be unique', 'not by the schema'],
    [
      'no such level',
      SMALL.replace('Metadata', 'metadata'),
      'preset mine.yaml:9: requirements[0].atLeast must be one of None, Metadata, Request, RequestResponse, not "metadata"',
    ],
    [
      'no such strength',
      SMALL.replace('level: must', 'level: may'),
      'preset mine.yaml:7: requirements[0].level must be one of must, should, not "may"',
    ],
    [
      'less than the least',
      `${SMALL}  atMost: None\n`,
      'preset mine.yaml:6: requirements[0].atMost is None, less than its atLeast, Metadata',
      'not by the schema',
    ],
    [
      'no such stage',
      `${SMALL}  stages: [Done]\n`,
      'preset mine.yaml:13: requirements[0].stages[0] must be one of RequestReceived, ResponseStarted, ResponseComplete, Panic, not "Done"',
    ],
    [
      'a wildcard verb',
      SMALL.replace('[get]', '["*"]'),
      'preset mine.yaml:11: requirements[0].requests[0].verbs[0] must be one of get, list, watch, create, update, patch, delete, deletecollection, proxy, not "*"',
    ],
    [
      'a kind',
      SMALL.replace('pods, pods/exec', 'Pod'),
      'preset mine.yaml:12: requirements[0].requests[0].resources[0] must be a plural in lower case, such as pods or pods/exec, or *, not "Pod"',
    ],
    [
      'every subresource',
      SMALL.replace('pods, pods/exec', 'pods/*'),
      'preset mine.yaml:12: requirements[0].requests[0].resources[0] must be a plural in lower case, such as pods or pods/exec, or *, not "pods/*"',
    ],
    [
      'a group with its version',
      SMALL.replace('- verbs', '- group: apps/v1\n    verbs'),
      'preset mine.yaml:11: requirements[0].requests[0].group must be an API group without a version, not "apps/v1"',
    ],
    ['a number', SMALL.replace('title: Mine', 'title: 5'), 'preset mine.yaml:4: title must be a text, not 5'],
    [
      'a wildcard path',
      SMALL.replace('resources: [pods, pods/exec]', 'nonResourceURLs: [/healthz*]'),
      'preset mine.yaml:12: requirements[0].requests[0].nonResourceURLs[0] must be a path that begins with / and holds no *, not "/healthz*"',
    ],
    [
      'a verb for a path',
      SMALL.replace('[get]', '[list]').replace('resources: [pods, pods/exec]', 'nonResourceURLs: [/x]'),
      'preset mine.yaml:11: requirements[0].requests[0].verbs[0] must be one of get, head, post, put, patch, delete, options, trace, connect, not "list"',
    ],
    [
      'everything and more',
      SMALL.replace('- verbs', '- everything: true\n    verbs'),
      'preset mine.yaml:12: requirements[0].requests[0].verbs is no field; there are everything',
    ],
    [
      'not everything',
      SMALL.replace('- verbs: [get]\n    resources: [pods, pods/exec]', '- everything: false'),
      'preset mine.yaml:11: requirements[0].requests[0].everything must be true',
    ],
    [
      'the same id twice',
      `${SMALL}- id: pods\n  level: must\n  title: t\n  atLeast: None\n  requests: [{everything: true}]\n`,
      'preset mine.yaml:13: requirements[1].id "pods" is there already',
      'not by the schema',
    ],
    [
      'a relative log path',
      `${SMALL}logPath: audit.log\n`,
      'preset mine.yaml:13: logPath must be an absolute path, not "audit.log"',
    ],
    ['half a rotation', `${SMALL}rotation: {maxAge: 30}\n`, 'preset mine.yaml:13: rotation.maxBackup is missing'],
    [
      'a negative age',
      `${SMALL}rotation: {maxAge: -1, maxBackup: 1, maxSize: 1}\n`,
      'preset mine.yaml:13: rotation.maxAge must be a whole number, not -1',
    ],
    [
      'a flag that is none of these',
      `${SMALL}settings: [{id: a, level: must, title: t, flag: audit-log-mode}]\n`,
      'preset mine.yaml:13: settings[0].flag must be one of audit-policy-file, audit-log-path, audit-log-maxage, audit-log-maxbackup, audit-log-maxsize, not "audit-log-mode"',
    ],
  ];
  for (const [name, text, expected, bySchema] of rows) {
    it(`refused: ${name}`, () => {
      assert.equal(complaint(text), expected);
      if (bySchema === undefined) assert.isFalse(isValid(parse(text)), 'the schema refuses it, too');
    });
  }
});
