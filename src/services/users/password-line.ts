import { clientNetwork } from '../../domain/client-network.ts';
import { AppError } from '../../errors.ts';

const AT_ONCE = 4;
const WAITING = 64;

type Place = { take(): void; giveUp(error: AppError): void };

/** Who waits, by client. The map's order is that of the clients' turns. */
const lines = new Map<string, Place[]>();
let waiting = 0;
let running = 0;

/**
 * Runs work that hashes a password, for a client at this address. Hashing is slow by design, so in a process few such
 * works run at a time and few wait, whether they sign in or sign up. Clients take turns, and where all wait that may, a
 * place of the longest line goes to a shorter one: nobody can fill the line for the others.
 */
export async function inPasswordLine<T>(address: string, work: () => Promise<T>): Promise<T> {
  await enter(clientNetwork(address));
  try {
    return await work();
  } finally {
    leave();
  }
}

async function enter(client: string): Promise<void> {
  if (running < AT_ONCE) {
    running += 1;
    return;
  }
  if (waiting >= WAITING) makeRoom(client);
  await new Promise<void>((resolve, reject) => {
    waiting += 1;
    lines.set(client, [...(lines.get(client) ?? []), { take: resolve, giveUp: reject }]);
  });
}

/** Sends away the last of the longest line, unless the one who comes would make theirs as long. */
function makeRoom(client: string): void {
  const [longest = []] = [...lines.values()].toSorted((a, b) => b.length - a.length);
  const refusal = new AppError('overloaded', 'Too many people sign in at once. Try again shortly.', {
    retryAfterSeconds: 2,
  });
  if (longest.length <= (lines.get(client)?.length ?? 0) + 1) throw refusal;
  waiting -= 1;
  longest.pop()?.giveUp(refusal);
}

/** The place goes to who waits longest of the client whose turn it is, or is free. */
function leave(): void {
  const [turn] = lines;
  if (!turn) {
    running -= 1;
    return;
  }
  const [client, [next, ...others]] = turn;
  lines.delete(client);
  if (others.length > 0) lines.set(client, others);
  waiting -= 1;
  next?.take();
}
