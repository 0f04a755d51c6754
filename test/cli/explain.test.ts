/** What `explain` and `policy test` say of questions that cannot be asked. */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {runAudit} from '../helpers/run.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const WORLD = join('test', 'worlds', 'explain-exec');
const POLICY = ['--policy', join(WORLD, 'policy.yaml')];

describe('questions that cannot be asked', () => {
  const refused: Readonly<Record<string, readonly [args: string[], says: RegExp]>> = {
    'no question': [['explain', ...POLICY], /explain needs VERB and RESOURCE, or --uri, or --kubectl/],
    'half a question': [['explain', 'get', ...POLICY], /explain needs VERB and RESOURCE/],
    'two questions': [['explain', 'get', 'pods', '--uri', '/x', ...POLICY], /each ask a question of their own/],
    'a URI and a command': [['explain', '--kubectl', 'exec', '--uri', '/x', ...POLICY], /cannot also be provided/],
    'a name of a namespace': [['explain', 'get', 'pods', '-A', ...POLICY], /in all namespaces at once/],
    'a user who is nobody': [
      ['explain', 'get', 'pods', '--unauthenticated', '--subject', 'a', ...POLICY],
      /neither user nor groups/,
    ],
    'a version that is none': [
      ['explain', 'get', 'pods', '--server-version', 'x', ...POLICY],
      /is no Kubernetes version/,
    ],
    'a policy that is not there': [['explain', 'get', 'pods', '--policy', 'nowhere.yaml'], /nowhere\.yaml: ENOENT/],
    'no file of expectations': [['policy', 'test'], /Missing 1 required arg/],
    'a file that is not there': [['policy', 'test', 'nowhere.yaml'], /nowhere\.yaml: ENOENT/],
    'standard input twice': [['policy', 'test', '-', '--policy', '-'], /standard input can be read once only/],
    'no policy': [
      ['policy', 'test', join('test', 'worlds', 'policy-test-no-such-request', 'expectations.yaml')],
      /it names no policy/,
    ],
    'a policy that is refused': [
      [
        'policy',
        'test',
        join('test', 'worlds', 'policy-test-old-release', 'expectations.yaml'),
        '--server-version',
        '1.34',
      ],
      /policy\.yaml:1: an API server of 1\.34 would refuse this policy/,
    ],
  };
  for (const [name, [args, says]] of Object.entries(refused)) {
    it(name, async () => {
      const outcome = await runAudit(args);
      expect(outcome.stderr).to.match(says);
      expect([outcome.exit, outcome.stdout]).to.deep.equal([2, '']);
      expect(outcome.stderr.trimEnd().split('\n').length, 'a line, and what to do next').to.be.at.most(2);
    });
  }

  it('and one that can, of a policy on standard input', () => {
    const outcome = spawnSync(
      process.execPath,
      [join('bin', 'dev.js'), 'explain', 'get', 'pods/exec', '--policy', '-'],
      {
        cwd: ROOT,
        input: readFileSync(join(ROOT, WORLD, 'policy.yaml'), 'utf8'),
        encoding: 'utf8',
        env: {PATH: ''},
      },
    );
    expect(outcome.stderr).to.equal('');
    expect(outcome.stdout.split('\n')[0]).to.equal(
      'get pods/exec in namespace default by anyone: Metadata, by rule 7 (line 26)',
    );
    expect(outcome.status).to.equal(0);
  });
});
