import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { countParkedWebhooks } from '../../src/services/webhooks/parked.ts';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { reconcile } from '../flows/reconcile.ts';
import { until } from '../harness/until.ts';
import { ledgerOf } from './ledger.ts';
import { businessOf, seconds, type Business } from './signed.ts';

let stack: Stack;
let pool: pg.Pool;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  pool = new pg.Pool({ connectionString: stack.database.appUrl });
  await stack.database.sql(`create table public.refused (id uuid)`);
  await stack.database.sql('grant select on public.refused to carillon_app');
  await stack.database.sql(`create function app.refuse() returns trigger language plpgsql as $$
    begin if exists (select from public.refused r where r.id = new.id) then raise exception 'no'; end if;
    return new; end $$`);
  await stack.database.sql(
    'create trigger refuse before update on app.messages for each row execute function app.refuse()',
  );
});
afterAll(async () => {
  await pool.end();
  await stack.close();
});

/** A tenant with webhooks that Postgres refuses to apply, each about a message, until they are given up. */
async function withParked(count: number) {
  const tenant = await stack.tenants.make();
  const business = await businessOf(stack, tenant);
  const ledger = ledgerOf(stack, tenant.id, business);
  const messages = await Promise.all(Array.from({ length: count }, () => ledger.message('sent')));
  await stack.database.sql('insert into public.refused select unnest($1::uuid[])', [messages.map(({ id }) => id)]);
  for (const { id } of messages) {
    const status = { id: `wamid.${randomUUID()}`, status: 'read', timestamp: seconds(), biz_opaque_callback_data: id };
    await business.tell(business.envelope({ statuses: [status] }));
  }
  const parked = await until(
    async () => {
      // Each try but the last is over.
      await stack.database.sql(
        'update app.webhook_inbox set attempts = 19, leased_until = null where parked_at is null and tenant_id = $1',
        [tenant.id],
      );
      return (await business.inbox()).filter(({ parked_at: at }) => at !== null);
    },
    (rows) => rows.length === count,
  );
  return { tenant, business, ledger, messages, parked };
}

const mend = () => stack.database.sql('delete from public.refused');
const alertsOf = async (tenant: TestTenant, open: boolean): Promise<Json[]> =>
  (await tenant.call('GET', `/api/v1/alerts?open=${open}`)).body.data;
const statusOf = async (business: Business) =>
  (await business.inbox()).map(({ parked_at: parkedAt, applied_at: appliedAt }) =>
    appliedAt ? 'applied' : parkedAt ? 'parked' : 'waiting',
  );

const run = promisify(execFile);
async function replay(...args: string[]): Promise<{ code: number; said: string }> {
  const script = fileURLToPath(new URL('../../scripts/replay-webhooks.ts', import.meta.url));
  return run(process.execPath, [script, ...args], { env: stack.env }).then(
    ({ stdout }) => ({ code: 0, said: stdout }),
    ({ code, stderr }: { code: number; stderr: string }) => ({ code, said: stderr }),
  );
}

test('webhooks that are given up open one alert, are counted over all tenants, and are applied once somebody says so', async () => {
  const [one, two] = [await withParked(2), await withParked(1)];
  expect(await alertsOf(one.tenant, true)).toEqual([
    expect.objectContaining({
      kind: 'webhook_parked',
      subject: one.business.channel.channelId,
      channel_id: one.business.channel.channelId,
      occurrences: 2,
    }),
  ]);
  expect(await countParkedWebhooks(pool)).toBe(3);
  await reconcile(stack);
  const [line] = await until(
    () =>
      stack
        .output()
        .split('\n')
        .filter((text) => text.includes('webhooks are given up')),
    (lines) => lines.length > 0,
  );
  expect(line).toContain('"parked":3');
  for (const { id } of [...one.parked, ...two.parked]) expect(line).toContain(id);

  await mend();
  const [first] = one.parked;
  expect(await replay(first?.id)).toEqual({ code: 0, said: expect.stringContaining('1 webhooks') });
  await until(
    () => statusOf(one.business),
    (seen) => seen.toSorted().join() === 'applied,parked',
  );
  expect(await alertsOf(one.tenant, true)).toHaveLength(1);

  expect(await replay()).toEqual({ code: 0, said: expect.stringContaining('2 webhooks') });
  for (const { business, ledger, messages, tenant } of [one, two]) {
    await business.applied();
    for (const { id } of messages) expect(await ledger.row('messages', id)).toMatchObject({ status: 'read' });
    expect(await alertsOf(tenant, true)).toEqual([]);
    expect(await alertsOf(tenant, false)).toEqual([expect.objectContaining({ kind: 'webhook_parked' })]);
  }
  expect(await countParkedWebhooks(pool)).toBe(0);
});

test('an id that nobody knows, or that is none, is said to be that', async () => {
  expect(await replay(randomUUID())).toEqual({ code: 1, said: expect.stringContaining('is given up') });
  expect(await replay('x')).toEqual({ code: 2, said: expect.stringContaining('UUID') });
});

test('what fails again after a replay is given up again, and says so again', async () => {
  const { tenant, business, parked } = await withParked(1);
  await replay(parked[0]?.id);
  await until(
    async () => {
      await stack.database.sql('update app.webhook_inbox set attempts = 19, leased_until = null where id = $1', [
        parked[0]?.id,
      ]);
      return statusOf(business);
    },
    ([seen]) => seen === 'parked',
  );
  expect(await alertsOf(tenant, true)).toHaveLength(1);
  expect(await alertsOf(tenant, false)).toHaveLength(1);
});
