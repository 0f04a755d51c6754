/** What is printed for programs. Undefined parts are left out, never null. */
import {stringify} from 'yaml';

export function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The same as YAML: through JSON, so that both forms leave out the same keys. */
export function yamlText(value: object): string {
  return stringify(JSON.parse(JSON.stringify(value)));
}
