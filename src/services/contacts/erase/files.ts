import type { Ctx } from '../../../context.ts';
import { phoneInput } from '../../fields.ts';
import { cellsOf, readHeader, type Header } from '../../imports/columns.ts';
import { recordsIn } from '../../imports/records.ts';

const NEWLINE = 10;
const SPACE = 32;
/** So many last digits are written alike, however a number is written. */
const TAIL_DIGITS = 7;

const running = 'ended_at is null and file is not null order by id for update';

/** An import locks its file before it locks contacts: so does an erasure. */
export const lockFiles = async (ctx: Ctx): Promise<void> =>
  void (await ctx.em.execute(`select id from app.imports where ${running}`));

/**
 * Blanks the records of a person in files that are being imported, so that the import does not bring the person back.
 * Everything keeps its place: the import goes on where it was.
 */
export async function eraseFromFiles(ctx: Ctx, phones: string[]): Promise<void> {
  if (phones.length === 0) return;
  const files = await ctx.em.execute<{ id: string; file: Buffer }[]>(
    `select id, file from app.imports where ${running}`,
  );
  for (const { id, file } of files) {
    if (blank(file, phones)) await ctx.em.execute('update app.imports set file = ? where id = ?', [file, id]);
  }
}

function blank(file: Buffer, phones: string[]): boolean {
  const header = readHeader(file);
  const body = file.subarray(header.bytes);
  const options = { delimiters: [header.delimiter.charCodeAt(0)], line: header.lines + 1, atEnd: true };
  let found = false;
  for (const { start, end } of recordsIn(body, options)) {
    const record = body.subarray(start, end);
    if (!names(record, phones, header)) continue;
    for (let i = 0; i < record.length; i += 1) if (record[i] !== NEWLINE) record[i] = SPACE;
    found = true;
  }
  return found;
}

/** Reading a number is slow, so only records with the last digits of the phone are looked at. */
function names(record: Buffer, phones: string[], { delimiter, columns }: Header): boolean {
  const text = record.toString('latin1');
  const digits = text.replaceAll(/\D/g, '');
  const near = phones.filter((phone) => digits.includes(phone.slice(-TAIL_DIGITS)));
  if (near.length === 0) return false;
  if (near.some((phone) => digits.includes(phone.slice(1)))) return true;
  const cells = cellsOf(text, delimiter) ?? [];
  const read = phoneInput.safeParse(cells[columns.findIndex(({ name }) => name === 'phone_number')]?.trim());
  return read.success && near.includes(read.data);
}
