import { hash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { WebhookContent } from '../../adapters/whatsapp/types.ts';
import type { Deps } from '../../context.ts';
import { runForTenant } from '../../database.ts';
import type { ReadWebhook } from '../messages/apply-statuses.ts';
import { scopeOf } from '../scope.ts';
import { applyTogether } from './apply.ts';
import { parkWebhook } from './parked.ts';
import { readBody } from './reader.ts';

const BATCH = 50;
const LEASE = '10 seconds';
/** How long the process that took a webhook in has it for itself. */
const GRACE = '2 seconds';
const IDLE_MS = 1_000;
const MAX_ATTEMPTS = 20;
const MAX_BACK_OFF_SECONDS = 300;

type Leased = { tenant_id: number; id: string; attempts: number };

/** Applies webhooks that the process that took them in did not: it died, or Postgres was away. */
export function startLeftovers(deps: Deps) {
  const { pool, log } = deps;
  const stop = new AbortController();

  const round = async (): Promise<number> => {
    const { rows } = await pool.query<Leased>('select * from app.lease_webhooks($1, $2::interval, $3::interval)', [
      BATCH,
      LEASE,
      GRACE,
    ]);
    for (const [tenantId, leased] of Map.groupBy(rows, ({ tenant_id }) => tenant_id)) await settle(tenantId, leased);
    return rows.length;
  };

  const settle = async (tenantId: number, leased: Leased[]): Promise<void> => {
    const webhooks = await read(deps, tenantId, leased);
    const scope = scopeOf(deps, tenantId, { type: 'webhook', id: webhooks[0]?.channelId ?? '' });
    for (const { id, error } of await applyTogether(scope, webhooks)) {
      const attempts = leased.find((row) => row.id === id)?.attempts ?? 0;
      await postpone(tenantId, id, attempts, error);
    }
  };

  const postpone = async (tenantId: number, id: string, attempts: number, error: unknown): Promise<void> => {
    const seconds = Math.min(MAX_BACK_OFF_SECONDS, 2 ** Math.min(attempts, 10) / 2);
    if (attempts >= MAX_ATTEMPTS) return parkWebhook(deps, tenantId, id, { attempts, error });
    await runForTenant(pool, tenantId, {
      text: `update app.webhook_inbox set leased_until = clock_timestamp() + $2::interval
        where id = $1 and applied_at is null`,
      values: [id, `${seconds} seconds`],
    });
    const names = { err: error, tenant_id: tenantId, webhook_id: id, attempts };
    log.warn(names, 'the application of a webhook is postponed');
  };

  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      let taken = 0;
      try {
        taken = await round();
      } catch (error) {
        log.warn({ err: error }, 'the inbox of webhooks could not be read');
      }
      if (taken < BATCH) await delay(IDLE_MS, undefined, { signal: stop.signal }).catch(() => undefined);
    }
  };
  const running = run();

  return {
    async stop(): Promise<void> {
      stop.abort();
      await running;
    },
  };
}

const nothing: WebhookContent = { statuses: [], inbound: [], templates: [], preferences: [], unreadable: 0 };

async function read(deps: Deps, tenantId: number, leased: Leased[]): Promise<ReadWebhook[]> {
  const rows = await runForTenant<{ id: string; channel_id: string; body: Buffer | null }>(deps.pool, tenantId, {
    text: `select id, channel_id, body from app.webhook_inbox
      where id = any ($1) and applied_at is null order by id`,
    values: [leased.map(({ id }) => id)],
  });
  return rows.map(({ id, channel_id, body }) => ({
    id,
    channelId: channel_id,
    // One that was erased before it was applied says nothing any more.
    content: body ? readBody(deps.webhooks.reader, body) : nothing,
    bodyHash: body ? hash('sha256', body, 'buffer') : undefined,
  }));
}
