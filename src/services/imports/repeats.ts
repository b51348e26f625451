import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../context.ts';
import { erasedPhone } from '../contacts/erased.ts';
import type { Line, Remark } from './write.ts';

/** In place of the line of a phone that was erased while its import ran. */
export const ERASED_LINE = 0;

/**
 * Keeps, for as long as the import runs, which phones the file has named, and sorts out lines that name one again. The
 * first line stands, unless the phone has been erased since the file came.
 */
export async function sortOutRepeats(
  ctx: Ctx,
  importId: string,
  lines: Line[],
): Promise<{ first: Line[]; repeats: Remark[] }> {
  const marked = lines.map((line) => ({ ...line, mac: erasedPhone(ctx, line.row.fields.phone_number) }));
  const here = new Map<string, number>();
  for (const { mac, line } of marked) if (!here.has(mac)) here.set(mac, line);
  const earlier = await ctx.em.execute<{ phone_mac: string; line: number }[]>(
    `select phone_mac, line from app.import_phones
     where import_id = ? and phone_mac = any (array(select jsonb_array_elements_text(?::jsonb)))`,
    [importId, JSON.stringify([...here.keys()])],
  );
  for (const { phone_mac, line } of earlier) here.set(phone_mac, line);
  const first = marked.filter(({ mac, line }) => here.get(mac) === line);
  await ctx.em.execute(
    `insert into app.import_phones (id, import_id, phone_mac, line)
     select r.id, ?::uuid, r.phone_mac, r.line from jsonb_to_recordset(?::jsonb) as r (id uuid, phone_mac text, line integer)`,
    [importId, JSON.stringify(first.map(({ mac, line }) => ({ id: randomUUIDv7(), phone_mac: mac, line })))],
  );
  return {
    first,
    repeats: marked
      .filter(({ mac, line }) => here.get(mac) !== line)
      .map(({ mac, line }) => ({
        line,
        severity: 'rejected',
        errors: [{ path: 'phone_number', message: messageFor(here.get(mac)) }],
      })),
  };
}

const messageFor = (line: number | undefined): string =>
  line === ERASED_LINE ? 'was erased meanwhile' : `is in line ${line} already`;
