/** Phones of one series, apart from those of every other. */
export const phonesOf = (series: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `+4917${String(series).padStart(2, '0')}${String(i).padStart(6, '0')}`);
