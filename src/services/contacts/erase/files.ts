import { randomUUIDv7 } from 'node:crypto';
import type { Ctx } from '../../../context.ts';
import { ERASED_LINE } from '../../imports/repeats.ts';
import { erasedPhone } from '../erased.ts';

/** An import locks its own row before it locks contacts: so does an erasure. */
export const lockFiles = async (ctx: Ctx): Promise<void> =>
  void (await ctx.em.execute('select id from app.imports where ended_at is null order by id for update'));

/**
 * Keeps files that are being imported from bringing a person back: their lines of these phones are rejected. A file
 * itself goes when its import ends.
 */
export async function eraseFromFiles(ctx: Ctx, phones: string[]): Promise<void> {
  if (phones.length === 0) return;
  const imports = await ctx.em.execute<{ id: string }[]>('select id from app.imports where ended_at is null');
  const rows = imports.flatMap(({ id }) =>
    phones.map((phone) => ({ id: randomUUIDv7(), import_id: id, phone_mac: erasedPhone(ctx, phone) })),
  );
  // A phone that the file has named already is rejected as that.
  await ctx.em.execute(
    `insert into app.import_phones (id, import_id, phone_mac, line)
     select r.id, r.import_id, r.phone_mac, ${ERASED_LINE}
     from jsonb_to_recordset(?::jsonb) as r (id uuid, import_id uuid, phone_mac text)
     on conflict (tenant_id, import_id, phone_mac) do nothing`,
    [JSON.stringify(rows)],
  );
}
