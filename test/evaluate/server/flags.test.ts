import {expect} from 'chai';
import {judgeFlags} from '../../../src/evaluate/server/flags.ts';
import {parseKubernetesVersion} from '../../../src/model/kubernetes-version.ts';
import {auditSettings, parseServerFlags} from '../../../src/model/server-flags.ts';

const where = {node: 'cp1'};

function judge(argv: readonly string[], versionText: string) {
  const version = parseKubernetesVersion(versionText);
  const flags = parseServerFlags(argv, version);
  return judgeFlags(flags, auditSettings(flags, version), version, where);
}

const LOG = '--audit-log-path=/var/log/audit.log';
const WEBHOOK = '--audit-webhook-config-file=/etc/webhook.yaml';
const DROPS = ['webhook-mode-drops', {bufferSize: 10000, maxBatchSize: 400, qps: 10, burst: 15}] as const;
const idle = (flag: string, reason: string) => ['flag-without-effect', {flag, reason}] as const;

describe('judgeFlags', () => {
  type Expected = readonly (readonly [code: string, args: object])[];
  const cases: readonly (readonly [name: string, argv: readonly string[], expected: Expected, version?: string])[] = [
    ['nothing', [], []],
    ['a sound log', ['--audit-policy-file=/p', LOG, '--audit-log-maxage=30', '--audit-log-compress'], []],
    ['a refusal', ['--nope'], [['flag-refused', {message: 'unknown flag: --nope'}]]],
    [
      'two refusals',
      [LOG, '--audit-log-maxage=-1', '--audit-log-format=x'],
      [
        ['flag-refused', {message: 'invalid audit log format x, allowed formats are "legacy,json"'}],
        ['flag-refused', {message: "--audit-log-maxage -1 can't be a negative number"}],
      ],
    ],
    [
      'a repeated audit flag, not another one',
      [LOG, '--audit-log-path=/b', '--v=1', '--v=2'],
      [['flag-repeated', {flag: 'audit-log-path', values: ['/var/log/audit.log', '/b']}]],
    ],
    [
      'log flags without a log',
      ['--audit-log-maxage=30', '--audit-log-compress=false'],
      [idle('audit-log-maxage', '--audit-log-path is not set')],
    ],
    [
      'rotation of standard output',
      ['--audit-log-path=-', '--audit-log-maxsize=5', '--audit-log-format=json'],
      [idle('audit-log-maxsize', 'standard output is not rotated'), ['log-to-stdout', {}]],
    ],
    [
      'rotation turned off',
      [LOG, '--audit-log-maxsize=0', '--audit-log-maxbackup=5'],
      [idle('audit-log-maxbackup', '--audit-log-maxsize=0 turns rotation off')],
      '1.36',
    ],
    ['a size of 0 before 1.36', [LOG, '--audit-log-maxsize=0', '--audit-log-maxbackup=5'], [], '1.35'],
    [
      'batch flags without batch mode',
      [LOG, '--audit-log-batch-max-size=5'],
      [idle('audit-log-batch-max-size', '--audit-log-mode is blocking')],
    ],
    [
      'batch mode of the log, its throttle off',
      [LOG, '--audit-log-mode=batch', '--audit-log-batch-buffer-size=7', '--audit-log-batch-throttle-qps=5'],
      [
        idle('audit-log-batch-throttle-qps', '--audit-log-batch-throttle-enable is false'),
        ['log-mode-drops', {mode: 'batch', bufferSize: 7}],
      ],
    ],
    [
      'truncation sizes without truncation',
      [LOG, '--audit-log-truncate-max-event-size=5'],
      [idle('audit-log-truncate-max-event-size', '--audit-log-truncate-enabled is false')],
    ],
    ['truncation', [LOG, '--audit-log-truncate-enabled', '--audit-log-truncate-max-event-size=5'], []],
    ['the strict mode', [LOG, '--audit-log-mode=blocking-strict'], [['log-mode-strict', {}]]],
    ['a webhook', [WEBHOOK], [DROPS]],
    [
      'a webhook without throttle',
      [WEBHOOK, '--audit-webhook-batch-throttle-enable=false', '--audit-webhook-batch-throttle-burst=3'],
      [
        idle('audit-webhook-batch-throttle-burst', '--audit-webhook-batch-throttle-enable is false'),
        ['webhook-mode-drops', {bufferSize: 10000, maxBatchSize: 400, qps: 0, burst: 0}],
      ],
    ],
    [
      'a blocking webhook',
      [
        WEBHOOK,
        '--audit-webhook-mode=blocking',
        '--audit-webhook-batch-max-wait=1s',
        '--audit-webhook-batch-initial-backoff=1s',
      ],
      [
        idle('audit-webhook-batch-max-wait', '--audit-webhook-mode is blocking'),
        ['webhook-mode-blocks', {mode: 'blocking'}],
      ],
    ],
    [
      'webhook flags without a webhook',
      ['--audit-webhook-initial-backoff=5s'],
      [idle('audit-webhook-initial-backoff', '--audit-webhook-config-file is not set')],
    ],
    [
      'paths that are not absolute',
      ['--audit-policy-file="/p"', '--audit-log-path=audit.log', WEBHOOK],
      [
        ['path-not-absolute', {flag: 'audit-policy-file', path: '"/p"'}],
        ['path-not-absolute', {flag: 'audit-log-path', path: 'audit.log'}],
        DROPS,
      ],
    ],
    [
      'the gate of old',
      ['--feature-gates=AdvancedAuditing=false'],
      [idle('feature-gates', 'no code of the server reads the feature gate AdvancedAuditing')],
      '1.26',
    ],
  ];
  for (const [name, argv, expected, version = '1.34'] of cases) {
    it(name, () => {
      const findings = judge(argv, version);
      expect(findings.map(({code, args}) => [code, args])).to.deep.equal(expected);
      for (const found of findings) expect(found.where).to.equal(where);
    });
  }
});
