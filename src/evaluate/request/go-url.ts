/**
 * Reads the URI of a request line as Go's net/url does: what is decoded, what is refused, and in which words.
 *
 * Go's strings are bytes, and an escape can be any byte. So these functions work on byte strings: JavaScript strings with
 * one character from U+0000 to U+00FF for each byte.
 * @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go
 */
import {decodeUtf8} from '../load/decode-utf8.ts';
import {goQuote} from '../load/go-quote.ts';

/** The parts of a request's URI that decide what is asked for. */
export interface RequestUrl {
  /** Decoded; a byte string. */
  readonly path: string;
  /** As it was sent, without `?`; a byte string. */
  readonly rawQuery: string;
  /** As the server prints it; a byte string. */
  readonly text: string;
}

/** Why Go refuses a URI. */
export class RefusedUrl extends Error {}

/**
 * The URI of a request line: a path with an optional query, `*`, or an absolute URI. Throws `RefusedUrl` with Go's words.
 * @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go#L473
 */
export function parseRequestUri(uri: string): RequestUrl {
  try {
    return parse(toBytes(uri));
  } catch (error) {
    if (!(error instanceof RefusedUrl)) throw error;
    throw new RefusedUrl(`parse ${goQuote(uri)}: ${error.message}`);
  }
}

/** @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go#L485 */
function parse(rawUrl: string): RequestUrl {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  if (/[\0-\x1f\x7f]/.test(rawUrl)) throw new RefusedUrl('net/url: invalid control character in URL');
  if (rawUrl === '') throw new RefusedUrl('empty url');
  if (rawUrl === '*') return {path: '*', rawQuery: '', text: '*'};
  if (rawUrl.startsWith(':')) throw new RefusedUrl('missing protocol scheme');

  const scheme = /^([A-Za-z][-+.A-Za-z0-9]*):/.exec(rawUrl)?.[1];
  const afterScheme = scheme === undefined ? rawUrl : rawUrl.slice(scheme.length + 1);
  const [rest, rawQuery] = cut(afterScheme, '?');
  const query = afterScheme.includes('?') ? `?${rawQuery}` : '';
  if (!rest.startsWith('/')) {
    if (scheme === undefined) throw new RefusedUrl('invalid URI for request');
    return {path: '', rawQuery, text: `${scheme.toLowerCase()}:${rest}${query}`};
  }
  if (scheme === undefined || !rest.startsWith('//')) {
    const prefix = scheme === undefined ? '' : `${scheme.toLowerCase()}:`;
    return {path: unescapeBytes(rest, 'path'), rawQuery, text: `${prefix}${escapedPath(rest)}${query}`};
  }
  const slash = rest.indexOf('/', 2);
  const authority = rest.slice(2, slash === -1 ? undefined : slash);
  checkAuthority(authority);
  const rawPath = slash === -1 ? '' : rest.slice(slash);
  const text = `${scheme.toLowerCase()}://${authority}${escapedPath(rawPath)}${query}`;
  return {path: unescapeBytes(rawPath, 'path'), rawQuery, text};
}

/**
 * User, host and port. What stands between the brackets of `[::1]` is not judged: that differs by the release of Go.
 * @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go#L573
 */
function checkAuthority(authority: string): void {
  const at = authority.lastIndexOf('@');
  const host = authority.slice(at + 1);
  if (host.startsWith('[') && !host.includes(']')) throw new RefusedUrl("missing ']' in host");
  const port = host.startsWith('[')
    ? host.slice(host.lastIndexOf(']') + 1)
    : host.slice(host.includes(':') ? host.lastIndexOf(':') : host.length);
  if (!/^(?::[0-9]*)?$/.test(port)) throw new RefusedUrl(`invalid port ${goQuote(fromBytes(port))} after host`);
  unescapeBytes(host, 'host');
  if (at === -1) return;
  const userinfo = authority.slice(0, at);
  if (!/^[-A-Za-z0-9._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new RefusedUrl('net/url: invalid userinfo');
  unescapeBytes(userinfo, 'path');
}

/**
 * The parameters of a query, each with its first value, which is the only one that the server reads. What does not decode
 * is left out.
 * @param semicolonSeparates whether `;` separates as `&` does; from Go 1.17 on a part with `;` is left out instead
 * @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go#L954
 */
export function parseQuery(rawQuery: string, semicolonSeparates: boolean): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  for (const part of rawQuery.split(semicolonSeparates ? /[&;]/ : '&')) {
    if (part === '' || part.includes(';')) continue;
    const pair = cut(part, '=').map(tryUnescape);
    const [key, value] = pair;
    if (key === undefined || value === undefined || parameters.has(key)) continue;
    parameters.set(key, value);
  }
  return parameters;
}

function tryUnescape(text: string): string | undefined {
  try {
    return unescapeBytes(text, 'query');
  } catch (error) {
    if (error instanceof RefusedUrl) return undefined;
    throw error;
  }
}

/** @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go#L207 */
function unescapeBytes(text: string, mode: 'path' | 'query' | 'host'): string {
  const bad = /%(?![0-9A-Fa-f]{2}).{0,2}/s.exec(text);
  if (bad !== null) throw new RefusedUrl(`invalid URL escape ${goQuote(fromBytes(bad[0]))}`);
  if (mode === 'host') {
    const forbidden = /[ #\\^`{|}/?@]/.exec(text);
    if (forbidden !== null) throw new RefusedUrl(`invalid character ${goQuote(forbidden[0])} in host name`);
    const ascii = /%(?!25)[0-7]./.exec(text);
    if (ascii !== null) throw new RefusedUrl(`invalid URL escape ${goQuote(ascii[0])}`);
  }
  const spaced = mode === 'query' ? text.replaceAll('+', ' ') : text;
  return spaced.replace(/%(..)/gs, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/**
 * A path as Go prints it again: as it was sent where that is a valid encoding, else encoded anew.
 * @see https://github.com/golang/go/blob/go1.24.0/src/net/url/url.go#L758
 */
function escapedPath(rawPath: string): string {
  if (/^[-A-Za-z0-9_.~$&+,/:;=@!'()*[\]%]*$/.test(rawPath)) return rawPath;
  return unescapeBytes(rawPath, 'path').replace(
    /[^-A-Za-z0-9_.~$&+,/:;=@]/gs,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Go's strings.Cut: what is before the first `separator` and what is after it. */
function cut(text: string, separator: string): [before: string, after: string] {
  const index = text.indexOf(separator);
  return index === -1 ? [text, ''] : [text.slice(0, index), text.slice(index + separator.length)];
}

/** Text as bytes of UTF-8. */
export function toBytes(text: string): string {
  if (isAscii(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('');
}

/** Bytes as text. A byte that is no UTF-8 becomes the half of a pair, which is equal to nothing that a policy can hold. */
export function fromBytes(bytes: string): string {
  if (isAscii(bytes)) return bytes;
  return decodeUtf8(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
}

/** Bytes as Go's WriteRune copies them, rune by rune: what is no UTF-8 becomes U+FFFD. */
export function toValidBytes(bytes: string): string {
  return toBytes(fromBytes(bytes).toWellFormed());
}

function isAscii(text: string): boolean {
  // oxlint-disable-next-line no-control-regex -- all of ASCII
  return /^[\0-\x7f]*$/.test(text);
}
