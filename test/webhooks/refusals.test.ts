import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { ledgerOf } from './ledger.ts';
import { businessOf, seconds, type Business } from './signed.ts';

let stack: Stack;
let tenant: TestTenant;
let business: Business;
let ledger: ReturnType<typeof ledgerOf>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApiAlone();
  tenant = await stack.tenants.make();
  business = await businessOf(stack, tenant);
  ledger = ledgerOf(stack, tenant.id, business);
});
afterAll(() => stack.close());

const said = (from: string | undefined, more: object, at: number = Date.now()) => ({
  ...(from && { from: from.replace('+', '') }),
  id: `wamid.${randomUUID()}`,
  timestamp: seconds(at),
  ...more,
});
const text = (body: string, more: object = {}) => ({ type: 'text', text: { body }, ...more });
async function tell(...messages: object[]): Promise<void> {
  await business.tell(business.envelope({ messages }));
  await business.applied();
}
const consentsOf = async (id: string): Promise<Record<string, string>> => {
  const { consents } = await ledger.row('contacts', id);
  return Object.fromEntries(
    Object.entries(consents).map(([topic, one]) => [topic, `${(one as Json).allowed} ${(one as Json).source}`]),
  );
};
const all = (answer: string) => ({ transactional: answer, reminders: answer, marketing: answer });
const confirmations = (contactId: string): Promise<Json[]> =>
  stack.database.sql(`select * from app.messages where kind = 'confirmation' and contact_id = $1`, [contactId]);

test('the STOP of a person who hides the number counts for whom the answered message went to', async () => {
  const { id } = await ledger.contact();
  const asked = await ledger.message('sent', { contactId: id });
  const context = { id: asked.providerId };
  await tell(said(undefined, text('STOP', { from_user_id: 'DE.1349120865530274', context })));
  expect(await consentsOf(id)).toEqual(all('false whatsapp'));
  expect(await confirmations(id)).toHaveLength(1);
  const [kept] = await stack.database.sql<Json>('select * from app.inbound_messages where message_id = $1', [asked.id]);
  expect(kept).toMatchObject({ contact_id: id, phone: null, effect: 'opt_out' });
});

test('such a STOP counts when the contact is removed already', async () => {
  const { id } = await ledger.contact();
  const asked = await ledger.message('sent', { contactId: id });
  await stack.database.sql('update app.contacts set deleted_at = now() where id = $1', [id]);
  await tell(said(undefined, text('STOP', { from_user_id: 'DE.13', context: { id: asked.providerId } })));
  expect(await consentsOf(id)).toEqual(all('false whatsapp'));
  expect(await confirmations(id)).toEqual([]);
});

test('a STOP counts for each contact that is the same phone, and is confirmed once', async () => {
  const digits = `8${anyPhone().slice(-7)}`;
  const short = await ledger.contact(`+5511${digits}`);
  const long = await ledger.contact(`+55119${digits}`);
  await tell(said(short.phone, text('STOP')));
  for (const { id } of [short, long]) expect(await consentsOf(id)).toEqual(all('false whatsapp'));
  expect([...(await confirmations(short.id)), ...(await confirmations(long.id))]).toEqual([
    expect.objectContaining({ recipient: short.phone }),
  ]);
  const preference = { wa_id: long.phone.slice(1), category: 'marketing_messages', value: 'resume' };
  const value = { user_preferences: [{ ...preference, timestamp: seconds(Date.now() + 2_000) }] };
  await business.tell(business.envelope({ field: 'user_preferences', value }));
  await business.applied();
  for (const { id } of [short, long]) expect((await consentsOf(id))['marketing']).toBe('true whatsapp');
});

test("a STOP that comes late counts against a younger yes that others report, but not against the person's own", async () => {
  const at = Date.now() - 60_000;
  const yes = (source: string) => {
    const answer = { allowed: true, source, at: new Date(at + 30_000).toISOString() };
    return { consents: { transactional: answer, reminders: answer, marketing: answer } };
  };
  const [shop, file, own] = [
    await ledger.contact(anyPhone(), yes('api')),
    await ledger.contact(anyPhone(), yes('import')),
    await ledger.contact(anyPhone(), yes('whatsapp')),
  ];
  await tell(...[shop, file, own].map(({ phone }) => said(phone, text('STOP'), at)));
  expect(await consentsOf(shop.id)).toEqual(all('false whatsapp'));
  expect(await consentsOf(file.id)).toEqual(all('false whatsapp'));
  expect(await consentsOf(own.id)).toEqual(all('true whatsapp'));
});

