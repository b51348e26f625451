import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { anyPhone, createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { anyAddress, mailer } from '../email/mailer.ts';
import { reminder } from './biller.ts';

const AT_ONCE = 10;

let stack: Stack;
let tenant: TestTenant;
let user: ReturnType<typeof mailer>;

beforeAll(async () => {
  // Each race asks twice at once, beside the flows: a pool that is used up would answer 503, and that is no race.
  stack = await createStack({ env: { DATABASE_POOL_SIZE: '40', LOG_LEVEL: 'warn' } });
  await stack.startApi('true');
  // What becomes of a message after its claim is not judged here: three webhooks for each would only cost time.
  await stack.sandbox('POST', '/faults', { kind: 'no_status' });
});
afterAll(() => stack.close());
beforeEach(async () => {
  tenant = await stack.tenants.make();
  user = mailer(stack, tenant);
  await tenant.call('PATCH', `/api/v1/channels/${await user.whatsAppId()}`, { throughput_per_second: 1_000 });
});

/** Contacts with a phone and an address each: nobody is sent to twice, so that no pace holds a send. */
async function customers(count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, () => ({ id: randomUUID(), phone: anyPhone(), email: anyAddress() }));
  await stack.database.sql(
    `insert into app.contacts (tenant_id, id, phone, email)
     select $1, * from unnest($2::uuid[], $3::text[], $4::text[]) on conflict do nothing`,
    [tenant.id, ...(['id', 'phone', 'email'] as const).map((column) => rows.map((row) => row[column]))],
  );
  const made = await stack.database.sql<{ id: string }>('select id from app.contacts where tenant_id = $1', [
    tenant.id,
  ]);
  return made.map(({ id }) => id);
}

/** Which of these messages the phones and the mailboxes have got, and which of the two it was. */
async function leftOf(ids: string[]): Promise<Map<string, 'phone' | 'mailbox'>> {
  const shown = (await stack.ledger()).map(({ opaque_id }) => [opaque_id, 'phone'] as const);
  const addresses = await stack.database.sql<{ id: string; recipient: string }>(
    `select id, recipient from app.messages where id = any ($1) and content ->> 'type' = 'email'`,
    [ids],
  );
  const mails = await Promise.all(
    addresses.map(async ({ id, recipient }) => ({ id, mails: (await stack.mailsAt(recipient)).length })),
  );
  const arrived = mails.filter((box) => box.mails > 0).map(({ id }) => [id, 'mailbox'] as const);
  return new Map([...shown, ...arrived]);
}

type Race = { id: string; stopped: number; answeredAt: number };

/** Has the reminder sent, and pays around the moment in which it is claimed. */
async function race(contact: string, lateMs: number): Promise<Race> {
  const { id } = await user.invoice(contact, { invoice_number: randomUUID(), reminders: [reminder(0)] });
  const pay = async () => {
    await delay(lateMs);
    // 503 says that no connection of the process' pool came free within its 2 s: nothing was booked, so it is asked again.
    return until(
      () => user.pay(id),
      ({ status }) => status !== 503,
    );
  };
  const [, paid] = await Promise.all([user.control(id, 'run-now'), pay()]);
  expect(paid.status).toBe(200);
  return { id, stopped: paid.body.cancelled_reminders.length, answeredAt: Date.now() };
}

test.each([
  ['by WhatsApp', 500, false],
  ['by WhatsApp and by mail', 100, true],
])(
  'payments in the moment of a send %s, %i times: after the answer nothing is claimed, and what was cancelled never leaves',
  async (_how, count, byMail) => {
    if (byMail) await user.wantsMail();
    const waiting = await customers(count);
    const races: Race[] = [];
    // Each pays sooner when one was too late, and later when it was too soon: most pay in the very moment of the claim.
    let lateMs = 50;
    const run = async (): Promise<void> => {
      for (let contact = waiting.pop(); contact; contact = waiting.pop()) {
        const done = await race(contact, lateMs);
        races.push(done);
        lateMs = Math.min(5_000, lateMs * (done.stopped === 1 ? 1.2 : 0.8) + Math.random() * 10);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, run));

    // All flows have ended: nothing can be claimed any more.
    await until(
      () =>
        stack.database.sql(
          `select from app.flows where tenant_id = $1 and kind = 'invoice' and status = 'running'
           union all select from app.messages where tenant_id = $1 and status in ('queued', 'sending')`,
          [tenant.id],
        ),
      (rows) => rows.length === 0,
      { withinMs: 60_000, everyMs: 200 },
    );
    const messages = await stack.database.sql<{ id: string; flow_id: string; claimed_at: Date | null }>(
      `select id, flow_id, claimed_at from app.messages where tenant_id = $1 and kind = 'reminder'`,
      [tenant.id],
    );
    const sent = await leftOf(messages.map(({ id }) => id));
    const of = Map.groupBy(messages, ({ flow_id }) => flow_id);
    const outcomes = races.map(({ id, stopped, answeredAt }) => {
      const written = of.get(id) ?? [];
      return {
        // Either it left, by one medium at least, or it was cancelled in both; never both and never neither.
        told: stopped === 1 ? 'cancelled' : 'left',
        left: written.some((message) => sent.has(message.id)) ? 'left' : 'cancelled',
        claimedAfter: written.some(({ claimed_at }) => claimed_at && claimed_at.getTime() > answeredAt),
      };
    });
    expect(outcomes.filter(({ told, left, claimedAfter }) => told !== left || claimedAfter)).toEqual([]);
    // Both have happened: it was a race.
    expect(Map.groupBy(outcomes, ({ told }) => told).size).toBe(2);
    // And each medium has been part of it.
    expect(new Set(messages.filter(({ id }) => sent.has(id)).map(({ id }) => sent.get(id))).size).toBe(byMail ? 2 : 1);
  },
  300_000,
);
