import { randomInt } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Answer, Json } from '../harness/client.ts';
import { startSkippedTime, type SkippedTime } from '../harness/skipped-time.ts';
import { createStack, type Stack } from '../harness/stack.ts';
import { until } from '../harness/until.ts';
import { biller } from './biller.ts';
import { randomInvoice, randomness, randomSettings, type Randomness } from './random-invoices.ts';

/** Other invoices each time: `INVOICES=200 SEED=1 npm test -- test/invoices/foretold.test.ts` plays more, and the same again. */
const count = Number(process.env['INVOICES'] ?? 60);
const seed = Number(process.env['SEED'] ?? randomInt(2 ** 31));
const DAY = 86_400_000;
/** More than any machine takes from a timer to the call. */
const LATEST_MS = 20_000;

let time: SkippedTime;
let stack: Stack;

beforeAll(async () => {
  time = await startSkippedTime();
  stack = await createStack({
    temporalAddress: time.address,
    env: { SKIPPED_TIME: 'true', DATABASE_DEADLINE_SECONDS: '30' },
  });
  await stack.startApi('true');
});
afterAll(async () => {
  await stack?.close();
  await time?.close();
});

type Biller = ReturnType<typeof biller>;
type Invoice = { id: string; user: Biller };
/** By the id of the reminder. */
type Instants = Map<string, number>;

test(`of ${count} random invoices each reminder leaves in the second that its timeline foretold (SEED=${seed})`, async () => {
  const random = randomness(seed);
  const since = Date.now();
  const invoices = await make(random, since);
  const foretold = await readAhead(invoices);
  expect(foretold.size).toBeGreaterThan(1.25 * count);

  for (const days of [100, 200]) {
    await passUntil(since + days * DAY);
    await compare(foretold, invoices, since + days * DAY);
    const changed = invoices.filter(() => random.chance(0.15));
    await inTurns(changed, (invoice) => change(random, invoice, since + days * DAY));
    const gone = new Set(await reminderIds(changed));
    for (const [id, at] of foretold) if (gone.has(id) && at > since + days * DAY) foretold.delete(id);
    for (const [id, at] of await readAhead(changed)) foretold.set(id, at);
  }
  await passUntil(since + 500 * DAY);
  await compare(foretold, invoices, since + 500 * DAY);
  const ledger = await stack.ledger();
  expect(new Set(ledger.map(({ opaque_id }) => opaque_id)).size).toBe(foretold.size);
  expect(ledger).toHaveLength(foretold.size);
}, 480_000);

async function make(random: Randomness, since: number): Promise<Invoice[]> {
  const billers = await Promise.all(
    Array.from({ length: 8 }, async () => {
      const user = biller(stack, await stack.tenants.make());
      done(await user.settings(randomSettings(random, since)));
      return user;
    }),
  );
  const invoices: Invoice[] = [];
  const wanted = Array.from({ length: count }, () => ({ user: random.pick(billers), ...randomInvoice(random, since) }));
  await inTurns(wanted, async ({ user, contact, invoice }) => {
    const { id } = await user.invoice((await user.customer(contact)).id, invoice);
    // One without reminders has no flow, and nothing to foretell.
    if (invoice.reminders.length > 0) invoices.push({ id, user });
  });
  return invoices.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

/** What a person does meanwhile. It is told to the rows, so the timeline knows it at once. */
async function change(random: Randomness, { id, user }: Invoice, now: number): Promise<void> {
  const what = random.pick(['pay', 'skip', 'reschedule', 'shift', 'promise']);
  const [next] = await user.future(id);
  if (!next) return;
  if (what === 'pay') done(await user.pay(id));
  if (what === 'skip') done(await user.control(id, 'skip', { item: next.id }));
  if (what === 'reschedule') {
    const at = new Date(now + random.int(1, 40 * 1_440) * 60_000).toISOString();
    done(await user.control(id, 'reschedule', { item: next.id, at }));
  }
  if (what === 'promise') {
    const date = new Date(now + random.int(2, 30) * DAY).toISOString().slice(0, 10);
    done(await user.post(`/${id}/promise-to-pay`, { date }));
  }
  if (what === 'shift') {
    done(await user.control(id, 'pause'));
    await user.shows(id, 'paused');
    await stack.database.sql(
      `update app.flows set paused_at = clock_timestamp() + clock_offset - $2 * interval '1 minute' where id = $1`,
      [id, random.int(1, 5_000)],
    );
    done(await user.control(id, 'resume', { mode: 'shift' }));
  }
}

/** Skips time, and waits until what was under way has come to an end. */
async function passUntil(at: number): Promise<void> {
  await time.skipTo(new Date(at));
  await until(
    () =>
      stack.database.sql(
        `select from app.messages where status in ('queued', 'sending') union all select from app.outbox`,
      ),
    (rows) => rows.length === 0,
  );
}

async function readAhead(invoices: Invoice[]): Promise<Instants> {
  return (await readTimelines(invoices)).ahead;
}

async function readTimelines(invoices: Invoice[]): Promise<{ sent: number[]; ahead: Instants }> {
  const [sent, ahead]: [number[], Instants] = [[], new Map()];
  await inTurns(invoices, async ({ id, user }) => {
    const { past, future } = (await user.timeline(id)) as { past: Json[]; future: Json[] };
    for (const { what, at } of past) if (what === 'message.accepted') sent.push(Date.parse(at));
    for (const item of future) {
      expect(item).toMatchObject({ what: 'send', reason: expect.stringMatching(/./), shifts: expect.any(Array) });
      expect(item.unless).toContain('paid');
      ahead.set(item.id, Date.parse(item.at));
    }
  });
  return { sent, ahead };
}

/** What was foretold for until now has happened then, nothing else has, and the rest is foretold as it was. */
async function compare(foretold: Instants, invoices: Invoice[], now: number): Promise<void> {
  const rows = await stack.database.sql<{ id: string; planned: number; sent: number }>(
    `select substr(key, 10) as id, (extract(epoch from planned_at) * 1000)::float as planned,
       (extract(epoch from sent_at) * 1000)::float as sent
     from app.messages where sent_at is not null`,
  );
  const seen = await readTimelines(invoices);
  const [due, ahead] = [[...foretold].filter(([, at]) => at <= now), [...foretold].filter(([, at]) => at > now)];
  expect(new Map(rows.map(({ id, planned }) => [id, planned]))).toEqual(new Map(due));
  expect(seen.ahead).toEqual(new Map(ahead));
  expect(seen.sent.toSorted(byNumber)).toEqual(rows.map(({ sent }) => Math.trunc(sent)).toSorted(byNumber));
  // The clock goes on while this machine works, and others may keep that busy: the second is the rule, and the instant
  // that each was planned for is above.
  const late = rows.map(({ planned, sent }) => sent - planned);
  expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...late)).toBeLessThan(LATEST_MS);
  expect(late.toSorted(byNumber)[late.length >> 1]).toBeLessThan(1_000);
}

const byNumber = (a: number, b: number): number => a - b;

async function reminderIds(invoices: Invoice[]): Promise<string[]> {
  const rows = await stack.database.sql<{ id: string }>('select id from app.reminders where invoice_id = any ($1)', [
    invoices.map(({ id }) => id),
  ]);
  return rows.map(({ id }) => id);
}

function done({ status, text }: Answer): void {
  if (status !== 200) throw new Error(`It was not done: ${status} ${text}`);
}

async function inTurns<T>(list: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const items = list.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const item of items) await work(item);
    }),
  );
}
