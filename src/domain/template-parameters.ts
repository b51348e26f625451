import type { CompiledParameter } from './template-compiler.ts';

/** The parameters of a body that was not compiled here: they have numbers, or names, and nothing else is known. */
export function parametersOf(components: readonly unknown[]): CompiledParameter[] {
  const names = [...new Set(placesOf(bodyOf(components)))];
  return names.toSorted((a, b) => Number(a) - Number(b) || 0).map((name) => ({ name, example: name }));
}

/** The text of the body, as Meta shows it: with its numbered places. */
export function bodyOf(components: readonly unknown[]): string {
  for (const component of components) {
    const { type, text } = (component ?? {}) as { type?: unknown; text?: unknown };
    if (typeof type === 'string' && type.toUpperCase() === 'BODY') return typeof text === 'string' ? text : '';
  }
  return '';
}

const placesOf = (text: string): string[] =>
  [...text.matchAll(/\{\{\s*([A-Za-z0-9_]{1,100})\s*\}\}/g)].map(([, name = '']) => name);

export const hasPlace = (text: string): boolean => placesOf(text).length > 0;

/** Whether its places have names, as in `{{first_name}}`, which Meta wants repeated with each value. */
export const hasNamedPlaces = (components: readonly unknown[]): boolean =>
  components.some((component) => {
    const { text } = (component ?? {}) as { text?: unknown };
    return typeof text === 'string' && placesOf(text).some((name) => !/^\d+$/.test(name));
  });
