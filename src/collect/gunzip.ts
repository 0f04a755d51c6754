import {gunzipSync} from 'node:zlib';
import {MAX_INPUT_BYTES} from './input-file.ts';

/** What gzip packed; undefined where the bytes are no gzip, or too many. */
export function gunzip(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return gunzipSync(bytes, {maxOutputLength: MAX_INPUT_BYTES});
  } catch {
    return undefined;
  }
}
