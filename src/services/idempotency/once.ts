import { randomUUIDv7 } from 'node:crypto';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Scope, Within } from '../../context.ts';
import { tenantEm } from '../../database.ts';
import { canonicalJson } from '../../domain/canonical-json.ts';
import type { Sealed } from '../../entities/channel.ts';
import { AppError } from '../../errors.ts';
import { inTurn } from '../turns.ts';
import { mentionsOf } from './mentions.ts';

/** A request that may come again: the client's key for it, and all that makes it that request. */
export type Repeatable = {
  key: string;
  method: string;
  path: string;
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

const KEPT = `interval '24 hours'`;

/**
 * Does the work of a request once for all repeats of it. The answer is kept by the transaction that does the work: a
 * crash leaves both or neither, so a repeat gets the answer or starts afresh. An error leaves nothing, and is not kept.
 */
export async function once(
  scope: Scope,
  request: Repeatable,
  work: (scope: Scope) => Promise<unknown>,
): Promise<Answer> {
  const { deps, tenantId } = scope;
  // Each holds a connection, and its work may need another one.
  const turns = { kind: 'idempotent', atOnce: Math.max(1, Math.floor(deps.config.database.poolSize / 3)) };
  const following: Omit<Within, 'em'> = { pending: [], after: [] };
  const answer = await inTurn(deps.pool, turns, () =>
    tenantEm(deps.orm, tenantId).transactional(async (em): Promise<Answer> => {
      await lock(em, scope, request);
      const known = await find(em, scope, request);
      if (known) return known;
      const body = await work(request.outside ? scope : { ...scope, within: { em, ...following } });
      await keep(em, scope, request, body);
      return { status: request.status, body, replayed: false };
    }),
  );
  deps.dispatcher.submit(following.pending);
  for (const follow of following.after) follow();
  return answer;
}

/** Held until the commit, or until the connection of a process that died is gone. */
async function lock(em: EntityManager, { tenantId }: Scope, { key }: Repeatable): Promise<void> {
  const [row] = await em.execute<{ free: boolean }[]>(
    'select pg_try_advisory_xact_lock(hashtextextended(?, 0)) as free',
    [`idempotency/${tenantId}/${key}`],
  );
  if (row?.free) return;
  throw new AppError('idempotency_key_in_use', 'The first request with this Idempotency-Key is still under way.', {
    retryAfterSeconds: 1,
  });
}

const KEY = 'idempotency_key';
const REQUEST = 'idempotency_request';

const textOf = ({ method, path, body }: Repeatable): string => canonicalJson([method, path, body ?? null]);
/** Sealed with the ring's key and the client's own, so that neither opens it without the other. */
const place = (tenantId: number, { key }: Repeatable): string => `${tenantId}/idempotent_answers/answer/${key}`;

type Row = { request_mac: string; status: number; answer: Sealed };

async function find(em: EntityManager, { deps, tenantId }: Scope, request: Repeatable): Promise<Answer | undefined> {
  const names = JSON.stringify(deps.keyRing.macs(KEY, request.key));
  const named = 'key_mac = any (array(select jsonb_array_elements_text(?::jsonb)))';
  await em.execute(`delete from app.idempotent_answers where ${named} and created_at < clock_timestamp() - ${KEPT}`, [
    names,
  ]);
  const [row] = await em.execute<Row[]>(
    `select request_mac, status, answer from app.idempotent_answers where ${named}`,
    [names],
  );
  if (!row) return undefined;
  if (!deps.keyRing.macs(REQUEST, textOf(request)).includes(row.request_mac)) {
    throw new AppError('idempotency_key_reused', 'This Idempotency-Key belongs to another request.');
  }
  const body: unknown = JSON.parse(deps.keyRing.open(place(tenantId, request), row.answer));
  return { status: row.status, body, replayed: true };
}

async function keep(em: EntityManager, { deps, tenantId }: Scope, request: Repeatable, body: unknown): Promise<void> {
  const { keyRing } = deps;
  await em.execute(
    `insert into app.idempotent_answers (id, key_mac, request_mac, status, answer, mentions)
     values (?, ?, ?, ?, ?::jsonb, array(select jsonb_array_elements_text(?::jsonb)))`,
    [
      randomUUIDv7(),
      keyRing.mac(KEY, request.key),
      keyRing.mac(REQUEST, textOf(request)),
      request.status,
      JSON.stringify(keyRing.seal(place(tenantId, request), JSON.stringify(body ?? null))),
      JSON.stringify(mentionsOf(keyRing, [request.path, request.body, body])),
    ],
  );
}
