import {expect} from 'chai';
import {resolvePath} from '../../src/model/mounts.ts';
import type {Container, PodSpec, Volume, VolumeMount} from '../../src/model/pod.ts';

const volumes: readonly Volume[] = [
  {name: 'kubernetes', hostPath: {path: '/etc/kubernetes/', type: 'DirectoryOrCreate'}},
  {name: 'audit', hostPath: {path: '/srv/audit', type: 'Directory'}},
  {name: 'file', hostPath: {path: '/srv/policy.yaml', type: 'File'}},
  {name: 'untyped', hostPath: {path: '/srv'}},
  {name: 'config', configMap: {name: 'audit-policy'}},
  {name: 'items', configMap: {name: 'audit-policy', items: [{key: 'p', path: 'deep/policy.yaml'}]}},
  {name: 'secret', secret: {secretName: 'webhook'}},
  {name: 'scratch', emptyDir: {}},
  {name: 'claim', persistentVolumeClaim: {claimName: 'x'}},
];

function resolve(path: string, mounts: readonly VolumeMount[], more: Partial<Container> = {}) {
  const container: Container = {name: 'kube-apiserver', volumeMounts: mounts, ...more};
  const spec: PodSpec = {containers: [container], volumes};
  return resolvePath(spec, container, path);
}

const host = {kind: 'host', type: '', mountIsFile: false, volumeIsFile: false, readOnly: false};

describe('resolvePath', () => {
  type Case = readonly [name: string, path: string, mounts: readonly VolumeMount[], expected: object];
  const kubernetes: VolumeMount = {name: 'kubernetes', mountPath: '/etc/kubernetes', readOnly: true};
  const audit: VolumeMount = {name: 'audit', mountPath: '/etc/kubernetes/audit'};
  const below = {...host, volume: 'audit', mountPath: '/etc/kubernetes/audit', type: 'Directory'};
  const cases: readonly Case[] = [
    ['standard output', '-', [], {kind: 'stdout'}],
    ['a path that is not mounted', '/etc/kubernetes/p', [], {kind: 'image', path: '/etc/kubernetes/p'}],
    [
      'the mount with the longest path, in any order',
      '/etc/kubernetes/audit/p',
      [audit, kubernetes],
      {...below, hostPath: '/srv/audit/p'},
    ],
    [
      'whole segments only',
      '/etc/kubernetes/audit-policy.yaml',
      [kubernetes, audit],
      {
        ...host,
        volume: 'kubernetes',
        mountPath: '/etc/kubernetes',
        type: 'DirectoryOrCreate',
        readOnly: true,
        hostPath: '/etc/kubernetes/audit-policy.yaml',
      },
    ],
    ['a path with dots', '/etc/kubernetes/./pki/..//audit/p', [audit], {...below, hostPath: '/srv/audit/p'}],
    [
      'a mount at the file itself',
      '/etc/policy.yaml',
      [{name: 'file', mountPath: '/etc/policy.yaml'}],
      {
        ...host,
        volume: 'file',
        mountPath: '/etc/policy.yaml',
        type: 'File',
        mountIsFile: true,
        volumeIsFile: true,
        hostPath: '/srv/policy.yaml',
      },
    ],
    [
      'a subPath',
      '/etc/policy.yaml',
      [{name: 'audit', mountPath: '/etc/policy.yaml', subPath: 'a/p.yaml'}],
      {
        ...host,
        volume: 'audit',
        mountPath: '/etc/policy.yaml',
        type: 'Directory',
        mountIsFile: true,
        hostPath: '/srv/audit/a/p.yaml',
      },
    ],
    [
      'a mount with a slash at its end, and one at the root',
      '/log/a',
      [
        {name: 'untyped', mountPath: '/log/'},
        {name: 'scratch', mountPath: '/'},
      ],
      {...host, volume: 'untyped', mountPath: '/log/', hostPath: '/srv/a'},
    ],
    [
      'a ConfigMap',
      '/p/policy.yaml',
      [{name: 'config', mountPath: '/p'}],
      {kind: 'configMap', name: 'audit-policy', key: 'policy.yaml', volume: 'config', mountPath: '/p', readOnly: false},
    ],
    [
      'a ConfigMap by subPath',
      '/p.yaml',
      [{name: 'config', mountPath: '/p.yaml', subPath: 'policy.yaml'}],
      {
        kind: 'configMap',
        name: 'audit-policy',
        key: 'policy.yaml',
        volume: 'config',
        mountPath: '/p.yaml',
        readOnly: false,
      },
    ],
    [
      'an item of a ConfigMap',
      '/p/deep/policy.yaml',
      [{name: 'items', mountPath: '/p'}],
      {kind: 'configMap', name: 'audit-policy', key: 'p', volume: 'items', mountPath: '/p', readOnly: false},
    ],
    [
      'a key that is not among the items',
      '/p/policy.yaml',
      [{name: 'items', mountPath: '/p'}],
      {kind: 'configMap', name: 'audit-policy', key: undefined, volume: 'items', mountPath: '/p', readOnly: false},
    ],
    [
      'a Secret',
      '/s/kubeconfig',
      [{name: 'secret', mountPath: '/s', readOnly: true}],
      {kind: 'secret', name: 'webhook', key: 'kubeconfig', volume: 'secret', mountPath: '/s', readOnly: true},
    ],
    [
      'an emptyDir',
      '/t/a',
      [{name: 'scratch', mountPath: '/t'}],
      {kind: 'emptyDir', volume: 'scratch', mountPath: '/t', readOnly: false},
    ],
    [
      'another source',
      '/t/a',
      [{name: 'claim', mountPath: '/t'}],
      {kind: 'other', description: 'persistentVolumeClaim', volume: 'claim', mountPath: '/t', readOnly: false},
    ],
    [
      'a volume that does not exist',
      '/t/a',
      [{name: 'nope', mountPath: '/t'}],
      {kind: 'other', description: 'the pod has no such volume', volume: 'nope', mountPath: '/t', readOnly: false},
    ],
  ];
  for (const [name, path, mounts, expected] of cases) {
    it(name, () => expect(resolve(path, mounts)).to.deep.equal(expected));
  }

  it('starts a relative path at the working directory', () => {
    const mounts = [{name: 'audit', mountPath: '/work/audit'}];
    expect(resolve('audit/p', mounts, {workingDir: '/work'})).to.include({kind: 'host', hostPath: '/srv/audit/p'});
    expect(resolve('audit/p', mounts)).to.deep.equal({kind: 'image', path: '/audit/p'});
  });

  it('expands subPathExpr from the environment, where its values are known', () => {
    const mounts = [{name: 'audit', mountPath: '/log', subPathExpr: '$(NODE)/x'}];
    const known = resolve('/log/a', mounts, {env: [{name: 'NODE', value: 'cp1'}]});
    expect(known).to.include({kind: 'host', hostPath: '/srv/audit/cp1/x/a'});
    expect(resolve('/log/a', mounts, {env: [{name: 'NODE', valueFrom: {}}]}).kind).to.equal('other');
  });
});
