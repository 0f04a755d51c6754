/** Columns as kubectl prints them: capitals above, three spaces between, nothing around. */

export type Color = 'red' | 'yellow' | 'green' | 'dim';
/** Colours a text, or leaves it as it is. */
export type Paint = (text: string, color: Color) => string;

const CODES: Readonly<Record<Color, number>> = {red: 31, yellow: 33, green: 32, dim: 2};

export const paintNothing: Paint = (text) => text;
export const paintAnsi: Paint = (text, color) => `\u001B[${CODES[color]}m${text}\u001B[0m`;

export function renderTable(headers: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = headers.map((header, column) =>
    Math.max(header.length, ...rows.map((row) => visibleLength(row[column] ?? ''))),
  );
  return [headers, ...rows].map((row) =>
    row
      .map((cell, column) => cell + ' '.repeat((widths[column] ?? 0) - visibleLength(cell)))
      .join('   ')
      .trimEnd(),
  );
}

function visibleLength(text: string): number {
  // eslint-disable-next-line no-control-regex -- colour codes take no room on a terminal
  return text.replace(/\u001B\[\d+m/g, '').length;
}
