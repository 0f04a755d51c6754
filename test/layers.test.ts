/** Holds the import table of src/README.md: outer folders know inner ones, never the other way. */
import {readFileSync, readdirSync} from 'node:fs';
import {dirname, join, relative} from 'node:path';
import {expect} from 'chai';

const SOURCE = join(import.meta.dirname, '..', 'src');

interface Row {
  readonly mayImport: readonly string[];
  readonly packages: readonly RegExp[];
}

const NODE = /^node:/;
const ANYTHING = /./;

/** The table of src/README.md, by folder. */
const TABLE: Readonly<Record<string, Row>> = {
  model: {mayImport: [], packages: [/^yaml$/]},
  presets: {mayImport: ['model'], packages: []},
  evaluate: {mayImport: ['model'], packages: []},
  plan: {mayImport: ['model', 'evaluate'], packages: [/^yaml$/, /^diff$/]},
  render: {mayImport: ['model'], packages: [/^yaml$/]},
  collect: {mayImport: ['model'], packages: [NODE, /^@kubernetes\/client-node/, /^yaml$/]},
  cli: {mayImport: ['model', 'render', 'collect', 'commands'], packages: [ANYTHING]},
  commands: {
    mayImport: ['model', 'presets', 'evaluate', 'plan', 'render', 'collect', 'cli'],
    packages: [/^@oclif\/core$/],
  },
};

function sourceFiles(): string[] {
  return readdirSync(SOURCE, {recursive: true, encoding: 'utf8'}).filter((file) => file.endsWith('.ts'));
}

function importsOf(file: string): string[] {
  const text = readFileSync(join(SOURCE, file), 'utf8');
  return [...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'"`;]*?from\s+'([^']+)'|import\(\s*'([^']+)'\s*\)/g)].map(
    (match) => match[1] ?? match[2] ?? '',
  );
}

function complaint(file: string, imported: string): string | undefined {
  const folder = file.split('/')[0] ?? '';
  const row = TABLE[folder];
  if (row === undefined) return `folder ${folder} is not in the table`;
  if (!imported.startsWith('.')) {
    return row.packages.some((pattern) => pattern.test(imported))
      ? undefined
      : `${folder} may not import the package ${imported}`;
  }
  const target = relative(SOURCE, join(SOURCE, dirname(file), imported));
  if (target.startsWith('..'))
    return target === '../package.json' && folder === 'cli' ? undefined : `it leaves src/: ${imported}`;
  const other = target.split('/')[0] ?? '';
  // Only the entry of the program binds commands to the command line.
  if (folder === 'cli' && other === 'commands')
    return file === 'cli/main.ts' ? undefined : 'only cli/main.ts may import commands';
  return other === folder || row.mayImport.includes(other) ? undefined : `${folder} may not import ${other}`;
}

const PURE: readonly string[] = ['model', 'presets', 'evaluate', 'plan', 'render'];
const WORLD =
  /\bconsole\.\w|\bprocess\.(argv|cwd|env|exit|hrtime|platform|std\w+)\b|\bDate\.now\(|\bnew Date\(\)|\bMath\.random\(|(?<![#.\w])fetch\(/;

describe('layers of src/', () => {
  for (const file of sourceFiles()) {
    it(`${file} imports only what its folder may`, () => {
      expect(importsOf(file).flatMap((imported) => complaint(file, imported) ?? [])).to.deep.equal([]);
    });
  }

  for (const file of sourceFiles().filter((name) => PURE.includes(name.split('/')[0] ?? ''))) {
    it(`${file} touches no clock, environment or console`, () => {
      const code = readFileSync(join(SOURCE, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
      expect(WORLD.exec(code)?.[0]).to.equal(undefined);
    });
  }

  it('notices a forbidden import', () => {
    expect(complaint('model/planted.ts', 'node:fs')).to.include('may not import');
    expect(complaint('evaluate/planted.ts', '../collect/client.ts')).to.include('may not import');
  });
});
