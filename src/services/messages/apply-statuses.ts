import { randomUUIDv7 } from 'node:crypto';
import type { StatusUpdate } from '../../adapters/whatsapp/types.ts';
import { unitOfWork, type Scope } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import { statusOrder } from '../../domain/message-status.ts';
import { settleUndeliverableOtps } from '../otp/undeliverable.ts';

type Moved = { id: string; kind: string; flow_id: string | null; status: string };

/**
 * Takes in what the provider says of our messages. Repeats, disorder, a status before our own call has returned, and
 * `read` without `delivered` all end in the same rows. Returns how many rows it changed.
 */
export async function applyStatuses(scope: Scope, updates: StatusUpdate[]): Promise<number> {
  const ours = updates.filter((update) => update.messageId !== undefined && isUuid(update.messageId));
  if (ours.length === 0) return 0;
  const told = JSON.stringify(
    ours.map((update) => ({
      row_id: randomUUIDv7(),
      id: update.messageId,
      provider_id: update.providerId,
      status: update.status,
      at: update.at.toISOString(),
      error_code: update.errorCode ?? null,
    })),
  );
  const ranks = JSON.stringify(statusOrder);
  // Nothing can follow from these, so they go in one flight: three of them come for each message.
  if (ours.every(({ status }) => status !== 'failed')) {
    const statement = { name: 'apply_statuses', text: numbered, values: [told, ranks] };
    return (await runForTenant<Moved>(scope.deps.pool, scope.tenantId, statement)).length;
  }
  return unitOfWork(scope, async (ctx) => {
    const rows = await ctx.em.execute<Moved[]>(text, [told, ranks]);
    const failed = rows.filter(({ status, kind }) => status === 'failed' && kind === 'otp');
    await settleUndeliverableOtps(
      ctx,
      failed.flatMap(({ flow_id }) => flow_id ?? []),
    );
    return rows.length;
  });
}

const isUuid = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);

// Messages are locked in the order of their ids, so that two envelopes about the same ones cannot block each other.
const text = `
with told as (
  select * from jsonb_to_recordset(?::jsonb)
    as t (row_id uuid, id uuid, provider_id text, status text, at timestamptz, error_code integer)
), ranks as (
  select word, ordinality as rank from jsonb_array_elements_text(?::jsonb) with ordinality as r (word, ordinality)
), locked as (
  select m.id, m.status from app.messages m where m.id in (select id from told) order by m.id for update
), noted as (
  insert into app.message_statuses (id, message_id, status, at, error_code)
  select told.row_id, told.id, told.status, told.at, told.error_code from told join locked on locked.id = told.id
  on conflict (tenant_id, message_id, status, webhook_hash) do nothing
), best as (
  select distinct on (told.id) told.*, ranks.rank from told join ranks on ranks.word = told.status
  order by told.id, ranks.rank desc
)
update app.messages m set
  status = best.status, provider_id = coalesce(m.provider_id, best.provider_id),
  sent_at = case when best.status = 'failed' then m.sent_at else coalesce(m.sent_at, best.at) end,
  error_code = case when best.status = 'failed' then best.error_code else m.error_code end,
  error_verdict = case when best.status = 'failed' then 'never' else m.error_verdict end,
  lease_until = null, settle_at = null, updated_at = clock_timestamp()
from best, locked
where m.id = best.id and locked.id = m.id
  and best.rank > coalesce((select rank from ranks where word = locked.status), 0)
returning m.id, m.kind, m.flow_id, m.status`;

const numbered = text.replace('?', '$1').replace('?', '$2');
