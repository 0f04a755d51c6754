/**
 * Bytes as Go reads them for a text.
 */

const STRICT = new TextDecoder('utf-8', {fatal: true, ignoreBOM: true});

/**
 * The text of `bytes`. What is no UTF-8 stays apart byte by byte, as Go sees it: byte 0xnn is the half of a pair U+DCnn.
 * With `toWellFormed` each becomes U+FFFD.
 * @see https://github.com/golang/go/blob/go1.26.8/src/unicode/utf8/utf8.go#L157
 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return STRICT.decode(bytes);
  } catch {
    return decodePieces(bytes);
  }
}

function decodePieces(bytes: Uint8Array): string {
  const parts: string[] = [];
  let offset = 0;
  while (offset < bytes.length) {
    const length = lengthOfCharacter(bytes, offset);
    const byte = bytes[offset] ?? 0;
    if (length === 0) parts.push(String.fromCharCode(0xdc00 + byte));
    else parts.push(length === 1 ? String.fromCharCode(byte) : STRICT.decode(bytes.subarray(offset, offset + length)));
    offset += Math.max(1, length);
  }
  return parts.join('');
}

/** How many bytes the character at `offset` has; 0 when there is none. */
function lengthOfCharacter(bytes: Uint8Array, offset: number): number {
  const leading = bytes[offset] ?? 0;
  if (leading < 0x80) return 1;
  const [length, least, most] = boundsOf(leading);
  const second = bytes[offset + 1] ?? 0;
  if (length === 0 || second < least || second > most) return 0;
  const isComplete = bytes.subarray(offset + 2, offset + length).every((byte) => (byte & 0xc0) === 0x80);
  return isComplete && offset + length <= bytes.length ? length : 0;
}

/** The length of a character by its first byte, and the bounds of the second. */
function boundsOf(leading: number): readonly [length: number, least: number, most: number] {
  if (leading < 0xc2 || leading > 0xf4) return [0, 0, 0];
  if (leading < 0xe0) return [2, 0x80, 0xbf];
  if (leading < 0xf0) return [3, leading === 0xe0 ? 0xa0 : 0x80, leading === 0xed ? 0x9f : 0xbf];
  return [4, leading === 0xf0 ? 0x90 : 0x80, leading === 0xf4 ? 0x8f : 0xbf];
}
