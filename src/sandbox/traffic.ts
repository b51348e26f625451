import type { LedgerEntry } from './ledger.ts';
import type { Limits } from './limits.ts';
import { MetaError } from './meta-error.ts';

export type Send = { phone_number_id: string; to: string; at: number; outsideWindow: boolean };
export type Traffic = ReturnType<typeof createTraffic>;

const day = 24 * 3600 * 1000;
const pair = { everyMs: 6000, burst: 45 };
/** Meta does not say over which time it measures the throughput. */
const throughputSeconds = 2;
/** What was sent in time may have been on its way for longer than what was sent before it. */
const toleranceMs = 2000;

/** Counts what each number sends and refuses what Meta would. After a restart the ledger tells what was. */
export function createTraffic(limitsOf: (phoneNumberId: string) => Limits, earlier: readonly LedgerEntry[]) {
  /** When a bucket that gains one token at a time would be full again. */
  const fullAt = new Map<string, number>();
  const startedConversations = new Map<string, Map<string, number>>();

  const isEmpty = (key: string, at: number, everyMs: number, burst: number) =>
    (fullAt.get(key) ?? 0) - at > everyMs * (burst - 1) + toleranceMs * Number(key.startsWith('pair/'));
  const take = (key: string, at: number, everyMs: number) =>
    fullAt.set(key, Math.max(fullAt.get(key) ?? 0, at) + everyMs);

  const everyMs = (number: string) => 1000 / limitsOf(number).throughput_per_second;
  const startedBy = (number: string, at: number) => {
    const started = startedConversations.get(number) ?? new Map<string, number>();
    // Oldest first: a phone that is written to again moves to the end.
    for (const [phone, last] of started) {
      if (last > at - day) break;
      started.delete(phone);
    }
    return started;
  };

  const record = ({ phone_number_id: number, to, at, outsideWindow }: Send) => {
    take(`number/${number}`, at, everyMs(number));
    take(`pair/${number}/${to}`, at, pair.everyMs);
    if (!outsideWindow) return;
    const started = startedBy(number, at);
    started.delete(to);
    startedConversations.set(number, started.set(to, at));
  };

  for (const { phone_number_id, to, at, outside_window } of earlier) {
    record({ phone_number_id, to, at: Date.parse(at), outsideWindow: outside_window ?? false });
  }

  return {
    record,
    /** Meta counts both directions. */
    recordInbound: (number: string) => void take(`number/${number}`, Date.now(), everyMs(number)),
    check({ phone_number_id: number, to, at, outsideWindow }: Send) {
      const limits = limitsOf(number);
      if (isEmpty(`number/${number}`, at, everyMs(number), limits.throughput_per_second * throughputSeconds)) {
        throw new MetaError(400, 130429, 'Rate limit hit', {
          details:
            'Message failed to send because there were too many messages sent from this phone number in a short period of time.',
        });
      }
      if (limits.pair && isEmpty(`pair/${number}/${to}`, at, pair.everyMs, pair.burst)) {
        throw new MetaError(400, 131056, '(Business Account, Consumer Account) pair rate limit hit', {
          details:
            'Message failed to send because there were too many messages sent from this phone number to the same phone number in a short period of time.',
        });
      }
      if (limits.tier === 'unlimited' || !outsideWindow) return;
      const started = startedBy(number, at);
      if (!started.has(to) && started.size >= limits.tier) {
        throw new MetaError(400, 131048, 'Spam rate limit hit', {
          details: `Message failed to send because there are restrictions on how many messages can be sent from this phone number: ${limits.tier} people in 24 hours.`,
        });
      }
    },
    clear() {
      fullAt.clear();
      startedConversations.clear();
    },
  };
}
