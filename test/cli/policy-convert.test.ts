import {mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {expect} from 'chai';
import {runAudit} from '../helpers/run.ts';

const OLD = '\ufeffapiVersion: audit.k8s.io/v1beta1\r\nkind: Policy\r\nrules:\r\n- level: Metadata';

describe('policy convert --output-file', () => {
  let folder = '';
  const path = (name: string): string => join(folder, name);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubectl-audit-'));
    writeFileSync(path('old.yaml'), OLD);
  });

  afterEach(() => rmSync(folder, {recursive: true}));

  it('writes every byte but those of the version', async () => {
    const outcome = await runAudit(['policy', 'convert', path('old.yaml'), '--output-file', path('new.yaml')]);
    expect([outcome.exit, outcome.stdout]).to.deep.equal([0, '']);
    expect(readFileSync(path('new.yaml'), 'utf8')).to.equal(OLD.replace('v1beta1', 'v1'));
    expect(readFileSync(path('old.yaml'), 'utf8')).to.equal(OLD);
  });

  it('overwrites nothing, itself included', async () => {
    const outcome = await runAudit(['policy', 'convert', path('old.yaml'), '--output-file', path('old.yaml')]);
    expect(outcome.exit).to.equal(2);
    expect(outcome.stderr).to.include('the file exists, and is not overwritten');
    expect(readFileSync(path('old.yaml'), 'utf8')).to.equal(OLD);
  });

  it('leaves nothing behind where the policy is refused', async () => {
    writeFileSync(path('old.yaml'), OLD.replace('Metadata', 'All'));
    const outcome = await runAudit(['policy', 'convert', path('old.yaml'), '--output-file', path('new.yaml')]);
    expect(outcome.exit).to.equal(2);
    expect(readdirSync(folder)).to.deep.equal(['old.yaml']);
  });

  const unreadable: Readonly<Record<string, readonly [args: string[], says: RegExp]>> = {
    'a file that is not there': [['nowhere.yaml'], /nowhere\.yaml: ENOENT/],
    'a folder that is not there': [['old.yaml', '--output-file', 'nowhere/new.yaml'], /nowhere\/new\.yaml: ENOENT/],
    'no file': [[], /Missing 1 required arg/],
  };
  for (const [name, [args, says]] of Object.entries(unreadable)) {
    it(`says so of ${name}`, async () => {
      const outcome = await runAudit([
        'policy',
        'convert',
        ...args.map((arg) => (arg.endsWith('.yaml') ? path(arg) : arg)),
      ]);
      expect(outcome.exit).to.equal(2);
      expect(outcome.stderr).to.match(says);
    });
  }

  it('takes no text that is not UTF-8', async () => {
    writeFileSync(path('old.yaml'), Buffer.from([...Buffer.from('# caf'), 0xe9, 0x0a]));
    const outcome = await runAudit(['policy', 'convert', path('old.yaml')]);
    expect(outcome.exit).to.equal(2);
    expect(outcome.stderr).to.include('it is no text in UTF-8');
  });
});
