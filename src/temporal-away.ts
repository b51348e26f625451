import type { Client } from '@temporalio/client';

/** What a call says that did not reach Temporal, or was not answered: cancelled, deadline exceeded, unavailable. */
const codes = new Set<unknown>([1, 4, 14]);

class NotConnected extends Error {
  override name = 'NotConnected';

  constructor() {
    super('Temporal is not connected');
  }
}

/** The client of a link. Throws until its first connection stands, which counts as Temporal being away. */
export function connected({ client }: { readonly client: Client | undefined }): Client {
  if (!client) throw new NotConnected();
  return client;
}

/** Whether a call failed because Temporal is away: it can be tried again, and nothing is wrong with the call. */
export function isTemporalAway(error: unknown): boolean {
  for (let e: unknown = error; e instanceof Error; e = e.cause) {
    // A code of gRPC; the SDK wraps the error that has it.
    if (e instanceof NotConnected || ('details' in e && codes.has((e as Error & { code?: unknown }).code))) return true;
  }
  return false;
}
