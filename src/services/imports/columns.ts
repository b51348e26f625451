import { parse } from 'csv-parse/sync';
import { AppError, type FieldError } from '../../errors.ts';
import { attributeName } from '../contacts/fields.ts';
import { recordsIn } from './records.ts';

/** How a file is to be read: what separates its cells, what they are called, and where its first line of data is. */
export type Header = { delimiter: Delimiter; columns: Column[]; bytes: number; lines: number };
export type Column = { name: string; attribute: boolean };
type Delimiter = (typeof delimiters)[number];

export const delimiters = [',', ';', '\t'] as const;
export const HEADER_BYTES = 16 * 1024;
const MAX_COLUMNS = 60;

const fields = [
  'phone_number',
  'first_name',
  'last_name',
  'email',
  'timezone',
  'locale',
  'tags',
  'opt_in',
  'opt_in_source',
];
const aliases: Record<string, string> = { phone: 'phone_number', mobile: 'phone_number' };

const invalid = (message: string, errors: FieldError[] = []) =>
  new AppError('invalid_file', message, errors.length > 0 ? { errors } : {});

/** Reads the row that names the columns. What is wrong with it is wrong with the whole file. */
export function readHeader(head: Buffer): Header {
  const bom = head.subarray(0, 3).equals(Buffer.from([0xef, 0xbb, 0xbf])) ? 3 : 0;
  const codes = delimiters.map((one) => one.charCodeAt(0));
  const body = head.subarray(bom, bom + HEADER_BYTES);
  const [record] = recordsIn(body, { delimiters: codes, line: 1, atEnd: head.length <= bom + HEADER_BYTES });
  if (!record?.whole) throw invalid('The file has no header row, or one that does not end.');
  const text = decode(body.subarray(0, record.end));
  const delimiter = delimiterOf(text);
  const columns = columnsOf(cellsOf(text, delimiter) ?? []);
  return { delimiter, columns, bytes: bom + record.end, lines: record.lines };
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw invalid('The file must be in UTF-8.');
  }
}

/** What stands most often between the names. */
function delimiterOf(header: string): Delimiter {
  const bare = header.replaceAll(/"[^"]*"/g, '');
  const [most] = delimiters
    .map((one) => ({ one, count: bare.split(one).length }))
    .toSorted((a, b) => b.count - a.count);
  return most?.one ?? ',';
}

/** The cells of one record; undefined if its quotes are wrong. */
export function cellsOf(record: string, delimiter: Delimiter): string[] | undefined {
  try {
    const options = { delimiter, relax_quotes: true, relax_column_count: true, record_delimiter: ['\r\n', '\n'] };
    const [cells] = parse(record, options);
    return cells ?? [];
  } catch {
    return undefined;
  }
}

/** Names are forgiven their case and spaces. A name is not repeated in an error: a file without a header has data there. */
function columnsOf(cells: string[]): Column[] {
  if (cells.length > MAX_COLUMNS) throw invalid(`The file may have at most ${MAX_COLUMNS} columns.`);
  const names = cells.map((cell) => {
    const name = cell
      .trim()
      .toLowerCase()
      .replaceAll(/[\s-]+/g, '_');
    return aliases[name] ?? name;
  });
  const errors = names.flatMap((name, i): FieldError[] => {
    const path = `column ${i + 1}`;
    if (!attributeName.safeParse(name).success) return [{ path, message: 'must be named with a-z, 0-9 and _' }];
    return names.indexOf(name) < i ? [{ path, message: 'is named as another one' }] : [];
  });
  if (!names.includes('phone_number')) errors.unshift({ path: 'phone_number', message: 'is not among the columns' });
  if (errors.length > 0) throw invalid('The first row must name the columns.', errors);
  return names.map((name) => ({ name, attribute: !fields.includes(name) }));
}
