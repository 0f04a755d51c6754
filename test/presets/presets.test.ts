import {assert} from 'chai';
import {coverage} from '../../src/evaluate/coverage/coverage.ts';
import {demandsOf} from '../../src/evaluate/coverage/demands.ts';
import {loadPolicy} from '../../src/evaluate/load/load-policy.ts';
import {UsageError} from '../../src/model/errors.ts';
import type {Preset} from '../../src/model/requirement.ts';
import {PRESETS, presetNamed} from '../../src/presets/index.ts';
import {resolvePresets} from '../../src/presets/resolve.ts';

function meetsStig(rules: string): boolean | undefined {
  const loaded = loadPolicy(`apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [${rules}]`, {serverVersion: undefined});
  assert(loaded.kind === 'loaded');
  return coverage(loaded.policy, presetNamed('stig').requirements, undefined)[0]?.met;
}

describe('the shipped presets', () => {
  for (const preset of PRESETS) {
    const {name, requirements, settings = [], departures = [], rotation} = preset;

    it(`${name}: everything has a reason, and ids of its own`, () => {
      const all = [...requirements, ...settings];
      assert.equal(new Set(all.map(({id}) => id)).size, all.length);
      for (const {id, title, reason} of all) {
        assert.notEqual(title, '', id);
        assert.match(reason, /\.$/, id);
      }
      assert.isNotEmpty(departures);
      for (const {what, why} of departures) {
        assert.match(what, /\.$/);
        assert.match(why, /\.$/);
      }
    });

    it(`${name}: every must has its place in the source`, () => {
      for (const {id, level, place} of [...requirements, ...settings]) {
        if (level === 'must') assert.isString(place, id);
      }
    });

    it(`${name}: flags of rotation have a least value`, () => {
      const ofRotation = settings.filter(({flag}) => /max(?:age|backup|size)$/.test(flag));
      assert.equal(ofRotation.length, rotation === undefined ? 0 : 3);
    });

    it(`${name}: does not contradict itself`, () => {
      assert.deepEqual(demandsOf([preset]).conflicts, []);
    });
  }

  it('stig: its own sample meets it, and one verb less does not', () => {
    assert.isTrue(meetsStig('{level: RequestResponse}'));
    assert.isFalse(meetsStig('{level: RequestResponse, verbs: [get, list, watch, create, update, patch, delete]}'));
    assert.isFalse(
      meetsStig('{level: Metadata, resources: [{group: "", resources: [secrets]}]}, {level: RequestResponse}'),
    );
  });

  it('only those of Calico Enterprise may be recorded elsewhere', () => {
    const elsewhere = PRESETS.flatMap(({name, requirements}) =>
      requirements.filter((requirement) => requirement.elsewhere !== undefined).map(({id}) => `${name}/${id}`),
    );
    assert.deepEqual(elsewhere, ['calico-enterprise/calico-policy-contents']);
  });
});

describe('demandsOf', () => {
  it('a should is no conflict, nor are presets that agree', () => {
    assert.deepEqual(demandsOf(['calico', 'calico-enterprise', 'cis'].map(presetNamed)).conflicts, []);
    assert.deepEqual(demandsOf(['calico', 'stig'].map(presetNamed)).conflicts, []);
  });

  it('the preferred preset has the last word, its shoulds before the musts of others', () => {
    const presets = ['cis', 'stig'].map(presetNamed);
    const levelOf = (prefer: string | undefined, resource: string): string | undefined =>
      demandsOf(presets, prefer).demands.find(
        ({region}) => region.kind === 'resource' && region.verb === 'create' && region.resource === resource,
      )?.level;
    assert.equal(levelOf('cis', 'secrets'), 'Metadata');
    assert.equal(levelOf('stig', 'secrets'), 'RequestResponse');
    assert.equal(levelOf('cis', 'serviceaccounts/token'), 'Metadata');
    assert.equal(levelOf(undefined, 'serviceaccounts/token'), 'RequestResponse');
    assert.equal(levelOf('cis', 'pods'), 'RequestResponse');
  });
});

describe('resolvePresets', () => {
  const ownPreset: Preset = {...presetNamed('cis'), name: 'mine'};
  const read: string[] = [];
  const readFile = (path: string): Promise<Preset> => {
    read.push(path);
    return Promise.resolve(path.includes('calico') ? presetNamed('calico') : ownPreset);
  };
  const rows: readonly (readonly [text: string, expected: string[] | RegExp])[] = [
    ['calico', ['calico']],
    ['cis,calico', ['cis', 'calico']],
    ['cis, stig', ['cis', 'stig']],
    ['mine.yaml', ['mine']],
    ['./mine', ['mine']],
    ['-', ['mine']],
    ['cis,mine.json,calico', ['cis', 'mine', 'calico']],
    ['', /Expected --preset= to be one of: calico, calico-enterprise, cis, stig/],
    ['pci', /Expected --preset=pci to be one of/],
    ['CIS', /Expected --preset=CIS to be one of/],
    ['cis,', /Expected --preset= to be one of/],
    ['cis,cis', /--preset cis,cis: two presets are named cis/],
    ['calico,calico.yml', /two presets are named calico/],
  ];
  for (const [text, expected] of rows) {
    it(`--preset ${text}`, async () => {
      const names = await resolvePresets(text, '--preset', readFile).then(
        (presets) => presets.map(({name}) => name),
        (error: unknown) => error,
      );
      if (!(expected instanceof RegExp)) assert.deepEqual(names, expected);
      else {
        assert.instanceOf(names, UsageError);
        assert.match(names.message, expected);
      }
    });
  }

  it('files are told from names before anything is read', () => {
    assert.deepEqual(new Set(read), new Set(['mine.yaml', './mine', '-', 'mine.json', 'calico.yml']));
  });
});
