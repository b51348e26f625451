const anyBraces = /\{\{|\}\}/;
const parameter = /\{\{(\d+)\}\}/g;

/** How many parameters a wording has, or nothing when they are not numbered from 1 without gaps. */
export function parametersOf(wording: string): number | undefined {
  const numbers = new Set([...wording.matchAll(parameter)].map(([, number]) => Number(number)));
  if (anyBraces.test(wording.replace(parameter, ''))) return undefined;
  return numbers.size === Math.max(0, ...numbers) && !numbers.has(0) ? numbers.size : undefined;
}

export const fillIn = (wording: string, values: string[]): string =>
  wording.replace(parameter, (whole, number) => values[Number(number) - 1] ?? whole);
