/** The public interface as a golden file: every command with its flags. UPDATE_EXPECTED=1 npm test accepts a change. */
import {existsSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {expect} from 'chai';
import {COMMANDS} from '../../src/commands/index.ts';
import {EXIT} from '../../src/cli/exit-code.ts';
import {FINDING_CODES} from '../../src/model/finding.ts';
import {LINT_CODE_NAMES} from '../../src/model/lint-finding.ts';

function describeInterface(): unknown {
  const commands = Object.entries(COMMANDS).map(([name, command]) => {
    const flags = Object.entries(command.flags).map(([flag, definition]) => ({
      flag,
      type: definition.type,
      ...(definition.char === undefined ? {} : {char: definition.char}),
      ...('options' in definition && definition.options !== undefined ? {options: definition.options} : {}),
      ...('default' in definition && typeof definition.default === 'string' ? {default: definition.default} : {}),
      ...('multiple' in definition && definition.multiple ? {multiple: true} : {}),
    }));
    return {name, flags: flags.sort((a, b) => a.flag.localeCompare(b.flag))};
  });
  return {commands, exitCodes: EXIT, findings: FINDING_CODES.toSorted(), lintFindings: LINT_CODE_NAMES.toSorted()};
}

describe('the public interface', () => {
  it('is that of interface.json', () => {
    const file = join(import.meta.dirname, 'interface.json');
    const actual = `${JSON.stringify(describeInterface(), null, 2)}\n`;
    if (process.env['UPDATE_EXPECTED'] !== undefined) writeFileSync(file, actual);
    expect(actual).to.equal(
      existsSync(file) ? readFileSync(file, 'utf8') : 'it does not exist: UPDATE_EXPECTED=1 npm test',
    );
  });
});
