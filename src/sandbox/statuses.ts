import { mintSandboxChannel } from './credentials.ts';
import type { Changes } from './changes.ts';
import type { LedgerEntry, PlannedStatus } from './ledger.ts';
import type { Webhooks } from './webhooks.ts';

type Dependencies = { secret: string; webhooks: Webhooks; changes: Changes };

/** Hands each planned status to the webhooks when its time has come. */
export function createStatusSchedule({ secret, webhooks, changes }: Dependencies) {
  const timers = new Set<NodeJS.Timeout>();
  return {
    schedule(entry: LedgerEntry) {
      const channel = mintSandboxChannel(secret, entry.channel_id);
      // Reckoned once: a clock that moves between two statuses could turn their order round.
      const now = Date.now();
      const accepted = Date.parse(entry.at);
      for (const planned of entry.plan) {
        const wait = accepted + (planned.post_after_ms ?? planned.after_ms) - now;
        const timer = setTimeout(
          () => {
            timers.delete(timer);
            changes.tell(entry.to, entry.phone_number_id);
            webhooks.enqueue(channel, {
              kind: 'status',
              value: toStatus(entry, planned),
              copies: entry.copies,
              acknowledgement: { wamid: entry.wamid, status: planned.status },
            });
          },
          Math.max(0, wait),
        );
        timers.add(timer);
      }
    },
    clear() {
      for (const timer of timers) clearTimeout(timer);
      timers.clear();
    },
  };
}

function toStatus(entry: LedgerEntry, { status, after_ms, error }: PlannedStatus) {
  return {
    id: entry.wamid,
    status,
    timestamp: String(Math.floor((Date.parse(entry.at) + after_ms) / 1000)),
    recipient_id: entry.to.slice(1),
    ...(entry.opaque_id !== null && { biz_opaque_callback_data: entry.opaque_id }),
    ...(status === 'failed'
      ? { errors: [failure(error ?? 131026)] }
      : { pricing: { billable: true, pricing_model: 'PMP', type: 'regular', category: entry.category } }),
  };
}

const titles = new Map([
  [131026, 'Message undeliverable'],
  [131047, 'Re-engagement message'],
  [131049, 'This message was not delivered to maintain healthy ecosystem engagement'],
  [131050, 'User has stopped marketing messages'],
]);

function failure(code: number) {
  const title = titles.get(code) ?? 'Something went wrong';
  return {
    code,
    title,
    message: title,
    error_data: { details: title },
    href: 'https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/',
  };
}
