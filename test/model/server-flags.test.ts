import {expect} from 'chai';
import {parseKubernetesVersion} from '../../src/model/kubernetes-version.ts';
import {auditSettings, parseServerFlags} from '../../src/model/server-flags.ts';

/** Messages below were seen from kube-apiserver 1.34.4 and 1.37.2; those of releases before 1.31 come from their source. */
const LOG = '--audit-log-path=/log';
const WEBHOOK = '--audit-webhook-config-file=/webhook';
const BATCH = '--audit-log-mode=batch';
const THROTTLE = '--audit-log-batch-throttle-enable';
const MODES = 'allowed modes are "batch,blocking,blocking-strict"';

const parse = (argv: readonly string[], version: string | undefined = '1.34') =>
  parseServerFlags(argv, version === undefined ? undefined : parseKubernetesVersion(version));

function valuesOf(argv: readonly string[]): Record<string, readonly string[]> {
  return Object.fromEntries([...parse(argv).given].map(([name, {values}]) => [name, values]));
}

describe('parseServerFlags: syntax', () => {
  const accepted: readonly (readonly [argv: readonly string[], given: Record<string, readonly string[]>])[] = [
    [[], {}],
    [['--audit-log-path=/a'], {'audit-log-path': ['/a']}],
    [['--audit-log-path', '/a'], {'audit-log-path': ['/a']}],
    [['--audit-log-path', '--audit-policy-file=/x'], {'audit-log-path': ['--audit-policy-file=/x']}],
    [['--audit-log-path', '--'], {'audit-log-path': ['--']}],
    [['--audit_log_path=/a=b'], {'audit-log-path': ['/a=b']}],
    [['--audit-log-path='], {'audit-log-path': ['']}],
    [['--audit-log-path="/x"'], {'audit-log-path': ['"/x"']}],
    [['--audit-log-path=/a', '--audit_log-path=/b'], {'audit-log-path': ['/a', '/b']}],
    [['--audit-log-compress', '--profiling=false'], {'audit-log-compress': ['true'], profiling: ['false']}],
    [['-v', '3'], {v: ['3']}],
    [['-v3'], {v: ['3']}],
    [['-v=3', '--v=4'], {v: ['3', '4']}],
    [['', '--profiling', '--', ''], {profiling: ['true']}],
    [['--version=false', '-h=false'], {version: ['false'], help: ['false']}],
  ];
  for (const [argv, given] of accepted) {
    it(`accepts ${JSON.stringify(argv)}`, () => {
      expect(valuesOf(argv)).to.deep.equal(given);
      expect(parse(argv).refused).to.deep.equal([]);
    });
  }

  const INVALID = 'strconv.ParseInt: parsing "x": invalid syntax';
  const refused: readonly (readonly [argv: readonly string[], message: string])[] = [
    [['--nope'], 'unknown flag: --nope'],
    [['--no_pe=1'], 'unknown flag: --no_pe'],
    [['--Audit-log-path=/x'], 'unknown flag: --Audit-log-path'],
    [['-x'], "unknown shorthand flag: 'x' in -x"],
    [['-audit-log-path=/x'], "unknown shorthand flag: 'a' in -audit-log-path=/x"],
    [['-hx'], "unknown shorthand flag: 'x' in -x"],
    [['-é'], "unknown shorthand flag: 'Ã' in -é"],
    [['-v'], "flag needs an argument: 'v' in -v"],
    [['-hv'], "flag needs an argument: 'v' in -v"],
    [['-vvv'], 'invalid argument "vv" for "-v, --v" flag: strconv.ParseUint: parsing "vv": invalid syntax'],
    [['-v='], 'invalid argument "=" for "-v, --v" flag: strconv.ParseUint: parsing "=": invalid syntax'],
    [
      ['-v', '--nope'],
      'invalid argument "--nope" for "-v, --v" flag: strconv.ParseUint: parsing "--nope": invalid syntax',
    ],
    [
      ['--help=maybe'],
      'invalid argument "maybe" for "-h, --help" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['--version=xx'], 'invalid argument "xx" for "--version" flag: strconv.ParseBool: parsing "xx": invalid syntax'],
    [['--audit-log-maxage'], 'flag needs an argument: --audit-log-maxage'],
    [['--audit_log_maxage'], 'flag needs an argument: --audit_log_maxage'],
    [['--=x'], 'bad flag syntax: --=x'],
    [['---x'], 'bad flag syntax: ---x'],
    [['--audit-log-maxage=x'], `invalid argument "x" for "--audit-log-maxage" flag: ${INVALID}`],
    [['--audit_log_maxage=x'], `invalid argument "x" for "--audit-log-maxage" flag: ${INVALID}`],
    [['--audit-log-maxage=x', '--nope'], `invalid argument "x" for "--audit-log-maxage" flag: ${INVALID}`],
    [
      ['--audit-log-compress='],
      'invalid argument "" for "--audit-log-compress" flag: strconv.ParseBool: parsing "": invalid syntax',
    ],
    [
      ['--audit-log-batch-max-wait=5'],
      'invalid argument "5" for "--audit-log-batch-max-wait" flag: time: missing unit in duration "5"',
    ],
    [
      ['--audit-webhook-batch-throttle-qps=x'],
      'invalid argument "x" for "--audit-webhook-batch-throttle-qps" flag: strconv.ParseFloat: parsing "x": invalid syntax',
    ],
    [['--audit-log-compress', 'true'], '"kube-apiserver" does not take any arguments, got ["true"]'],
    [['foo', 'a"b'], String.raw`"kube-apiserver" does not take any arguments, got ["foo" "a\"b"]`],
    [['-'], '"kube-apiserver" does not take any arguments, got ["-"]'],
    [['--', '', 'a'], '"kube-apiserver" does not take any arguments, got ["" "a"]'],
    [['a', '--nope'], 'unknown flag: --nope'],
    [['--help', '--nope'], 'unknown flag: --nope'],
    [['--help'], '--help: the process prints its usage and ends'],
    [['--version=raw'], '--version: the process prints its version and ends'],
  ];
  for (const [argv, message] of refused) {
    it(`refuses ${JSON.stringify(argv)}`, () => expect(parse(argv).refused).to.deep.equal([message]));
  }

  it('goes on reading after an error', () => {
    expect(parse(['--nope=1', LOG]).given.get('audit-log-path')?.value).to.equal('/log');
  });
});

describe('parseServerFlags: releases', () => {
  const cases: readonly (readonly [
    version: string | undefined,
    argv: readonly string[],
    refused: readonly string[],
  ])[] = [
    ['1.33', ['--gone-since', 'x', '--removed', LOG], []],
    ['1.35', ['--new-flag=1'], []],
    [undefined, ['--new-flag=1', '--audit-log-compress', '--audit-dynamic-configuration'], []],
    ['1.35', ['--audit-new=1'], ['unknown flag: --audit-new']],
    [undefined, ['--audit-log-max-age=1'], ['unknown flag: --audit-log-max-age']],
    ['1.18', ['--audit-dynamic-configuration', '--feature-gates=DynamicAuditing=true'], []],
    [
      '1.18',
      ['--audit-dynamic-configuration'],
      ['--audit-dynamic-configuration set, but DynamicAuditing feature gate is not enabled'],
    ],
    ['1.19', ['--audit-dynamic-configuration'], ['unknown flag: --audit-dynamic-configuration']],
    ['1.34', ['--audit-dynamic-configuration'], ['unknown flag: --audit-dynamic-configuration']],
    ['1.19', ['--audit-log-compress'], ['unknown flag: --audit-log-compress']],
    ['1.20', ['--audit-log-compress'], []],
    ['1.26', ['--feature-gates=AdvancedAuditing=false'], []],
    ['1.27', ['--feature-gates=AdvancedAuditing=true'], []],
    [
      '1.27',
      ['--feature-gates=AdvancedAuditing=false'],
      [
        'invalid argument "AdvancedAuditing=false" for "--feature-gates" flag: cannot set feature gate AdvancedAuditing to false, feature is locked to true',
      ],
    ],
    [
      '1.28',
      ['--feature-gates=A=true,AdvancedAuditing=true'],
      [
        'invalid argument "A=true,AdvancedAuditing=true" for "--feature-gates" flag: unrecognized feature gate: AdvancedAuditing',
      ],
    ],
    [
      '1.34',
      ['--feature-gates=AdvancedAuditing=false', LOG, '--audit-log-mode=x'],
      ['unrecognized feature gate: AdvancedAuditing'],
    ],
    ['1.37', ['--feature-gates=kube:AdvancedAuditing=t'], ['unrecognized feature gate: AdvancedAuditing']],
    ['1.34', ['--feature-gates=DynamicAuditing=true'], ['unrecognized feature gate: DynamicAuditing']],
    ['1.34', ['--feature-gates=Foo'], ['missing bool value for Foo']],
    [
      '1.34',
      ['--feature-gates=AllAlpha=x'],
      ['invalid value of AllAlpha=x, err: strconv.ParseBool: parsing "x": invalid syntax'],
    ],
    ['1.34', ['--feature-gates=,AllAlpha=true,'], []],
    [undefined, ['--feature-gates=AdvancedAuditing=true'], []],
    ['1.23', [LOG, '--audit-log-version=audit.k8s.io/v1beta1'], []],
    [
      '1.23',
      [LOG, '--audit-log-version=v9'],
      [
        'invalid group version, allowed versions are ["audit.k8s.io/v1alpha1" "audit.k8s.io/v1beta1" "audit.k8s.io/v1"]',
      ],
    ],
  ];
  for (const [version, argv, refused] of cases) {
    it(`${version ?? 'no version'}: ${argv.join(' ')}`, () => {
      expect(
        parseServerFlags(argv, version === undefined ? undefined : parseKubernetesVersion(version)).refused,
      ).to.deep.equal(refused);
    });
  }

  it('takes what follows a flag of another release for its value, unless it is a flag', () => {
    const {given} = parse(['--gone', 'x', '--removed', LOG], '1.30');
    expect([...given].map(([name, {value}]) => `${name}=${value}`)).to.deep.equal([
      'gone=x',
      'removed=true',
      'audit-log-path=/log',
    ]);
  });
});

describe('parseServerFlags: validation', () => {
  const VERSION = 'invalid group version, allowed versions are ["audit.k8s.io/v1"]';
  const cases: readonly (readonly [argv: readonly string[], refused: readonly string[]])[] = [
    [['--audit-log-mode=foo', '--audit-log-maxage=-1', '--audit-webhook-mode=foo'], []],
    [[LOG, '--audit-log-path=', '--audit-log-mode=foo'], []],
    [[LOG, '--audit-log-mode=foo'], [`invalid audit log mode foo, ${MODES}`]],
    [[LOG, '--audit-log-mode='], [`invalid audit log mode , ${MODES}`]],
    [[LOG, '--audit-log-batch-buffer-size=0'], []],
    [
      [LOG, BATCH, '--audit-log-batch-buffer-size=0'],
      ['invalid audit batch log buffer size 0, must be a positive number'],
    ],
    [
      [LOG, BATCH, '--audit-log-batch-max-size=-3'],
      ['invalid audit batch log max batch size -3, must be a positive number'],
    ],
    [[LOG, BATCH, THROTTLE], ['invalid audit batch log throttle QPS 0, must be a positive number']],
    [
      [LOG, BATCH, THROTTLE, '--audit-log-batch-throttle-qps=-1e7'],
      ['invalid audit batch log throttle QPS -1e+07, must be a positive number'],
    ],
    [
      [LOG, BATCH, THROTTLE, '--audit-log-batch-throttle-qps=NaN'],
      ['invalid audit batch log throttle burst 0, must be a positive number'],
    ],
    [
      [LOG, '--audit-log-truncate-max-event-size=0'],
      ['invalid audit truncate log max event size 0, must be a positive number'],
    ],
    [
      [LOG, '--audit-log-truncate-max-batch-size=1'],
      ['invalid audit truncate log max batch size 1, must be greater than max event size (102400)'],
    ],
    [[LOG, '--audit-log-version=a/b/c'], ['unexpected GroupVersion string: a/b/c']],
    [[LOG, '--audit-log-version=audit.k8s.io/v1beta1'], [VERSION]],
    [[LOG, '--audit-log-version='], [VERSION]],
    [[LOG, '--audit-log-format=xml'], ['invalid audit log format xml, allowed formats are "legacy,json"']],
    [
      [LOG, '--audit-log-maxage=-1', '--audit-log-maxbackup=-2', '--audit-log-maxsize=-3'],
      [
        "--audit-log-maxage -1 can't be a negative number",
        "--audit-log-maxbackup -2 can't be a negative number",
        "--audit-log-maxsize -3 can't be a negative number",
      ],
    ],
    [
      [
        '--audit-log-path=-',
        '--audit-log-maxage=-1',
        '--audit-log-mode=foo',
        '--audit-log-format=x',
        '--audit-log-version=q',
        '--audit-log-truncate-max-event-size=-5',
      ],
      [
        `invalid audit log mode foo, ${MODES}`,
        'invalid audit truncate log max event size -5, must be a positive number',
        VERSION,
        'invalid audit log format x, allowed formats are "legacy,json"',
        "--audit-log-maxage -1 can't be a negative number",
      ],
    ],
    [
      [WEBHOOK, '--audit-webhook-mode=foo', '--audit-webhook-version=v9', '--audit-webhook-truncate-max-batch-size=5'],
      [
        `invalid audit webhook mode foo, ${MODES}`,
        'invalid audit truncate webhook max batch size 5, must be greater than max event size (102400)',
        VERSION,
      ],
    ],
    [
      [WEBHOOK, '--audit-webhook-batch-throttle-qps=0'],
      ['invalid audit batch webhook throttle QPS 0, must be a positive number'],
    ],
    [[WEBHOOK, '--audit-webhook-batch-throttle-qps=0', '--audit-webhook-batch-throttle-enable=false'], []],
    [
      [LOG, WEBHOOK, '--audit-webhook-mode=foo', '--audit-log-mode=foo'],
      [`invalid audit log mode foo, ${MODES}`, `invalid audit webhook mode foo, ${MODES}`],
    ],
  ];
  for (const version of ['1.34', '1.37']) {
    for (const [argv, refused] of cases) {
      it(`${version}: ${argv.join(' ')}`, () => expect(parse(argv, version).refused).to.deep.equal(refused));
    }
  }
});

const settings = (argv: readonly string[], version: string) =>
  auditSettings(parse(argv, version), parseKubernetesVersion(version));

describe('auditSettings', () => {
  it('has the defaults up to 1.35', () => {
    const unset = {value: 0, from: 'default'};
    const {logMaxAge, logMaxBackup, logMaxSize, logMode, webhookMode} = settings([], '1.35');
    expect([logMaxAge, logMaxBackup, logMaxSize]).to.deep.equal([unset, unset, unset]);
    expect([logMode.value, webhookMode.value]).to.deep.equal(['blocking', 'batch']);
  });

  it('has the defaults from 1.36 on', () => {
    const {logMaxAge, logMaxBackup, logMaxSize} = settings([], '1.36');
    expect([logMaxAge.value, logMaxBackup.value, logMaxSize.value]).to.deep.equal([366, 100, 100]);
  });

  it('takes the last value of a flag, read as the server reads it', () => {
    const {logMaxBackup, logMaxAge, policyFile, logCompress, webhookBatchThrottleQps} = settings(
      [
        '--audit-log-maxbackup=5',
        '--audit-log-maxbackup=010',
        '--audit-log-maxage=0',
        '--audit-policy-file=/p',
        '--audit-log-compress',
        '--audit-webhook-batch-throttle-qps=0.1',
      ],
      '1.36',
    );
    expect(logMaxBackup).to.deep.equal({value: 8, from: 'flag'});
    expect(logMaxAge).to.deep.equal({value: 0, from: 'flag'});
    expect(policyFile).to.deep.equal({value: '/p', from: 'flag'});
    expect(logCompress.value).to.equal(true);
    expect(webhookBatchThrottleQps.value).to.equal(Math.fround(0.1));
  });

  it('counts a value that is refused as not given', () => {
    expect(settings(['--audit-log-maxage=x'], '1.36').logMaxAge).to.deep.equal({value: 366, from: 'default'});
  });
});
