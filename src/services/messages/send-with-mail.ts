import type { Deps } from '../../context.ts';
import { sendMessage, type Delivery, type MessageRef } from './send.ts';

/** A message, and the mail that goes beside it, if there is one. */
export type Pair = MessageRef & { mailId?: string };

/** Sends both at the same time, each as its own row says. They wait together for what either of them waits for. */
export async function sendWithMail(deps: Deps, { mailId, ...message }: Pair, runId?: string): Promise<Delivery> {
  if (mailId === undefined) return sendMessage(deps, message, runId);
  // One that fails must not leave the other one's end unheard.
  const ends = await Promise.allSettled([
    sendMessage(deps, message, runId),
    sendMessage(deps, { ...message, messageId: mailId }, runId),
  ]);
  return together(
    ends.map((end) => {
      if (end.status === 'rejected') throw end.reason;
      return end.value;
    }),
  );
}

/** How it went with all of them: a wait as long as any waits, the shortest one; else sent, if any was. */
function together(deliveries: Delivery[]): Delivery {
  const [waits] = deliveries
    .filter((delivery) => delivery.result === 'later' || delivery.result === 'unknown')
    .toSorted((a, b) => (a.waitMs ?? 0) - (b.waitMs ?? 0));
  const sent = deliveries.find(({ result }) => result === 'sent');
  const [first] = deliveries;
  if (!first) throw new Error('There is a message');
  return waits ?? sent ?? first;
}
