import type { EntityManager } from '@mikro-orm/postgresql';
import type { Within } from '../../context.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import { AppError } from '../../errors.ts';
import { inTurn } from '../turns.ts';
import type { Shelf } from './shelf.ts';

/** A request that may come again: the client's key for it, and all that makes it that request. */
export type Repeatable = {
  key: string;
  method: string;
  path: string;
  /** As the route reads it; absent where it takes none. */
  query?: unknown;
  /** JSON, or the SHA-256 of a file. */
  body: unknown;
  status: number;
  /**
   * Where the work goes on outside of the transaction, since somebody else has to see its rows before it ends. A crash
   * in the middle then leaves what it did: the repeat meets it under its natural key.
   */
  outside: boolean;
};

export type Answer = { status: number; body: unknown; replayed: boolean };

/**
 * Does the work of a request once for all repeats of it. The answer is kept by the transaction that does the work: a
 * crash leaves both or neither, so a repeat gets the answer or starts afresh. An error leaves nothing, and is not kept.
 */
export async function once(
  shelf: Shelf,
  request: Repeatable,
  work: (within: Within | undefined) => Promise<unknown>,
): Promise<Answer> {
  const { deps } = shelf;
  const following: Omit<Within, 'em'> = { pending: [], after: [] };
  const answer = await inPlace(shelf, request, () =>
    shelf.em().transactional(async (em): Promise<Answer> => {
      await lock(em, shelf, request);
      const known = await find(em, shelf, request);
      if (known) return known;
      const body = await work(request.outside ? undefined : { em, ...following });
      await keep(em, shelf, request, body);
      return { status: request.status, body, replayed: false };
    }),
  );
  deps.dispatcher.submit(following.pending);
  for (const follow of following.after) follow();
  return answer;
}

/**
 * Each holds a connection, and its work may need another one. What goes on outside waits for servers that are not ours,
 * and may be one that its owner has made slow: it has places of its own, of which no owner takes more than half.
 */
function inPlace<T>({ deps, owner }: Shelf, { outside }: Repeatable, work: () => Promise<T>): Promise<T> {
  const { pool, config } = deps;
  const atOnce = Math.max(1, Math.floor(config.database.poolSize / 3));
  if (!outside) return inTurn(pool, { kind: 'idempotent', atOnce }, work);
  const own = { kind: `idempotent outside/${owner}`, atOnce: Math.max(1, Math.floor(atOnce / 2)) };
  return inTurn(pool, own, () => inTurn(pool, { kind: 'idempotent outside', atOnce }, work));
}

/** Held until the commit, or until the connection of a process that died is gone. */
async function lock(em: EntityManager, { owner }: Shelf, { key }: Repeatable): Promise<void> {
  const [row] = await em.execute<{ free: boolean }[]>(
    'select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as free',
    [`idempotency/${owner}/${key}`],
  );
  if (row?.free) return;
  throw new AppError('idempotency_key_in_use', 'The first request with this Idempotency-Key is still under way.', {
    retryAfterSeconds: 1,
  });
}

const KEY = 'idempotency_key';
const REQUEST = 'idempotency_request';

const textOf = ({ method, path, query, body }: Repeatable): string =>
  canonicalJson([method, path, body ?? null, ...(query === undefined ? [] : [query])]);
/** Sealed with the ring's key and the client's own, so that neither opens it without the other. */
const place = ({ owner, table }: Shelf, { key }: Repeatable): string => `${owner}/${table}/answer/${key}`;

async function find(em: EntityManager, shelf: Shelf, request: Repeatable): Promise<Answer | undefined> {
  const { keyRing } = shelf.deps;
  const row = await shelf.find(em, keyRing.macs(KEY, request.key));
  if (!row) return undefined;
  if (!keyRing.macs(REQUEST, textOf(request)).includes(row.request_mac)) {
    throw new AppError('idempotency_key_reused', 'This Idempotency-Key belongs to another request.');
  }
  const body: unknown = JSON.parse(keyRing.open(place(shelf, request), row.answer));
  return { status: row.status, body, replayed: true };
}

async function keep(em: EntityManager, shelf: Shelf, request: Repeatable, body: unknown): Promise<void> {
  const { keyRing } = shelf.deps;
  const kept = {
    request_mac: keyRing.mac(REQUEST, textOf(request)),
    status: request.status,
    answer: keyRing.seal(place(shelf, request), JSON.stringify(body ?? null)),
  };
  await shelf.keep(em, keyRing.mac(KEY, request.key), kept, [request.path, request.query, request.body, body]);
}
