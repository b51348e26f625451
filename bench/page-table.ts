/** A Markdown table: names to the left, figures to the right. */
export function markdown(head: string[], rows: string[][]): string[] {
  const row = (cells: string[]) => `| ${cells.join(' | ')} |`;
  return [row(head), row(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(row)];
}

/** A dash where nothing was measured; what is no number is null in a report's JSON. */
export const number = (value: number | null | undefined, digits: number): string =>
  value === undefined || value === null || Number.isNaN(value)
    ? '–'
    : value
        .toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
        // What counted a little less than nothing, after what happens anyway was subtracted.
        .replace(/^-(0(?:\.0+)?)$/, '$1');

export const megabytes = (bytes: number | undefined): string =>
  number(bytes === undefined ? undefined : bytes / 2 ** 20, 0);
