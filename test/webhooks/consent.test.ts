import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
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

const said = (phone: string, body: string, at: number = Date.now()) => ({
  from: phone.slice(1),
  id: `wamid.${randomUUID()}`,
  timestamp: seconds(at),
  type: 'text',
  text: { body },
});
async function tell(...messages: object[]): Promise<void> {
  await business.tell(business.envelope({ messages }));
  await business.applied();
}
async function prefers(phone: string, value: string, at: number = Date.now()): Promise<void> {
  const preference = { wa_id: phone.slice(1), category: 'marketing_messages', value, timestamp: seconds(at) };
  await business.tell(business.envelope({ field: 'user_preferences', value: { user_preferences: [preference] } }));
  await business.applied();
}

const answers = (phone: string): Promise<Json[]> =>
  stack.database.sql(`select * from app.messages where recipient = $1 and kind = 'confirmation' order by id`, [phone]);
const consentsOf = async (phone: string): Promise<Record<string, boolean>> => {
  const [contact] = await stack.database.sql<Json>('select * from app.contacts where phone = $1', [phone]);
  return Object.fromEntries(
    Object.entries(contact?.consents ?? {}).map(([topic, { allowed }]: [string, Json]) => [topic, allowed]),
  );
};
const audited = async (phone: string): Promise<string[]> =>
  (
    await stack.database.sql<{ action: string }>(
      `select a.action from app.audit_log a join app.contacts c on c.id::text = a.target_id
       where c.phone = $1 and a.actor_type = 'webhook' order by a.at`,
      [phone],
    )
  ).map(({ action }) => action);
const all = (allowed: boolean) => ({ transactional: allowed, reminders: allowed, marketing: allowed });

test('STOP ends every topic at once and is confirmed once, whatever is repeated', async () => {
  const { id, phone } = await ledger.contact(undefined, { locale: 'de-DE' });
  const stop = said(phone, ' Stop! ');
  await tell(stop);
  expect(await consentsOf(phone)).toEqual(all(false));
  await tell(stop, said(anyPhone(), 'Hello'));
  await tell(said(phone, 'STOP'));
  expect(await answers(phone)).toEqual([
    expect.objectContaining({
      contact_id: id,
      topic: null,
      channel_id: business.channel.channelId,
      content: { type: 'text', body: expect.stringContaining('keine Nachrichten') },
    }),
  ]);
  expect(await audited(phone)).toEqual(['contact.opt_out']);
  const history = await stack.database.sql('select topic from app.contact_consents where contact_id = $1', [id]);
  expect(history).toHaveLength(3);
});

test('START lets everything in again that STOP ended, and is confirmed', async () => {
  const yes = { allowed: true, source: 'api', at: new Date(Date.now() - 60_000).toISOString() };
  const { phone } = await ledger.contact(undefined, { consents: { marketing: yes } });
  await tell(said(phone, 'BAJA', Date.now() - 5_000));
  await tell(said(phone, 'start'));
  expect(await consentsOf(phone)).toEqual(all(true));
  const texts = (await answers(phone)).map(({ content }) => content.body as string);
  expect(texts).toEqual([expect.stringContaining('No recibirás'), expect.stringContaining('again')]);
  expect(await audited(phone)).toEqual(['contact.opt_out', 'contact.opt_in']);
});

test('START gives nobody marketing who never agreed to it', async () => {
  const { phone } = await ledger.contact();
  await tell(said(phone, 'STOP', Date.now() - 5_000));
  await tell(said(phone, 'START'));
  expect(await consentsOf(phone)).toEqual({ ...all(true), marketing: false });
  await tell(said(phone, 'STOP'));
  expect(await consentsOf(phone)).toEqual(all(false));
});

test.each([
  ['one after the other', false],
  ['in one envelope', true],
])('an old STOP that comes after a younger START changes nothing: %s', async (_how, together) => {
  const { phone } = await ledger.contact();
  await tell(said(phone, 'STOP', Date.now() - 30_000));
  const [stop, start] = [said(phone, 'STOP', Date.now() - 20_000), said(phone, 'START', Date.now() - 10_000)];
  if (together) await tell(start, stop);
  else for (const message of [start, stop]) await tell(message);
  expect(await consentsOf(phone)).toEqual({ ...all(true), marketing: false });
});

test('an old START does not undo a STOP that was said again after it', async () => {
  const { phone } = await ledger.contact();
  const now = Date.now();
  await tell(said(phone, 'STOP', now - 30_000));
  await tell(said(phone, 'STOP', now - 10_000));
  await tell(said(phone, 'START', now - 20_000));
  expect(await consentsOf(phone)).toEqual(all(false));
  expect(await answers(phone)).toHaveLength(1);
});

test("a word within a sentence, or on a button that starts something, is nobody's wish", async () => {
  const { phone } = await ledger.contact();
  await tell(said(phone, "don't stop"), said(phone, 'please stop by on Monday'), {
    ...said(phone, ''),
    type: 'interactive',
    interactive: { type: 'button_reply', button_reply: { id: 'go', title: 'Start' } },
  });
  expect(await consentsOf(phone)).toEqual({});
  expect(await answers(phone)).toEqual([]);
});

test('the no of somebody who is no contact is remembered', async () => {
  const phone = anyPhone();
  await tell(said(phone, 'Arrêt'));
  expect(await consentsOf(phone)).toEqual(all(false));
  expect((await answers(phone)).map(({ content }) => content.body)).toEqual([expect.stringContaining('recevrez plus')]);
  const [linked] = await stack.database.sql<Json>(
    `select i.effect, i.contact_id = c.id and v.contact_id = c.id as known
     from app.contacts c join app.inbound_messages i on i.phone = c.phone join app.conversations v on v.phone = c.phone
     where c.phone = $1`,
    [phone],
  );
  expect(linked).toEqual({ effect: 'opt_out', known: true });
});

test("what is set in WhatsApp's own preferences is about marketing, and is not confirmed", async () => {
  const { phone } = await ledger.contact();
  const now = Date.now();
  await prefers(phone, 'stop', now - 10_000);
  expect(await consentsOf(phone)).toEqual({ marketing: false });
  await prefers(phone, 'resume', now - 20_000);
  expect(await consentsOf(phone)).toEqual({ marketing: false });
  await prefers(phone, 'resume', now);
  expect(await consentsOf(phone)).toEqual({ marketing: true });
  expect(await answers(phone)).toEqual([]);
  expect(await audited(phone)).toEqual(['contact.opt_out', 'contact.opt_in']);

  const stranger = anyPhone();
  await prefers(stranger, 'stop');
  expect(await consentsOf(stranger)).toEqual({ marketing: false });
});

test('a person who writes STOP on the phone is answered there', async () => {
  const whole = await createStack();
  try {
    await whole.startApi();
    const { id } = await whole.tenants.make();
    const { channel } = await businessOf(whole, { id });
    const phone = anyPhone();
    const path = `/phones/${encodeURIComponent(phone)}/messages`;
    await whole.sandbox('POST', path, { text: 'stop', channel_id: channel.channelId });
    const shown = await until(
      () => whole.messagesOn(phone),
      (list) => list.length > 0,
    );
    expect(shown.map(({ text }) => text)).toEqual([expect.stringContaining('Write START')]);
  } finally {
    await whole.close();
  }
});
