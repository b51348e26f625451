import type { Ctx } from '../../../context.ts';
import { commitmentsOf } from '../../messages/commitments.ts';
import { erasedPhone, erasedProviderId } from '../erased.ts';
import { anyOf } from './phones.ts';

type Row = {
  id: string;
  recipient: string;
  content: Record<string, unknown>;
  salt: string;
  provider_id: string | null;
};

const BATCH = 500;

/**
 * Leaves of each message that it was sent, when, and what came of it. What the proof has to say of recipient and text
 * from now on is computed before they go. What has not left does not leave. A sender that is calling right now finds
 * no salt, and writes down the provider's id as its MAC; nor is what it calls with tried again.
 */
export async function eraseMessages(ctx: Ctx, contactId: string, phones: string[]): Promise<void> {
  let rows;
  do {
    // Erased ones have lost their salt, and fall out of the next round.
    rows = await ctx.em.execute<Row[]>(
      `select id, recipient, content, salt, provider_id from app.messages
       where (contact_id = ? or recipient = ${anyOf}) and salt is not null
       order by id limit ${BATCH} for no key update`,
      [contactId, JSON.stringify(phones)],
    );
    await ctx.em.execute(
      `update app.messages m set recipient = r.recipient, content = r.content, provider_id = r.provider_id,
         commitments = coalesce(m.commitments, r.commitments), salt = null,
         status = case m.status when 'queued' then 'cancelled' else m.status end,
         reason = case m.status when 'queued' then 'erased' else m.reason end,
         held_until = case m.status when 'queued' then null else m.held_until end,
         withdrawn = case when m.status in ('sending', 'unknown') then 'erased' else m.withdrawn end,
         updated_at = clock_timestamp()
       from jsonb_to_recordset(?::jsonb)
         as r (id uuid, recipient text, content jsonb, provider_id text, commitments jsonb)
       where m.id = r.id`,
      [JSON.stringify(rows.map((row) => skeletonOf(ctx, row)))],
    );
  } while (rows.length === BATCH);
}

function skeletonOf(ctx: Ctx, { id, recipient, content, salt, provider_id }: Row) {
  const { type, instead_of } = content;
  return {
    id,
    recipient: erasedPhone(ctx, recipient),
    // What kind of message it was, and which one it replaced.
    content: { ...(type === undefined ? {} : { type }), ...(instead_of === undefined ? {} : { instead_of }) },
    provider_id: provider_id === null ? null : erasedProviderId(ctx, provider_id),
    commitments: commitmentsOf({ salt, recipient, content, providerId: provider_id }),
  };
}
