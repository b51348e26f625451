import { mintSandboxChannel } from './credentials.ts';
import type { Fault, StatusKind } from './faults.ts';
import type { LedgerEntry, PlannedStatus } from './ledger.ts';
import type { PhoneBehaviour } from './settings.ts';
import type { Webhooks } from './webhooks.ts';

export type Delays = { sent: number; delivered: number; read: number };

/** What will be told about a message, decided when it is accepted so that a restart tells the same. */
export function planStatuses(delays: Delays, phone: PhoneBehaviour, faults: Map<StatusKind, Fault>): PlannedStatus[] {
  if (faults.has('no_status')) return [];
  const asyncFailure = faults.get('async_failed');
  const unreachable = phone.blocked || !phone.on_whatsapp;
  const plan: PlannedStatus[] =
    asyncFailure || unreachable
      ? [{ status: 'failed', after_ms: delays.sent, error: asyncFailure?.code ?? 131026 }]
      : [
          { status: 'sent', after_ms: delays.sent },
          { status: 'delivered', after_ms: delays.delivered },
          ...(phone.reads ? [{ status: 'read' as const, after_ms: delays.read }] : []),
        ];
  const late = faults.get('late_status') ? (faults.get('late_status')?.ms ?? 5000) : 0;
  const posts = plan.map(({ after_ms }) => after_ms + late);
  if (faults.has('reorder_status')) posts.reverse();
  return plan.map((item, index) => {
    const post = posts[index] ?? item.after_ms;
    return post === item.after_ms ? item : { ...item, post_after_ms: post };
  });
}

/** Hands each planned status to the webhooks when its time has come. */
export function createStatusSchedule({ secret, webhooks }: { secret: string; webhooks: Webhooks }) {
  const timers = new Set<NodeJS.Timeout>();
  return {
    schedule(entry: LedgerEntry) {
      const channel = mintSandboxChannel(secret, entry.channel_id);
      const accepted = Date.parse(entry.at);
      for (const planned of entry.plan) {
        const wait = accepted + (planned.post_after_ms ?? planned.after_ms) - Date.now();
        const timer = setTimeout(
          () => {
            timers.delete(timer);
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
