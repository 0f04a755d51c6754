/**
 * Errors that end a command, each with what was tried and what to do next. They carry no stack to the user and never a
 * token or header. The exit code is chosen by the class: see `cli/exit-code.ts`.
 */
abstract class CommandError extends Error {
  /** What to do next, one fragment. */
  readonly next: string;

  constructor(message: string, next: string) {
    super(message);
    this.next = next;
  }
}

/** The command line or a given file is not right: exit code 2. */
export class UsageError extends CommandError {}

/** It could not be found out: unreachable, forbidden, unreadable: exit code 3. */
export class CannotFindOut extends CommandError {}
