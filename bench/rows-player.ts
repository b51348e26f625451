import { randomInt, randomUUID, randomUUIDv7 } from 'node:crypto';
import pg from 'pg';
import { servePhases } from './phase.ts';
import { play } from './play.ts';
import { createTable, insert, lease, markSent, sweep, verify } from './rows-table.ts';
import { createSender } from './sender.ts';

/**
 * What many build first: an INSERT for each request, and a worker that looks each second for rows that are due. Like
 * the bare client it has no HTTP in front of it, and its generator is in this process. No tenants, keys, limits, audit,
 * statuses or timeline; a worker that dies sends what it had leased again.
 */
const { ROWS_URL = '', SANDBOX_URL = '', SANDBOX_SECRET = '' } = process.env;
const POLL_MS = 1_000;
const BATCH = 50;

const pool = new pg.Pool({ connectionString: ROWS_URL, max: 16 });
await createTable(pool);
const send = createSender(SANDBOX_URL, SANDBOX_SECRET, randomUUID());

async function poll(): Promise<void> {
  for (;;) {
    const rows = await lease(pool, BATCH);
    if (rows.length === 0) break;
    const calls = await Promise.allSettled(
      rows.map(({ id, phone, code }) => send({ messageId: id, to: phone, code }).then(() => id)),
    );
    const ids = calls.flatMap((call) => (call.status === 'fulfilled' ? [call.value] : []));
    await markSent(pool, ids);
  }
  await sweep(pool);
}

async function work(): Promise<void> {
  await poll().catch(console.error);
  setTimeout(() => void work(), POLL_MS);
}
void work();

servePhases((plan) =>
  play(
    {
      async send(phone) {
        const code = String(randomInt(1_000_000)).padStart(6, '0');
        try {
          await insert(pool, { id: randomUUIDv7(), phone, code });
          return { status: 202 };
        } catch (error) {
          console.error(error);
          return { status: 0 };
        }
      },
      async verify(phone, _index, code) {
        return verify(pool, phone, code).catch(() => false);
      },
    },
    plan,
  ),
);
