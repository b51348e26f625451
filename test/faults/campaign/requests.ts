import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../../harness/client.ts';
import type { TestTenant } from '../../harness/tenants.ts';
import type { Promises } from './promises.ts';
import type { Random } from './random.ts';

export type Patience = { giveUp: AbortSignal };
/** `repeatable`: also where nobody answered. With a `key` it is, whatever it makes. */
export type Insistence = Patience & { repeatable?: boolean; key?: string };

/** Asks for patience: the API has no room, or the first request with this key is still under way. */
const asksForPatience = ({ status, body }: Answer): boolean =>
  status === 503 || (status === 409 && (body as { code?: string }).code === 'idempotency_key_in_use');

/** What one tenant's application asks of the API: until it is answered with something else than a request for patience. */
export function createRequests(tenant: TestTenant, promises: Promises, random: Random) {
  /** Undefined where nobody answered. */
  const ask = async (path: string, body: object, key: string | undefined): Promise<Answer | undefined> => {
    const started = performance.now();
    try {
      const headers = key === undefined ? {} : { 'idempotency-key': key };
      const answer = await tenant.call('POST', `/api/v1${path}`, body, headers);
      promises.heard(answer.status, performance.now() - started);
      return answer;
    } catch {
      promises.heard('none', performance.now() - started);
      return undefined;
    }
  };
  return async (path: string, body: object, { giveUp, key, repeatable = true }: Insistence) => {
    for (let tries = 0; ; tries += 1) {
      const answer = await ask(path, body, key);
      if (answer && !asksForPatience(answer)) return answer;
      if (!answer && !repeatable) return undefined;
      if (giveUp.aborted) return answer;
      // Ever more rarely, and not all at once: clients that hammer keep down what wants to get up.
      const seconds = Math.max(Number(answer?.headers.get('retry-after') ?? 0), 0.3 * 2 ** Math.min(tries, 5));
      await sleep(seconds * random.between(500, 1_500));
    }
  };
}

export type Insist = ReturnType<typeof createRequests>;
