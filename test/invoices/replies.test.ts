import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import type { Json } from '../harness/client.ts';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { businessOf, seconds, type Business } from '../webhooks/signed.ts';
import { biller, reminder } from './biller.ts';

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof biller>;
let business: Business;
let contact: string;
let phone: string;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi('true');
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = biller(stack, tenant);
  business = await businessOf(stack, tenant);
  ({ id: contact, phone } = await user.customer());
});

const takes = (action: 'pause' | 'book') =>
  user.settings({ paid_replies: ['Paid', 'já paguei', 'invoice:paid'], paid_reply_action: action });

/** What a person sends, as Meta tells it. */
const message = (content: object, quotes?: string) => ({
  from: phone.slice(1),
  id: `wamid.${randomUUID()}`,
  timestamp: seconds(Date.now()),
  ...content,
  ...(quotes && { context: { from: '1555', id: quotes } }),
});
const text = (body: string) => ({ type: 'text', text: { body } });

async function tell(...messages: object[]): Promise<void> {
  await business.tell(business.envelope({ messages }));
  await business.applied();
}
/** An invoice one reminder of which has left. */
async function reminded(more: object = {}): Promise<string> {
  const { id } = await user.invoice(contact, { reminders: [reminder(0), reminder(-1), reminder(-7)], ...more });
  await user.control(id, 'run-now');
  await user.sent(id, 1);
  return id;
}
const quoteOf = async (id: string): Promise<string> => {
  const sql = `select provider_id from app.messages where flow_id = $1 and provider_id is not null`;
  return (await stack.database.sql<{ provider_id: string }>(sql, [id]))[0]?.provider_id ?? '';
};
const alerts = async () =>
  (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data.map(({ kind, subject, occurrences }: Json) => [
    kind,
    subject,
    occurrences,
  ]);
const stands = async (id: string) => {
  const [{ status, amount_paid }, flow] = [await user.seen(id), await user.flow(id)];
  return [status, amount_paid, flow.stage];
};

test('a customer’s word holds the reminders until a person has looked, and books nothing', async () => {
  await takes('pause');
  const id = await reminded();
  await tell(message(text('  PAID! ')));
  expect(await stands(id)).toEqual(['open', '0.00', 'paused']);
  expect(await alerts()).toEqual([['paid_reply', id, 1]]);
  expect(await user.flow(id)).toMatchObject({ pause_reason: 'The customer wrote that it is paid.' });
  // Once more: the same is so already.
  await tell(message(text('paid')));
  expect(await alerts()).toEqual([['paid_reply', id, 2]]);
  const { past } = await user.timeline(id);
  expect(past.filter(({ what }: Json) => what === 'flow.pause')).toMatchObject([{ by: 'webhook' }]);

  // The money is there: all is settled.
  expect((await user.pay(id)).body.cancelled_reminders).toHaveLength(2);
  expect([await user.outcome(id), await alerts()]).toEqual(['paid', []]);
});

test('after the last reminder there is no flow to hold, and the alert says so', async () => {
  await takes('pause');
  const id = await reminded({ reminders: [reminder(0)] });
  expect(await user.outcome(id)).toBe('reminded');
  await tell(message(text('paid')));
  expect(await stands(id)).toEqual(['open', '0.00', 'ended']);
  const [alert] = (await tenant.call('GET', '/api/v1/alerts?open=true')).body.data;
  expect(alert).toMatchObject({ kind: 'paid_reply', subject: id });
  expect(alert.detail).toContain('No reminder was left to hold');
  expect(alert.detail).not.toContain('resume');
});

test('where the tenant says so it books all that is due, once, and the reminders stop with it', async () => {
  await takes('book');
  const id = await reminded();
  await user.pay(id, '49.99');
  const said = message({ type: 'button', button: { payload: 'invoice:paid', text: 'It is done' } }, await quoteOf(id));
  await tell(said);
  // The same message in another envelope, and twice in one.
  await tell(said, message(text('thanks')));
  await tell(said, said);
  expect((await user.seen(id)).reminders.map(({ status, reason }: Json) => reason ?? status).toSorted()).toEqual([
    'paid',
    'paid',
    'sent',
  ]);
  const payments = 'select source, amount::float from app.invoice_payments where invoice_id = $1 order by id';
  expect(await stack.database.sql(payments, [id])).toEqual([
    { source: 'api', amount: 49.99 },
    { source: 'reply', amount: 50 },
  ]);
  expect([await user.outcome(id), await alerts()]).toEqual(['paid', []]);
});

test('of two invoices the one whose reminder is quoted is meant; without a quote nobody guesses', async () => {
  await takes('pause');
  const [first, second] = [await reminded(), await reminded()];
  await tell(message(text('paid')));
  expect([await alerts(), (await stands(first))[2], (await stands(second))[2]]).toEqual([
    [['paid_reply', contact, 1]],
    'waiting',
    'waiting',
  ]);
  await tell(message(text('Ja paguei'), await quoteOf(first)));
  expect([(await stands(first))[2], (await stands(second))[2]]).toEqual(['paused', 'waiting']);
  // Of what they quote here nothing is known.
  await tell(message(text('paid'), `wamid.${randomUUID()}`));
  expect((await stands(second))[2]).toBe('waiting');
  // One is paid, and one is left.
  await user.pay(first);
  await tell(message(text('paid')));
  expect((await stands(second))[2]).toBe('paused');
});

test('what is no such word, or of nobody who was reminded lately, changes nothing', async () => {
  const id = await reminded();
  await tell(message(text('paid')));
  await takes('book');
  await tell(
    message(text('not paid')),
    message(text('I have paid')),
    message({ type: 'reaction', reaction: { message_id: await quoteOf(id), emoji: '👍' } }),
    { ...message(text('paid')), from: '15550001' },
  );
  await stack.database.sql(
    `update app.messages set claimed_at = claimed_at - interval '8 days', sent_at = sent_at - interval '8 days' where flow_id = $1`,
    [id],
  );
  await tell(message(text('paid')));
  // Too long ago to be sure what is meant: a person is told.
  expect([await stands(id), await alerts()]).toEqual([['open', '0.00', 'waiting'], [['paid_reply', contact, 1]]]);
  // The quote says it, however old.
  await tell(message(text('paid'), await quoteOf(id)));
  expect((await stands(id))[0]).toBe('paid');
  await tell(message(text('paid'), await quoteOf(id)));
  expect([await stands(id), await alerts()]).toEqual([['paid', '99.99', 'ended'], [['paid_reply', contact, 1]]]);
});

test('one person cannot answer for another', async () => {
  await takes('book');
  const id = await reminded();
  const other = await user.customer();
  await tell({ ...message(text('paid'), await quoteOf(id)), from: other.phone.slice(1) });
  expect(await stands(id)).toEqual(['open', '0.00', 'waiting']);
});

test('a reply and a payment at the same moment pay once', async () => {
  await takes('book');
  for (let n = 0; n < 5; n += 1) {
    ({ id: contact, phone } = await user.customer());
    const id = await reminded();
    const quotes = await quoteOf(id);
    const [answer] = await Promise.all([
      user.pay(id),
      tell(message(text('paid'), quotes), message(text('paid'), quotes)),
    ]);
    expect([answer.status, (await user.seen(id)).status]).toEqual([200, 'paid']);
    // The reply books what is due at its turn and no more: nothing, once the payment is there.
    const booked = (
      await stack.database.sql<{ source: string; amount: string }>(
        'select source, amount::float8::text as amount from app.invoice_payments where invoice_id = $1 order by created_at, id',
        [id],
      )
    ).map(({ source, amount }) => `${source} ${amount}`);
    expect([['api 99.99'], ['reply 99.99', 'api 99.99']]).toContainEqual(booked);
  }
});

test('replies at the same moment, in several envelopes, pay exactly what is due', async () => {
  await takes('book');
  for (let n = 0; n < 3; n += 1) {
    ({ id: contact, phone } = await user.customer());
    const id = await reminded();
    const quotes = await quoteOf(id);
    await Promise.all([tell(message(text('paid'), quotes)), tell(message(text('paid'), quotes))]);
    expect((await stands(id)).slice(0, 2)).toEqual(['paid', '99.99']);
  }
});

test('a word that asks for silence is no way to say that something is paid', async () => {
  const answer = await user.settings({ paid_replies: ['paid', 'Stop!'] });
  expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'paid_replies.1']);
  for (const odd of [['!!'], [''], ['x'.repeat(65)], 'paid'])
    expect((await user.settings({ paid_replies: odd })).status).toBe(422);
  expect((await user.settings({ paid_reply_action: 'void' })).status).toBe(422);
  await takes('book');
  const seen = await stack.tenants.asAdmin('GET', `/api/v1/tenants/${tenant.id}/settings`);
  expect(seen.body).toMatchObject({ paid_replies: ['Paid', 'já paguei', 'invoice:paid'], paid_reply_action: 'book' });
});
