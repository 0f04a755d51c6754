/**
 * A folder is a world: `world.yaml` says what is there and how the program is called, `expected.json`, `expected.txt` … what
 * it must print. To accept a change on purpose: UPDATE_EXPECTED=1 npm test, then read the difference.
 */
import {existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join, relative} from 'node:path';
import {Ajv2020} from 'ajv/dist/2020.js';
import {expect} from 'chai';
import {parse} from 'yaml';
import {type World, replay} from './helpers/replay.ts';
import {runAudit} from './helpers/run.ts';

const WORLDS = join(import.meta.dirname, 'worlds');
const MODEL = join(import.meta.dirname, '..', 'src', 'model');

interface WorldFile {
  readonly about: string;
  /** The words of the command; left out: `status`. */
  readonly command?: readonly string[];
  /** Arguments after the command; a name of a file in the folder is replaced by its path. */
  readonly args?: readonly string[];
  /** Further arguments for each file of expected output; left out: JSON and the wide table. */
  readonly outputs?: Readonly<Record<string, readonly string[]>>;
  /** Left out: no cluster is there, only files. */
  readonly cluster?: World;
  readonly exit: number;
}

const OUTPUTS: NonNullable<WorldFile['outputs']> = {'expected.json': ['-o', 'json'], 'expected.txt': ['-o', 'wide']};

interface Schema {
  readonly properties: {readonly kind?: {readonly const?: string}};
}

/** The contracts of what is printed as JSON, by kind. */
const SCHEMAS: ReadonlyMap<string, Schema> = new Map(
  readdirSync(MODEL)
    .filter((file) => file.endsWith('.schema.json'))
    .map((file) => JSON.parse(readFileSync(join(MODEL, file), 'utf8')) as Schema)
    .map((schema) => [schema.properties.kind?.const ?? '', schema]),
);

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
        for (const [file, output] of Object.entries(world.outputs ?? OUTPUTS)) {
          const command = [...(world.command ?? ['status']), ...args, ...connection, ...output];
          const {exit, stdout, stderr} = await runAudit(command);
          expect(exit, `exit code, with ${output.join(' ')}`).to.equal(world.exit);
          if (file.endsWith('.json') && stdout !== '') holdSchema(JSON.parse(stdout));
          expect(stdout + stderr, 'no credential is printed').to.not.include('secret-token');
          compare(join(folder, file), normalise(stdout + stderr));
        }
      } finally {
        rmSync(directory, {recursive: true});
        await answers?.close();
      }
    });
  }
});

function holdSchema(printed: {readonly kind: string}): void {
  const schema = SCHEMAS.get(printed.kind);
  if (schema === undefined) throw new Error(`no schema in src/model is for kind ${printed.kind}`);
  const validate = new Ajv2020({allErrors: true, allowUnionTypes: true}).compile(schema);
  validate(printed);
  expect(validate.errors ?? [], 'the schema holds').to.deep.equal([]);
}

function compare(file: string, actual: string): void {
  if (process.env['UPDATE_EXPECTED'] !== undefined) writeFileSync(file, actual);
  expect(actual).to.equal(
    existsSync(file) ? readFileSync(file, 'utf8') : `${file} does not exist: UPDATE_EXPECTED=1 npm test`,
  );
}
