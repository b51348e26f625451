import { AppError } from '../../errors.ts';

type Counted = { count: number; endsAt: number };

const REMEMBERED = 20_000;

/** Counts attempts by name, in this process and for a while: so many are heard, and then none until the while is over. */
export function createAttempts(limit: number, windowMs: number, refusal: string, now = () => performance.now()) {
  const known = new Map<string, Counted>();
  return {
    /** Throws for a name that has used its attempts up. */
    refuseTired(name: string): void {
      const counted = known.get(name);
      if (!counted || counted.count < limit || counted.endsAt <= now()) return;
      throw new AppError('rate_limited', refusal, { retryAfterSeconds: Math.ceil((counted.endsAt - now()) / 1000) });
    },
    /** How many a name has left, and in how many seconds none of them counts any more. */
    left(name: string): { remaining: number; resetSeconds: number } {
      const counted = known.get(name);
      if (!counted || counted.endsAt <= now()) return { remaining: limit, resetSeconds: Math.ceil(windowMs / 1000) };
      const resetSeconds = Math.ceil((counted.endsAt - now()) / 1000);
      return { remaining: Math.max(0, limit - counted.count), resetSeconds };
    },
    /** Counts one, and answers how to take it back. */
    count(name: string): () => void {
      let counted = known.get(name);
      if (!counted || counted.endsAt <= now()) {
        counted = { count: 0, endsAt: now() + windowMs };
        // The map's order is that of their ends.
        known.delete(name);
        known.set(name, counted);
        for (const [other, { endsAt }] of known) {
          if (endsAt > now() && known.size <= REMEMBERED) break;
          known.delete(other);
        }
      }
      const mine = counted;
      mine.count += 1;
      return () => {
        mine.count -= 1;
      };
    },
  };
}
