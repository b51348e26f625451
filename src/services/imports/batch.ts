import { setImmediate } from 'node:timers/promises';
import { unitOfWork, type Ctx, type Deps } from '../../context.ts';
import { databaseNow } from '../../database.ts';
import { flowScope } from '../scope.ts';
import { HEADER_BYTES, readHeader, type Header } from './columns.ts';
import { writeProgress } from './progress.ts';
import { recordsIn } from './records.ts';
import { sortOutRepeats } from './repeats.ts';
import { readRow } from './row.ts';
import { writeContacts, type Line, type Remark } from './write.ts';

/** Read at a time: far more than the longest record, and little enough for a transaction of a fraction of a second. */
const SLICE_BYTES = 256 * 1024;
const BATCH_RECORDS = 500;
const AT_ONCE = 25;

export type ImportRef = { tenantId: number; importId: string };
export type ImportProgress = { done: boolean; lines: number; bytes: number; ofBytes: number };

type ImportRow = {
  running: boolean;
  position: number;
  line: number;
  bytes: number;
  update_existing: boolean;
  head: Buffer | null;
};

/**
 * Takes in the next records of a file: contacts, remarks and the place in the file in one transaction, so that whoever
 * goes on after a crash repeats nothing and leaves nothing out. Two of them at once queue for the import's row.
 */
export function importBatch(deps: Deps, { tenantId, importId }: ImportRef): Promise<ImportProgress> {
  return unitOfWork(flowScope(deps, tenantId, importId), async (ctx) => {
    const [row] = await ctx.em.execute<ImportRow[]>(
      `select f.status = 'running' as running, i.position, i.line, i.bytes, i.update_existing,
         substring(i.file from 1 for ${HEADER_BYTES + 4}) as head
       from app.imports i join app.flows f on f.id = i.id where i.id = ? for update of f, i`,
      [importId],
    );
    if (!row?.running || !row.head) return { done: true, lines: row?.line ?? 0, bytes: 0, ofBytes: row?.bytes ?? 0 };
    const header = readHeader(row.head);
    const from = row.position === 0 ? { position: header.bytes, line: header.lines } : row;
    const read = await readLines(ctx, importId, header, from, row.bytes);
    const { first, repeats } = await sortOutRepeats(ctx, importId, read.lines);
    const options = { at: await databaseNow(ctx.em), updateExisting: row.update_existing };
    const { counts, warnings } = await writeContacts(ctx, first, options);
    const done = read.position >= row.bytes;
    await writeProgress(ctx, importId, {
      position: read.position,
      line: read.line,
      counts,
      remarks: [...read.rejected, ...repeats, ...warnings],
      done,
    });
    return { done, lines: read.line, bytes: read.position, ofBytes: row.bytes };
  });
}

type Place = { position: number; line: number };

/** The next records of the file. `line` counts the lines that have been read. */
async function readLines(ctx: Ctx, importId: string, header: Header, from: Place, bytes: number) {
  const lines: Line[] = [];
  const rejected: Remark[] = [];
  let { position, line } = from;
  for (let size = SLICE_BYTES; position === from.position && position < bytes; size = bytes) {
    const slice = await sliceOf(ctx, importId, from.position, size);
    const atEnd = from.position + slice.length >= bytes;
    const options = { delimiters: [header.delimiter.charCodeAt(0)], line: from.line + 1, atEnd };
    for (const record of recordsIn(slice, options)) {
      const read = record.whole ? readRow(slice.subarray(record.start, record.end), header) : broken;
      if ('row' in read) lines.push({ line: record.line, row: read.row });
      else if ('errors' in read) rejected.push({ line: record.line, severity: 'rejected', errors: read.errors });
      position = from.position + record.end;
      line = record.line + record.lines - 1;
      if (lines.length + rejected.length >= BATCH_RECORDS) break;
      // Passcodes may be waiting in the same process.
      if ((lines.length + rejected.length) % AT_ONCE === 0) await setImmediate();
    }
  }
  return { lines, rejected, position, line };
}

const broken = { errors: [{ path: '', message: 'is too long, or has a quote that is never closed' }] };

async function sliceOf(ctx: Ctx, importId: string, position: number, size: number): Promise<Buffer> {
  const [row] = await ctx.em.execute<{ slice: Buffer }[]>(
    'select substring(file from ?::integer for ?::integer) as slice from app.imports where id = ?',
    [position + 1, size, importId],
  );
  return row?.slice ?? Buffer.alloc(0);
}
