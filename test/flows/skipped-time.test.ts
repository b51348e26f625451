import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { loadConfig } from '../../src/config.ts';
import { createOrm, nativePool } from '../../src/database.ts';
import { createLog } from '../../src/log.ts';
import { prepareDatabase } from '../../src/startup.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { ledgerOf } from '../webhooks/ledger.ts';
import { businessOf } from '../webhooks/signed.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApiAlone();
});
afterAll(() => stack.close());

/** What a process does with its database before it serves. */
async function startsIn(environment: 'production' | 'development'): Promise<string> {
  const config = { ...loadConfig(stack.env), production: environment === 'production' };
  const orm = await createOrm(config);
  const pool = await nativePool(orm, config.database);
  try {
    await prepareDatabase({ config, pool, log: createLog({ ...config, logLevel: 'silent' }) });
    return 'it starts';
  } catch (error) {
    return (error as Error).name;
  } finally {
    // The ORM ends only what it has used itself.
    await orm.close();
    if (!pool.ended) await pool.end();
  }
}

test('production refuses a database in which flows run for which time was skipped', async () => {
  const tenant = await stack.tenants.make();
  const flow = await ledgerOf(stack, tenant.id, await businessOf(stack, tenant)).flow();
  expect(await startsIn('production')).toBe('it starts');
  await stack.database.sql(`update app.flows set clock_offset = interval '1 hour' where id = $1`, [flow]);
  expect(await startsIn('development')).toBe('it starts');
  expect(await startsIn('production')).toBe('SkippedTimeError');
});
