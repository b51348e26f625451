import type { Ctx } from '../../../context.ts';
import { erasedProviderId } from '../erased.ts';
import { anyOf } from './phones.ts';

/** Leaves of what the person wrote that something came, and what it was answered by. The service windows close. */
export async function eraseInbound(ctx: Ctx, contactId: string, phones: string[]): Promise<void> {
  const list = JSON.stringify(phones);
  const rows = await ctx.em.execute<{ id: string; provider_id: string }[]>(
    `select id, provider_id from app.inbound_messages
     where contact_id = ? or phone = ${anyOf} order by id for no key update`,
    [contactId, list],
  );
  await ctx.em.execute(
    `update app.inbound_messages m set phone = null, text = null, payload = null, reaction = null,
       provider_id = r.provider_id
     from jsonb_to_recordset(?::jsonb) as r (id uuid, provider_id text) where m.id = r.id`,
    [JSON.stringify(rows.map(({ id, provider_id }) => ({ id, provider_id: erasedProviderId(ctx, provider_id) })))],
  );
  await ctx.em.execute(`delete from app.conversations where contact_id = ? or phone = ${anyOf}`, [contactId, list]);
}
