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

const written = (phone: string | undefined, content: object, at: number = Date.now()) => ({
  ...(phone && { from: phone.slice(1) }),
  id: `wamid.${randomUUID()}`,
  timestamp: seconds(at),
  ...content,
});
const text = (body: string) => ({ type: 'text', text: { body } });

async function tell(...messages: object[]): Promise<void> {
  await business.tell(business.envelope({ messages }));
  await business.applied();
}

const kept = (phone: string): Promise<Json[]> =>
  stack.database.sql('select * from app.inbound_messages where phone = $1 and tenant_id = $2 order by at, id', [
    phone,
    tenant.id,
  ]);
const windowOf = async (phone: string): Promise<Json> =>
  (await stack.database.sql('select * from app.conversations where phone = $1', [phone]))[0];

test('whatever a person sends is kept, with what it answers, once however often it is told', async () => {
  const { id: contactId, phone } = await ledger.contact();
  const asked = await ledger.message('sent', { contactId });
  const context = { from: '1555', id: asked.providerId };
  const at = Date.now() - 10_000;
  const messages = [
    written(phone, text('Hello'), at),
    written(phone, { type: 'button', button: { payload: 'cod:yes', text: 'Yes' }, context }, at + 1_000),
    written(
      phone,
      { type: 'interactive', interactive: { type: 'list_reply', list_reply: { id: 'row-1', title: 'One' } }, context },
      at + 2_000,
    ),
    written(phone, { type: 'reaction', reaction: { message_id: asked.providerId, emoji: '👍' } }, at + 3_000),
    written(phone, { type: 'unsupported', errors: [{ code: 131051 }] }, at + 4_000),
  ];
  await tell(...messages);
  // The same messages in another envelope.
  await tell(...messages.toReversed());
  const row = (more: object) =>
    expect.objectContaining({
      contact_id: contactId,
      effect: null,
      text: null,
      payload: null,
      reaction: null,
      ...more,
    });
  expect(await kept(phone)).toEqual([
    row({ type: 'text', text: 'Hello', message_id: null }),
    row({ type: 'button', text: 'Yes', payload: 'cod:yes', message_id: asked.id }),
    row({ type: 'interactive', text: 'One', payload: 'row-1', message_id: asked.id }),
    row({ type: 'reaction', reaction: '👍', message_id: asked.id }),
    row({ type: 'unsupported', message_id: null }),
  ]);
});

test('a person may be answered freely for 24 hours from what they wrote last, as they wrote it', async () => {
  const phone = anyPhone();
  const day = 24 * 3_600_000;
  const last = Math.floor(Date.now() / 1000) * 1000 - 60_000;
  await tell(written(phone, text('second'), last));
  await tell(written(phone, text('first, told late'), last - 3_600_000));
  expect(await windowOf(phone)).toMatchObject({ closes_at: new Date(last + day), last_inbound_at: new Date(last) });

  await tell(written(phone, text('from the future'), Date.now() + day));
  const { closes_at: closesAt } = await windowOf(phone);
  expect((closesAt as Date).getTime()).toBeGreaterThan(last + day);
  expect((closesAt as Date).getTime()).toBeLessThanOrEqual(Date.now() + day);
});

test('a person who hides the number is kept and opens no window; a new number that WhatsApp reports opens none', async () => {
  const phone = anyPhone();
  const hidden = written(undefined, { ...text('who am I'), from_user_id: 'DE.13491208655302741918' });
  await tell(hidden, written(phone, { type: 'system', system: { type: 'user_changed_number', wa_id: '4915' } }));
  const [row] = await stack.database.sql<Json>('select * from app.inbound_messages where provider_id = $1', [
    hidden.id,
  ]);
  expect(row).toMatchObject({ phone: null, contact_id: null, text: 'who am I' });
  expect(await kept(phone)).toHaveLength(1);
  expect(await windowOf(phone)).toBeUndefined();
});

test('somebody who writes does not become a contact by it', async () => {
  const phone = anyPhone();
  await tell(written(phone, text('Hello')));
  expect(await kept(phone)).toEqual([expect.objectContaining({ contact_id: null })]);
  expect(await stack.database.sql('select from app.contacts where phone = $1', [phone])).toEqual([]);
});

test('the same phone is found as WhatsApp writes it and as everybody else does', async () => {
  const { id, phone } = await ledger.contact(`+551198${anyPhone().slice(-7)}`);
  await tell(written(`+5511${phone.slice(6)}`, text('Oi')));
  expect(await kept(phone)).toEqual([expect.objectContaining({ contact_id: id })]);
  expect(await windowOf(phone)).toMatchObject({ contact_id: id });
});

test('the flows that wait for a contact hear of it, and no others', async () => {
  const { id: contactId, phone } = await ledger.contact();
  const waiting = await ledger.flow({ contactId, waits: true });
  const others = [
    await ledger.flow({ contactId }),
    await ledger.flow({ contactId: (await ledger.contact()).id, waits: true }),
  ];
  const ended = await ledger.flow({ contactId, waits: true });
  await stack.database.sql(
    `update app.flows set status = 'completed', outcome = 'test', ended_at = now() where id = $1`,
    [ended],
  );
  const message = written(phone, text('Yes'));
  await tell(message);
  await tell(message, written(anyPhone(), text('No')));
  const [row] = await kept(phone);
  expect(await ledger.signals(waiting)).toEqual([{ signal: 'contactReplied', args: { inboundId: row.id } }]);
  for (const flow of [...others, ended]) expect(await ledger.signals(flow)).toEqual([]);
});

test('nothing of what people write, and no phone, is in the log', async () => {
  const phone = anyPhone();
  const message = written(phone, text('a secret between us'));
  await tell(message, { ...message, id: 7 });
  const log = stack.output();
  for (const personal of [phone.slice(1), message.id, 'a secret']) expect(log).not.toContain(personal);
});
