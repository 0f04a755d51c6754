import {readFileSync} from 'node:fs';
import {assert} from 'chai';
import {loadPolicy} from '../../src/evaluate/load-policy.ts';
import type {LoadedPolicy} from '../../src/evaluate/load-policy.ts';
import {evaluate} from '../../src/evaluate/match.ts';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import {CASES, KNOWN_DIFFERENCES} from '../oracle/cases.ts';

/** The server's own structs, as encoding/json prints them. */
interface ServerRule {
  readonly Level: string;
  readonly Users: readonly string[] | null;
  readonly UserGroups: readonly string[] | null;
  readonly Verbs: readonly string[] | null;
  readonly Resources:
    | readonly {
        readonly Group: string;
        readonly Resources: readonly string[] | null;
        readonly ResourceNames: readonly string[] | null;
      }[]
    | null;
  readonly Namespaces: readonly string[] | null;
  readonly NonResourceURLs: readonly string[] | null;
  readonly OmitStages: readonly string[] | null;
  readonly OmitManagedFields: boolean | null;
}

interface ServerPolicy {
  readonly OmitStages: readonly string[] | null;
  readonly OmitManagedFields: boolean;
  readonly Rules: readonly ServerRule[];
}

interface Answer {
  readonly name: string;
  readonly error?: string;
  readonly warning?: string;
  readonly loaded?: ServerPolicy;
  readonly decisions?: readonly {level: string; omitStages: readonly string[]; omitManagedFields: boolean}[];
}

const serverVersion = parseKubernetesVersion('v1.34.4');
const answers = JSON.parse(
  readFileSync(new URL('../oracle/answers-0.34.json', import.meta.url), 'utf8'),
) as readonly Answer[];

describe('the answers of the API server itself', () => {
  it('are there for every case', () => {
    assert.deepEqual(
      answers.map((answer) => answer.name),
      CASES.map((each) => each.name),
    );
    assert.isAtLeast(new Set(CASES.map((each) => each.name)).size, 80);
  });

  for (const [index, {name, policy, requests}] of CASES.entries()) {
    it(name, () => {
      const answer = answers[index];
      assert.isDefined(answer);
      const loaded = loadPolicy(policy, {serverVersion});
      if (KNOWN_DIFFERENCES.has(name)) {
        assert.notEqual(errorOf(loaded), maskError(answer.error ?? ''), 'it no longer differs: take it off the list');
        return;
      }
      assert.equal(errorOf(loaded), maskError(answer.error ?? ''));
      if (loaded.kind === 'refused' || answer.loaded === undefined) return;
      assert.equal(loaded.warnings.join(', '), answer.warning ?? '');
      assert.deepEqual({...loaded.policy, rules: loaded.policy.rules.map(withoutLine)}, policyOf(answer.loaded));
      const decisions = requests?.map((request) => {
        const {level, omitStages, omitManagedFields, rule} = evaluate(loaded.policy, request, serverVersion);
        // Where no rule matches the server gives the policy's stages as they are written; sorted, for comparison.
        return {level, omitStages: omitStages.toSorted(), omitManagedFields, rule};
      });
      assert.deepEqual(
        decisions?.map(({rule: _, ...decision}) => decision),
        answer.decisions,
      );
    });
  }
});

function withoutLine({line: _, ...rule}: object & {line: number | undefined}): object {
  return rule;
}

function errorOf(loaded: LoadedPolicy): string {
  return loaded.kind === 'refused' ? maskError(loaded.message) : '';
}

/** Hides what is not ours to repeat: source lines, Go's dumps of values, and the YAML parser's own words. */
function maskError(message: string): string {
  return message
    .replace(/in scheme "[^"]*"/, 'in scheme "…"')
    .replace(
      /^(failed decoding: yaml: )(?!cannot decode|unknown anchor|anchor |map merge|control|document contains).*$/s,
      '$1…',
    )
    .replace(/(unsupported map key of type: [^,]*), key: .*$/s, '$1')
    .replace(/(parsing time "[^"]*").*$/s, '$1');
}

function policyOf(policy: ServerPolicy): object {
  return {
    omitStages: policy.OmitStages ?? [],
    omitManagedFields: policy.OmitManagedFields,
    rules: policy.Rules.map((rule) => ({
      level: rule.Level,
      users: rule.Users ?? [],
      userGroups: rule.UserGroups ?? [],
      verbs: rule.Verbs ?? [],
      resources: (rule.Resources ?? []).map((entry) => ({
        group: entry.Group,
        resources: entry.Resources ?? [],
        resourceNames: entry.ResourceNames ?? [],
      })),
      namespaces: rule.Namespaces ?? [],
      nonResourceURLs: rule.NonResourceURLs ?? [],
      omitStages: rule.OmitStages ?? [],
      omitManagedFields: rule.OmitManagedFields ?? undefined,
    })),
  };
}
