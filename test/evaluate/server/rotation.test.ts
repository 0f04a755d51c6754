import {expect} from 'chai';
import {judgeRotation} from '../../../src/evaluate/server/rotation.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import {auditSettings, parseServerFlags} from '../../../src/model/server-flags.ts';

const LOG = '--audit-log-path=/var/log/audit.log';
const WANTED = {maxAge: 30, maxBackup: 10, maxSize: 100};
const FOR_EVER = 'rotated files are kept for ever: neither their age nor their number is limited';

const limits = (age: number | undefined, backup: number | undefined, size: number | undefined) => [
  ...(age === undefined ? [] : [`--audit-log-maxage=${age}`]),
  ...(backup === undefined ? [] : [`--audit-log-maxbackup=${backup}`]),
  ...(size === undefined ? [] : [`--audit-log-maxsize=${size}`]),
];
const size = (worstCaseMebibytes: number, files: number, maxSize: number) =>
  ['rotation-size', {worstCaseMebibytes, files, maxSize}] as const;
const below = (flag: string, value: string, wanted: number) =>
  ['rotation-below-preset', {flag, value, wanted}] as const;

describe('judgeRotation', () => {
  type Expected = readonly (readonly [code: string, args: object])[];
  const cases: readonly (readonly [version: string | undefined, argv: readonly string[], expected: Expected])[] = [
    ['1.34', [], []],
    ['1.34', ['--audit-log-path=-', ...limits(1, 1, 1)], []],
    ['1.35', [LOG], [['rotation-unlimited', {reason: FOR_EVER}]]],
    [undefined, [LOG], [['rotation-unlimited', {reason: FOR_EVER}]]],
    ['1.36', [LOG], [size(10100, 101, 100)]],
    ['1.35', [LOG, ...limits(undefined, 10, 0)], [size(1100, 11, 100)]],
    ['1.36', [LOG, ...limits(undefined, 10, 0)], [['rotation-none', {}]]],
    ['1.36', [LOG, ...limits(0, 0, undefined)], [['rotation-unlimited', {reason: FOR_EVER}]]],
    [
      '1.34',
      [LOG, ...limits(7, 0, 50)],
      [
        [
          'rotation-unlimited',
          {reason: 'only age limits the rotated files (7 days), neither their number nor their size'},
        ],
        below('audit-log-maxage', '7', 30),
        below('audit-log-maxsize', '50', 100),
      ],
    ],
    ['1.34', [LOG, ...limits(30, 10, 100)], [size(1100, 11, 100)]],
    ['1.34', [LOG, ...limits(30, 9, 100)], [size(1000, 10, 100), below('audit-log-maxbackup', '9', 10)]],
    ['1.34', [LOG, ...limits(0, 10, undefined)], [size(1100, 11, 100)]],
  ];
  for (const [text, argv, expected] of cases) {
    it(`${text ?? 'no version'}: ${argv.join(' ')}`, () => {
      const version = text === undefined ? undefined : parseKubernetesVersion(text);
      const settings = auditSettings(parseServerFlags(argv, version), version);
      const findings = judgeRotation(settings, version, WANTED, {node: 'cp1'});
      expect(findings.map(({code, args}) => [code, args])).to.deep.equal(expected);
    });
  }

  it('compares with nothing where the preset asks for nothing', () => {
    const version = parseKubernetesVersion('1.34');
    const settings = auditSettings(parseServerFlags([LOG, ...limits(1, 1, 1)], version), version);
    expect(judgeRotation(settings, version, undefined, {}).map(({code}) => code)).to.deep.equal(['rotation-size']);
  });
});
