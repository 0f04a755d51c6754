/** Reads files of expectations and the policies that they name. */
import {dirname, join, isAbsolute} from 'node:path';
import {UsageError} from '../model/errors.ts';
import type {FileFact} from '../model/facts.ts';
import {type PolicyExpectations, parsePolicyExpectations} from '../model/policy-expectations.ts';
import {fileFact} from './server-files.ts';
import {readTextFile} from './input-file.ts';

/** A file of expectations with the policy that it is about. */
export interface ReadExpectations {
  readonly file: string;
  readonly expectations: PolicyExpectations;
  readonly policy: FileFact;
}

/**
 * Reads `files`, and each policy once. A policy that a file names is looked for beside that file.
 * @param policyFile takes the place of what the files name
 * @throws UsageError for a file that cannot be read, is not as it should be, or names no policy where none is given
 */
export async function readExpectations(
  files: readonly string[],
  policyFile: string | undefined,
): Promise<ReadExpectations[]> {
  if ([...files, policyFile].filter((file) => file === '-').length > 1) {
    throw new UsageError('standard input can be read once only', 'give - for one file');
  }
  const policies = new Map<string, Promise<FileFact>>();
  const readPolicy = (path: string): Promise<FileFact> => {
    const reading = policies.get(path) ?? readGivenPolicy(path);
    policies.set(path, reading);
    return reading;
  };
  return Promise.all(
    files.map(async (path) => {
      const {name, text} = await readTextFile(path, {expected: 'a file of expectations'});
      const expectations = parsePolicyExpectations(text, name);
      const policy = policyFile ?? besides(path, expectations.policy);
      if (policy === undefined) {
        throw new UsageError(`${name}: it names no policy`, 'add policy: FILE to it, or give --policy FILE');
      }
      return {file: name, expectations, policy: await readPolicy(policy)};
    }),
  );
}

function besides(path: string, policy: string | undefined): string | undefined {
  if (policy === undefined || isAbsolute(policy) || path === '-') return policy;
  return join(dirname(path), policy);
}

async function readGivenPolicy(path: string): Promise<FileFact> {
  const {name, text} = await readTextFile(path, {expected: 'an audit policy'});
  return {...fileFact(text, 'file', undefined), name};
}
