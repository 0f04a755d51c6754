import {chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {delimiter, join} from 'node:path';
import {expect} from 'chai';
import {shadowedPlugin} from '../../src/cli/shadowed.ts';

describe('another kubectl-audit on PATH', () => {
  let folder = '';
  const plugin = (name: string): string => join(folder, name, 'kubectl-audit');

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'kubectl-audit-'));
    for (const name of ['ours', 'theirs', 'link', 'plain']) mkdirSync(join(folder, name));
    for (const name of ['ours', 'theirs', 'plain']) writeFileSync(plugin(name), '');
    for (const name of ['ours', 'theirs']) chmodSync(plugin(name), 0o755);
    symlinkSync(plugin('ours'), plugin('link'));
  });

  after(() => rmSync(folder, {recursive: true}));

  const cases: readonly {
    readonly name: string;
    readonly path: readonly string[];
    readonly shadowedBy: string | undefined;
  }[] = [
    {name: 'ours alone', path: ['ours'], shadowedBy: undefined},
    {name: 'ours first', path: ['ours', 'theirs'], shadowedBy: undefined},
    {name: 'theirs first', path: ['theirs', 'ours'], shadowedBy: 'theirs'},
    {name: 'a link to ours first, as krew makes it', path: ['link', 'theirs'], shadowedBy: undefined},
    {name: 'a file first that cannot be run', path: ['plain', 'ours'], shadowedBy: undefined},
    {name: 'a folder first that does not exist', path: ['nowhere', 'ours'], shadowedBy: undefined},
    {name: 'an empty PATH', path: [], shadowedBy: undefined},
  ];
  for (const {name, path, shadowedBy} of cases) {
    it(name, () => {
      const findings = shadowedPlugin(plugin('ours'), path.map((entry) => join(folder, entry)).join(delimiter));
      expect(findings.map((item) => item.args)).to.deep.equal(
        shadowedBy === undefined ? [] : [{running: plugin('ours'), first: plugin(shadowedBy)}],
      );
    });
  }
});
