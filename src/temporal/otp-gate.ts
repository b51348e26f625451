type Waiting = { id: string; since: number; run: () => void };

/** More than this are not held in memory: their rows are in the outbox, and the relay brings them. */
const MAX_WAITING = 5_000;
/** A place is given back after this long even when nobody says that the passcode is under way. */
const PLACE_TTL_MS = 10_000;
/** A passcode that another worker may have taken is delivered within about this long, where all goes well. */
const ELSEWHERE_MS = 1_000;
/** How much one more admission moves the mean of the time between two. */
const WEIGHT = 0.1;

/**
 * Caps the passcodes between their start and their first task in this process, the oldest first, whoever brings them.
 * Without it, load beyond the knee makes fresh starts overtake the backlog and every waiting time collapses to seconds.
 */
export class OtpGate {
  readonly #max: number;
  readonly #places = new Map<string, NodeJS.Timeout>();
  /** In order of age. */
  readonly #waiting: Waiting[] = [];
  readonly #byId = new Map<string, Waiting>();
  #lastAdmission = 0;
  #meanMs = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** Runs `start` when it is this passcode's turn. */
  offer(id: string, start: () => void): void {
    if (this.#waiting.length < MAX_WAITING) this.#insert({ id, since: performance.now(), run: start });
  }

  /** Waits for a place for an entry that the relay has leased. One that waits here already keeps its turn. */
  enter(id: string, ageMs: number): Promise<void> {
    return new Promise((resolve) => {
      const known = this.#byId.get(id);
      if (known) known.run = resolve;
      else if (this.#places.has(id)) resolve();
      else this.#insert({ id, since: performance.now() - ageMs, run: resolve });
    });
  }

  /** How long one that came now would wait, going by the pace of the last admissions. */
  expectedWaitMs(): number {
    return this.#waiting.length * this.#meanMs;
  }

  release(id: string): void {
    const timer = this.#places.get(id);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#places.delete(id);
    this.#admit();
  }

  /** Gives the place back after a moment: nobody here will say when the passcode is delivered. */
  releaseSoon(id: string): void {
    const timer = this.#places.get(id);
    if (timer === undefined) return;
    clearTimeout(timer);
    this.#places.set(id, setTimeout(() => this.release(id), ELSEWHERE_MS).unref());
  }

  #insert(entry: Waiting): void {
    let at = this.#waiting.length;
    // What the relay brings is older than what came by itself.
    while (at > 0 && (this.#waiting[at - 1]?.since ?? 0) > entry.since) at -= 1;
    this.#waiting.splice(at, 0, entry);
    this.#byId.set(entry.id, entry);
    this.#admit();
  }

  #admit(): void {
    while (this.#places.size < this.#max) {
      const next = this.#waiting.shift();
      if (!next) return;
      this.#byId.delete(next.id);
      this.#places.set(next.id, setTimeout(() => this.release(next.id), PLACE_TTL_MS).unref());
      this.#measure(next);
      next.run();
    }
  }

  /** The pace counts from the moment when the entry began to wait or the one before it went: idle time is no pace. */
  #measure({ since }: Waiting): void {
    const now = performance.now();
    this.#meanMs += (now - Math.max(since, this.#lastAdmission) - this.#meanMs) * WEIGHT;
    this.#lastAdmission = now;
  }
}