test.each([
  ['button', { type: 'button_reply', button_reply: { id: '1', title: 'Stop' } }],
  ['row of a list', { type: 'list_reply', list_reply: { id: 'STOP', title: 'No more of this' } }],
])('a STOP that is tapped on a %s counts', async (_what, interactive) => {
  const { id, phone } = await ledger.contact();
  await tell(said(phone, { type: 'interactive', interactive }));
  expect(await consentsOf(id)).toEqual(all('false whatsapp'));
});

test('START gives back what a STOP took, and nothing that nobody ever said or the shop was told', async () => {
  const silent = await ledger.contact();
  await tell(said(silent.phone, text('START')));
  expect(await consentsOf(silent.id)).toEqual({});
  expect(await confirmations(silent.id)).toEqual([]);

  const at = new Date(Date.now() - 60_000).toISOString();
  const told = await ledger.contact(anyPhone(), { consents: { marketing: { allowed: false, source: 'api', at } } });
  await tell(said(told.phone, text('STOP'), Date.now() - 10_000));
  expect(await consentsOf(told.id)).toEqual(all('false whatsapp'));
  await tell(said(told.phone, text('START')));
  expect(await consentsOf(told.id)).toEqual({ ...all('true whatsapp'), marketing: 'false api' });
});

test("a STOP on top of a no that the shop was told is the person's own, and outlives the contact as that", async () => {
  const at = new Date(Date.now() - 60_000).toISOString();
  const { id, phone } = await ledger.contact(anyPhone(), {
    consents: { marketing: { allowed: false, source: 'api', at } },
  });
  await tell(said(phone, text('STOP')));
  const shown = await tenant.call('GET', `/api/v1/contacts/${id}`);
  expect(shown.body.opt_in.marketing).toEqual({ allowed: false, source: 'whatsapp', at: expect.any(String) });
  expect(await confirmations(id)).toHaveLength(1);
  await tenant.call('DELETE', `/api/v1/contacts/${id}`);
  const again = await tenant.call('POST', '/api/v1/contacts', { phone_number: phone, opt_in: true });
  expect(await consentsOf(again.body.id)).toEqual(all('false whatsapp'));
  // What the person can give back is what it took from them, also from another row.
  await tell(said(phone, text('START'), Date.now() + 2_000));
  expect(await consentsOf(again.body.id)).toEqual({ ...all('true whatsapp'), marketing: 'false api' });
});

test.each(['12345', '0151123456789', '1234567890123456', 'someone'])('%s is nobody’s phone', async (from) => {
  const stop = said(from, text('STOP'));
  await tell(stop);
  const [row] = await stack.database.sql<Json>('select * from app.inbound_messages where provider_id = $1', [stop.id]);
  expect(row).toMatchObject({ phone: null, contact_id: null });
  expect(await stack.database.sql('select from app.contacts where phone like $1', [`%${from}`])).toEqual([]);
});

test('what is about a number that the tenant does not have opens no window and is counted', async () => {
  const [stranger, mine] = [anyPhone(), anyPhone()];
  const foreign = { metadata: { display_phone_number: '15550000000', phone_number_id: '999999999999999' } };
  await business.tell(
    business.envelope(
      { messages: [said(stranger, text('STOP')), said(stranger, text('Hello'))], value: foreign },
      { messages: [said(mine, text('Hello'))] },
    ),
  );
  await business.applied();
  const rows = (table: string, phone: string) =>
    stack.database.sql(`select from app.${table} where phone = $1`, [phone]);
  for (const table of ['inbound_messages', 'conversations', 'contacts']) {
    expect(await rows(table, stranger)).toEqual([]);
  }
  expect(await rows('conversations', mine)).toHaveLength(1);
  expect((await business.inbox()).at(-1)).toMatchObject({ unreadable: 2 });
});
