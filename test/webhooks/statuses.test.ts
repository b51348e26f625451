import { randomUUIDv7 } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { ledgerOf } from './ledger.ts';
import { businessOf, seconds, type Business } from './signed.ts';

let stack: Stack;
let tenant: TestTenant;
let business: Business;
let ledger: ReturnType<typeof ledgerOf>;

beforeAll(async () => {
  stack = await createStack();
  // What a flow is to be told stays in the outbox, to be looked at.
  await stack.startApiAlone();
  tenant = await stack.tenants.make();
  business = await businessOf(stack, tenant);
  ledger = ledgerOf(stack, tenant.id, business);
});
afterAll(() => stack.close());

const billed = { billable: true, category: 'utility', type: 'regular', pricing_model: 'PMP' };
const status = (
  message: { id?: string; providerId: string },
  word: string,
  { at = Date.now(), code, pricing }: { at?: number; code?: number; pricing?: object } = {},
) => ({
  id: message.providerId,
  status: word,
  timestamp: seconds(at),
  ...(message.id && { biz_opaque_callback_data: message.id }),
  ...(code && { errors: [{ code, title: 'an error' }] }),
  ...(pricing && { pricing }),
});

async function tell(...statuses: object[]): Promise<void> {
  await business.tell(business.envelope({ statuses }));
  await business.applied();
}

const noted = (messageId: string) =>
  stack.database.sql<{ status: string; known: boolean }>(
    `select s.status, exists (select from app.webhook_inbox w where w.hash = s.webhook_hash) as known
     from app.message_statuses s where s.message_id = $1 order by s.status`,
    [messageId],
  );

test('whatever the order in which statuses come, the same row is left, with the hash of each envelope', async () => {
  const base = Date.now() - 60_000;
  const story = [
    ['sent', 0],
    ['delivered', 1_000],
    ['read', 2_000],
  ] as const;
  const orders = [
    [0, 1, 2],
    [2, 1, 0],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [0, 2, 1],
  ] as const;
  const rows = await Promise.all(
    orders.map(async (order) => {
      const message = await ledger.message('sending');
      for (const n of order) {
        const [word, later] = story[n];
        await tell(status(message, word, { at: base + later, ...(word !== 'read' && { pricing: billed }) }));
      }
      const { status: end, pricing, provider_id: providerId } = await ledger.row('messages', message.id);
      expect(await noted(message.id)).toEqual(
        ['delivered', 'read', 'sent'].map((word) => ({ status: word, known: true })),
      );
      expect(providerId).toBe(message.providerId);
      return { end, pricing };
    }),
  );
  const pricing = { billable: true, category: 'utility', type: 'regular', model: 'PMP' };
  expect(rows).toEqual(orders.map(() => ({ end: 'read', pricing })));
});

test('a status without our id finds the message by the id of the provider', async () => {
  const message = await ledger.message('sent');
  await tell(status({ providerId: message.providerId }, 'delivered'));
  expect(await ledger.row('messages', message.id)).toMatchObject({ status: 'delivered' });
});

test('a status counts for the number that the message left from, whoever carries its ids', async () => {
  const [byId, byProvider] = [await ledger.message('unknown'), await ledger.message('sent')];
  const foreign = { metadata: { display_phone_number: '15550000000', phone_number_id: '999999999999999' } };
  const statuses = [status(byId, 'read'), status({ providerId: byProvider.providerId }, 'failed', { code: 131042 })];
  await business.tell(business.envelope({ statuses, value: foreign }));
  await business.applied();
  expect(await ledger.row('messages', byId.id)).toMatchObject({ status: 'unknown', provider_id: null });
  expect(await ledger.row('messages', byProvider.id)).toMatchObject({ status: 'sent' });
  expect([...(await noted(byId.id)), ...(await noted(byProvider.id))]).toEqual([]);
  expect(await ledger.signals(byId.id)).toEqual([]);
  expect(await ledger.row('channels', business.channel.channelId)).toMatchObject({ status: 'active' });
  await tell(...statuses.slice(0, 1));
  expect(await ledger.row('messages', byId.id)).toMatchObject({ status: 'read' });
});

