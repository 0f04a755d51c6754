import {expect} from 'chai';
import {expandVariables, findServerCommand} from '../../src/model/command-line.ts';
import type {Container, PodSpec} from '../../src/model/pod.ts';

const pod = (...containers: readonly Container[]): PodSpec => ({containers});
const server = (command: readonly string[], args: readonly string[] = []): Container => ({
  name: 'kube-apiserver',
  command,
  args,
});

describe('findServerCommand', () => {
  const commands: readonly (readonly [name: string, container: Container, argv: readonly string[]])[] = [
    ['kubeadm', server(['kube-apiserver', '--a=b', '--c']), ['--a=b', '--c']],
    ['an absolute path', server(['/usr/local/bin/kube-apiserver', '--a']), ['--a']],
    ['command and args apart', server(['kube-apiserver'], ['--a', '--b']), ['--a', '--b']],
    ['args alone that begin with the binary', {name: 'api', args: ['kube-apiserver', '--a']}, ['--a']],
    ['args alone for the entry point of the image', {name: 'kube-apiserver', args: ['--a']}, ['--a']],
    ['another container name', {name: 'api', command: ['kube-apiserver', '--a']}, ['--a']],
    ['hyperkube', server(['/hyperkube', 'kube-apiserver', '--a']), ['--a']],
    ['hyperkube by the old name', server(['./hyperkube', 'apiserver', '--a']), ['--a']],
    [
      'go-runner',
      server(
        ['/go-runner', '--log-file=/var/log/kube-apiserver', '--also-stdout'],
        ['/usr/local/bin/kube-apiserver', '--a'],
      ),
      ['--a'],
    ],
    [
      'a shell with redirections',
      server(['/bin/sh', '-c', 'exec /usr/local/bin/kube-apiserver --a="b c" --d 1>>/var/log/kube-apiserver.log 2>&1']),
      ['--a=b c', '--d'],
    ],
    [
      'a shell with a pipe',
      server([
        '/bin/sh',
        '-c',
        'mkfifo /tmp/pipe; (tee -a /var/log/kube-apiserver.log < /tmp/pipe & ) ; exec kube-apiserver --a > /tmp/pipe 2>&1',
      ]),
      ['--a'],
    ],
    [
      'bash -ec with the script in args',
      server(['/bin/bash', '-ec'], ['touch /x\nexec kube-apiserver \\\n  --a\n']),
      ['--a'],
    ],
    ['bash with options that take a value', server(['bash', '-euo', 'pipefail', '-c', 'kube-apiserver --a']), ['--a']],
    [
      'a wrapper with a separator',
      server(['/bin/bash', '-ec'], ['exec watch-termination --log=/x -- hyperkube kube-apiserver --a -v=2']),
      ['--a', '-v=2'],
    ],
    ['variables before the program', server(['sh', '-c', 'GOGC=50 nice -n -5 kube-apiserver --a']), ['--a']],
    ['a shell inside a wrapper', server(['nice', 'sh', '-c', 'kube-apiserver --a']), ['--a']],
  ];
  for (const [name, container, argv] of commands) {
    it(`reads ${name}`, () => {
      expect(findServerCommand(pod(container))).to.deep.equal({kind: 'found', container, argv, unknownVariables: []});
    });
  }

  it('chooses by what runs, not by place', () => {
    const sidecar = {name: 'healthcheck', command: ['/kube-apiserver-healthcheck', '--a']};
    const api = server(['kube-apiserver', '--b']);
    expect(findServerCommand(pod(sidecar, api))).to.include({kind: 'found', container: api});
  });

  it('takes a whole pod too', () => {
    const found = findServerCommand({metadata: {name: 'x'}, spec: pod(server(['kube-apiserver']))});
    expect(found).to.deep.include({kind: 'found', argv: []});
  });

  it('expands variables as the kubelet does and tells those it cannot know', () => {
    const container: Container = {
      ...server(['kube-apiserver', '--a=$(IP)', '--b=$$(IP)', '--c=$(NODE)', '--d=$(NONE)', '--e=$(BOTH)']),
      env: [
        {name: 'IP', value: '192.0.2.1'},
        {name: 'NODE', valueFrom: {fieldRef: {fieldPath: 'spec.nodeName'}}},
        {name: 'UNUSED', valueFrom: {}},
        {name: 'BOTH', value: '$(IP)!'},
      ],
    };
    expect(findServerCommand(pod(container))).to.deep.equal({
      kind: 'found',
      container,
      argv: ['--a=192.0.2.1', '--b=$(IP)', '--c=$(NODE)', '--d=$(NONE)', '--e=192.0.2.1!'],
      unknownVariables: ['NODE'],
    });
  });

  const failures: readonly (readonly [Container, string])[] = [
    [{name: 'etcd', command: ['etcd']}, 'no container runs kube-apiserver'],
    [{name: 'x', command: ['chmod', '+x', '/usr/local/bin/kube-apiserver']}, 'no container runs kube-apiserver'],
    [{name: 'kube-apiserver'}, 'container kube-apiserver has neither command nor args'],
    [server(['/start.sh']), 'container kube-apiserver runs /start.sh, which is not kube-apiserver'],
    [server(['sh', '-c', '/start.sh']), 'the shell script of container kube-apiserver does not run kube-apiserver'],
    [
      server(['sh', '-c', "kube-apiserver '--a"]),
      'the shell script of container kube-apiserver cannot be read: a single quote is not closed',
    ],
  ];
  for (const [container, reason] of failures) {
    it(`says: ${reason}`, () => expect(findServerCommand(pod(container))).to.deep.equal({kind: 'none', reason}));
  }
});

describe('expandVariables', () => {
  const environment = new Map([['A', 'x']]);
  for (const [text, expanded] of [
    ['$(A)', 'x'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$x'],
    ['$A ${A} $', '$A ${A} $'],
    ['$(A', '$(A'],
    ['$(B)$(A)', '$(B)x'],
  ] as const) {
    it(`makes ${expanded} of ${text}`, () => expect(expandVariables(text, environment)).to.equal(expanded));
  }
});
