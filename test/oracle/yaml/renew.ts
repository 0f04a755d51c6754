/** Asks go-yaml about every case and writes its answers. Needs Go. */
import {spawnSync} from 'node:child_process';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {SKIPPED, findGo} from '../go-oracle.ts';
import {YAML_CASES} from './cases.ts';

const go = findGo();
if (go === undefined) {
  console.error('Go is needed for this: https://go.dev/doc/install');
  process.exit(SKIPPED);
}
const names = [...YAML_CASES.keys()];
const input = [...YAML_CASES.values()].map((content) => `${Buffer.from(content).toString('base64')}\n`).join('');
const {status, stdout, stderr} = spawnSync(go, ['run', './yaml'], {
  cwd: join(import.meta.dirname, '..'),
  input,
  encoding: 'utf8',
});
if (status !== 0) throw new Error(stderr);
const answers = stdout.trimEnd().split('\n');
// One answer a line, so that a changed one is easy to see.
const lines = names.map((name, index) => `${JSON.stringify(name)}:${answers[index]}`);
writeFileSync(join(import.meta.dirname, '..', 'yaml-answers.json'), `{\n${lines.join(',\n')}\n}\n`);
console.log(`${lines.length} answers`);
