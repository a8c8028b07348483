/** Tables in Markdown. */

/** One row; a bar in a cell does not end it. */
export const tableRow = (cells: readonly string[]): string =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`;

/** The line under the heads: so many columns of text, then so many of numbers. */
export const ruler = (text: number, numbers: number): string =>
  tableRow([...Array<string>(text).fill('---'), ...Array<string>(numbers).fill('---:')]);
