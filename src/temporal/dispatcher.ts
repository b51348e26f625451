import type { Pool } from 'pg';
import type { Logger } from '../log.ts';
import { taskQueues } from '../domain/flow.ts';
import type { Tracing } from '../observability/tracing.ts';
import { deliverEntry, type Delivery } from './delivery.ts';
import type { TemporalLink } from './link.ts';
import type { OtpGate } from './otp-gate.ts';
import type { StartGate } from './start-gate.ts';

/** One row of the outbox, as it stands after the commit that wrote it. Ids and words only. */
export type OutboxEntry = {
  id: string;
  tenantId: number;
  operation: 'start' | 'signal' | 'cancel';
  kind: string;
  flowId: string;
  signal: string | null;
  args: Record<string, unknown>;
  /** The `traceparent` of the request that wrote it, where traces are taken. */
  trace?: string | undefined;
};

/** How many calls to Temporal may be under way for entries that were just committed. */
const MAX_IN_FLIGHT = 64;
/** Deleting delivered rows one by one costs a commit each; this many milliseconds of them are one statement. */
const COMPLETE_EVERY_MS = 50;

type DispatcherDeps = {
  pool: Pool;
  temporal: TemporalLink;
  gate: OtpGate;
  starts: StartGate;
  /** Of passcodes that no worker of this process delivers. */
  elsewhere: StartGate;
  tracing: Tracing;
  log: Logger;
};

/** Tells Temporal what was just committed, at once. What it cannot deliver stays in the outbox for the relay. */
export class Dispatcher {
  readonly #pool: Pool;
  readonly #temporal: TemporalLink;
  readonly #gate: OtpGate;
  readonly #starts: StartGate;
  readonly #elsewhere: StartGate;
  readonly #tracing: Tracing;
  readonly #log: Logger;
  #inFlight = 0;
  #delivered: string[] = [];
  #flush: NodeJS.Timeout | undefined;

  constructor(deps: DispatcherDeps) {
    this.#pool = deps.pool;
    this.#temporal = deps.temporal;
    this.#gate = deps.gate;
    this.#starts = deps.starts;
    this.#elsewhere = deps.elsewhere;
    this.#tracing = deps.tracing;
    this.#log = deps.log;
  }

  /** Whether an entry that is about to be committed will be left to the relay, which may then take it at once. */
  leaves(entry: Pick<OutboxEntry, 'operation' | 'kind'>): boolean {
    return this.#capOf(entry)?.open() === false;
  }

  submit(entries: OutboxEntry[]): void {
    const trace = this.#tracing.current();
    for (const committed of entries) {
      if (this.leaves(committed)) continue;
      // Whoever has waited at the gate goes on in the name of the one that made room: the trace is held here.
      const entry = trace === undefined ? committed : { ...committed, trace };
      this.#capOf(entry)?.enter(entry.tenantId, entry.flowId);
      if (this.#isGated(entry)) this.#gate.offer(entry.flowId, () => void this.#attempt(entry));
      else void this.#attempt(entry);
    }
  }

  /** Delivers an entry that the relay has leased; a start of a passcode waits for its place, one of the bulk has it. */
  async deliver(entry: OutboxEntry, ageMs: number): Promise<void> {
    if (this.#isGated(entry)) await this.#gate.enter(entry.flowId, ageMs);
    try {
      await this.#tell(entry);
    } catch (error) {
      this.#capOf(entry)?.release(entry.flowId);
      throw error;
    }
  }

  async #attempt(entry: OutboxEntry): Promise<void> {
    if (!this.#temporal.client || this.#inFlight >= MAX_IN_FLIGHT) return this.#giveBack(entry);
    this.#inFlight += 1;
    try {
      await this.#tell(entry);
    } catch (error) {
      this.#capOf(entry)?.release(entry.flowId);
      this.#log.debug({ err: error, flow_id: entry.flowId, operation: entry.operation }, 'left to the relay');
    } finally {
      this.#inFlight -= 1;
    }
  }

  async #tell(entry: OutboxEntry): Promise<void> {
    let startedHere = false;
    try {
      startedHere = (await this.#deliverTraced(entry)).startedHere;
      this.#complete(entry.id);
    } finally {
      // Only a worker of this process says when a passcode is delivered.
      if (!startedHere) this.#gate.releaseSoon(entry.flowId);
    }
  }

  #deliverTraced(entry: OutboxEntry): Promise<Delivery> {
    const { trace: parent = null, operation, kind, signal, tenantId, flowId } = entry;
    const attributes = {
      'carillon.tenant_id': String(tenantId),
      'carillon.flow_kind': kind,
      'carillon.flow_id': flowId,
    };
    return this.#tracing.span(`${operation} ${signal ?? kind}`, { kind: 'producer', parent, attributes }, () =>
      deliverEntry(this.#temporal, this.#pool, entry),
    );
  }

  #giveBack(entry: OutboxEntry): void {
    this.#gate.release(entry.flowId);
    this.#capOf(entry)?.release(entry.flowId);
  }

  /** A process whose own worker delivers passcodes takes no more of them than it can deliver. */
  #isGated(entry: OutboxEntry): boolean {
    return isPasscode(entry) && this.#temporal.runsQueue(taskQueues.otp);
  }

  /** What keeps starts of this kind out of Temporal while too many there wait for a worker. */
  #capOf(entry: Pick<OutboxEntry, 'operation' | 'kind'>): StartGate | undefined {
    if (isBulk(entry)) return this.#starts;
    return isPasscode(entry) && !this.#temporal.runsQueue(taskQueues.otp) ? this.#elsewhere : undefined;
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

/** Many of them may come at once, and nobody waits for any one of them in person. */
export const isBulk = ({ operation, kind }: Pick<OutboxEntry, 'operation' | 'kind'>): boolean =>
  operation === 'start' && kind === 'message';

const isPasscode = ({ operation, kind }: Pick<OutboxEntry, 'operation' | 'kind'>): boolean =>
  operation === 'start' && kind === 'otp';
