import type { SendOutcome } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import { runForTenant, type Statement } from '../../database.ts';
import { canStillFail } from '../../domain/message-status.ts';
import type { ClaimedMessage } from './claim.ts';

/**
 * What came of a call, in the words of the ledger. `retry`: nothing was sent, and it may be tried again, after that
 * long if anybody named a time.
 */
export type Recorded = { status: 'sent' | 'failed' | 'unknown' } | { status: 'retry'; waitMs?: number | undefined };

/**
 * Writes down what the provider answered. The fence keeps a sender that was taken for dead from writing over its
 * successor. A status webhook may have been faster: what it said is not taken back.
 */
export async function recordOutcome(
  { pool }: Deps,
  tenantId: number,
  message: Pick<ClaimedMessage, 'id' | 'fence'>,
  outcome: SendOutcome,
): Promise<Recorded> {
  const { recorded, statement } = interpret(message, outcome);
  await runForTenant(pool, tenantId, statement);
  return recorded;
}

function interpret(
  { id, fence }: Pick<ClaimedMessage, 'id' | 'fence'>,
  outcome: SendOutcome,
): { recorded: Recorded; statement: Statement } {
  switch (outcome.kind) {
    case 'accepted':
      return {
        recorded: { status: 'sent' },
        statement: {
          name: 'message_sent',
          text: `update app.messages set
              status = case when status in ('sending', 'unknown') then 'sent' else status end,
              provider_id = coalesce(provider_id, $3), sent_at = coalesce(sent_at, clock_timestamp()),
              lease_until = null, updated_at = clock_timestamp()
            where id = $1 and fence = $2`,
          values: [id, fence, outcome.providerId],
        },
      };
    case 'ambiguous':
      return {
        recorded: { status: 'unknown' },
        statement: {
          text: `update app.messages set status = 'unknown', lease_until = null, updated_at = clock_timestamp()
            where id = $1 and fence = $2 and status = 'sending'`,
          values: [id, fence],
        },
      };
    case 'not_sent':
      return { recorded: { status: 'retry' }, statement: backToQueue(id, fence, null, outcome.kind) };
    case 'refused': {
      const { code, verdict } = outcome;
      if (verdict === 'retry' || verdict === 'retry_after') {
        const waitMs = outcome.retryAfterMs;
        return { recorded: { status: 'retry', waitMs }, statement: backToQueue(id, fence, code, verdict) };
      }
      return {
        recorded: { status: 'failed' },
        statement: {
          text: `update app.messages set status = 'failed', error_code = $3, error_verdict = $4, lease_until = null,
              updated_at = clock_timestamp()
            where id = $1 and fence = $2 and status = any ($5)`,
          values: [id, fence, code, verdict, canStillFail],
        },
      };
    }
  }
}

const backToQueue = (id: string, fence: number, code: number | null, verdict: string): Statement => ({
  text: `update app.messages set status = 'queued', error_code = $3, error_verdict = $4, lease_until = null,
      settle_at = null, updated_at = clock_timestamp()
    where id = $1 and fence = $2 and status = 'sending'`,
  values: [id, fence, code, verdict],
});
