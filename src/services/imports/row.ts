import type { z } from 'zod';
import { topics, type Topic } from '../../domain/consent.ts';
import type { FieldError } from '../../errors.ts';
import { newContact } from '../contacts/fields.ts';
import { cellsOf, type Column, type Header } from './columns.ts';

/** A contact as a line of a file tells it. An empty cell says nothing. */
export type Row = { fields: z.output<typeof newContact>; source: string };
export type ReadRow = { row: Row } | { errors: FieldError[] } | { blank: true };

/** Where a yes or no comes from, unless the file says. A word, since it outlives what is personal about a contact. */
const SOURCE = 'import';
const sourceWord = /^[a-z][a-z0-9_-]{0,39}$/;

const wrong = (message: string, path = ''): { errors: FieldError[] } => ({ errors: [{ path, message }] });

/** Reads one record by the rules of `POST /contacts`. Errors name columns and never quote what stands in them. */
export function readRow(bytes: Uint8Array, { delimiter, columns }: Header): ReadRow {
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return wrong('is not valid UTF-8');
  }
  if (text.includes('\0')) return wrong('has a character that cannot be stored');
  const cells = cellsOf(text, delimiter)?.map((cell) => cell.trim());
  if (!cells) return wrong('is not well-formed CSV');
  if (cells.every((cell) => cell === '')) return { blank: true };
  if (cells.length !== columns.length) return wrong(`has ${cells.length} columns, and the header ${columns.length}`);
  return check(columns, cells);
}

function check(columns: Column[], cells: string[]): ReadRow {
  const said: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  const errors: FieldError[] = [];
  let source = SOURCE;
  for (const [i, { name, attribute }] of columns.entries()) {
    const cell = cells[i] ?? '';
    if (cell === '') continue;
    if (attribute) attributes[name] = typed(cell);
    else if (name === 'tags') said[name] = listOf(cell);
    else if (name === 'opt_in') {
      said[name] = optInOf(cell);
      if (said[name] === undefined) errors.push({ path: name, message: 'must be true, false or topics' });
    } else if (name === 'opt_in_source') {
      source = cell;
      if (!sourceWord.test(cell)) errors.push({ path: name, message: 'must be a word of a-z, 0-9, _ and -' });
    } else said[name] = cell;
  }
  if (Object.keys(attributes).length > 0) said['attributes'] = attributes;
  const { error, data } = newContact.safeParse(said);
  errors.push(
    ...(error?.issues ?? []).map(({ path, message }) => ({ path: path.join('.'), message: wordsFor(path, message) })),
  );
  return data && errors.length === 0 ? { row: { fields: data, source } } : { errors };

  function wordsFor([name]: PropertyKey[], message: string): string {
    return name === 'phone_number' && said[name] === undefined ? 'is missing' : message;
  }
}

const listOf = (cell: string): string[] =>
  cell
    .split(';')
    .map((item) => item.trim())
    .filter((item) => item !== '');

/** A number or a truth value only when it is written as JSON writes it: a postcode with a leading zero stays text. */
function typed(cell: string): string | number | boolean {
  if (cell === 'true' || cell === 'false') return cell === 'true';
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(cell) && String(Number(cell)) === cell ? Number(cell) : cell;
}

function optInOf(cell: string): boolean | Partial<Record<Topic, boolean>> | undefined {
  const words = listOf(cell.toLowerCase());
  if (words.length === 1 && (words[0] === 'true' || words[0] === 'false')) return words[0] === 'true';
  if (words.length === 0 || !words.every((word) => topics.some((topic) => topic === word))) return undefined;
  return Object.fromEntries(words.map((word) => [word, true]));
}
