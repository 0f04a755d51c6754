/**
 * Reads the directives `%YAML` and `%TAG`, which may stand before a document.
 */
import {DOT, HASH, ZERO, isBlank, isBlankOrBreakOrEnd, isBreak, isBreakOrEnd, isDigit} from './characters.ts';
import {scannerError} from './mark.ts';
import type {Mark} from './mark.ts';
import {scanAlphanumerics, scanTagHandle, scanTagUri} from './properties.ts';
import type {Reader} from './reader.ts';
import {skipComment} from './scalars.ts';
import type {TagDirectiveToken, VersionDirectiveToken} from './token.ts';

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1508 */
export function scanDirective(reader: Reader): VersionDirectiveToken | TagDirectiveToken {
  const start = reader.mark();
  reader.skip();
  const name = scanDirectiveName(reader, start);
  const token = scanDirectiveValue(reader, name, start);
  scanEndOfDirective(reader, start);
  return token;
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1609 */
function scanDirectiveName(reader: Reader, start: Mark): string {
  reader.ensure(1);
  const name = scanAlphanumerics(reader);
  if (name === '') throw directiveError(reader, start, 'could not find expected directive name');
  if (isBlankOrBreakOrEnd(reader.code())) return name;
  throw directiveError(reader, start, 'found unexpected non-alphabetical character');
}

function scanDirectiveValue(reader: Reader, name: string, start: Mark): VersionDirectiveToken | TagDirectiveToken {
  switch (name) {
    case 'YAML':
      return scanVersion(reader, start);
    case 'TAG':
      return scanTagDefinition(reader, start);
    default:
      throw directiveError(reader, start, 'found unknown directive name');
  }
}

function scanEndOfDirective(reader: Reader, start: Mark): void {
  skipBlanks(reader);
  if (reader.code() === HASH) skipComment(reader);
  if (!isBreakOrEnd(reader.code())) {
    throw directiveError(reader, start, 'did not find expected comment or line break');
  }
  if (!isBreak(reader.code())) return;
  reader.ensure(2);
  reader.skipBreak();
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1645 */
function scanVersion(reader: Reader, start: Mark): VersionDirectiveToken {
  skipBlanks(reader);
  const major = scanVersionNumber(reader, start);
  if (reader.code() !== DOT) {
    const context = {what: 'while scanning a %YAML directive', start};
    throw scannerError("did not find expected digit or '.' character", reader.mark(), context);
  }
  reader.skip();
  return {kind: 'version-directive', start, major, minor: scanVersionNumber(reader, start)};
}

const MAX_NUMBER_LENGTH = 2;

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1686 */
function scanVersionNumber(reader: Reader, start: Mark): number {
  const context = {what: 'while scanning a %YAML directive', start};
  let value = 0;
  let length = 0;
  reader.ensure(1);
  for (; isDigit(reader.code()); length += 1) {
    if (length === MAX_NUMBER_LENGTH) {
      throw scannerError('found extremely long version number', reader.mark(), context);
    }
    value = value * 10 + reader.code() - ZERO;
    reader.skip();
    reader.ensure(1);
  }
  if (length > 0) return value;
  throw scannerError('did not find expected version number', reader.mark(), context);
}

/** @see https://github.com/yaml/go-yaml/blob/v2.4.2/scannerc.go#L1722 */
function scanTagDefinition(reader: Reader, start: Mark): TagDirectiveToken {
  const context = {what: 'while scanning a %TAG directive', start};
  skipBlanks(reader);
  const handle = scanTagHandle(reader, 'directive', start);
  reader.ensure(1);
  if (!isBlank(reader.code())) throw scannerError('did not find expected whitespace', reader.mark(), context);
  skipBlanks(reader);
  const prefix = scanTagUri(reader, 'directive', '', start);
  reader.ensure(1);
  if (!isBlankOrBreakOrEnd(reader.code())) {
    throw scannerError('did not find expected whitespace or line break', reader.mark(), context);
  }
  return {kind: 'tag-directive', start, handle, prefix};
}

function skipBlanks(reader: Reader): void {
  reader.ensure(1);
  while (isBlank(reader.code())) {
    reader.skip();
    reader.ensure(1);
  }
}

function directiveError(reader: Reader, start: Mark, problem: string): Error {
  return scannerError(problem, reader.mark(), {what: 'while scanning a directive', start});
}
