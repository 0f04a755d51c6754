/** The reader and the schema have to agree: what one refuses the other refuses too. */
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {Ajv2020} from 'ajv/dist/2020.js';
import {assert} from 'chai';
import {parse} from 'yaml';
import {UsageError} from '../../src/model/errors.ts';
import {parsePolicyExpectations} from '../../src/model/policy-expectations.ts';
import {runAudit} from '../helpers/run.ts';

const SCHEMA = join(import.meta.dirname, '..', '..', 'src', 'model', 'policy-expectations.schema.json');
const validate = new Ajv2020({allErrors: true}).compile(
  JSON.parse(readFileSync(SCHEMA, 'utf8')) as Record<string, unknown>,
);

const HEAD = 'apiVersion: kubectl-audit/v1alpha1\nkind: PolicyExpectations\n';
const withCase = (text: string): string => `${HEAD}cases:\n  - ${text}\n`;
const REQUEST = 'request: {verb: get, resource: pods}';

const VALID: Readonly<Record<string, string>> = {
  'the least': withCase(`{${REQUEST}, expect: {level: None}}`),
  'all of the head': `${HEAD}policy: p.yaml\nserverVersion: '1.34'\ncases: [{${REQUEST}, expect: {level: None}}]`,
  'all of a request': withCase(
    '{name: x, request: {verb: list, resource: pods, namespace: "", allNamespaces: true, name: y}, expect: {atMost: Request}}',
  ),
  'a URI': withCase('{request: {uri: GET /healthz}, expect: {atLeast: Metadata, atMost: Request}}'),
  'a kubectl command': withCase('{request: {kubectl: exec web}, expect: {rule: none}}'),
  'all of a subject': withCase(`{${REQUEST}, subject: {user: a, groups: [b, c]}, expect: {rule: 3}}`),
  'an empty subject': withCase(`{${REQUEST}, subject: {}, expect: {rule: 3}}`),
  'no authentication': withCase(`{${REQUEST}, subject: {unauthenticated: true}, expect: {stages: []}}`),
  'authentication, and a user': withCase(`{${REQUEST}, subject: {unauthenticated: false, user: a}, expect: {rule: 1}}`),
  'all that can be expected': withCase(
    `{${REQUEST}, expect: {level: Request, stages: [Panic, ResponseComplete], rule: 1, omitManagedFields: true}}`,
  ),
  JSON: JSON.stringify({
    apiVersion: 'kubectl-audit/v1alpha1',
    kind: 'PolicyExpectations',
    cases: [{request: {uri: '/x'}, expect: {level: 'None'}}],
  }),
};

