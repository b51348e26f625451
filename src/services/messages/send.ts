import type { Deps } from '../../context.ts';
import { isUndriven } from '../reminders/end-rows.ts';
import { settleUndriven } from '../reminders/settle-undriven.ts';
import { recordWithEffect } from './follow-effect.ts';
import { claimGoverned } from './govern.ts';
import { closeOwnFlow } from './own-flow.ts';
import { prepareCall } from './provider.ts';
import { recordOutcome } from './record.ts';
import type { SituationRow } from './situation.ts';
import { callTerms } from './terms.ts';

export type MessageRef = { tenantId: number; messageId: string };

/**
 * How a send went. `later`: nothing was sent; come back after that long, or when the policy says. `unknown`: we cannot
 * tell, and after that long it is settled without the provider's word. `over`: it has ended without leaving.
 */
export type Delivery =
  | { result: 'sent' }
  | { result: 'over'; status: string }
  | { result: 'later'; waitMs?: number | undefined; reason: string }
  | { result: 'unknown'; waitMs: number };

/** Sends one message to a contact, once, however often and by however many it is called. */
export async function sendMessage(deps: Deps, ref: MessageRef, runId?: string): Promise<Delivery> {
  // Taken before the claim: the lease runs from within it, so the call always ends inside the lease.
  const since = performance.now();
  const claim = await claimGoverned(deps, ref.tenantId, ref.messageId);
  switch (claim.verdict) {
    case 'done':
      return { result: 'sent' };
    case 'over':
      return { result: 'over', status: claim.status };
    case 'hold':
      return { result: 'later', waitMs: claim.waitMs, reason: claim.reason };
    case 'busy':
      return { result: 'later', waitMs: claim.waitMs, reason: 'busy' };
    case 'unknown':
      return { result: 'unknown', waitMs: claim.waitMs };
    case 'go':
      return call(deps, ref, claim, { since, runId });
  }
}

async function call(
  deps: Deps,
  { tenantId }: MessageRef,
  { message: row, as }: { message: SituationRow; as: 'content' | 'template' },
  { since, runId }: { since: number; runId: string | undefined },
): Promise<Delivery> {
  const made = { id: row.id, fence: row.fence, clockOffset: row.clock_offset, runId };
  const terms = callTerms[row.channel_type];
  let send: ReturnType<typeof prepareCall>;
  try {
    send = prepareCall(deps, tenantId, row, as);
  } catch (error) {
    // Left to its lease, it would be taken for a message that the phone may show.
    await recordOutcome(deps, tenantId, made, { kind: 'not_sent', reason: 'unprepared' }, { toContact: true });
    throw error;
  }
  const outcome = await send({ deadline: since + terms.callMs, attempt: row.attempts - 1 });
  const recorded = await recordWithEffect(deps, tenantId, { ...made, ...toFact(row) }, outcome, { toContact: true });
  if (recorded.wasInDoubt || isUndriven(recorded.withdrawn)) await settleUndriven(deps, tenantId, row, recorded);
  if (recorded.tooLate) {
    // Nobody claims it again, so its flow ends here.
    await closeOwnFlow(deps.pool, tenantId, row, 'failed');
    return { result: 'over', status: 'failed' };
  }
  switch (recorded.status) {
    case 'sent':
      return { result: 'sent' };
    case 'failed':
      return { result: 'over', status: 'failed' };
    case 'unknown':
      return { result: 'unknown', waitMs: terms.settleSeconds * 1_000 };
    case 'retry':
      return { result: 'later', waitMs: recorded.waitMs, reason: recorded.reason };
    case 'stopped':
      // The next claim finds what stops it, and says for how long.
      return { result: 'later', waitMs: 1_000, reason: recorded.reason };
  }
}

const toFact = (row: SituationRow) => ({
  id: row.id,
  flowId: row.flow_id,
  contactId: row.contact_id,
  templateId: row.template_id,
  channel: { id: row.channel_id },
});
