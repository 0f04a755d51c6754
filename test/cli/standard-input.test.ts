/** The program as a process of its own, as kubectl starts it: standard input, streams, exit code. */
import {spawnSync} from 'node:child_process';
import {readFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';

const ROOT = join(import.meta.dirname, '..', '..');
const EXAMPLE = join('test', 'example');

function run(args: readonly string[], input: string) {
  return spawnSync(process.execPath, [join('bin', 'dev.js'), ...args], {
    cwd: ROOT,
    input,
    encoding: 'utf8',
    env: {PATH: ''},
  });
}

describe('standard input', () => {
  it('takes the manifest', () => {
    const outcome = run(
      ['status', '--manifest', '-', '--policy', join(EXAMPLE, 'policy.yaml'), '-o', 'json'],
      readFileSync(join(ROOT, EXAMPLE, 'kube-apiserver.yaml'), 'utf8'),
    );
    expect(outcome.stderr).to.equal('');
    const report = JSON.parse(outcome.stdout) as {verdict: string; servers: [{file: string}]};
    expect([report.verdict, report.servers[0].file, outcome.status]).to.deep.equal(['partial', 'standard input', 1]);
  });

  it('takes the policy, and names it so', () => {
    const outcome = run(
      ['status', '--manifest', join(EXAMPLE, 'kube-apiserver.yaml'), '--policy', '-'],
      readFileSync(join(ROOT, EXAMPLE, 'policy.yaml'), 'utf8'),
    );
    expect(outcome.stdout).to.include('(standard input:10)');
    expect(outcome.status).to.equal(1);
  });
});
