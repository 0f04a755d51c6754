/**
 * A folder is a world: `world.yaml` says what is there and how the program is called, `expected.json` and `expected.txt` what
 * it must print. To accept a change on purpose: UPDATE_EXPECTED=1 npm test, then read the difference.
 */
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, relative} from 'node:path';
import {Ajv2020} from 'ajv/dist/2020.js';
import {expect} from 'chai';
import {parse} from 'yaml';
import schema from '../src/model/status.schema.json' with {type: 'json'};
import {type World, replay} from './helpers/replay.ts';
import {runAudit} from './helpers/run.ts';

const WORLDS = join(import.meta.dirname, 'worlds');

interface WorldFile {
  readonly about: string;
  /** Arguments after `status`; a name of a file in the folder is replaced by its path. */
  readonly args?: readonly string[];
  /** Left out: no cluster is there, only files. */
  readonly cluster?: World;
  readonly exit: number;
}

const validate = new Ajv2020({allErrors: true, allowUnionTypes: true}).compile(schema);

describe('worlds', () => {
  for (const name of readdirSync(WORLDS).sort()) {
    const folder = join(WORLDS, name);
    const world = parse(readFileSync(join(folder, 'world.yaml'), 'utf8')) as WorldFile;
    it(`${name}: ${world.about}`, async () => {
      const answers = world.cluster === undefined ? undefined : await replay(world.cluster);
      const directory = mkdtempSync(join(tmpdir(), 'kubectl-audit-'));
      try {
        const kubeconfig = join(directory, 'kubeconfig');
        if (answers !== undefined) writeFileSync(kubeconfig, answers.kubeconfig);
        const connection = answers === undefined ? [] : ['--kubeconfig', kubeconfig];
        const args = (world.args ?? []).map((argument) =>
          existsSync(join(folder, argument)) && argument !== '-'
            ? relative(process.cwd(), join(folder, argument))
            : argument,
        );
        const normalise = (text: string) => (answers?.normalise(text) ?? text).replaceAll(kubeconfig, 'KUBECONFIG');
        const asJson = await runAudit(['status', ...args, ...connection, '-o', 'json']);
        const asTable = await runAudit(['status', ...args, ...connection, '-o', 'wide']);
        expect(asTable.exit, 'both forms end with the same code').to.equal(asJson.exit);
        if (asJson.stdout !== '') {
          validate(JSON.parse(asJson.stdout));
          expect(validate.errors ?? [], 'the schema holds').to.deep.equal([]);
        }
        expect(normalise(asJson.stdout + asTable.stdout + asJson.stderr), 'no credential is printed').to.not.include(
          'secret-token',
        );
        compare(join(folder, 'expected.json'), normalise(asJson.stdout + asJson.stderr));
        compare(join(folder, 'expected.txt'), normalise(asTable.stdout + asTable.stderr));
        expect(asJson.exit, 'exit code').to.equal(world.exit);
      } finally {
        rmSync(directory, {recursive: true});
        await answers?.close();
      }
    });
  }
});

function compare(file: string, actual: string): void {
  if (process.env['UPDATE_EXPECTED'] !== undefined) writeFileSync(file, actual);
  expect(actual).to.equal(
    existsSync(file) ? readFileSync(file, 'utf8') : `${file} does not exist: UPDATE_EXPECTED=1 npm test`,
  );
}
