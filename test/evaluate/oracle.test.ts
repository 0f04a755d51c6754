/** Every case, for every release: what the product says is what the API server's own code said. Needs no Go. */
import {assert} from 'chai';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {policyRuleEvaluator} from '../../src/evaluate/match.ts';
import {requestFromHttp} from '../../src/evaluate/request/request-info.ts';
import {checkedInAnswers} from '../oracle/answers.ts';
import {CASES, KNOWN_DIFFERENCES} from '../oracle/cases.ts';
import {compare} from '../oracle/compare.ts';
import type {Engine} from '../oracle/compare.ts';
import {BASE} from '../oracle/protocol.ts';

const ENGINE: Engine = {loadPolicy, policyRuleEvaluator, requestFromHttp};
const answers = checkedInAnswers();

describe('the answers of the API server itself', () => {
  it('are there for every case, and for no other', () => {
    const names = CASES.map(({name}) => name);
    assert.equal(new Set(names).size, names.length, 'each case has a name of its own');
    for (const {byName} of answers) assert.sameMembers([...byName.keys()], names);
  });

  it('differ between the releases', () => {
    for (const {release, changed} of answers) if (release !== BASE) assert.isAtLeast(changed, 5, release.name);
  });

  for (const {name, ...question} of CASES) {
    it(name, () => {
      const differences = answers.flatMap(({release, byName}) => {
        const answer = byName.get(name);
        assert.isDefined(answer);
        const {difference} = compare(ENGINE, question, answer, release);
        return difference === undefined ? [] : [{release: release.name, ...difference}];
      });
      if (KNOWN_DIFFERENCES.has(name)) assert.isNotEmpty(differences, 'it no longer differs: take it off the list');
      else assert.deepEqual(differences, []);
    });
  }
});
