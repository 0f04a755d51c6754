/** The commands, by the words that are typed. oclif's explicit strategy reads this table and searches no disk. */
import Status from './status.ts';

export const COMMANDS = {status: Status};
