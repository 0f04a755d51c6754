import {expect} from 'chai';
import {judgeMounts} from '../../../src/evaluate/server/mounts.ts';
import type {Container, Volume} from '../../../src/model/pod.ts';
import {auditSettings, parseServerFlags} from '../../../src/model/server-flags.ts';

const POLICY = '/etc/kubernetes/audit/policy.yaml';
const LOG = '/var/log/kubernetes/audit/audit.log';
const WEBHOOK = '/etc/kubernetes/audit/webhook.yaml';

interface Mount {
  readonly at: string;
  readonly readOnly?: boolean;
  readonly subPath?: string;
  readonly from: Omit<Volume, 'name'>;
}

const hostPath = (at: string, type?: string, path = at, more: Partial<Mount> = {}): Mount => ({
  at,
  from: {hostPath: type === undefined ? {path} : {path, type}},
  ...more,
});

function judge(argv: readonly string[], mounts: readonly Mount[]) {
  const container: Container = {
    name: 'kube-apiserver',
    volumeMounts: mounts.map(({at, readOnly, subPath}, index) => ({
      name: `v${index}`,
      mountPath: at,
      ...(readOnly === undefined ? {} : {readOnly}),
      ...(subPath === undefined ? {} : {subPath}),
    })),
  };
  const volumes = mounts.map(({from}, index) => ({name: `v${index}`, ...from}));
  const settings = auditSettings(parseServerFlags(argv, undefined), undefined);
  return judgeMounts({containers: [container], volumes}, container, settings, {node: 'cp1'});
}

describe('judgeMounts', () => {
  type Expected = readonly (readonly [code: string, args: object])[];
  const policy = `--audit-policy-file=${POLICY}`;
  const log = `--audit-log-path=${LOG}`;
  const webhook = `--audit-webhook-config-file=${WEBHOOK}`;
  const cases: readonly (readonly [
    name: string,
    argv: readonly string[],
    mounts: readonly Mount[],
    expected: Expected,
  ])[] = [
    ['no flags', [], [], []],
    ['standard output', ['--audit-log-path=-'], [], []],
    [
      'directories on the host',
      [policy, log, webhook],
      [
        hostPath('/etc/kubernetes/audit', 'Directory', '/srv/audit', {readOnly: true}),
        hostPath('/var/log/kubernetes/audit', 'DirectoryOrCreate'),
      ],
      [],
    ],
    [
      'nothing mounted',
      [policy, log, webhook],
      [hostPath('/etc/kubernetes/pki'), hostPath('/var/log/kube')],
      [
        ['path-not-mounted', {flag: 'audit-policy-file', path: POLICY}],
        ['path-not-mounted', {flag: 'audit-log-path', path: LOG}],
        ['path-not-mounted', {flag: 'audit-webhook-config-file', path: WEBHOOK}],
      ],
    ],
    [
      'single files',
      [policy, log, webhook],
      [hostPath(POLICY, 'File'), hostPath(LOG, 'FileOrCreate'), hostPath(WEBHOOK, 'File')],
      [
        ['policy-single-file-mount', {path: POLICY}],
        ['log-single-file-mount', {path: LOG}],
      ],
    ],
    ['a single log file without a type', [log], [hostPath(LOG)], [['log-single-file-mount', {path: LOG}]]],
    [
      'a single log file by subPath',
      [log],
      [hostPath(LOG, 'Directory', '/var/log', {subPath: 'audit.log'})],
      [['log-single-file-mount', {path: LOG}]],
    ],
    [
      'a log that may not be written',
      [log],
      [hostPath('/var/log', 'Directory', '/var/log', {readOnly: true})],
      [['log-read-only', {path: LOG, mount: '/var/log'}]],
    ],
    [
      'a directory type for a file',
      [policy, log],
      [hostPath(POLICY, 'DirectoryOrCreate'), hostPath(LOG, 'Socket', '/srv/log')],
      [
        ['host-path-type', {flag: 'audit-policy-file', path: POLICY, type: 'DirectoryOrCreate', expected: 'File'}],
        ['host-path-type', {flag: 'audit-log-path', path: '/srv/log', type: 'Socket', expected: 'File'}],
      ],
    ],
    [
      'a file type for a directory',
      [log],
      [hostPath('/var/log/kubernetes/audit', 'FileOrCreate')],
      [['host-path-type', {flag: 'audit-log-path', path: LOG, type: 'FileOrCreate', expected: 'Directory'}]],
    ],
    [
      'empty directories',
      [policy, log, webhook],
      [
        {at: '/etc/kubernetes/audit', from: {emptyDir: {}}},
        {at: '/var/log/kubernetes', from: {emptyDir: {}}},
      ],
      [
        ['policy-on-empty-dir', {path: POLICY, volume: 'v0'}],
        ['log-on-empty-dir', {path: LOG, volume: 'v1'}],
      ],
    ],
    ['a policy from a ConfigMap', [policy], [{at: '/etc/kubernetes/audit', from: {configMap: {name: 'policy'}}}], []],
    [
      'a log in a projected volume',
      [log],
      [{at: '/var/log', from: {projected: {}}}],
      [['log-read-only', {path: LOG, mount: '/var/log'}]],
    ],
  ];
  for (const [name, argv, mounts, expected] of cases) {
    it(name, () => expect(judge(argv, mounts).map(({code, args}) => [code, args])).to.deep.equal(expected));
  }
});
