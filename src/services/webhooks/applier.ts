import { setTimeout as delay } from 'node:timers/promises';
import { logOf, type Scope } from '../../context.ts';
import { applyTogether } from './apply.ts';
import { readBody } from './reader.ts';

/**
 * How long webhooks of one tenant gather: many in one transaction cost little more than one. Where one follows the other,
 * longer: nobody waits for a status, and applied one by one they are a fifth of what a passcode costs.
 */
const GATHER_MS = { quiet: 15, busy: 200 };
/** A tenant is busy for so long after a batch of it. */
const BUSY_MS = 400;
/** So many tenants are remembered as busy. */
const MAX_BUSY = 10_000;
const BATCH = 100;
/** Tenants at a time. Passcodes need connections as well. */
const FLIGHTS = 4;
/** Beyond it they wait in Postgres alone. */
const MAX_BYTES = 16 * 1024 * 1024;
const STOP_WITHIN_MS = 5_000;

export type Received = { scope: Scope; id: string; channelId: string; raw: Buffer; hash: Buffer };
export type Applier = ReturnType<typeof createApplier>;

/**
 * Applies what this process has just taken in, at once and without a look at Postgres. Whatever it does not get done
 * stands in the inbox, for `leftovers.ts`.
 */
export function createApplier() {
  const lanes = new Map<number, Received[]>();
  const ready: number[] = [];
  const timers = new Map<number, NodeJS.Timeout>();
  const flights = new Set<Promise<void>>();
  const left = new Map<number, number>();
  let bytes = 0;
  let stopped = false;

  const offer = (received: Received): void => {
    if (stopped || bytes + received.raw.length > MAX_BYTES) return;
    bytes += received.raw.length;
    const { tenantId } = received.scope;
    const lane = lanes.get(tenantId);
    if (lane) return void lane.push(received);
    lanes.set(tenantId, [received]);
    timers.set(
      tenantId,
      setTimeout(() => depart(tenantId), gatherMs(tenantId)),
    );
  };

  const gatherMs = (tenantId: number): number =>
    performance.now() - (left.get(tenantId) ?? -Infinity) < BUSY_MS ? GATHER_MS.busy : GATHER_MS.quiet;

  const depart = (tenantId: number): void => {
    clearTimeout(timers.get(tenantId));
    timers.delete(tenantId);
    ready.push(tenantId);
    fill();
  };

  const fill = (): void => {
    while (flights.size < FLIGHTS) {
      const tenantId = ready.shift();
      if (tenantId === undefined) return;
      const flight = fly(tenantId).finally(() => {
        flights.delete(flight);
        fill();
      });
      flights.add(flight);
    }
  };

  const fly = async (tenantId: number): Promise<void> => {
    const batch = lanes.get(tenantId)?.splice(0, BATCH) ?? [];
    const [first] = batch;
    if (first) {
      const { scope } = first;
      const { reader } = scope.deps.webhooks;
      const read = batch.map(({ id, channelId, raw, hash }) => ({
        id,
        channelId,
        content: readBody(reader, raw),
        bodyHash: hash,
      }));
      for (const { id, error } of await applyTogether(scope, read))
        logOf(scope).warn({ err: error, webhook_id: id }, 'a webhook is not applied yet');
      for (const { raw } of batch) bytes -= raw.length;
    }
    // Those that came meanwhile have gathered for long enough.
    if (lanes.get(tenantId)?.length) ready.push(tenantId);
    else lanes.delete(tenantId);
    if (left.size >= MAX_BUSY) left.clear();
    left.set(tenantId, performance.now());
  };

  return {
    offer,
    /** Applies what it has, and takes no more. */
    async stop(): Promise<void> {
      stopped = true;
      for (const tenantId of timers.keys()) depart(tenantId);
      const over = delay(STOP_WITHIN_MS, undefined, { ref: false });
      while (flights.size > 0) {
        const ended = await Promise.race([Promise.all(flights).then(() => true), over]);
        if (!ended) return;
      }
    },
  };
}
