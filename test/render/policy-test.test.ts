import {assert} from 'chai';
import {parse} from 'yaml';
import type {Explanation} from '../../src/model/explanation.ts';
import type {Expectation} from '../../src/model/policy-expectations.ts';
import type {PolicyTestReport} from '../../src/model/policy-test-report.ts';
import {policyTestJson, policyTestJunit, policyTestText, policyTestYaml} from '../../src/render/policy-test.ts';
import {paintNothing} from '../../src/render/table.ts';

const ANSWER: Explanation = {
  level: 'None',
  rule: {number: 1, line: 4},
  stages: [],
  omittedStages: [],
  bodies: {request: {recorded: false, reason: 'no-event'}, response: {recorded: false, reason: 'no-event'}},
  omitManagedFields: false,
  passed: [],
};

const NOTHING: Expectation = {
  level: undefined,
  atLeast: undefined,
  atMost: undefined,
  stages: undefined,
  rule: undefined,
  omitManagedFields: undefined,
};

/** One case of this name that fails for its level, asked by a user of the same name. */
function report(name: string, expect: Partial<Expectation> = {atLeast: 'Metadata'}): PolicyTestReport {
  const subject = {kind: 'user', name, groups: []} as const;
  const asked = {subject, verb: 'get', target: {kind: 'nonResource', path: '/x'}} as const;
  const requests = [{asked, answer: ANSWER, failed: ['level'] as const}];
  const cases = [{name, line: 7, expect: {...NOTHING, ...expect}, requests, holds: false}];
  const policy = {file: 'p.yaml', sha256: '0'.repeat(64)};
  return {files: [{file: 'f.yaml', policy, serverVersion: undefined, warnings: [], cases}]};
}

describe('reports of policy test', () => {
  const texts: Readonly<Record<string, string>> = {
    'a < b & "c" > \'d\'': "a &lt; b &amp; &quot;c&quot; &gt; 'd'",
    'line\nline\ttab\rreturn': 'line&#10;line&#9;tab&#13;return',
    'escape \u001b[31m and NUL \u0000': 'escape \ufffd[31m and NUL \ufffd',
    'half a pair \ud800, a whole one \u{1f600}': 'half a pair \ufffd, a whole one \u{1f600}',
    ']]> \ufffe': ']]&gt; \ufffd',
  };
  for (const [name, expected] of Object.entries(texts)) {
    it(`escape ${JSON.stringify(name)} in XML`, () => {
      const xml = policyTestJunit(report(name));
      assert.include(xml, `<testcase name="${expected}" classname="p.yaml" file="f.yaml" line="7">`);
      // eslint-disable-next-line no-control-regex -- that is what must not be there
      assert.notMatch(xml, /[\u0000-\u0008\u000b\u000c\u000d\u000e-\u001f\ufffe]/);
    });
  }

  const wanted: readonly (readonly [Partial<Expectation>, string])[] = [
    [{level: 'Request'}, 'wanted Request; got None, by rule 1 (line 4): nothing is recorded'],
    [{atLeast: 'Metadata'}, 'wanted at least Metadata; got None'],
    [{atMost: 'Metadata'}, 'wanted at most Metadata; got None'],
    [{atLeast: 'Metadata', atMost: 'Request'}, 'wanted at least Metadata, at most Request; got None'],
  ];
  for (const [expect, text] of wanted) {
    it(`say ${text}`, () => {
      assert.include(policyTestText(report('x', expect), {wide: false, paint: paintNothing}), text);
    });
  }

  it('are the same in JSON and YAML, and count', () => {
    const json = JSON.parse(policyTestJson(report('x'))) as Record<string, unknown>;
    assert.deepEqual(parse(policyTestYaml(report('x'))), json);
    assert.deepEqual([json['holds'], json['cases'], json['failed']], [false, 1, 1]);
  });
});
