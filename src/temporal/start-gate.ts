import type { Pool } from 'pg';
import { otpPolicy } from '../domain/otp.ts';
import type { Logger } from '../log.ts';

/** How often those that are under way elsewhere are asked for. */
const ASK_EVERY_MS = 250;
/**
 * A place is given back after this long, whatever became of the flow. A passcode keeps it for as long as it may live: one
 * that nobody takes must not make room for the next.
 */
const PLACE_TTL_MS = { message: 30_000, otp: otpPolicy.lifeSeconds * 1_000 };

/** How long it takes for what a tenant has had to count for half. */
const HALF_LIFE_MS = 30_000;

type Share = { had: number; at: number };
type Place = { tenantId: number; since: number };

/** The system function that answers which of some flows nobody has looked at yet. */
const unseenOf = { message: 'app.unseen_messages', otp: 'app.unseen_passcodes' } as const;

/**
 * Caps the flows of one kind between their start and the first look at their message, wherever that happens. What is
 * beyond the cap waits in the outbox, where tenants take turns and the wait is seen, and not in Temporal, where it would
 * be in everybody's way.
 */
export class StartGate {
  readonly #max: number;
  readonly #unseen: string;
  readonly #ttlMs: number;
  readonly #pool: Pool;
  readonly #log: Logger;
  readonly #places = new Map<string, Place>();
  readonly #shares = new Map<number, Share>();
  readonly #timer: NodeJS.Timeout;
  #asking = false;
  #onFree: () => void = () => undefined;
  /** More wait in the outbox than there was room for: whoever comes now goes behind them. */
  crowded = false;

  constructor({ kind, max, pool, log }: { kind: keyof typeof unseenOf; max: number; pool: Pool; log: Logger }) {
    this.#max = max;
    this.#unseen = unseenOf[kind];
    this.#ttlMs = PLACE_TTL_MS[kind];
    this.#pool = pool;
    this.#log = log;
    this.#timer = setInterval(() => void this.#ask(), ASK_EVERY_MS).unref();
  }

  free(): number {
    return Math.max(0, this.#max - this.#places.size);
  }

  /** Whether one that was just committed may start at once. */
  open(): boolean {
    return !this.crowded && this.free() > 0;
  }

  enter(tenantId: number, id: string): void {
    this.#shares.set(tenantId, { had: this.#had(tenantId) + 1, at: performance.now() });
    this.#places.set(id, { tenantId, since: performance.now() });
  }

  /** How much each tenant has had lately: starts, of which the older ones count for less. */
  shares(): { tenants: number[]; had: number[] } {
    for (const tenantId of this.#shares.keys()) if (this.#had(tenantId) < 0.5) this.#shares.delete(tenantId);
    const tenants = [...this.#shares.keys()];
    return { tenants, had: tenants.map((tenantId) => this.#had(tenantId)) };
  }

  #had(tenantId: number): number {
    const share = this.#shares.get(tenantId);
    return share ? share.had * 0.5 ** ((performance.now() - share.at) / HALF_LIFE_MS) : 0;
  }

  release(id: string): void {
    if (this.#places.delete(id)) this.#onFree();
  }

  whenFree(listener: () => void): void {
    this.#onFree = listener;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Those that another process has seen, or that have ended, give their places back. */
  async #ask(): Promise<void> {
    const now = performance.now();
    const asked = [...this.#places].filter(([, { since }]) => now - since > ASK_EVERY_MS);
    if (this.#asking || asked.length === 0) return;
    this.#asking = true;
    try {
      const { rows } = await this.#pool.query<{ id: string }>(
        `select id from ${this.#unseen}($1::integer[], $2::uuid[])`,
        [asked.map(([, { tenantId }]) => tenantId), asked.map(([id]) => id)],
      );
      const unseen = new Set(rows.map(({ id }) => id));
      for (const [id, { since }] of asked) if (!unseen.has(id) || now - since > this.#ttlMs) this.release(id);
    } catch (error) {
      this.#log.debug({ err: error }, 'the flows under way could not be asked for');
    } finally {
      this.#asking = false;
    }
  }
}
