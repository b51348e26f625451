import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { ledgerOf } from './ledger.ts';
import { businessOf, seconds, type Business } from './signed.ts';

let stack: Stack;
let tenant: TestTenant;
let business: Business;
let ledger: ReturnType<typeof ledgerOf>;
let holder: pg.Client;

async function begin(stackOf: Stack): Promise<void> {
  tenant = await stackOf.tenants.make();
  business = await businessOf(stackOf, tenant);
  ledger = ledgerOf(stackOf, tenant.id, business);
}
beforeEach(async () => {
  stack = await createStack();
  holder = new pg.Client({ connectionString: stack.database.superuserUrl });
  await holder.connect();
});
afterEach(async () => {
  await holder.end();
  await stack.close();
});

const status = (id: string) => ({
  id: `wamid.${randomUUID()}`,
  status: 'delivered',
  timestamp: seconds(),
  biz_opaque_callback_data: id,
});
/** A process waits for a lock that we hold. */
const blocked = (): Promise<Json[]> =>
  until(
    () =>
      stack.database.sql(
        `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
      ),
    (rows) => rows.length > 0,
  );

test('a webhook that was answered before its process was killed is applied by the next one, once', async () => {
  const first = await stack.startApi();
  await begin(stack);
  const { id } = await ledger.message('sent');
  const phone = (await ledger.contact()).phone;
  const body = business.envelope(
    { statuses: [status(id)] },
    {
      messages: [
        {
          from: phone.slice(1),
          id: `wamid.${randomUUID()}`,
          timestamp: seconds(),
          type: 'text',
          text: { body: 'STOP' },
        },
      ],
    },
  );
  await holder.query('begin');
  await holder.query('select from app.messages where id = $1 for update', [id]);
  await business.tell(body);
  await blocked();
  await first.kill();
  await holder.query('rollback');
  expect(await business.inbox()).toEqual([expect.objectContaining({ applied_at: null })]);

  await stack.startApi();
  await business.applied();
  // Meta has heard our 200, but repeats it all the same.
  await business.tell(body);
  expect(await ledger.row('messages', id)).toMatchObject({ status: 'delivered' });
  const [counts] = await stack.database.sql(
    `select (select count(*)::int from app.message_statuses where message_id = $1) as statuses,
      (select count(*)::int from app.inbound_messages where tenant_id = $2) as inbound,
      (select count(*)::int from app.contact_consents where tenant_id = $2) as consents,
      (select count(*)::int from app.messages where tenant_id = $2 and kind = 'confirmation') as confirmations,
      (select count(*)::int from app.webhook_inbox where tenant_id = $2 and body is null) as taken`,
    [id, tenant.id],
  );
  expect(counts).toEqual({ statuses: 1, inbound: 1, consents: 3, confirmations: 1, taken: 1 });
});

test('a webhook that cannot be applied holds up no other, and is given up in the end, with its body', async () => {
  const api = await stack.startApi();
  await begin(stack);
  const [stuck, ...others] = [
    await ledger.message('sent'),
    await ledger.message('sent'),
    await ledger.message('sent'),
  ] as const;
  await stack.database.sql(`create function app.refuse() returns trigger language plpgsql as $$
    begin raise exception 'no'; end $$`);
  await stack.database.sql(
    `create trigger refuse before update on app.messages for each row when (new.id = '${stuck.id}')
     execute function app.refuse()`,
  );
  await Promise.all([stuck, ...others].map(({ id }) => business.tell(business.envelope({ statuses: [status(id)] }))));
  const [left] = await until(
    async () => (await business.inbox()).filter(({ applied_at: at }) => at === null),
    (rows) => rows.length === 1,
  );
  for (const { id } of others) expect(await ledger.row('messages', id)).toMatchObject({ status: 'delivered' });

  // Its last try but one is over.
  await stack.database.sql('update app.webhook_inbox set attempts = 19, leased_until = null where id = $1', [left.id]);
  const [parked] = await until(
    async () => (await business.inbox()).filter(({ id }) => id === left.id),
    ([row]) => row.parked_at !== null,
  );
  expect(parked.body).not.toBeNull();
  await until(
    () => api.output(),
    (log) => log.includes('a webhook is given up'),
  );
});

test('an ordered stop leaves nothing behind', async () => {
  const api = await stack.startApi('false');
  await begin(stack);
  const messages = await Promise.all(Array.from({ length: 20 }, () => ledger.message('sent')));
  await Promise.all(messages.map(({ id }) => business.tell(business.envelope({ statuses: [status(id)] }))));
  expect(await api.stop()).toBe(0);
  expect((await business.inbox()).filter(({ applied_at: at }) => at === null)).toEqual([]);
});
