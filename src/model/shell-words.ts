/**
 * Splits a shell script into its simple commands, as far as it takes to find the command line of one program in it:
 * quoting, operators and redirections. Nothing is expanded: `$VAR`, `$(…)` and globs stay as they are written.
 * @see https://pubs.opengroup.org/onlinepubs/9699919799/utilities/V3_chap02.html
 */

/** One simple command: its words after quote removal, without redirections. Never empty. */
export type SimpleCommand = readonly string[];

/** A script's simple commands in order, or why it cannot be split. */
export type ShellCommands =
  {readonly ok: true; readonly commands: readonly SimpleCommand[]} | {readonly ok: false; readonly reason: string};

type Token = {readonly kind: 'word'; readonly text: string} | {readonly kind: 'operator' | 'redirection'};

const OPERATOR = /^(?:&&|\|\||;;|[;&|()\n])/;
/** With an optional descriptor in front, `&>` included; `>&` and `<&` take their target as the next word, `-` or a number. */
const REDIRECTION = /^(?:\d*(?:>>|>\||>&|<&|<>|<<-|<<|>|<)|&>>|&>)/;

/**
 * Splits `script` at `;`, `&`, `|`, `&&`, `||`, parentheses and line ends. Redirections with their targets are left out.
 */
export function splitShell(script: string): ShellCommands {
  const tokens = tokenize(script);
  if (typeof tokens === 'string') return {ok: false, reason: tokens};
  const commands: string[][] = [[]];
  let targetFollows = false;
  for (const token of tokens) {
    if (token.kind === 'operator') commands.push([]);
    else if (token.kind === 'word' && !targetFollows) commands.at(-1)?.push(token.text);
    targetFollows = token.kind === 'redirection';
  }
  return {ok: true, commands: commands.filter((command) => command.length > 0)};
}

/** The tokens of the script, or the reason why it has none. */
function tokenize(script: string): readonly Token[] | string {
  const tokens: Token[] = [];
  let rest = script;
  while (rest !== '') {
    const blank = /^(?:[ \t\r]|\\\n|#[^\n]*)+/.exec(rest);
    if (blank !== null) {
      rest = rest.slice(blank[0].length);
      continue;
    }
    const redirection = REDIRECTION.exec(rest);
    const operator = redirection === null ? OPERATOR.exec(rest) : null;
    const sign = redirection ?? operator;
    if (sign !== null) {
      tokens.push({kind: redirection === null ? 'operator' : 'redirection'});
      rest = rest.slice(sign[0].length);
      continue;
    }
    const word = readWord(rest);
    if (typeof word === 'string') return word;
    tokens.push({kind: 'word', text: word.text});
    rest = rest.slice(word.length);
  }
  return tokens;
}

interface Piece {
  readonly text: string;
  /** Characters of the script that it took. */
  readonly length: number;
}

function readWord(rest: string): Piece | string {
  let text = '';
  let length = 0;
  while (length < rest.length && !/^[ \t\r\n;&|()<>]/.test(rest.slice(length))) {
    const piece = readPiece(rest.slice(length));
    if (typeof piece === 'string') return piece;
    text += piece.text;
    length += piece.length;
  }
  return {text, length};
}

function readPiece(rest: string): Piece | string {
  if (rest.startsWith("'")) return readSingleQuoted(rest);
  if (rest.startsWith('"')) return readDoubleQuoted(rest);
  if (rest.startsWith('\\\n')) return {text: '', length: 2};
  if (rest.startsWith('\\')) return {text: rest.slice(1, 2), length: Math.min(2, rest.length)};
  return readSubstitution(rest) ?? {text: rest.slice(0, 1), length: 1};
}

function readSingleQuoted(rest: string): Piece | string {
  const end = rest.indexOf("'", 1);
  if (end === -1) return 'a single quote is not closed';
  return {text: rest.slice(1, end), length: end + 1};
}

function readDoubleQuoted(rest: string): Piece | string {
  let text = '';
  let position = 1;
  while (position < rest.length) {
    const character = rest.charAt(position);
    if (character === '"') return {text, length: position + 1};
    const piece = readInDoubleQuotes(rest.slice(position));
    if (typeof piece === 'string') return piece;
    text += piece.text;
    position += piece.length;
  }
  return 'a double quote is not closed';
}

/** Between double quotes a backslash escapes only `$`, backquote, `"`, itself and the line end. */
function readInDoubleQuotes(rest: string): Piece | string {
  if (rest.startsWith('\\\n')) return {text: '', length: 2};
  if (/^\\[$`"\\]/.test(rest)) return {text: rest.slice(1, 2), length: 2};
  return readSubstitution(rest) ?? {text: rest.slice(0, 1), length: 1};
}

/** `$(…)`, `${…}` or `` `…` `` as it is written; undefined when none begins here. */
function readSubstitution(rest: string): Piece | string | undefined {
  if (rest.startsWith('`')) {
    const end = rest.indexOf('`', 1);
    return end === -1 ? 'a backquote is not closed' : {text: rest.slice(0, end + 1), length: end + 1};
  }
  const [open, close] = rest.startsWith('$(') ? ['(', ')'] : rest.startsWith('${') ? ['{', '}'] : [];
  if (open === undefined) return undefined;
  let depth = 0;
  for (let position = 1; position < rest.length; position++) {
    const character = rest.charAt(position);
    if (character === open) depth++;
    if (character === close) depth--;
    if (depth === 0) return {text: rest.slice(0, position + 1), length: position + 1};
  }
  return `$${open} is not closed`;
}