test('one address takes the statuses of all numbers of the tenant', async () => {
  const message = await ledger.message('sent');
  const second = randomUUIDv7();
  const number = `2${seconds()}77`;
  await stack.database.sql(
    `insert into app.channels (tenant_id, id, type, name, sandbox, phone_number_id, waba_id, credentials, verification)
     select tenant_id, $2, type, 'second', sandbox, $3, waba_id, credentials, verification from app.channels
     where tenant_id = $1 limit 1`,
    [tenant.id, second, number],
  );
  await stack.database.sql('update app.messages set channel_id = $2 where id = $1', [message.id, second]);
  const metadata = { display_phone_number: '15550783882', phone_number_id: number };
  await business.tell(business.envelope({ statuses: [status(message, 'delivered')], value: { metadata } }));
  await business.applied();
  expect(await ledger.row('messages', message.id)).toMatchObject({ status: 'delivered' });
});

test('a flow is told of its message only when it waits to hear of it: a fate that was unknown, or a failure', async () => {
  const [ordinary, unknown, failed] = [
    await ledger.message('sent'),
    await ledger.message('unknown'),
    await ledger.message('sent'),
  ];
  await tell(status(ordinary, 'delivered'), status(unknown, 'delivered'));
  await tell(status(failed, 'failed', { code: 131026 }));
  const settled = [{ signal: 'messageSettled', args: {} }];
  expect(await ledger.signals(ordinary.id)).toEqual([]);
  expect(await ledger.signals(unknown.id)).toEqual(settled);
  expect(await ledger.signals(failed.id)).toEqual(settled);
});

test('a failure is judged by the table of errors', async () => {
  const message = await ledger.message('sent');
  await tell(status(message, 'failed', { code: 131000 }));
  expect(await ledger.row('messages', message.id)).toMatchObject({
    status: 'failed',
    error_code: 131000,
    error_verdict: 'retry',
  });
});

test('a person who stopped marketing in WhatsApp, says a failure, is opted out of it and of nothing else', async () => {
  const { id: contactId } = await ledger.contact();
  const message = await ledger.message('sent', { contactId, topic: 'marketing' });
  await tell(status(message, 'failed', { code: 131050 }));
  const { consents } = await ledger.row('contacts', contactId);
  expect(consents).toEqual({ marketing: { allowed: false, source: 'whatsapp', at: expect.any(String) } });
  const audited = await stack.database.sql('select action, actor_type from app.audit_log where target_id = $1', [
    contactId,
  ]);
  expect(audited).toEqual([{ action: 'contact.opt_out', actor_type: 'webhook' }]);
});

test('a failure that stops the number stops it', async () => {
  const other = await stack.tenants.make();
  const theirs = await businessOf(stack, other);
  const rows = ledgerOf(stack, other.id, theirs);
  const message = await rows.message('sent');
  await theirs.tell(theirs.envelope({ statuses: [status(message, 'failed', { code: 131042 })] }));
  await theirs.applied();
  expect(await rows.row('channels', theirs.channel.channelId)).toMatchObject({ status: 'paused', pause_code: 131042 });
  expect(await ledger.row('channels', business.channel.channelId)).toMatchObject({ status: 'active' });
});

test('thousands of statuses at once, some of them poison to Postgres, all end in rows', async () => {
  const messages = await Promise.all(Array.from({ length: 60 }, () => ledger.message('sending')));
  const poison = await ledger.message('sending');
  await Promise.all([
    ...messages.flatMap((message) =>
      ['sent', 'delivered', 'read'].map((word) =>
        business.tell(business.envelope({ statuses: [status(message, word)] })),
      ),
    ),
    // Neither a NUL, nor half a character, nor the year 30000 has a place in a row.
    business.tell(
      business.envelope({ statuses: [status({ ...poison, providerId: '\0\uD800' }, 'read', { at: 9e14 })] }),
    ),
  ]);
  await business.applied();
  const left = await stack.database.sql<{ status: string }>(
    'select distinct status from app.messages where id = any ($1)',
    [[...messages, poison].map(({ id }) => id)],
  );
  expect(left).toEqual([{ status: 'read' }]);
});
