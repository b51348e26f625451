type Waiting = { id: string; since: number; run: () => void };

/** An entry that has waited this long is about to become the relay's: it is dropped here, not there. */
const INLINE_PATIENCE_MS = 1_500;
/** A passcode that another worker may have taken is delivered within about this long, where all goes well. */
const ELSEWHERE_MS = 1_000;
/** A place is given back after this long even when nobody says that the passcode was delivered. */
const PLACE_TTL_MS = 10_000;

/**
 * Caps the passcodes between start and delivery in this process, first in, first out. Without it, load beyond the
 * knee makes fresh starts overtake the backlog and every waiting time collapses to seconds.
 */
export class OtpGate {
  readonly #max: number;
  readonly #places = new Map<string, NodeJS.Timeout>();
  readonly #fresh: Waiting[] = [];
  readonly #leased: Waiting[] = [];

  constructor(max: number) {
    this.#max = max;
  }

  /** Runs `start` when it is this passcode's turn, or never if that takes so long that the relay has it. */
  offer(id: string, start: () => void): void {
    this.#fresh.push({ id, since: performance.now(), run: start });
    this.#admit();
  }

  /** Waits for a place. Entries that the relay brings are older, so they go first. */
  enter(id: string): Promise<void> {
    return new Promise((resolve) => {
      this.#leased.push({ id, since: performance.now(), run: resolve });
      this.#admit();
    });
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

  #admit(): void {
    while (this.#places.size < this.#max) {
      const next = this.#leased.shift() ?? this.#nextFresh();
      if (!next) return;
      this.#places.set(next.id, setTimeout(() => this.release(next.id), PLACE_TTL_MS).unref());
      next.run();
    }
  }

  #nextFresh(): Waiting | undefined {
    const oldest = performance.now() - INLINE_PATIENCE_MS;
    let next = this.#fresh.shift();
    while (next && next.since < oldest) next = this.#fresh.shift();
    return next;
  }
}
