import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createStack, type Stack, type TestTenant } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { ledgerOf } from '../webhooks/ledger.ts';
import { businessOf, seconds, type Business } from '../webhooks/signed.ts';
import { tracesOf } from './traces.ts';

const CONTACTS = 20;
const WEBHOOKS = 500;
const AT_ONCE = 20;

let stack: Stack;
let tenant: TestTenant;
let business: Business;
let ledger: ReturnType<typeof ledgerOf>;

beforeAll(async () => {
  stack = await createStack();
  await stack.startApi();
  tenant = await stack.tenants.make();
  business = await businessOf(stack, tenant);
  ledger = ledgerOf(stack, tenant.id, business);
});
afterAll(() => stack.close());

/** Contacts that were written to, each with messages that statuses may be about. */
async function people() {
  return Promise.all(
    Array.from({ length: CONTACTS }, async () => {
      const contact = await ledger.contact();
      const messages = await Promise.all(
        Array.from({ length: 3 }, () => ledger.message('sent', { contactId: contact.id, topic: 'marketing' })),
      );
      await stack.database.sql('update app.messages set recipient = $2 where contact_id = $1', [
        contact.id,
        contact.phone,
      ]);
      return { ...contact, messages };
    }),
  );
}

/** What people do, and what becomes of their messages, in turns: several of both in one webhook. */
function webhooksOf(all: Awaited<ReturnType<typeof people>>): string[] {
  const words = ['STOP', 'Hello', 'START'];
  return Array.from({ length: WEBHOOKS }, (_, n) => {
    const [one, other] = [all[n % CONTACTS], all[(n * 7 + 3) % CONTACTS]];
    const said = [other, one].map((person) => ({
      from: person?.phone.slice(1),
      id: `wamid.${randomUUID()}`,
      timestamp: seconds(),
      type: 'text',
      text: { body: words[n % words.length] },
    }));
    const statuses = [one, other].map((person) => {
      const message = person?.messages[n % 3];
      const failed = n % 11 === 0;
      return {
        id: message?.providerId,
        status: failed ? 'failed' : n % 2 ? 'delivered' : 'read',
        timestamp: seconds(),
        recipient_id: person?.phone.slice(1),
        biz_opaque_callback_data: message?.id,
        ...(failed && { errors: [{ code: 131050, title: 'an error' }] }),
      };
    });
    return business.envelope(n % 3 === 2 ? { statuses } : { messages: said, statuses });
  });
}

/** As Meta does, it repeats what is not answered with 200. */
const taken = (body: string) =>
  until(
    () => business.post(body),
    ({ status }) => status === 200,
  );

test('contacts are erased while webhooks about them are applied: each at the first asking, and nothing is left', async () => {
  const all = await people();
  const holder = new pg.Client({ connectionString: stack.database.superuserUrl });
  await holder.connect();
  // None is applied until all are taken in.
  await holder.query('begin');
  await holder.query('lock table app.message_statuses in share mode');
  const bodies = webhooksOf(all);
  for (let at = 0; at < WEBHOOKS; at += AT_ONCE)
    await Promise.all(bodies.slice(at, at + AT_ONCE).map((body) => taken(body)));
  await holder.end();
  const answers = await Promise.all(all.map(({ id }) => tenant.call('POST', `/api/v1/contacts/${id}/erase`)));
  expect(answers.map(({ status }) => status)).toEqual(all.map(() => 200));
  await until(
    async () => (await business.inbox()).filter(({ applied_at: at }) => at === null).length,
    (left) => left === 0,
    { withinMs: 40_000 },
  );
  expect((await business.inbox()).filter(({ parked_at: at }) => at !== null)).toEqual([]);
  const digits = all.map(({ phone }) => phone.slice(1));
  expect(await tracesOf(stack.database, digits)).toEqual([]);
});

test('an erasure that meets the STOP of the same person half-way waits for it, and not it for the erasure', async () => {
  const [person] = await people();
  const other = await ledger.message('sent');
  const [stop, status] = [
    { from: person?.phone.slice(1), id: `wamid.${randomUUID()}`, timestamp: seconds(), type: 'text' },
    { id: other.providerId, status: 'read', timestamp: seconds(), biz_opaque_callback_data: other.id },
  ];
  const waiting = (least: number) =>
    until(
      () =>
        stack.database.sql(
          `select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`,
        ),
      (rows) => rows.length >= least,
    );
  const holder = new pg.Client({ connectionString: stack.database.superuserUrl });
  await holder.connect();
  try {
    await holder.query('begin');
    await holder.query('select from app.messages where id = $1 for update', [other.id]);
    await business.tell(business.envelope({ messages: [{ ...stop, text: { body: 'STOP' } }], statuses: [status] }));
    await waiting(1);
    const erased = tenant.call('POST', `/api/v1/contacts/${person?.id}/erase`);
    await waiting(2);
    await holder.query('rollback');
    expect((await erased).status).toBe(200);
  } finally {
    await holder.end();
  }
  await business.applied();
  expect(await tracesOf(stack.database, [person?.phone.slice(1) ?? ''])).toEqual([]);
  const [met] = await stack.database.sql(
    'select deadlocks::int from pg_stat_database where datname = current_database()',
  );
  expect(met).toEqual({ deadlocks: 0 });
});