const INVALID: Readonly<Record<string, readonly [text: string, line: number, message: RegExp]>> = {
  nothing: ['', 1, /the file is no mapping/],
  'a list': ['- x\n', 1, /the file is no mapping/],
  'a policy': ['apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n', 3, /no key "rules"/],
  'another version': [
    withCase(`{${REQUEST}, expect: {level: None}}`).replace('v1alpha1', 'v1'),
    1,
    /apiVersion "kubectl-audit\/v1"/,
  ],
  'another kind': [
    withCase(`{${REQUEST}, expect: {level: None}}`).replace('PolicyExp', 'Exp'),
    2,
    /kind "Expectations"/,
  ],
  'no cases': [HEAD, 1, /the file lacks cases/],
  'an empty list of cases': [`${HEAD}cases: []\n`, 3, /cases is empty/],
  'cases that are no list': [`${HEAD}cases: {}\n`, 3, /cases is no list/],
  'a key without a value': [`${HEAD}policy:\ncases: [{${REQUEST}, expect: {level: None}}]\n`, 3, /policy has no value/],
  'a version that is a number': [
    `${HEAD}serverVersion: 1.34\ncases: [{${REQUEST}, expect: {level: None}}]\n`,
    3,
    /serverVersion is no text/,
  ],
  'a case that is a text': [withCase('x'), 4, /a case is no mapping/],
  'no request': [withCase('{expect: {level: None}}'), 4, /a case lacks request/],
  'no expectation': [withCase(`{${REQUEST}}`), 4, /a case lacks expect/],
  'an empty expectation': [withCase(`{${REQUEST}, expect: {}}`), 4, /expect is empty/],
  'a key that there is not': [withCase(`{${REQUEST}, expects: {level: None}}`), 4, /no key "expects"/],
  'a level that there is not': [withCase(`{${REQUEST}, expect: {level: none}}`), 4, /level "none" is not known/],
  'a level beside a bound': [withCase(`{${REQUEST}, expect: {level: None, atMost: None}}`), 4, /level beside/],
  'a stage that there is not': [withCase(`{${REQUEST}, expect: {stages: [Complete]}}`), 4, /stages "Complete"/],
  'rule 0': [withCase(`{${REQUEST}, expect: {rule: 0}}`), 4, /rule is no number/],
  'half a rule': [withCase(`{${REQUEST}, expect: {rule: 1.5}}`), 4, /rule is no number/],
  'a flag that is a text': [withCase(`{${REQUEST}, expect: {omitManagedFields: 'yes'}}`), 4, /neither true nor false/],
  'no verb': [withCase('{request: {resource: pods}, expect: {level: None}}'), 4, /request lacks verb/],
  'an empty request': [withCase('{request: {}, expect: {level: None}}'), 4, /request lacks verb, resource/],
  'two forms of a request': [
    withCase('{request: {uri: /x, verb: get}, expect: {level: None}}'),
    4,
    /request has uri, verb/,
  ],
  'a URI and a command': [
    withCase('{request: {uri: /x, kubectl: exec}, expect: {level: None}}'),
    4,
    /request has uri, kubectl/,
  ],
  'a user whose authentication fails': [
    withCase(`{${REQUEST}, subject: {user: a, unauthenticated: true}, expect: {rule: 1}}`),
    4,
    /neither user nor groups/,
  ],
  'groups that are no list': [
    withCase(`{${REQUEST}, subject: {groups: a}, expect: {rule: 1}}`),
    4,
    /groups is no list/,
  ],
};

describe('files of expectations', () => {
  for (const [name, text] of Object.entries(VALID)) {
    it(`take ${name}`, () => {
      assert.isNotEmpty(parsePolicyExpectations(text, 'f').cases);
      validate(parse(text));
      assert.deepEqual(validate.errors ?? [], []);
    });
  }

  for (const [name, [text, line, message]] of Object.entries(INVALID)) {
    it(`refuse ${name}`, () => {
      assert.throws(() => parsePolicyExpectations(text, 'f'), UsageError, message);
      assert.throws(() => parsePolicyExpectations(text, 'f'), `f:${line}: `);
      assert.isFalse(validate(parse(text)), 'the schema refuses it as well');
    });
  }

  it('refuse what is no YAML, a repeated key and a second document', () => {
    const good = withCase(`{${REQUEST}, expect: {level: None}}`);
    assert.throws(() => parsePolicyExpectations(`${good}  x: [\n`, 'f'), UsageError, /^f:\d+: /);
    assert.throws(
      () => parsePolicyExpectations(`${good}kind: PolicyExpectations\n`, 'f'),
      UsageError,
      /^f:5: Map keys/,
    );
    assert.throws(() => parsePolicyExpectations(`${good}---\n${good}`, 'f'), UsageError, /^f:\d+: a second document/);
  });

  it('are shown by the help as they can be copied', async () => {
    const {stdout} = await runAudit(['policy', 'test', '--help']);
    const example = /^ *apiVersion: [\s\S]*?\n(?=\n)/m.exec(stdout)?.[0] ?? '';
    assert.lengthOf(parsePolicyExpectations(example, 'help').cases, 5);
  });
});
