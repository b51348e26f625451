import { loadConfig } from '../src/config.ts';
import { createOrm, nativePool } from '../src/database.ts';
import { assertBound, assertMigrated } from '../src/database-checks.ts';
import { replayWebhooks } from '../src/services/webhooks/replay.ts';

/**
 * `npm run replay-webhooks [-- <id>]`: has webhooks that were given up applied again, all of them or one
 * (docs/operations.md). Says how many; with an id that none of them has, it fails.
 */
const [id] = process.argv.slice(2);
if (id !== undefined && !/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) {
  console.error('The id of a webhook is a UUID: npm run replay-webhooks -- <id>');
  process.exit(2);
}
const orm = await createOrm(loadConfig());
try {
  const pool = await nativePool(orm);
  await assertBound(pool);
  await assertMigrated(pool);
  const replayed = await replayWebhooks({ orm, pool }, id);
  console.log(`${replayed} webhooks are applied again, by the processes that run, within seconds.`);
  if (id !== undefined && replayed === 0) {
    console.error(`No webhook with the id ${id} is given up.`);
    process.exitCode = 1;
  }
} finally {
  await orm.close();
}
