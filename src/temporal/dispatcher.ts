import type { Pool } from 'pg';
import type { Logger } from '../log.ts';
import { taskQueues } from '../domain/flow.ts';
import { deliverEntry } from './delivery.ts';
import type { TemporalLink } from './link.ts';
import type { OtpGate } from './otp-gate.ts';

/** One row of the outbox, as it stands after the commit that wrote it. Ids and words only. */
export type OutboxEntry = {
  id: string;
  tenantId: number;
  operation: 'start' | 'signal' | 'cancel';
  kind: string;
  flowId: string;
  signal: string | null;
  args: Record<string, unknown>;
};

/** How many calls to Temporal may be under way for entries that were just committed. */
const MAX_IN_FLIGHT = 64;
/** Deleting delivered rows one by one costs a commit each; this many milliseconds of them are one statement. */
const COMPLETE_EVERY_MS = 50;

/** Tells Temporal what was just committed, at once. What it cannot deliver stays in the outbox for the relay. */
export class Dispatcher {
  readonly #pool: Pool;
  readonly #temporal: TemporalLink;
  readonly #gate: OtpGate;
  readonly #log: Logger;
  #inFlight = 0;
  #delivered: string[] = [];
  #flush: NodeJS.Timeout | undefined;

  constructor(deps: { pool: Pool; temporal: TemporalLink; gate: OtpGate; log: Logger }) {
    this.#pool = deps.pool;
    this.#temporal = deps.temporal;
    this.#gate = deps.gate;
    this.#log = deps.log;
  }

  submit(entries: OutboxEntry[]): void {
    for (const entry of entries) {
      if (this.#isGated(entry)) this.#gate.offer(entry.flowId, () => void this.#attempt(entry));
      else void this.#attempt(entry);
    }
  }

  /** Delivers an entry that the relay has leased; a start of a passcode waits for its place. */
  async deliver(entry: OutboxEntry, ageMs: number): Promise<void> {
    if (this.#isGated(entry)) await this.#gate.enter(entry.flowId, ageMs);
    await this.#tell(entry);
  }

  async #attempt(entry: OutboxEntry): Promise<void> {
    if (!this.#temporal.client || this.#inFlight >= MAX_IN_FLIGHT) return this.#gate.release(entry.flowId);
    this.#inFlight += 1;
    try {
      await this.#tell(entry);
    } catch (error) {
      this.#log.debug({ err: error, flow_id: entry.flowId, operation: entry.operation }, 'left to the relay');
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #tell(entry: OutboxEntry): Promise<void> {
    let startedHere = false;
    try {
      startedHere = (await deliverEntry(this.#temporal, this.#pool, entry)).startedHere;
      this.#complete(entry.id);
    } finally {
      // Only a worker of this process says when a passcode is delivered.
      if (!startedHere) this.#gate.releaseSoon(entry.flowId);
    }
  }

  /** A process whose own worker delivers passcodes takes no more of them than it can deliver. */
  #isGated({ operation, kind }: OutboxEntry): boolean {
    return operation === 'start' && kind === 'otp' && this.#temporal.runsQueue(taskQueues.otp);
  }

  #complete(id: string): void {
    this.#delivered.push(id);
    this.#flush ??= setTimeout(() => void this.flush(), COMPLETE_EVERY_MS);
  }

  /** Removes delivered rows now. A row that stays behind is delivered once more, which changes nothing. */
  async flush(): Promise<void> {
    clearTimeout(this.#flush);
    this.#flush = undefined;
    const ids = this.#delivered.splice(0);
    if (ids.length === 0) return;
    try {
      await this.#pool.query('select app.complete_outbox($1::bigint[])', [ids]);
    } catch (error) {
      this.#log.warn({ err: error, rows: ids.length }, 'delivered outbox rows were not removed');
    }
  }
}
