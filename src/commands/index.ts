/** The commands, by the words that are typed. oclif's explicit strategy reads this table and searches no disk. */
import Diff from './diff.ts';
import Explain from './explain.ts';
import PolicyConvert from './policy/convert.ts';
import PolicyLint from './policy/lint.ts';
import PolicyShow from './policy/show.ts';
import PolicyTest from './policy/test.ts';
import Presets from './presets.ts';
import Status from './status.ts';

export const COMMANDS = {
  diff: Diff,
  explain: Explain,
  'policy:convert': PolicyConvert,
  'policy:lint': PolicyLint,
  'policy:show': PolicyShow,
  'policy:test': PolicyTest,
  presets: Presets,
  status: Status,
};
