export type Cell = string | number;

/** RFC 4180 text of a table: a header line, then rows; a number that is not finite is an empty field. */
export const csvOf = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  [columns, ...rows].map((cells) => `${cells.map(field).join(',')}\r\n`).join('');

function field(value: Cell): string {
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  // a spreadsheet takes text that begins like this for a formula
  const plain = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
