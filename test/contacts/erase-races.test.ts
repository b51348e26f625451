import { randomUUID, randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import type { Json } from '../harness/client.ts';
import { messenger } from '../harness/messages.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { businessOf, seconds, type Business } from '../webhooks/signed.ts';
import { importer, nthPhone } from './csv.ts';
import { tracesOf } from './traces.ts';

let stack: Stack;
let tenant: TestTenant;
let business: Business;
let user: ReturnType<typeof messenger>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  business = await businessOf(stack, tenant);
  user = messenger(stack, tenant);
  const template = {
    name: 'hello',
    language: 'en',
    category: 'utility',
    text: 'Hello {first_name|there}, it is ready.',
  };
  await tenant.call('POST', '/api/v1/templates', template);
});
afterAll(() => stack.close());

const template = { name: 'hello' };
const rowsOf = (text: string, values: unknown[]) => stack.database.sql<Json>(text, values);
const erase = async (id: string) =>
  expect((await tenant.call('POST', `/api/v1/contacts/${id}/erase`)).status).toBe(200);

/** Nobody writes to a table until something else has been done, and somebody stands waiting for it. */
async function heldUp(table: string, begin: () => Promise<unknown>, meanwhile: () => Promise<unknown>): Promise<void> {
  const client = new pg.Client({ connectionString: stack.database.superuserUrl });
  await client.connect();
  try {
    await client.query('begin');
    await client.query(`lock table app.${table} in share row exclusive mode`);
    await begin();
    await until(
      () => rowsOf('select from pg_locks where relation = $1::regclass and not granted', [`app.${table}`]),
      (rows) => rows.length > 0,
    );
    await meanwhile();
    await client.query('commit');
  } finally {
    await client.end();
  }
}

test('what is asked again by the provider after the erasure is not sent, and does not wait', async () => {
  const phone = anyPhone();
  const id = await user.contact(phone);
  await stack.sandbox('POST', '/faults', { kind: 'http_429', to: phone, count: 1, ms: 1_000 });
  let message = '';
  await heldUp(
    'message_attempts',
    async () => (message = await user.planned({ contact_id: id, template })),
    () => erase(id),
  );
  const [row] = await until(
    () => rowsOf('select status, reason, recipient from app.messages where id = $1', [message]),
    ([seen]) => seen.status !== 'sending',
  );
  expect(row).toEqual({ status: 'cancelled', reason: 'erased', recipient: expect.stringMatching(/^erased:/) });
});

test('a webhook that was read before the erasure, and is applied after it, says nothing of the person', async () => {
  const [phone, other] = [anyPhone(), anyPhone()];
  const id = await user.contact(phone);
  const words = [randomUUID(), randomUUID()];
  const said = (from: string, body?: string) => ({
    from: from.slice(1),
    id: `wamid.${randomUUID()}`,
    timestamp: seconds(),
    type: 'text',
    text: { body },
  });
  await heldUp(
    'message_statuses',
    () => business.tell(business.envelope({ messages: [said(phone, words[0]), said(other, words[1])] })),
    () => erase(id),
  );
  await business.applied();
  const rows = await rowsOf('select text, phone from app.inbound_messages where text = any ($1)', [words]);
  expect(rows).toEqual([{ text: words[1], phone: other }]);
  expect(await tracesOf(stack.database, [phone.slice(1)])).toEqual([]);
});

test('a second erase removes what a request at the same time has left', async () => {
  const phone = anyPhone();
  const id = await user.contact(phone);
  const message = await user.planned({ contact_id: id, template, send_at: new Date(Date.now() + 3_600_000) });
  await erase(id);
  await rowsOf(
    `update app.messages set recipient = $2, salt = gen_random_uuid(), content = '{"text": "left"}', status = 'queued' where id = $1`,
    [message, phone],
  );
  await rowsOf(
    `insert into app.inbound_messages (tenant_id, id, channel_id, contact_id, phone, provider_id, type, at)
     values ($1, $2, $3, $4, $5, $6, 'text', now())`,
    [tenant.id, randomUUIDv7(), await user.channelId(), id, phone, `wamid.${phone}`],
  );
  expect(await tracesOf(stack.database, [phone.slice(1)])).not.toEqual([]);
  await erase(id);
  expect(await tracesOf(stack.database, [phone.slice(1)])).toEqual([]);
  expect((await user.get(message)).status).toBe('cancelled');
});

test('the rows that a person left before go as well, by every way of writing the phone', async () => {
  const digits = String(Math.floor(Math.random() * 10_000_000)).padStart(7, '0');
  const [short, long] = [`+55118${digits}`, `+551198${digits}`];
  for (const phone of [short, long]) {
    const removed = await user.contact(phone, { first_name: 'Canaria-before' });
    await tenant.call('DELETE', `/api/v1/contacts/${removed}`);
  }
  const id = await user.contact(short, { first_name: 'Canaria-now' });
  await tenant.call('POST', '/api/v1/otp/send', { phone_number: short, purpose: 'signup' });
  await erase(id);
  const [otp] = await rowsOf('select status, phone from app.otps where tenant_id = $1', [tenant.id]);
  expect(otp).toMatchObject({ status: 'cancelled', phone: expect.stringMatching(/^erased:/) });
  expect(await tracesOf(stack.database, ['Canaria', short.slice(1), long.slice(1)])).toEqual([]);
  const erased = await rowsOf('select phone_mac from app.contacts where phone_mac is not null', []);
  expect(erased).toContainEqual({ phone_mac: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('what the phone left that the contact had before goes as well', async () => {
  const [before, now] = [anyPhone(), anyPhone()];
  const id = await user.contact(before);
  await tenant.call('POST', '/api/v1/otp/send', { phone_number: before, purpose: 'signup' });
  const changed = await tenant.call('PATCH', `/api/v1/contacts/${id}`, { phone_number: now });
  expect(changed.status).toBe(200);
  await erase(id);
  await until(
    () => tracesOf(stack.database, [before.slice(1), now.slice(1)]),
    (traces) => traces.length === 0,
  );
});

test('a file that is being imported does not bring the person back, however it writes the phone', async () => {
  const phone = nthPhone(7_654_321);
  const id = await user.contact(phone, { first_name: 'Old' });
  const arabic = phone.replaceAll(/\d/g, (digit) => String.fromCodePoint(0x6_60 + Number(digit)));
  const before = Array.from({ length: 5_000 }, (_, n) => `${nthPhone(n, '+49152')},N`);
  const files = importer(stack, tenant);
  const { body } = await files.post(['phone_number,first_name', ...before, `${arabic},Zebedee`].join('\n'));
  await erase(id);
  expect(await files.ended(body.id)).toMatchObject({ status: 'completed', created: 5_000, rejected: 1 });
  expect(await files.rejections(body.id)).toMatchObject([
    { line: 5_002, errors: [{ path: 'phone_number', message: 'was erased meanwhile' }] },
  ]);
  expect(await tracesOf(stack.database, ['Zebedee', phone.slice(1)])).toEqual([]);
});
