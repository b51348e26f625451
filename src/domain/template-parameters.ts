import type { CompiledParameter } from './template-compiler.ts';

/** The parameters of a body that was not compiled here: they have numbers, or names, and nothing else is known. */
export function parametersOf(components: readonly unknown[]): CompiledParameter[] {
  const places = bodyOf(components).matchAll(/\{\{\s*([a-z0-9_]{1,40})\s*\}\}/g);
  const names = [...new Set([...places].map(([, name = '']) => name))];
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
