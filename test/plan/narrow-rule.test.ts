import {assert} from 'chai';
import type {Region} from '../../src/evaluate/coverage/demands.ts';
import {ruleMatcher} from '../../src/evaluate/match.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import type {RequestAttributes} from '../../src/model/request.ts';
import {narrowRule, ruleFor} from '../../src/plan/narrow-rule.ts';
import {REQUESTS, generator, randomPolicy} from './random-policies.ts';

const REGIONS: readonly Region[] = [
  {kind: 'everything'},
  {kind: 'group', verb: 'get', group: ''},
  {kind: 'group', verb: 'patch', group: 'apps'},
  {kind: 'path', verb: 'get', path: '/healthz'},
  {kind: 'path', verb: 'get', path: '/metrics'},
  ...['pods', 'pods/exec', 'pods/status', 'secrets', 'serviceaccounts/token', 'things'].map((resource): Region => ({
    kind: 'resource',
    verb: 'create',
    group: '',
    resource,
  })),
  {kind: 'resource', verb: 'get', group: 'other', resource: 'things'},
];

function isIn(region: Region, {verb, target}: RequestAttributes): boolean {
  if (region.kind === 'everything') return true;
  if (region.verb !== verb) return false;
  if (region.kind === 'path') return target.kind === 'nonResource' && target.path === region.path;
  if (target.kind === 'nonResource' || target.group !== region.group) return false;
  const {resource, subresource} = target;
  if (region.kind === 'group') return subresource === '';
  return region.resource === (subresource === '' ? resource : `${resource}/${subresource}`);
}

/** In a rule `*` means subresources too, so only the resources themselves are compared. */
function isCompared(region: Region, {target}: RequestAttributes): boolean {
  return region.kind !== 'group' || target.kind === 'nonResource' || target.subresource === '';
}

describe('narrowRule', () => {
  for (const release of ['1.34', '1.36']) {
    it(`matches what the rule and the region share, on random rules (${release})`, () => {
      const version = parseKubernetesVersion(release);
      const random = generator(7);
      let narrowed = 0;
      for (let round = 0; round < 30; round += 1) {
        for (const rule of randomPolicy(random).rules) {
          const isMatched = ruleMatcher(rule, version);
          for (const region of REGIONS) {
            const narrow = narrowRule(rule, region, version);
            if (narrow !== undefined) narrowed += 1;
            const isNarrowlyMatched = narrow === undefined ? () => false : ruleMatcher(narrow, version);
            for (const request of REQUESTS.filter((each, index) => index % 31 === round && isCompared(region, each))) {
              const shared = isIn(region, request) && isMatched(request);
              if (isNarrowlyMatched(request) !== shared) assert.fail(JSON.stringify({rule, region, narrow, request}));
            }
          }
        }
      }
      assert.isAbove(narrowed, 100);
    });
  }

  it('keeps the level and the stages of the rule', () => {
    const rule = {...ruleFor({kind: 'everything'}), level: 'Request' as const, omitStages: ['Panic' as const]};
    const narrow = narrowRule(rule, {kind: 'path', verb: 'get', path: '/x'}, undefined);
    assert.deepEqual(narrow, {...rule, verbs: ['get'], nonResourceURLs: ['/x']});
  });
});
