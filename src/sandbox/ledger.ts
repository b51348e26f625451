import { join } from 'node:path';
import type { DeliveryStatus } from '../adapters/whatsapp/types.ts';
import { openJournal } from './journal.ts';
import type { Rendered } from './shown.ts';

/** A status to come: when it happened and, where a fault holds it back or forward, when it is posted. */
export type PlannedStatus = { status: DeliveryStatus; after_ms: number; post_after_ms?: number; error?: number };

/** One send that was accepted, with what will be told about it, so that a restart can tell the rest. */
export type LedgerEntry = Rendered & {
  wamid: string;
  to: string;
  opaque_id: string | null;
  at: string;
  channel_id: string;
  phone_number_id: string;
  /** The message that this one answers. */
  reply_to?: string;
  /** It opened a conversation, as Meta's tiers count them. */
  outside_window?: boolean;
  /** It never reaches the phone, though no status says so. */
  dropped?: boolean;
  plan: PlannedStatus[];
  copies: number;
};

export type Acknowledgement = { wamid: string; status: DeliveryStatus };
export type Ledger = Awaited<ReturnType<typeof openLedger>>;

export async function openLedger(folder: string) {
  const sends = await openJournal<LedgerEntry>(join(folder, 'ledger.jsonl'), { durable: true });
  // Losing an acknowledgement only repeats a webhook, which receivers must stand anyway: no fsync.
  const acknowledgements = await openJournal<Acknowledgement>(join(folder, 'acknowledgements.jsonl'), {
    durable: false,
  });

  const entries: LedgerEntry[] = [];
  const byPhone = new Map<string, LedgerEntry[]>();
  const remember = (entry: LedgerEntry) => {
    entries.push(entry);
    const conversation = byPhone.get(entry.to);
    if (conversation) conversation.push(entry);
    else byPhone.set(entry.to, [entry]);
  };
  const acknowledged = new Set(acknowledgements.records.map(({ wamid, status }) => `${wamid} ${status}`));
  const unfinished = sends.records.flatMap((entry) => {
    remember(entry);
    const plan = entry.plan.filter(({ status }) => !acknowledged.has(`${entry.wamid} ${status}`));
    return plan.length > 0 ? [{ ...entry, plan }] : [];
  });
  acknowledged.clear();

  return {
    entries,
    /** What an earlier process accepted but could not tell to the end. */
    unfinished,
    phones: () => [...byPhone.keys()],
    sentTo: (e164: string): readonly LedgerEntry[] => byPhone.get(e164) ?? [],
    /** Resolves when the send is on the disk; only then may it be answered. */
    async accept(entry: LedgerEntry) {
      await sends.append([entry]);
      remember(entry);
    },
    acknowledge: (statuses: Acknowledgement[]) => acknowledgements.append(statuses),
    async clear() {
      await Promise.all([sends.clear(), acknowledgements.clear()]);
      entries.length = 0;
      unfinished.length = 0;
      byPhone.clear();
    },
    async close() {
      await Promise.all([sends.close(), acknowledgements.close()]);
    },
  };
}

/** An undeliverable message never shows on the phone. */
export const isShown = (entry: LedgerEntry) => !entry.dropped && !entry.plan.some(({ status }) => status === 'failed');
