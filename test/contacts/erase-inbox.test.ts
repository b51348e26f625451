import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';

let stack: Stack;
let tenant: TestTenant;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
});
afterAll(() => stack.close());

/** An id as Meta gives it: the base64 of a record with the phone's digits. */
const wamid = (digits: string) =>
  `wamid.${Buffer.concat([Buffer.from([28, 24, digits.length]), Buffer.from(`${digits}\u0015\u0002`)]).toString('base64')}`;
const envelope = (value: object) => JSON.stringify({ entry: [{ id: '1', changes: [{ field: 'messages', value }] }] });

/** What is left of a webhook that waits when the contact with the phone is erased. */
async function leftOf(body: string, phone: string): Promise<Json> {
  const [channel] = await stack.database.sql<Json>('select id from app.channels where tenant_id = $1', [tenant.id]);
  const id = randomUUIDv7();
  await stack.database.sql(
    `insert into app.webhook_inbox (tenant_id, id, channel_id, hash, body, parked_at)
     values ($1, $2, $3, $4, $5, now())`,
    [tenant.id, id, channel.id, randomBytes(32), body],
  );
  const contact = await tenant.call('POST', '/api/v1/contacts', { phone_number: phone });
  await tenant.call('POST', `/api/v1/contacts/${contact.body.id}/erase`);
  const [row] = await stack.database.sql<Json>('select body from app.webhook_inbox where id = $1', [id]);
  return row.body && JSON.parse(row.body.toString());
}

test('digits of a phone inside a time or another number take nothing away', async () => {
  const digits = '4915112345';
  const statuses = [{ id: wamid('4917099999999'), recipient_id: `${digits}99`, timestamp: `1${digits}` }];
  const body = envelope({ statuses });
  expect(await leftOf(body, `+${digits}`)).toEqual(JSON.parse(body));
});

test('an item that names the phone only in an id of the provider goes, and what stands beside it stays', async () => {
  const digits = '4915123456789';
  const kept = { from: '4917099999999', id: wamid('4917099999999'), text: { body: 'Hi' } };
  const hidden = { from_user_id: 'DE.1', id: 'wamid.x', context: { id: wamid(digits) }, text: { body: 'Canary' } };
  expect(await leftOf(envelope({ messages: [hidden, kept] }), `+${digits}`)).toEqual(
    JSON.parse(envelope({ messages: [kept] })),
  );
});

test('a body that is no JSON goes as a whole', async () => {
  expect(await leftOf('+4915133333333 {', '+4915133333333')).toBeNull();
});
