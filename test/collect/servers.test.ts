import {expect} from 'chai';
import {sortServers} from '../../src/collect/servers.ts';
import type {Pod} from '../../src/model/pod.ts';

interface Difference {
  readonly name?: string;
  readonly namespace?: string;
  readonly node?: string;
  readonly owner?: string | undefined;
  readonly mirror?: boolean;
  readonly command?: readonly string[];
}

/** The mirror pod of cp1 as the kubelet makes it, but for what a case changes. */
function pod(difference: Difference = {}): Pod {
  const {
    name = 'kube-apiserver-cp1',
    namespace = 'kube-system',
    node = 'cp1',
    mirror = true,
    command = ['kube-apiserver'],
  } = difference;
  const owner = 'owner' in difference ? difference.owner : 'cp1';
  return {
    metadata: {
      name,
      namespace,
      annotations: mirror ? {'kubernetes.io/config.mirror': 'aa'} : {},
      ownerReferences: owner === undefined ? [] : [{kind: 'Node', name: owner}],
    },
    spec: {nodeName: node, containers: [{name: 'kube-apiserver', command}]},
  };
}

const NODES = new Set(['cp1', 'cp2']);

describe('own and foreign API servers', () => {
  const cases: readonly {
    readonly name: string;
    readonly pod: Pod;
    readonly nodes?: ReadonlySet<string> | undefined;
    readonly foreign: RegExp | undefined;
  }[] = [
    {name: 'a mirror pod of a node of this cluster', pod: pod(), foreign: undefined},
    {name: 'the same where nodes may not be listed', pod: pod(), nodes: undefined, foreign: undefined},
    {
      name: 'a Deployment in another namespace (HyperShift, Kamaji)',
      pod: pod({namespace: 'clusters-a', mirror: false, owner: undefined}),
      foreign: /runs in namespace clusters-a/,
    },
    {
      name: 'a mirror annotation in another namespace',
      pod: pod({namespace: 'tenant'}),
      foreign: /runs in namespace tenant/,
    },
    {name: 'no mirror annotation', pod: pod({mirror: false}), foreign: /not the mirror of a static pod/},
    {
      name: 'a name that does not end in the node',
      pod: pod({name: 'kube-apiserver-cp2'}),
      foreign: /does not end in its node's name/,
    },
    {name: 'owned by another node', pod: pod({owner: 'cp2'}), foreign: /node cp1 does not own it/},
    {name: 'owned by nobody', pod: pod({owner: undefined}), foreign: /node cp1 does not own it/},
    {
      name: 'a node that this cluster does not have',
      pod: pod({name: 'kube-apiserver-cp9', node: 'cp9', owner: 'cp9'}),
      foreign: /node cp9 is not a node of this cluster/,
    },
  ];
  for (const {name, pod: candidate, foreign, ...rest} of cases) {
    it(name, () => {
      const sorted = sortServers([candidate], 'nodes' in rest ? rest.nodes : NODES);
      expect(sorted.own.length).to.equal(foreign === undefined ? 1 : 0);
      expect(sorted.foreign.map((item) => item.reason).join()).to.match(foreign ?? /^$/);
    });
  }

  it('takes a pod once that several selectors find', () => {
    expect(sortServers([pod(), pod()], NODES).own).to.have.lengthOf(1);
  });

  it('leaves out pods that run something else, on either side', () => {
    expect(
      sortServers([{...pod(), spec: {nodeName: 'cp1', containers: [{name: 'etcd', command: ['etcd']}]}}], NODES),
    ).to.deep.equal({own: [], foreign: []});
  });
});
