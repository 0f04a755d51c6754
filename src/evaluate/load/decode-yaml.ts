/**
 * Reads the first YAML document of a text as the API server does: sigs.k8s.io/yaml over go-yaml v2, the same in every
 * release from 1.18 to 1.37 but for a letter of one message.
 */
import type {KubernetesVersion} from '../../model/kubernetes-version.ts';
import type {DecodedValue, Position} from './decoded-value.ts';
import {NodeDecoder} from './yaml/decoder.ts';
import {toJson} from './yaml/json.ts';
import {parseYaml} from './yaml/node.ts';

/** The value of the first document, and what the server's strict pass would say about repeated keys. */
export interface DecodedYaml {
  readonly value: DecodedValue;
  /** One text as Go prints it, undefined when no key repeats. */
  readonly duplicateKeys: string | undefined;
  /** Where another document, or whatever else stands after the first, begins: it is not read. */
  readonly unreadFrom: Position | undefined;
}

/**
 * Decodes the bytes of a file, or the UTF-8 that a string stands for. Throws `RefusedText` in the words of the server of
 * that release (undefined: the newest).
 */
export function decodeYaml(content: string | Uint8Array, serverVersion: KubernetesVersion | undefined): DecodedYaml {
  const {root, unreadFrom} = parseYaml(content);
  if (root === undefined) {
    return {value: {kind: 'null', line: 1, column: 1}, duplicateKeys: undefined, unreadFrom};
  }
  const decoder = new NodeDecoder();
  const value = toJson(decoder.decode(root), serverVersion);
  return {value, duplicateKeys: decoder.duplicateKeys(), unreadFrom};
}
