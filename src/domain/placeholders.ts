/** A place in a text that is filled in when it is sent; `default` is what stands there when there is no value. */
export type Placeholder = { name: string; default?: string };
export type ParsedText = { parts: (string | Placeholder)[]; names: string[] };

/** What a text may always name of the person it is written to. */
export const contactFields = ['phone_number', 'first_name', 'last_name', 'email', 'locale', 'timezone'] as const;

const ATTRIBUTE = 'attributes.';
const MAX_DEFAULT = 100;

/** A brace that opens or closes nothing, or what stands between two is no placeholder. `position` counts from 0. */
export class PlaceholderError extends Error {
  override name = 'PlaceholderError';
  readonly position: number;

  constructor(why: string, position: number) {
    super(`${why}, at character ${position + 1}`);
    this.position = position;
  }
}

/** Takes a text apart at its `{name}` and `{name|default}`. There is no way to write a brace that is none. */
export function parsePlaceholders(text: string): ParsedText {
  const parts: (string | Placeholder)[] = [];
  let at = 0;
  for (const found of text.matchAll(/[{}]/g)) {
    const { index } = found;
    // The closing brace of the placeholder before.
    if (index < at) continue;
    if (found[0] === '}') throw new PlaceholderError('a brace closes nothing', index);
    const [whole] = /^\{[^{}]*\}/.exec(text.slice(index)) ?? [];
    if (whole === undefined) throw new PlaceholderError('a brace is not closed', index);
    if (index > at) parts.push(text.slice(at, index));
    parts.push(readPlaceholder(whole.slice(1, -1), index));
    at = index + whole.length;
  }
  if (at < text.length) parts.push(text.slice(at));
  const names = parts.flatMap((part) => (typeof part === 'string' ? [] : [part.name]));
  return { parts, names: [...new Set(names)] };
}

function readPlaceholder(inside: string, position: number): Placeholder {
  const bar = inside.indexOf('|');
  const name = bar < 0 ? inside : inside.slice(0, bar);
  if (!/^(attributes\.)?[a-z][a-z0-9_]{0,39}$/.test(name)) {
    throw new PlaceholderError('a placeholder is named with a-z, 0-9 and _', position);
  }
  if (bar < 0) return { name };
  const value = inside.slice(bar + 1);
  // It has to be fit for a parameter of a template, which holds one line and is never empty.
  if (value.trim() === '' || value.length > MAX_DEFAULT || /\p{Cc}| {4}/u.test(value)) {
    throw new PlaceholderError(`a default is one line of 1 to ${MAX_DEFAULT} characters`, position);
  }
  return { name, default: value };
}

export type PlaceholderValues = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The text with its values, and the values in the order in which they stand in it; or the first name that has none. */
export function fill(
  text: string,
  values: PlaceholderValues,
): { text: string; parameters: string[] } | { missing: string } {
  const parameters: string[] = [];
  let missing: string | undefined;
  const filled = parsePlaceholders(text).parts.map((part) => {
    if (typeof part === 'string') return part;
    const value = Object.hasOwn(values, part.name) ? values[part.name] : undefined;
    const said = String(value ?? '').trim();
    const shown = said === '' ? part.default : said;
    if (shown === undefined) missing ??= part.name;
    else parameters.push(shown);
    return shown ?? '';
  });
  return missing !== undefined ? { missing } : { text: filled.join(''), parameters };
}

/** The names that nobody knows a value for. `entity` has the fields of what the text is about. */
export function unknownPlaceholders(text: string, known: { entity: readonly string[] }): string[] {
  const fields = new Set<string>([...contactFields, ...known.entity]);
  return parsePlaceholders(text).names.filter((name) => !name.startsWith(ATTRIBUTE) && !fields.has(name));
}

/** Attributes that are named without a default: not every contact has them. */
export function bareAttributes(text: string): string[] {
  const bare = parsePlaceholders(text).parts.flatMap((part) =>
    typeof part !== 'string' && part.name.startsWith(ATTRIBUTE) && part.default === undefined ? [part.name] : [],
  );
  return [...new Set(bare)];
}
