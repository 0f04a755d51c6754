/** Reads what is given by name: a file, or standard input for `-`. */
import {readFile} from 'node:fs/promises';
import {buffer} from 'node:stream/consumers';
import {UsageError} from '../model/errors.ts';
import {firstLine} from './kubeconfig.ts';

/** The bytes of a file, and the name by which messages tell of it. */
export interface InputFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** A text with the name by which messages tell of it. */
export interface TextFile {
  readonly name: string;
  readonly text: string;
}

/** How messages speak of a file. */
interface InputOptions {
  /** What should be in it: `an audit policy`. */
  readonly expected: string;
  /** The flag that names it, such as `--policy`; undefined for an argument. */
  readonly flag?: string;
}

/** Larger files are no policies, no manifests and no documents with one. */
export const MAX_INPUT_BYTES = 32 * 1024 * 1024;

/** @throws UsageError for a file that cannot be read, or is far too large */
export async function readInputFile(path: string, options: InputOptions): Promise<InputFile> {
  const name = path === '-' ? 'standard input' : path;
  const content = await readBytes(path, options);
  if (content.length <= MAX_INPUT_BYTES) return {name, content};
  throw new UsageError(`${labelled(name, options)}: it has ${content.length} bytes`, `give ${options.expected}`);
}

/**
 * The text of a file. A byte order mark stays, so that the text can be written again as it was.
 * @throws UsageError for a file that cannot be read, is far too large or is no UTF-8
 */
export async function readTextFile(path: string, options: InputOptions): Promise<TextFile> {
  const {name, content} = await readInputFile(path, options);
  try {
    return {name, text: new TextDecoder('utf-8', {fatal: true, ignoreBOM: true}).decode(content)};
  } catch {
    throw new UsageError(`${labelled(name, options)}: it is no text in UTF-8`, `give ${options.expected}`);
  }
}

async function readBytes(path: string, options: InputOptions): Promise<Uint8Array> {
  if (path === '-') return buffer(process.stdin);
  try {
    return await readFile(path);
  } catch (error) {
    throw new UsageError(
      `${labelled(path, options)}: ${firstLine(error)}`,
      `give ${options.expected} that can be read, or - for standard input`,
    );
  }
}

function labelled(name: string, {flag}: InputOptions): string {
  return flag === undefined ? name : `${flag} ${name}`;
}
