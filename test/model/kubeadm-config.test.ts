import {expect} from 'chai';
import {parseKubeadmApiServer} from '../../src/model/kubeadm-config.ts';

const extraVolumes = `
  extraVolumes:
  - name: audit
    hostPath: /etc/kubernetes/audit
    mountPath: /etc/kubernetes/audit
    readOnly: true
    pathType: DirectoryOrCreate
  - {name: log, hostPath: /var/log/k8s, mountPath: /var/log/k8s}
`;
const volumes = [
  {
    name: 'audit',
    hostPath: '/etc/kubernetes/audit',
    mountPath: '/etc/kubernetes/audit',
    readOnly: true,
    pathType: 'DirectoryOrCreate',
  },
  {name: 'log', hostPath: '/var/log/k8s', mountPath: '/var/log/k8s', readOnly: false, pathType: ''},
];

const cluster = (version: string, apiServer: string) =>
  `apiVersion: kubeadm.k8s.io/${version}\nkind: ClusterConfiguration\napiServer:\n${apiServer}`;

describe('parseKubeadmApiServer', () => {
  for (const version of ['v1beta2', 'v1beta3']) {
    it(`reads the map of ${version}`, () => {
      const text = cluster(
        version,
        `  extraArgs:\n    audit-log-path: /x\n    audit-log-maxage: "30"\n    v: 2${extraVolumes}`,
      );
      expect(parseKubeadmApiServer(text)).to.deep.equal({
        kind: 'read',
        extraArgs: new Map([
          ['audit-log-path', ['/x']],
          ['audit-log-maxage', ['30']],
          ['v', ['2']],
        ]),
        extraVolumes: volumes,
      });
    });
  }

  it('reads the list of v1beta4, with its repetitions', () => {
    const text = cluster(
      'v1beta4',
      `  extraArgs:\n  - {name: a, value: x}\n  - {name: b, value: ""}\n  - {name: a, value: "y"}${extraVolumes}`,
    );
    expect(parseKubeadmApiServer(text)).to.deep.equal({
      kind: 'read',
      extraArgs: new Map([
        ['a', ['x', 'y']],
        ['b', ['']],
      ]),
      extraVolumes: volumes,
    });
  });

  it('finds the document among others', () => {
    const text = `---\napiVersion: kubeadm.k8s.io/v1beta3\nkind: InitConfiguration\n---\n${cluster('v1beta3', '  extraArgs: {a: b}')}\n---\n`;
    expect(parseKubeadmApiServer(text)).to.deep.include({kind: 'read', extraArgs: new Map([['a', ['b']]])});
  });

  it('takes a missing part for an empty one', () => {
    const nothing = {kind: 'read', extraArgs: new Map(), extraVolumes: []};
    expect(parseKubeadmApiServer('apiVersion: kubeadm.k8s.io/v1beta4\nkind: ClusterConfiguration')).to.deep.equal(
      nothing,
    );
    expect(parseKubeadmApiServer(cluster('v1beta3', '  timeoutForControlPlane: 4m0s'))).to.deep.equal(nothing);
  });

  const refusals: readonly (readonly [text: string, reason: string])[] = [
    ['', 'no ClusterConfiguration among its documents'],
    ['kind: InitConfiguration', 'no ClusterConfiguration among its documents'],
    ['just text', 'no ClusterConfiguration among its documents'],
    [cluster('v1alpha1', '  {}'), 'apiVersion "kubeadm.k8s.io/v1alpha1" is not supported'],
    [cluster('v1beta4', '  extraArgs: {a: b}'), 'apiServer.extraArgs is not a list, as v1beta4 has it'],
    [
      cluster('v1beta3', '  extraArgs: [{name: a, value: b}]'),
      'apiServer.extraArgs is not a mapping, as v1beta3 has it',
    ],
    [cluster('v1beta3', '  []'), 'apiServer is not a mapping'],
  ];
  for (const [text, reason] of refusals) {
    it(`says: ${reason}`, () => expect(parseKubeadmApiServer(text)).to.deep.equal({kind: 'unreadable', reason}));
  }

  it('says where YAML is broken', () => {
    const broken = parseKubeadmApiServer('kind: ClusterConfiguration\nfoo: [\n');
    expect(broken.kind === 'unreadable' && broken.reason).to.match(/ at line \d+, column \d+$/);
  });
});
