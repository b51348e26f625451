import type { Channel, MessageContent as Payload, OutboundMessage } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import { templateValue } from '../../domain/template-compiler.ts';
import { openChannel } from './channel.ts';
import { SETTLE_SECONDS } from './claim.ts';
import { recordWithEffect } from './follow-effect.ts';
import { claimGoverned } from './govern.ts';
import { recordOutcome } from './record.ts';
import type { SituationRow } from './situation.ts';

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

const CALL_TIMEOUT_MS = 4_000;

/** Sends one message to a contact, once, however often and by however many it is called. */
export async function sendMessage(deps: Deps, ref: MessageRef, runId?: string): Promise<Delivery> {
  // Taken before the claim: the lease runs from within it, so the call always ends inside the lease.
  const deadline = performance.now() + CALL_TIMEOUT_MS;
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
      return call(deps, ref, claim, { deadline, runId });
  }
}

async function call(
  deps: Deps,
  { tenantId }: MessageRef,
  { message: row, as }: { message: SituationRow; as: 'content' | 'template' },
  { deadline, runId }: { deadline: number; runId: string | undefined },
): Promise<Delivery> {
  const made = { id: row.id, fence: row.fence, runId };
  let channel: Channel;
  let message: OutboundMessage;
  try {
    channel = openChannel(deps, tenantId, {
      id: row.channel_id,
      sandbox: row.sandbox,
      phoneNumberId: row.phone_number_id,
      credentials: row.credentials,
    });
    message = { messageId: row.id, to: row.recipient, content: toPayload(row, as) };
  } catch (error) {
    // Left to its lease, it would be taken for a message that the phone may show.
    await recordOutcome(deps, tenantId, made, { kind: 'not_sent', reason: 'unprepared' }, { toContact: true });
    throw error;
  }
  const outcome = await deps.whatsapp.send(channel, message, { deadline, attempt: row.attempts - 1 });
  const recorded = await recordWithEffect(deps, tenantId, { ...made, ...toFact(row) }, outcome, { toContact: true });
  switch (recorded.status) {
    case 'sent':
      return { result: 'sent' };
    case 'failed':
      return { result: 'over', status: 'failed' };
    case 'unknown':
      return { result: 'unknown', waitMs: SETTLE_SECONDS * 1_000 };
    case 'retry':
      return { result: 'later', waitMs: recorded.waitMs, reason: recorded.reason };
    case 'stopped':
      // The next claim finds what stops it, and says for how long.
      return { result: 'later', waitMs: 1_000, reason: recorded.reason };
  }
}

function toPayload({ content, template_name, template_language }: SituationRow, as: 'content' | 'template'): Payload {
  if (as === 'content') {
    if (content.type === 'template') throw new Error('A template is sent as one');
    return content.type === 'text' ? { type: 'text', body: content.body } : content;
  }
  if (template_name === null || template_language === null) throw new Error('The message has no template');
  const named = { type: 'template', template: template_name, language: template_language } as const;
  if (content.type === 'text') return { ...named, body: (content.parameters ?? []).map(templateValue) };
  if (content.type !== 'template') throw new Error(`A template does not take ${content.type}`);
  return {
    ...named,
    body: content.parameters.map(templateValue),
    ...(content.header && { header: content.header }),
    ...(content.buttons && { buttons: content.buttons }),
  };
}

const toFact = (row: SituationRow) => ({
  id: row.id,
  flowId: row.flow_id,
  contactId: row.contact_id,
  templateId: row.template_id,
  channel: { id: row.channel_id },
});
