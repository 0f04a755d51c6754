/** The entry: configures oclif without searching the disk, runs the command, and turns what escapes into a line. */
import {Config, Errors, run} from '@oclif/core';
import packageJson from '../../package.json' with {type: 'json'};
import {reportError} from './base-command.ts';

// The explicit strategy of oclif finds the table of commands in the very file that it started with.
export {COMMANDS} from '../commands/index.ts';

/**
 * @param argv arguments after the program's name
 * @param entry `root`: the folder of package.json; `commands`: the module with the table of commands, relative to it
 */
export async function main(argv: string[], entry: {readonly root: string; readonly commands: string}): Promise<void> {
  const config = await Config.load({
    root: entry.root,
    pjson: {
      ...packageJson,
      oclif: {
        ...packageJson.oclif,
        topicSeparator: ' ',
        commands: {strategy: 'explicit', target: entry.commands, identifier: 'COMMANDS'},
      },
    },
  });
  try {
    await run(argv, config);
  } catch (error) {
    if (error instanceof Errors.ExitError && error.oclif.exit === 0) return;
    reportError(error);
  }
}
