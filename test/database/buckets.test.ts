import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createTwoTenants, openSession } from './two-tenants.ts';

let world: Awaited<ReturnType<typeof createTwoTenants>>;
beforeAll(async () => {
  world = await createTwoTenants();
});
afterAll(async () => {
  await world.session.end();
  await world.database.close();
});

test('the sweep of buckets waits for nobody who holds one, so it is never part of a deadlock', async () => {
  const { database, a, b } = world;
  const sender = await openSession(database.superuserUrl);
  const sweeper = await openSession(database.appUrl);
  await sender.client.query('begin');
  await sender.client.query('select from app.send_buckets where tenant_id = $1 for update', [b.id]);

  const { rows } = await sweeper.client.query('select app.sweep_send_buckets(10) as swept');
  expect(rows).toEqual([{ swept: '1' }]);
  await sender.client.query('commit');
  expect(await database.sql('select tenant_id from app.send_buckets')).toEqual([{ tenant_id: b.id }]);
  expect(a.id).not.toBe(b.id);
  await Promise.all([sender.end(), sweeper.end()]);
});
